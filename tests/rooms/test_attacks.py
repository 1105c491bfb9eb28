"""Below the doors: what each database role reaches, and two people who try the same at the same moment."""

import pytest
from flask import Flask
from sqlalchemy import delete, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from rongjiu import files
from rongjiu.clock import now
from rongjiu.db import Scope, db, scoped, tenant_scope
from rongjiu.errors import Refused
from rongjiu.identity.models import Account, LoginSession
from rongjiu.tenancy import divisions, founding
from rongjiu.tenancy import service as places
from rongjiu.tenancy.models import Community, District, FoundingDraft, Membership, Street
from tenants.founding import approval
from tenants.founding import service as stations
from tenants.referrals import service as referrals
from tests import casework, factories


@pytest.mark.parametrize("role", ["app_public", "app_overseer", "app_receiver"])
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("community", "proof"), ("admission", "reason"), ("admission", "actor_id"), ("invitation", "phone"),
        ("account", "phone"), ("account", "name"), ("membership", "account_id"), ("link", "token_hash"),
        ("login_session", "token_hash"), ("message", "text"), ("platform_file", "name"), ("tenant_file", "name"),
        ("person", "id_number"), ("signal", "words"), ("signal", "phone"), ("provider", "contact"), ("provider", "phone"),
        ("founding_draft", "data"), ("audit", "detail"), ("passcode", "code_hash"), ("income_sheet", "figures"),
        ("import_mapping", "mapping"), ("known_person", "id_hash"), ("known_question", "asker_scope"),
        ("desk_inbox", "community_id"), ("field_item", "payload"), ("survey_answer", "answers"), ("door_code", "made_by"),
        ("register_change", "after"), ("change_request", "proposed"), ("stop_try", "sheet"),
        ("emergency_contact", "phone"), ("import_issue", "preview"), ("standing", "verdicts"), ("public_use", "who"),
        ("department_list", "found"), ("verdict_change", "reason"), ("entitled", "policy"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("inside")
def test_the_narrow_roles_do_not_reach(role: str, table: str, column: str) -> None:
    there = text("SELECT has_column_privilege(:role, :table, :column, 'SELECT')")
    # The street's desk reads the papers of a file that was sent to it; its rows are narrowed (test_acceptance.py).
    reaches = (role, table) == ("app_receiver", "tenant_file")
    assert db.session.scalar(there, {"role": role, "table": table, "column": column}) is reaches


@pytest.mark.parametrize("role", ["app_public", "app_overseer", "app_receiver", "app_grantee", "app_operator"])
@pytest.mark.usefixtures("inside")
def test_the_narrow_roles_write_nothing(role: str) -> None:
    writes = text(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND "
        "(has_table_privilege(:role, c.oid, 'INSERT') OR has_any_column_privilege(:role, c.oid, 'UPDATE') OR "
        "has_table_privilege(:role, c.oid, 'DELETE') OR has_table_privilege(:role, c.oid, 'TRUNCATE'))"
    )
    assert db.session.scalars(writes, {"role": role}).all() == []


@pytest.mark.usefixtures("inside")
def test_a_receiver_reaches_one_family_even_of_two_that_it_serves() -> None:
    """The wish and the consent of another person for the same provider are not there either."""
    family = casework.a_family()
    helper = casework.a_helper(family, "catheter-change", "child-learning")
    assert helper.second is not None
    with tenant_scope(family.tenant):
        mine = casework.a_consent(family, helper)
        (task,) = referrals.offer(family.need, [helper.service], mine, family.old_man, "请轻声敲门")
        other = casework.a_consent(family, helper, person=family.son)
        referrals.offer(family.girl_need, [helper.second], other, family.son, "别人的心愿")
        files.save(b"\xff\xd8\xff\xd9", "a.jpg", owner_kind="desk_file", owner_id=task.id)
        files.save(b"\xff\xd8\xff\xd9", "b.jpg", owner_kind="person", owner_id=family.old_man)
        task_id = task.id
    scope = Scope(
        tenant=family.tenant, role="app_receiver", provider_id=helper.id, task_id=task_id,
        household_id=family.household_id, person_ids=(family.old_man,),
    )  # fmt: skip
    with scoped(scope):
        assert db.session.scalars(text("SELECT wish FROM referral_request")).all() == ["请轻声敲门"]
        assert db.session.scalars(text("SELECT id FROM consent")).all() == [mine]
        assert db.session.scalars(text("SELECT id FROM tenant_file")).all() == []
        assert db.session.scalars(text("SELECT id FROM person")).all() == [family.old_man]
        assert db.session.scalars(text("SELECT id FROM referral_task")).all() == [task_id]
        with pytest.raises(DBAPIError, match="permission denied"), db.session.begin_nested():
            db.session.execute(text("SELECT id_number FROM person"))


def _draft(name: str) -> tuple[FoundingDraft, Account]:
    founder = factories.a_person_with_role("provider_owner", "provider", None)
    row = db.session.get_one(FoundingDraft, stations.begin(founder.account.id, "secretary"))
    founding.choose_free(row, name, "同时街道", although_begun=True)
    stations.choose_pack(row, "rongjiulianzhu-huangyan@1.0.0")
    stations.choose_name(row, "同时", f"at-once-{factories.number()}", "TS")
    return row, founder.account


def test_a_place_without_a_code_is_founded_by_one_at_a_time(app: Flask) -> None:
    """No code that could be unique: the second founder waits for the first and then finds the station there."""
    key = divisions.place_key("同时社区", "同时街道")
    with app.app_context():
        founding.one_at_a_time(key)
        with app.app_context():  # a session of its own, as another request has
            draft, founder = _draft("同时社区")
            assert draft.place_key == key
            db.session.execute(text("SET LOCAL lock_timeout = '300ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                stations.open_community(draft.id, founder.id)
            db.session.rollback()
        db.session.rollback()


@pytest.fixture
def two_secretaries(app: Flask) -> object:
    with app.app_context():
        community = factories.a_community()
        staff = [factories.a_person_with_role("secretary", "community", community.id) for _ in range(2)]
        street = db.session.get_one(Street, community.street_id)
        ids = [each.membership.id for each in staff], [each.account.id for each in staff]
        place, street_id, district_id = community.id, street.id, street.district_id
        db.session.commit()
    yield ids[0]
    with app.app_context():
        for statement in (
            delete(LoginSession).where(LoginSession.account_id.in_(ids[1])),
            delete(Membership).where(Membership.scope_id == place), delete(Account).where(Account.id.in_(ids[1])),
            delete(Community).where(Community.id == place), delete(Street).where(Street.id == street_id),
            delete(District).where(District.id == district_id),
        ):  # fmt: skip
            db.session.execute(statement)
        db.session.commit()


def test_two_last_secretaries_do_not_end_each_other(app: Flask, two_secretaries: list) -> None:
    one, other = two_secretaries
    with app.app_context():
        places.end_membership(one)
        with app.app_context():
            db.session.execute(text("SET LOCAL lock_timeout = '300ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                places.end_membership(other)
            db.session.rollback()
        db.session.commit()
        with pytest.raises(Refused, match="最后一位"):
            places.end_membership(other)
        db.session.rollback()


def test_the_call_back_is_not_made_to_a_telephone_of_the_founder(inside: None, monkeypatch: pytest.MonkeyPatch) -> None:
    draft, founder = _draft("回电社区")
    founder.phone = "13800000091"
    stations.open_community(draft.id, founder.id)
    row = db.session.get_one(Community, db.session.get_one(FoundingDraft, draft.id).community_id)
    row.state, row.submitted_at = "submitted", now()
    with pytest.raises(Refused, match="另|从别处"):
        approval.approve(draft.id, None, number="138 0000 0091", source="街道通讯录")
    assert db.session.scalar(select(Community.state).where(Community.id == row.id)) == "submitted"
