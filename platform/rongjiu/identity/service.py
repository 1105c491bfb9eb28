"""Accounts: codes sent to a phone or e-mail, passwords, what happens after wrong ones."""

import secrets
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from rongjiu import audit, codes
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.crypto import PLATFORM, blind, token_hash
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.identity import logins, rules
from rongjiu.identity.models import Account, LoginWait, Passcode
from rongjiu.ids import uuid7
from rongjiu.notify.service import tell
from rongjiu.tenancy.models import Community, Division, Street

WRONG = N_("手机号（或邮箱）与密码对不上。请再看一眼，或用“忘记密码”。")
TOO_OFTEN = N_("密码错了太多次，请 %(minutes)s 分钟后再试，或用“忘记密码”。账号没有被锁死。")
_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))
CODE = N_("验证码 %(code)s,6 分钟内有效。不要告诉别人。")
CODE_LIFE = timedelta(minutes=6)
CODE_TRIES = 5
HOUR = timedelta(hours=1)
CODES_AN_HOUR = 5
"""Codes that one phone or e-mail is sent in an hour, whoever asks."""


def address_index(address: str) -> tuple[str, bytes]:
    """Normalised phone or e-mail and its platform-wide hash; raises Refused naming `address`."""
    if "@" in address:
        clean = address.strip().lower()
        if len(clean) > 200 or clean.count("@") != 1 or "." not in clean.split("@")[1]:
            raise Refused("邮箱好像不完整，请看一下 @ 后面。", field="address")
        return clean, blind(clean, PLATFORM, "email")
    try:
        phone = codes.mobile(address)
    except codes.CodeError as error:
        raise Refused(str(error), field="address") from error
    return phone, blind(phone, PLATFORM, "phone")


def send_code(address: str, purpose: str) -> UUID:
    """Send a six-digit code and answer the id of its passcode; the same answer whether an account exists or not."""
    clean, index = address_index(address)
    lately = select(func.count()).where(Passcode.address_index == index, Passcode.expires_at > now() + CODE_LIFE - HOUR)
    if (db.session.scalar(lately) or 0) >= CODES_AN_HOUR:
        raise Refused("验证码发得太多了，请一小时后再试，或打社区电话。", field="address", status=429)
    code = f"{secrets.randbelow(1_000_000):06d}"
    row = Passcode(id=uuid7(), address_index=index, purpose=purpose, code_hash=b"", expires_at=now() + CODE_LIFE)
    row.code_hash = token_hash(f"{row.id}|{code}")
    db.session.add(row)
    db.session.flush()
    tell(clean, CODE, words={"code": code}, purpose="code", key=f"code-{row.id}")
    return row.id


def check_code(passcode_id: UUID, purpose: str, code: str) -> bytes:
    """Spend a code and answer the address hash it was sent to; raises Refused naming `code`."""
    row = db.session.scalar(select(Passcode).where(Passcode.id == passcode_id).with_for_update())
    if row is None or row.purpose != purpose or row.used_at or row.expires_at <= now() or row.tries >= CODE_TRIES:
        raise Refused("验证码已过期，请重新获取。", field="code")
    if not secrets.compare_digest(row.code_hash, token_hash(f"{row.id}|{code.strip()}")):
        row.tries += 1
        raise CodeWrong("验证码不对，请再看一眼短信。", field="code")
    row.used_at = now()
    return row.address_index


class CodeWrong(Refused):
    """A wrong code: the door keeps the counted try although it answers with an error."""


def create_account(
    name: str, address: str, password: str, *, demo: bool = False, persona: str | None = None
) -> Account:
    """Make an account; raises Refused naming the field when the password is weak or the address is taken."""
    clean, index = address_index(address)
    _strong(password, name, "password")
    email = "@" in clean
    if db.session.scalar(select(Account.id).where((Account.email_index if email else Account.phone_index) == index)):
        raise Refused("这个手机号或邮箱已有账号，请直接登录。", field="address")
    account = Account(
        id=uuid7(),
        name=name.strip(),
        phone=None if email else clean,
        phone_index=None if email else index,
        email=clean if email else None,
        email_index=index if email else None,
        password_hash=_hasher.hash(password),
        created_at=now(),
        demo=demo,
        persona=persona,
    )
    db.session.add(account)
    db.session.flush()
    audit.record("account.create", "account", account.id)
    return account


def _strong(password: str, name: str, at: str) -> None:
    """Refuse a weak password and the names of places, also spelled in pinyin or with figures behind (ASVS 6.2.11)."""
    if fault := rules.password_fault(password, name):
        raise Refused(fault, field=at)
    word = rules.stem(password)
    if word and _place_called(word):
        raise Refused("密码不要用社区或街道的名字，容易被猜到，请换一个。", field=at)


def _place_called(word: str) -> bool:
    forms = (word, f"{word}shequ", f"{word}社区", f"{word}街道")
    spelled = func.concat(" ", Division.pinyin, " ")
    found = (
        select(Division.code).where(
            or_(
                spelled.contains(f" {word} ", autoescape=True), spelled.contains(f" {word}shequ ", autoescape=True),
                Division.name.in_(forms), Division.street_name.in_(forms),
            )
        ),
        select(Community.slug).where(or_(Community.slug == word, Community.name.in_(forms))),
        select(Street.slug).where(or_(Street.slug == word, Street.name.in_(forms))),
    )  # fmt: skip
    return any(db.session.scalar(query.limit(1)) is not None for query in found)


def find_account(address: str) -> Account | None:
    """The account of a phone or e-mail; raises Refused when it is neither."""
    clean, index = address_index(address)
    column = Account.email_index if "@" in clean else Account.phone_index
    return db.session.scalar(select(Account).where(column == index))


def check_password(address: str, password: str) -> Account:
    """The account when the password fits.

    Raises LoginRefused: one answer and about the same time for an unknown address and a wrong password; after
    ten in a row the address waits, known or not, and the message says how long.
    """
    try:
        clean, index = address_index(address)
    except Refused:
        _verify(_NOBODY, password)
        raise LoginRefused(WRONG, field="password") from None
    first = insert(LoginWait).values(address_index=index, failures=0, at=now()).on_conflict_do_nothing()
    db.session.execute(first)
    wait = db.session.scalar(
        select(LoginWait).where(LoginWait.address_index == index).with_for_update().execution_options(populate_existing=True)
    )  # fmt: skip
    assert wait is not None  # noqa: S101  just inserted
    if wait.locked_until and wait.locked_until > now():
        raise LoginRefused(TOO_OFTEN, field="password", minutes=minutes_left(wait.locked_until))
    column = Account.email_index if "@" in clean else Account.phone_index
    account = db.session.scalar(select(Account).where(column == index, Account.disabled_at.is_(None)))
    if not _verify(account.password_hash if account else _NOBODY, password) or account is None:
        wait.failures, wait.at = wait.failures + 1, now()
        wait.locked_until = rules.wait_after(wait.failures, now())
        if account is not None:
            audit.record("login.refused", "account", account.id, failures=wait.failures)
        if wait.locked_until:
            raise LoginRefused(TOO_OFTEN, field="password", minutes=minutes_left(wait.locked_until))
        raise LoginRefused(WRONG, field="password")
    db.session.delete(wait)
    if _hasher.check_needs_rehash(account.password_hash):
        account.password_hash = _hasher.hash(password)
    return account


def minutes_left(until: datetime) -> int:
    """Whole minutes until then, at least one."""
    return max(1, ceil((until - now()).total_seconds() / 60))


class LoginRefused(Refused):
    """A login that failed: the door keeps the counted failure although it answers with an error."""


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def same_password(account: Account, password: str) -> None:
    """Ask for the password once more before something that matters; raises LoginRefused naming `password`."""
    if account.locked_until and account.locked_until > now():
        raise LoginRefused(TOO_OFTEN, field="password", minutes=minutes_left(account.locked_until))
    if not _verify(account.password_hash, password):
        account.failures += 1
        account.locked_until = rules.wait_after(account.failures, now())
        raise LoginRefused("现在的密码不对，请再输一次。", field="password")
    account.failures = 0


def set_password(account: Account, password: str, *, but: UUID | None = None) -> None:
    """Give a new password and end every other login (all but the session `but`); raises Refused naming `new`."""
    _strong(password, account.name, "new")
    account.password_hash = _hasher.hash(password)
    account.failures, account.locked_until = 0, None
    indexes = [index for index in (account.phone_index, account.email_index) if index]
    db.session.execute(delete(LoginWait).where(LoginWait.address_index.in_(indexes)))
    logins.end_sessions(account.id, but=but)
    audit.record("account.password", "account", account.id)


def reset_password(passcode_id: UUID, code: str, password: str) -> None:
    """Give a new password to the account of the address a code was sent to. The second factor stays as it is.

    Raises CodeWrong or Refused naming `code` or `new`; only whoever holds the phone learns that it has no account.
    """
    index = check_code(passcode_id, "reset", code)
    account = db.session.scalar(select(Account).where(or_(Account.phone_index == index, Account.email_index == index)))
    if account is None or account.disabled_at:
        raise Refused("这个手机号（或邮箱）还没有账号，请用邀请链接或从首页注册。", field="code")
    set_password(account, password)


def locked(account_id: UUID) -> Account:
    """The account, its row held until the transaction ends, so that a code is spent once; raises Absent."""
    row = db.session.get(Account, account_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise Absent("没有这个账号。")
    return row
