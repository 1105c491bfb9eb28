"""The certificate of a closed courtyard is proved from the rows, or says which do not fit."""

from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from rongjiu.actor import acting
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from tenants.residents import service as register
from tenants.residents.service import Door, NewPerson
from tenants.sweeps import closing
from tenants.sweeps.models import Sweep, SweepCertificate, SweepStop
from tenants.sweeps.service import Sheet, record
from tests.desk_of import DOOR, ZHOU, a_desk
from tests.sweeping import PAIR, a_sweep, all_seen, stops

pytestmark = pytest.mark.usefixtures("inside")


@pytest.mark.parametrize(
    ("tamper", "names"),
    [
        ("UPDATE sweep_stop SET state = 'unreached' WHERE id = :stop", "door {stop}: changed"),
        ("UPDATE stop_person SET result = 'told' WHERE stop_id = :stop", "door {stop}: changed"),
        ("DELETE FROM stop_person WHERE stop_id = :stop", "door {stop}: changed"),
        ("UPDATE sweep_stop SET building = '9' WHERE id = :stop", "building 9: added"),
        ("UPDATE sweep_stop SET courtyard_id = :other WHERE id = :stop", "door {stop}: missing"),
    ],
)
def test_a_row_changed_behind_a_certificate_is_named(tamper: str, names: str) -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = register.register(here.yard, DOOR, ZHOU).household_id
        sweep_id = a_sweep(here)
        (stop,) = stops(sweep_id)
        record(stop.id, Sheet("visited", all_seen(home)), client_key=uuid4(), at=now())
        closing.close(sweep_id, here.yard)
        words = {"stop": stop.id, "other": here.other_yard}
        db.session.execute(text(tamper), {key: value for key, value in words.items() if f":{key}" in tamper})
        (proof,) = closing.verify()
        assert names.format(stop=stop.id) in proof.differences


def test_a_certificate_stands_when_two_entries_of_the_register_become_one() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = register.register(here.yard, DOOR, PAIR)
        twin, _fresh = register.register_door(here.other_yard, Door("1", "1", "1"))
        kept = register.add_person(twin, NewPerson("甲某某"))
        sweep_id = a_sweep(here)
        (stop,) = stops(sweep_id)
        record(stop.id, Sheet("visited", all_seen(home.household_id)), client_key=uuid4(), at=now())
        closing.close(sweep_id, here.yard)
        words = {"keep": kept, "drop": home.person_ids[0], "twin": twin, "home": home.household_id}
        db.session.execute(text("UPDATE stop_person SET person_id = :keep WHERE person_id = :drop"), words)
        db.session.execute(text("UPDATE sweep_stop SET household_id = :twin WHERE household_id = :home"), words)
        assert [each.differences for each in closing.verify()] == [()]


def test_a_certificate_written_anew_has_no_signature() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        register.register(here.yard, DOOR, ZHOU)
        sweep_id = a_sweep(here)
        (stop,) = stops(sweep_id)
        record(stop.id, Sheet("refused"), client_key=uuid4(), at=now())
        closing.close(sweep_id, here.yard)
        row = db.session.scalars(select(SweepCertificate)).one()
        db.session.execute(text("SAVEPOINT forged"))
        forged = {**row.content, "head": {**row.content["head"], "signed_by": "别人"}}
        kept, proof = row.content, closing._proof  # the app may not rewrite a certificate, so the row is given by hand
        fake = type("Row", (), {
            "sweep_id": sweep_id, "courtyard_id": here.yard, "content": forged, "digest": row.digest,
            "signature": row.signature, "number": kept["head"]["sweep"], "slug": "yard-0",
        })  # fmt: skip
        assert proof(fake).differences == ("signature: does not fit",)


def test_a_closed_courtyard_without_a_certificate_is_named() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        register.register(here.yard, DOOR, ZHOU)
        a_sweep(here)
        db.session.execute(text("UPDATE sweep_courtyard SET state = 'closed' WHERE in_scope"))
        assert [each.differences for each in closing.verify()] == [("certificate: missing",)]


def test_the_command_answers_one_and_names_the_door(app: Flask) -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        register.register(here.yard, DOOR, ZHOU)
        sweep_id = a_sweep(here)
        (stop,) = stops(sweep_id)
        record(stop.id, Sheet("moved"), client_key=uuid4(), at=now())
        closing.close(sweep_id, here.yard)
        number, stop_id = db.session.scalars(select(Sweep.number)).one(), stop.id
    run = app.test_cli_runner().invoke
    whole = run(args=["sweeps", "verify", "--community", here.slug, number])
    assert whole.exit_code == 0 and "holds, 1 of 1 doors covered" in whole.output
    with tenant_scope(here.tenant):
        db.session.execute(update(SweepStop).where(SweepStop.id == stop_id).values(state="vacant"))
    broken = run(args=["sweeps", "verify"])
    assert broken.exit_code == 1 and f"door {stop_id}: changed" in broken.output
    assert run(args=["sweeps", "verify", "CS-S-1999-000001"]).exit_code == 1
