"""A death told at a door is nothing until the secretary confirms it: unconfirmed, somebody must be asked again."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text

from rongjiu.actor import Actor, acting
from rongjiu.audit import Audit
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from tenants.residents import service as register
from tenants.residents.service import Door
from tenants.reviews import requests
from tenants.reviews.models import ChangeRequest
from tenants.sweeps import closing, jobs
from tenants.sweeps.closing import StillOpen
from tenants.sweeps.models import SweepCertificate
from tenants.sweeps.service import Seen, Sheet, record
from tests.desk_of import DOOR, a_desk
from tests.rooms.test_sweeps import PAIR, a_sweep, stops

pytestmark = pytest.mark.usefixtures("inside")


def test_a_death_that_the_secretary_does_not_confirm_opens_its_door_again_while_the_courtyard_is_open() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = register.register(here.yard, DOOR, PAIR)
        other = register.register(here.yard, Door("9", "1", "1"), PAIR[:1])
        sweep_id = a_sweep(here)
        first, second = stops(sweep_id)
        for stop, people in ((first, home.person_ids), (second, other.person_ids)):
            seen = (Seen(people[0], "died"), *(Seen(each, "seen") for each in people[1:]))
            record(stop.id, Sheet("visited", seen), client_key=uuid4(), at=now())
        assert closing.blockers(sweep_id, here.yard) == []
        asked = {row.person_id: row.id for row in db.session.scalars(select(ChangeRequest))}

        def refused(person: UUID) -> None:
            with acting(Actor(here.secretary.account.id, "secretary", "书记")):
                requests.refuse(asked[person], "家里人说在住院")
            for words in db.session.scalars(
                text("SELECT payload FROM outbox WHERE kind = 'sweep.reopen' ORDER BY id")
            ).all():
                jobs.reopen(words)  # the effect of the first delivered twice changes nothing

        refused(home.person_ids[0])
        (open_door,) = closing.blockers(sweep_id, here.yard)
        assert (open_door.kind, open_door.household_id) == ("open", str(home.household_id))
        with pytest.raises(StillOpen):
            closing.close(sweep_id, here.yard)
        record(first.id, Sheet("visited", (Seen(home.person_ids[0], "hospital"),)), client_key=uuid4(), at=now())
        closing.close(sweep_id, here.yard)
        signed = db.session.scalars(select(SweepCertificate.content)).one()
        assert signed["people"] == {"died": 1, "hospital": 1, "seen": 1}
        refused(other.person_ids[0])
        assert [each.differences for each in closing.verify()] == [()], "what was signed stays as it was signed"
        assert db.session.scalar(select(func.count()).where(Audit.verb == "sweep.death_not_confirmed")) == 1
