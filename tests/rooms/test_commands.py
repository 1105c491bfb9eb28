"""Commands of an installation: the first operator, the doctor, the recount."""

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from blueprints.cli import checks
from blueprints.cli.doctor import doctor, examine
from blueprints.cli.oversight import recount
from blueprints.cli.users import drop_second_factor, end_sessions, invite_operator, list_accounts
from rongjiu.db import assert_plain_role, db
from rongjiu.identity import service as identity
from rongjiu.identity.models import Account
from rongjiu.marketplace.models import Listing
from rongjiu.tenancy import queries
from rongjiu.tenancy import service as tenancy
from tests import factories

pytestmark = pytest.mark.usefixtures("inside")
PASSWORD = "雁塔下的一句话 2022"


def test_the_first_operator_is_invited_once(app: Flask) -> None:
    run = app.test_cli_runner()
    first = run.invoke(invite_operator)
    assert first.exit_code == 0
    token = first.stdout.split("/account/invitation/")[1].split()[0]
    account = identity.create_account("运营", "13800000081", PASSWORD)
    tenancy.accept_invitation(token, account.id)
    refused = run.invoke(invite_operator)
    assert refused.exit_code == 1
    assert "--another" in refused.output
    assert run.invoke(invite_operator, ["--another"]).exit_code == 0
    listed = run.invoke(list_accounts).output
    assert "138****0081" in listed
    assert "13800000081" not in listed
    assert "operator" in listed


def test_a_lost_authenticator_is_dropped(app: Flask) -> None:
    account = identity.create_account("运营", "13800000082", PASSWORD)
    account.totp_secret = "JBSWY3DPEHPK3PXP"
    db.session.flush()
    assert app.test_cli_runner().invoke(drop_second_factor, ["13800000082"]).exit_code == 0
    assert db.session.scalar(select(Account.totp_secret)) is None
    assert app.test_cli_runner().invoke(drop_second_factor, ["13800000089"]).exit_code == 1


def test_the_doctor_finds_what_is_wrong_and_says_what_to_do(app: Flask) -> None:
    found = {row.name: row for row in examine()}
    assert [name for name, row in found.items() if row.wrong] == ["relay", "messages"]
    assert "python -m rongjiu.relay" in found["relay"].remedy
    assert found["imports"].wrong == ""
    answer = app.test_cli_runner().invoke(doctor)
    assert answer.exit_code == 1
    assert "wrong  relay" in answer.output


def test_the_doctor_sees_a_listing_that_differs() -> None:
    street = factories.a_street()
    service_id = factories.a_service(factories.a_provider(street), street).id
    assert checks.listings() == checks.OK
    db.session.execute(update(Listing).values(title="改过").where(Listing.service_id == service_id))
    assert "differ" in checks.listings()[0]


def test_recount_names_what_differs(app: Flask) -> None:
    community = factories.a_community()
    slug, number = community.slug, community.tenant_id
    run = app.test_cli_runner()
    assert run.invoke(recount, ["--community", slug]).output.strip() == f"{slug}: equal"
    db.session.execute(text(f"SET LOCAL app.tenant_id = '{number}'"))
    db.session.execute(
        text("INSERT INTO indicator (tenant_id, name, value) VALUES (:n, 'cases_opened', 4)"), {"n": number}
    )
    answer = run.invoke(recount, ["--community", slug])
    assert answer.exit_code == 1
    assert "cases_opened: kept 4, counted 0" in answer.output


def test_a_role_that_bypasses_is_refused() -> None:
    class Cursor:
        def __enter__(self) -> "Cursor":
            return self

        def __exit__(self, *_: object) -> None: ...

        def execute(self, _words: str) -> None: ...

        def fetchone(self) -> tuple[str, bool]:
            return "postgres", True

    class Connection:
        cursor = Cursor

        def rollback(self) -> None: ...

    with pytest.raises(RuntimeError, match="bypasses"):
        assert_plain_role(Connection())
    query = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user"
    assert db.session.execute(text(query)).scalar_one() is False


def test_all_log_ins_of_a_community_are_ended(app: Flask) -> None:
    community = factories.a_community()
    slug, token = community.slug, factories.a_person_with_role("secretary", "community", community.id).token
    assert queries.visitor(token) is not None
    answer = app.test_cli_runner().invoke(end_sessions, ["--community", slug], catch_exceptions=False)
    assert answer.output.strip() == "1"
    assert queries.visitor(token) is None
