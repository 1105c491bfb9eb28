"""What every template may use: words, dates, masks, menus, and the one way to show a person's field."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import uuid4

from babel.dates import format_date
from flask import Flask, g, request, session, url_for
from flask_babel import gettext, ngettext, pgettext
from markupsafe import Markup, escape

from blueprints.guard import may, visitor
from rongjiu import masks
from rongjiu.clock import ZONE
from rongjiu.paths import ROOT
from tenants.referrals.words import said

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
_said: dict[str, dict[str, Markup]] = {name: {} for name in LANGUAGES}
_spoken: dict[str, dict[str, str]] = {name: {} for name in LANGUAGES}
_KEPT = 4000
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_MASKS = {"name": masks.name, "phone": masks.phone, "id_number": masks.id_number, "caller": masks.name}


def init_app(app: Flask) -> None:
    """Bind filters and globals."""
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.filters.update(
        day=day, when=when, money=money, phone=phone_spaced, small=small, named=named, proper=proper, clock=clock, task_word=said,
    )  # fmt: skip
    app.jinja_env.globals.update(
        _=say, gettext=say, url_for=address, may=may, static_url=static_url, show=show, rule_of=rule_of, form_key=lambda: str(uuid4()), session=session,
        g=g, request=request, ngettext=ngettext,
        pgettext=pgettext,
    )  # fmt: skip
    app.context_processor(_context)


def language() -> str:
    """zh | en, as the reader chose."""
    known: str | None = g.get("language")
    if known is None:
        known = g.language = "en" if session.get("lang") == "en" else "zh"
    return known


def say(message: str, **words: Any) -> Markup:
    """The words of a msgid in the reader's language, for templates: looked up once per language, values escaped.

    The words are escaped too: who acts next is a word of the catalogue, or the name that somebody gave a shop or post.
    """
    known = _said[language()]
    found = known.get(message)
    if found is None:
        found = escape(gettext(message))
        if len(known) < _KEPT:
            known[message] = found
    return found % words if words else found


def spoken(message: str, **words: Any) -> str:
    """The same as plain text, for views that put many words together: nothing is escaped, the template does it."""
    known = _spoken[language()]
    found = known.get(message)
    if found is None:
        found = str(gettext(message))
        if len(known) < _KEPT:
            known[message] = found
    return found % words if words else found


def locale() -> str:
    """The catalogue of the reader's language."""
    return LANGUAGES[language()]


def _context() -> dict[str, Any]:
    here = g.get("place")
    footer = dict(here.footer) if here and here.footer else {}
    return {
        "elder": bool(session.get("elder")), "lang": language(), "footer": footer, "me": None if g.get("away") else visitor(),
        "demo": bool(here.demo) if here else bool(session.get("demo")), "place": here,
    }  # fmt: skip


def _local(moment: datetime | date) -> datetime | date:
    return moment.astimezone(ZONE) if isinstance(moment, datetime) and moment.tzinfo else moment


def day(moment: datetime | date | None) -> str:
    """8月10日 周三 / Wed 10 Aug; with the year when it is not this year's."""
    if moment is None:
        return "—"
    local = _local(moment)
    other = local.year != datetime.now(ZONE).year
    if language() == "en":
        return format_date(local, "EEE d MMM yyyy" if other else "EEE d MMM", locale="en")
    return format_date(local, "y年M月d日 EEE" if other else "M月d日 EEE", locale="zh_Hans_CN")


def when(moment: datetime | str | None) -> str:
    """8月10日 周三 18:00; ready text passes through. Midnight ends a day rather than begins one: 8月9日 周二 24:00, so that
    nobody takes a due time for a day more."""
    if isinstance(moment, str) or moment is None:
        return moment or "—"
    local = _local(moment)
    if isinstance(local, datetime) and local.time() == time():
        return f"{day(local - timedelta(days=1))} 24:00"
    return f"{day(moment)} {clock(moment)}"


def clock(moment: datetime) -> str:
    """18:00 on the wall."""
    return f"{_local(moment):%H:%M}"


def money(amount: Decimal | float | None) -> str:
    """¥500, with cents only when there are some."""
    if amount is None:
        return "—"
    return f"¥{amount:,.0f}" if amount == int(amount) else f"¥{amount:,.2f}"


def phone_spaced(number: str | None) -> str:
    """138 1234 5678."""
    if number and len(number) == 11 and number.isdigit():
        return f"{number[:3]} {number[3:7]} {number[7:]}"
    return number or ""


def small(number: int) -> str:
    """A count of persons, 少于5 when under five."""
    return str(gettext(masks.small(number)))


def named(item: Any) -> str:
    """The name of a model item in the reader's language; of a merged one with what it went into."""
    get = item.get if isinstance(item, dict) else lambda key: getattr(item, key, "")
    name = str((get("name_en") if language() == "en" else "") or get("name_zh") or "")
    if into := (get("into_en") if language() == "en" else "") or get("into_zh"):
        return str(gettext("%(name)s（已并入 %(into)s）", name=name, into=into))
    return name


def proper(text: Any) -> Any:
    """A name that stays Chinese, marked as such on an English page, so that a reader aloud speaks it right."""
    if language() == "en" and _CHINESE.search(str(text or "")):
        return Markup('<span class="proper" lang="zh-Hans">{}</span>').format(text)
    return text


def rule_of(name: str) -> str:
    """shown | reveal | masked | never for a field on this page and this person's role."""
    known: dict[str, str] | None = g.get("rules")
    if known is None:
        known = g.rules = {}
    found = known.get(name)
    if found is None:
        person = visitor()
        found = known[name] = str(g.rule.rule(name, person.role if person else None)) if g.get("rule") else "never"
    return found


def show(name: str, value: Any, *, own: bool = False) -> str | Markup:
    """A person's field as this page may show it to this role: whole, masked, or not at all.

    `own` = the case or courtyard is assigned to this person (roles with the restriction own see it so).
    """
    rule = rule_of(name)
    if value in (None, "") or rule == "never":
        return ""
    if rule == "shown":
        return str(value)
    mask = _MASKS.get(name)
    return mask(str(value)) if mask else gettext("已隐藏")


def address(endpoint: str, **values: Any) -> str:
    """`url_for` for templates; what depends on the place alone, such as a menu, is built once for each place."""
    if values:
        return url_for(endpoint, **values)
    here = g.get("place")
    return _address(endpoint, here.slug if here else g.get("slug"), request.script_root)


@lru_cache(maxsize=8192)
def _address(endpoint: str, slug: str | None, root: str) -> str:
    return url_for(endpoint)


def static_url(path: str) -> str:
    """The address of a static file with a fingerprint of its content."""
    return _static(path, request.script_root)


@lru_cache(maxsize=512)
def _static(path: str, root: str) -> str:
    mark = _fingerprint(path)
    return url_for("static", filename=path, v=mark) if mark else url_for("static", filename=path)


def _fingerprint(path: str) -> str:
    file = ROOT / "blueprints" / "static" / path
    return sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else ""
