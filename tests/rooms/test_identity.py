"""Accounts, codes and login sessions on the database."""

from datetime import timedelta

import pyotp
import pytest
import time_machine
from sqlalchemy import func, select

from rongjiu.clock import now
from rongjiu.crypto import token_hash
from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.identity import logins, queries, service, totp
from rongjiu.identity.models import Account, LoginSession, Passcode
from rongjiu.notify import queries as notify
from rongjiu.tenancy import queries as tenancy
from rongjiu.tenancy import service as places
from rongjiu.tenancy.divisions import import_shipped
from tests import factories

pytestmark = pytest.mark.usefixtures("inside")
PASSWORD = "雁塔下的一句话 2022"


def an_account(address: str = "13800000071") -> Account:
    return service.create_account("测试员", address, PASSWORD)


def code_to(phone: str) -> str:
    return next(row.text for row in notify.newest(5) if row.address == phone).split()[1][:6]


def test_only_argon2id_is_kept() -> None:
    assert an_account().password_hash.startswith("$argon2id$")


def test_phone_and_email_find_the_account_however_written() -> None:
    account = an_account("+86 138-0000-0071")
    assert service.find_account("13800000071") is account
    other = an_account("Li@Example.CN")
    assert service.find_account("li@example.cn") is other
    with pytest.raises(Refused):
        an_account("13800000071")


def test_names_of_places_are_no_passwords() -> None:
    import_shipped()
    for word in ("duanlvmen2026", "柏树林街道2026!", "DUANLVMENSHEQU1"):
        with pytest.raises(Refused) as refused:
            service.create_account("测试员", "13800000079", word)
        assert refused.value.field == "password"


def test_a_code_is_spent_once_and_only_for_its_purpose() -> None:
    row = service.send_code("13800000071", "reset")
    code = code_to("13800000071")
    with pytest.raises(Refused):
        service.check_code(row, "invitation", code)
    assert service.check_code(row, "reset", code) == service.address_index("13800000071")[1]
    with pytest.raises(Refused):
        service.check_code(row, "reset", code)


def test_a_code_dies_after_six_minutes_or_five_wrong_tries() -> None:
    late = service.send_code("13800000071", "reset")
    code = code_to("13800000071")
    with time_machine.travel(now() + timedelta(minutes=7)), pytest.raises(Refused):
        service.check_code(late, "reset", code)
    tried = service.send_code("13800000072", "reset")
    code = code_to("13800000072")
    for _each in range(5):
        with pytest.raises(service.CodeWrong):
            service.check_code(tried, "reset", "12345x")
    with pytest.raises(Refused, match="过期"):
        service.check_code(tried, "reset", code)


def test_a_totp_counts_once_and_for_the_last_half_minute() -> None:
    account = an_account()
    with time_machine.travel(now(), tick=False) as clock:
        sealed, secret, address = totp.totp_offer(account)
        assert address.startswith("otpauth://totp/")
        app = pyotp.TOTP(secret)
        totp.confirm_totp(account, sealed, app.at(now()))
        with pytest.raises(service.LoginRefused):
            totp.check_totp(account, app.at(now()))
        clock.shift(timedelta(seconds=60))
        before = app.at(now() - timedelta(seconds=30))
        totp.check_totp(account, before)
        totp.check_totp(account, app.at(now()))
        clock.shift(timedelta(seconds=90))
        with pytest.raises(service.LoginRefused):
            totp.check_totp(account, app.at(now() - timedelta(seconds=60)))


def test_an_offer_for_another_account_does_not_open() -> None:
    sealed = totp.totp_offer(an_account())[0]
    other = an_account("13800000072")
    with pytest.raises(Refused):
        totp.confirm_totp(other, sealed, "000000")
    with pytest.raises(Refused):
        totp.confirm_totp(other, "nonsense", "000000")


def test_the_token_is_long_random_and_kept_as_a_hash() -> None:
    account = an_account()
    token = logins.start_session(account.id, None, None, address="", agent="")
    assert len(token) >= 43
    row = db.session.scalars(select(LoginSession).where(LoginSession.account_id == account.id)).one()
    assert bytes(row.token_hash) == token_hash(token)
    assert tenancy.visitor(token) is not None
    assert tenancy.visitor(token + "x") is None


def test_going_on_in_a_new_session_keeps_the_first_log_in_time() -> None:
    account = an_account()
    community = factories.a_community()
    post = places.join(account.id, "community", community.id, "grid_worker")
    token = logins.start_session(account.id, post.id, "grid_worker", address="", agent="")
    first = tenancy.visitor(token)
    assert first is not None
    with time_machine.travel(now() + timedelta(hours=7)):
        again = logins.renew_session(first.session_id, None, "operator", address="", agent="", second_factor=True)
        assert again is not None
        second = tenancy.visitor(again)
        assert second is not None
        assert second.created_at == first.created_at
        assert second.expires_at - second.created_at == timedelta(hours=8)
        assert tenancy.visitor(token) is None
    with time_machine.travel(now() + timedelta(hours=8, minutes=1)):
        late = logins.renew_session(second.session_id, None, "operator", address="", agent="", second_factor=True)
        assert late is None


def test_only_live_logins_are_listed() -> None:
    account = an_account()
    for _each in range(2):
        logins.start_session(account.id, None, None, address="", agent="")
    found = queries.live_sessions(account.id)
    assert len(found) == 2
    logins.end_session(found[0].id, account.id)
    assert len(queries.live_sessions(account.id)) == 1
    with time_machine.travel(now() + timedelta(minutes=31)):
        assert queries.live_sessions(account.id) == []


def test_a_reset_for_a_phone_without_account_says_so_to_its_owner_only() -> None:
    row = service.send_code("13800000078", "reset")
    with pytest.raises(Refused) as refused:
        service.reset_password(row, code_to("13800000078"), "新的一句话 2026")
    assert refused.value.field == "code"
    assert db.session.scalar(select(func.count()).select_from(Passcode)) == 1
