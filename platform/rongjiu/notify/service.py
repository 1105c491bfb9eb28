"""Telling people: one verb for every channel. Where no channel is set the message stands in the database, where a demo
shows it on its sample phone."""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from babel.dates import format_skeleton
from flask_babel import force_locale, get_locale, gettext
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from rongjiu import codes, outbox
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import current_scope, db
from rongjiu.errors import Refused
from rongjiu.ids import uuid7
from rongjiu.notify import channels, people, rules
from rongjiu.notify.models import CHANNELS, Message, Preference

_ONE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")
"""An openid, or the id of a member of an organisation."""
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
_hours: list[Callable[[], rules.Quiet]] = []


def quiet_hours(source: Callable[[], rules.Quiet]) -> None:
    """Register where the quiet hours of the community in force are found."""
    _hours[:] = [source]


def tell(
    address: str, text: str, *, purpose: str, key: str, words: dict[str, Any] | None = None, inbox: bool = True
) -> None:
    """Send a text to a phone or e-mail address; the same `key` sends once. No name, no place, no illness in it.

    `text` is a msgid with `words` for its marks; who has an account reads it in the language they chose, finds it in
    their inbox, and gets it outside their quiet hours unless the purpose is urgent (rules.URGENT).
    """
    person = people.behind(address)
    moment, urgent = now(), purpose in rules.URGENT
    state, due = _when(person.preference if person else None, moment, urgent=urgent)
    # A code goes to the very address that it proves.
    channel = people.given(address) if purpose in rules.UNKEPT else people.way_to(address, person)
    here = current_scope().tenant
    row = {
        "id": uuid7(), "unique_key": key, "channel": channel.name, "address": channel.address, "purpose": purpose,
        "text": said(text, words, person.preference.language if person else "zh"), "created_at": moment,
        "scope_id": here.uid if here else None, "state": state, "due_at": due,
        "account_id": person.account_id if person and inbox and purpose not in rules.UNKEPT else None,
    }  # fmt: skip
    made = insert(Message).values(row).on_conflict_do_nothing().returning(Message.id)
    fresh = db.session.scalar(made)
    if fresh is None:
        return
    if state == "digest":
        outbox.put(
            "notify.digest", {"account": str(row["account_id"])}, key=f"digest-{row['account_id']}-{due}", after=due
        )
    elif state == "held":
        outbox.put("notify.deliver", {"message": str(fresh)}, key=f"deliver-{fresh}", after=due)
    elif channels.is_local(channel.name):
        taken = update(Message).where(Message.id == fresh).values(state="sent", sent_at=moment, captured=1)
        db.session.execute(taken, execution_options={"synchronize_session": False})
    else:
        outbox.put("notify.deliver", {"message": str(fresh)}, key=f"deliver-{fresh}")


def said(text: str, words: dict[str, Any] | None, language: str) -> str:
    """A msgid in a language, with its words; words that are msgids themselves, such as what is to be done, and
    days, too."""
    with force_locale(LOCALES[language]):
        marks = {name: _mark(value) for name, value in (words or {}).items()}
        return str(gettext(text)) % marks if words else str(gettext(text))


def _mark(value: Any) -> Any:
    """A word as the language in force says it: a msgid, a day (11月25日, Nov 25), or itself."""
    if isinstance(value, date):
        return format_skeleton("MMMd", value, locale=get_locale())
    return gettext(value) if isinstance(value, str) and value else value


def _when(wish: Preference | None, moment: datetime, *, urgent: bool) -> tuple[str, datetime | None]:
    """State of a new message, and until when it is kept back."""
    if urgent:
        return "waiting", None
    if wish is not None and wish.digest:
        return "digest", rules.next_digest(moment)
    if wish is not None:
        hours = rules.Quiet(time.fromisoformat(wish.quiet_from), time.fromisoformat(wish.quiet_to))
    else:
        hours = _hours[0]() if _hours and current_scope().tenant else rules.Quiet()
    until = hours.until(moment)
    return ("held", until) if until else ("waiting", None)


def prefer(
    account_id: UUID, *, language: str, quiet_from: time, quiet_to: time, digest: bool, first: str, wechat: str = "",
    wecom: str = "", dingtalk: str = "",
) -> None:  # fmt: skip
    """Keep how somebody wants to be told; `first` is the channel tried first, '' = as the house has it. Raises Refused
    naming `first` when that channel has no address, or the channel whose address is not one person's."""
    own = {name: _one_persons(name, typed) for name, typed in (("wechat", wechat), ("wecom", wecom))}
    try:
        own["dingtalk"] = codes.mobile(dingtalk) if dingtalk.strip() else ""
    except codes.CodeError as error:
        raise Refused(str(error), field="dingtalk") from error
    if first and first not in CHANNELS:
        raise Refused(N_("请从列出的方式里选一种。"), field="first")
    if own.get(first) == "":
        raise Refused(N_("选这种方式，请先填它的账号。"), field=first)
    words = {
        "language": "en" if language == "en" else "zh", "quiet_from": f"{quiet_from:%H:%M}",
        "quiet_to": f"{quiet_to:%H:%M}", "digest": digest, "wished": [first] if first else [],
        **{name: value or None for name, value in own.items()},
    }  # fmt: skip
    row = insert(Preference).values(id=uuid7(), account_id=account_id, **words)
    db.session.execute(row.on_conflict_do_update(index_elements=["account_id"], set_=words))


def _one_persons(name: str, typed: str) -> str:
    """The id of one person at a vendor; never @all nor a list, which would tell a whole organisation."""
    address = typed.strip()
    if address and not _ONE.fullmatch(address):
        raise Refused(N_("账号只写字母、数字和 _ - . @，一次只填一个人的。"), field=name)
    return address


def read(account_id: UUID, message_id: UUID | None = None) -> None:
    """Mark one message, or all, of an account as read."""
    mine = update(Message).where(Message.account_id == account_id, Message.read_at.is_(None))
    if message_id is not None:
        mine = mine.where(Message.id == message_id)
    db.session.execute(mine.values(read_at=now()), execution_options={"synchronize_session": False})
