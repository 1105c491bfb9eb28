"""Accounts: codes, passwords, second factor, login sessions."""

import secrets
from datetime import timedelta
from uuid import UUID

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select, update

from rongjiu import audit, codes
from rongjiu.clock import now
from rongjiu.crypto import PLATFORM, blind, token_hash
from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.identity import rules
from rongjiu.identity.models import Account, LoginSession, Passcode
from rongjiu.ids import uuid7
from rongjiu.notify.service import tell

WRONG = "手机号(或邮箱)与密码对不上。请再看一眼,或用“忘记密码”。"
_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))
CODE_LIFE = timedelta(minutes=6)
CODE_TRIES = 5


def address_index(address: str) -> tuple[str, bytes]:
    """Normalised phone or e-mail and its platform-wide hash; raises Refused naming `address`."""
    if "@" in address:
        clean = address.strip().lower()
        if len(clean) > 200 or clean.count("@") != 1 or "." not in clean.split("@")[1]:
            raise Refused("邮箱好像不完整,请看一下 @ 后面。", field="address")
        return clean, blind(clean, PLATFORM, "email")
    try:
        phone = codes.mobile(address)
    except codes.CodeError as error:
        raise Refused(str(error), field="address") from error
    return phone, blind(phone, PLATFORM, "phone")


def send_code(address: str, purpose: str) -> UUID:
    """Send a six-digit code and answer the id of its passcode; the same answer whether an account exists or not."""
    clean, index = address_index(address)
    code = f"{secrets.randbelow(1_000_000):06d}"
    row = Passcode(id=uuid7(), address_index=index, purpose=purpose, code_hash=b"", expires_at=now() + CODE_LIFE)
    row.code_hash = token_hash(f"{row.id}|{code}")
    db.session.add(row)
    db.session.flush()
    tell(clean, f"验证码 {code},6 分钟内有效。不要告诉别人。", purpose="code", key=f"code-{row.id}")
    return row.id


def check_code(passcode_id: UUID, purpose: str, code: str) -> bytes:
    """Spend a code and answer the address hash it was sent to; raises Refused naming `code`."""
    row = db.session.scalar(select(Passcode).where(Passcode.id == passcode_id).with_for_update())
    if row is None or row.purpose != purpose or row.used_at or row.expires_at <= now() or row.tries >= CODE_TRIES:
        raise Refused("验证码已过期,请重新获取。", field="code")
    if not secrets.compare_digest(row.code_hash, token_hash(f"{row.id}|{code.strip()}")):
        row.tries += 1
        raise CodeWrong("验证码不对,请再看一眼短信。", field="code")
    row.used_at = now()
    return row.address_index


class CodeWrong(Refused):
    """A wrong code: the door keeps the counted try although it answers with an error."""


def create_account(
    name: str, address: str, password: str, *, demo: bool = False, persona: str | None = None
) -> Account:
    """Make an account; raises Refused naming the field when the password is weak or the address is taken."""
    clean, index = address_index(address)
    if fault := rules.password_fault(password, name):
        raise Refused(fault, field="password")
    email = "@" in clean
    if db.session.scalar(select(Account.id).where((Account.email_index if email else Account.phone_index) == index)):
        raise Refused("这个手机号或邮箱已有账号,请直接登录。", field="address")
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


def find_account(address: str) -> Account | None:
    """The account of a phone or e-mail; raises Refused when it is neither."""
    clean, index = address_index(address)
    column = Account.email_index if "@" in clean else Account.phone_index
    return db.session.scalar(select(Account).where(column == index))


def check_password(address: str, password: str) -> Account:
    """The account when the password fits.

    Raises LoginRefused: one answer and about the same time for an unknown address and a wrong password; after
    ten in a row the account waits, and the message says until when.
    """
    try:
        account = find_account(address)
    except Refused:
        account = None
    if account is None or account.disabled_at:
        _verify(_NOBODY, password)
        raise LoginRefused(WRONG, field="password")
    if account.locked_until and account.locked_until > now():
        minutes = max(1, round((account.locked_until - now()).total_seconds() / 60))
        raise LoginRefused(
            "密码错了太多次,请 %(minutes)s 分钟后再试,或用“忘记密码”。", field="password", minutes=minutes
        )
    if not _verify(account.password_hash, password):
        account.failures += 1
        account.locked_until = rules.wait_after(account.failures, now())
        audit.record("login.refused", "account", account.id, failures=account.failures)
        raise LoginRefused(WRONG, field="password")
    account.failures, account.locked_until = 0, None
    if _hasher.check_needs_rehash(account.password_hash):
        account.password_hash = _hasher.hash(password)
    return account


class LoginRefused(Refused):
    """A login that failed: the door keeps the counted failure although it answers with an error."""


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def set_password(account: Account, password: str) -> None:
    """Give a new password and end every other login; raises Refused naming `password`."""
    if fault := rules.password_fault(password, account.name):
        raise Refused(fault, field="password")
    account.password_hash = _hasher.hash(password)
    account.failures, account.locked_until = 0, None
    end_sessions(account.id)
    audit.record("account.password", "account", account.id)


def start_session(
    account_id: UUID,
    membership_id: UUID | None,
    role: str | None,
    *,
    address: str,
    agent: str,
    second_factor: bool = False,
) -> str:
    """Log in at one place and answer the token for the cookie; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    moment = now()
    db.session.add(
        LoginSession(
            id=uuid7(),
            token_hash=token_hash(token),
            account_id=account_id,
            membership_id=membership_id,
            created_at=moment,
            last_seen_at=moment,
            expires_at=moment + rules.limits(role).absolute,
            second_factor_at=moment if second_factor else None,
            address=address,
            agent=agent[:200],
        )
    )
    db.session.flush()
    audit.record("login.start", "account", account_id)
    return token


def end_session(session_id: UUID, account_id: UUID) -> None:
    """End one login of this account; ending it twice changes nothing."""
    db.session.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.account_id == account_id, LoginSession.ended_at.is_(None))
        .values(ended_at=now())
    )
    audit.record("login.end", "account", account_id)


def end_sessions(account_id: UUID, *, but: UUID | None = None) -> None:
    """End all logins of an account, but one if wished."""
    where = [LoginSession.account_id == account_id, LoginSession.ended_at.is_(None)]
    if but:
        where.append(LoginSession.id != but)
    db.session.execute(update(LoginSession).where(*where).values(ended_at=now()))


def new_totp(account: Account) -> str:
    """A fresh secret, not in force until one code was typed; answers the otpauth address for the QR code."""
    account.totp_secret = pyotp.random_base32()
    account.totp_confirmed_at = None
    return pyotp.TOTP(account.totp_secret).provisioning_uri(name=account.name, issuer_name="融救联助")


def check_totp(account: Account, code: str) -> None:
    """Accept one code of the present or the last half minute, once; raises LoginRefused naming `code`."""
    if account.locked_until and account.locked_until > now():
        raise LoginRefused("试得太多,请过几分钟再试。", field="code")
    secret = account.totp_secret
    step = int(now().timestamp()) // 30
    totp = pyotp.TOTP(secret) if secret else None
    for at in (step, step - 1):
        if totp and at > account.totp_last_step and secrets.compare_digest(totp.at(at * 30), code.strip()):
            account.totp_last_step = at
            account.failures = 0
            account.totp_confirmed_at = account.totp_confirmed_at or now()
            return
    account.failures += 1
    account.locked_until = rules.wait_after(account.failures, now())
    raise LoginRefused("动态码不对或已用过,请看手机上最新的六位数字。", field="code")
