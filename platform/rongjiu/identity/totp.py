"""The second factor: a secret offered, put in force by one right code, each code accepted once."""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pyotp
from cryptography.exceptions import InvalidTag

from rongjiu import audit
from rongjiu.clock import now
from rongjiu.crypto import PLATFORM, seal, unseal
from rongjiu.errors import Refused
from rongjiu.identity import rules
from rongjiu.identity.models import Account
from rongjiu.identity.service import LoginRefused, minutes_left


def totp_offer(account: Account) -> tuple[str, str, str]:
    """A fresh secret that is nowhere kept until `confirm_totp`: (sealed for the form, secret, otpauth address)."""
    secret = pyotp.random_base32()
    sealed = urlsafe_b64encode(seal(secret.encode(), PLATFORM, f"totp|{account.id}")).decode()
    return sealed, secret, totp_address(account, secret)


def totp_address(account: Account, secret: str) -> str:
    """The otpauth address of a secret, for a QR code."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=account.name, issuer_name="融救联助"))


def opened_offer(account: Account, sealed: str) -> str:
    """The secret of an offer made to this account; raises Refused naming `code` when it is not one."""
    try:
        return unseal(urlsafe_b64decode(sealed), PLATFORM, f"totp|{account.id}").decode()
    except (ValueError, InvalidTag):
        raise Refused("这张二维码放得太久了，请刷新页面重新扫。", field="code") from None


def confirm_totp(account: Account, sealed: str, code: str) -> None:
    """Put an offered secret in force by one right code; raises Refused naming `code`."""
    secret = opened_offer(account, sealed)
    step = _fitting_step(secret, code, after=0)
    if step is None:
        raise Refused("动态码不对，请看手机上最新的六位数字。", field="code")
    account.totp_secret, account.totp_last_step = secret, step
    account.totp_confirmed_at = now()
    audit.record("account.second_factor", "account", account.id)


def check_totp(account: Account, code: str) -> None:
    """Accept one code of the present or the last half minute, once; raises LoginRefused naming `code`."""
    if account.locked_until and account.locked_until > now():
        raise LoginRefused(
            "试得太多，请 %(minutes)s 分钟后再试。", field="code", minutes=minutes_left(account.locked_until)
        )
    step = _fitting_step(account.totp_secret or "", code, after=account.totp_last_step)
    if step is not None:
        account.totp_last_step, account.failures = step, 0
        account.totp_confirmed_at = account.totp_confirmed_at or now()
        return
    account.failures += 1
    account.locked_until = rules.wait_after(account.failures, now())
    raise LoginRefused("动态码不对或已用过，请看手机上最新的六位数字。", field="code")


def _fitting_step(secret: str, code: str, *, after: int) -> int | None:
    if not secret:
        return None
    step, totp = int(now().timestamp()) // 30, pyotp.TOTP(secret)
    clean = code.replace(" ", "").encode()
    for at in (step, step - 1):
        if at > after and secrets.compare_digest(totp.at(at * 30).encode(), clean):
            return at
    return None
