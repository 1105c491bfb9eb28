"""Files at the 一门受理 desk in the reader's words, for the community that sent them and the street that reads them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from wtforms import StringField
from wtforms.validators import Length, Optional

from blueprints.forms import Form, lazy
from blueprints.pages import day, language, money, named
from rongjiu.clock import ZONE
from rongjiu.library.packfiles import read_pack
from rongjiu.policies import rules


class OfficialForm(Form):
    """Whom to ask at a department, or for one policy, and how one may object to its answers."""

    phone = StringField(lazy("联系电话"), [Optional(), Length(max=30)])
    contact = StringField(lazy("窗口或岗位"), [Optional(), Length(max=60)])
    url = StringField(lazy("官方办事网址"), [Optional(), Length(max=300)])
    appeal_to = StringField(lazy("向哪里申诉或复议"), [Optional(), Length(max=100)])
    appeal_days = StringField(lazy("答复后几天内可以提出"), [Optional(), Length(max=10)])
    appeal_source = StringField(lazy("期限的依据"), [Optional(), Length(max=120)])


STATES = {
    "requested": lazy("待受理"), "accepted": lazy("已受理"), "in-progress": lazy("部门办理中"), "on-hold": lazy("待补正"),
    "completed": lazy("已答复"), "cancelled": lazy("已撤回"),
}  # fmt: skip
ANSWERS = {"granted": lazy("准予"), "refused": lazy("不予")}
PERIODS = {"month": lazy("每月"), "year": lazy("每年"), "once": lazy("一次")}
PAPERS = {"have": lazy("已有"), "attached": lazy("已附照片"), "missing": lazy("还缺")}
BASES = {"statutory_duty": lazy("为履行法定职责所必需（个人信息保护法第十三条第一款第三项），不需另取同意")}
VERBS: dict[str, tuple[Any, str, str]] = {
    "send": (lazy("交街道一门受理"), "referral", ""),
    "accept": (lazy("受理"), "department", "ok"),
    "ask_papers": (lazy("要求补正"), "department", "warn"),
    "supply": (lazy("已补齐材料"), "referral", ""),
    "forward": (lazy("转主管部门"), "department", ""),
    "grant": (lazy("准予"), "confirm", "ok"),
    "refuse": (lazy("不予"), "department", "danger"),
    "withdraw": (lazy("社区撤回"), "note", ""),
    "chase": (lazy("到期未答复，已催办"), "alarm", "danger"),
    "escalate": (lazy("催办后仍未答复，已上报"), "alarm", "danger"),
    "papers_late": (lazy("补正材料到期未补，改为上门帮办"), "alarm", "danger"),
    "opened": (lazy("查看了材料"), "look", ""),
    "link": (lazy("给部门开了答复链接"), "referral", ""),
    "paid": (lazy("补助已到账"), "confirm", "ok"),
    "not_paid": (lazy("补助还没到账，到期再核对"), "note", ""),
    "appeal_soon": (lazy("申诉快到期，提醒社区问家里"), "alarm", ""),
    "appeal_asked": (lazy("已问过家里要不要申诉"), "call", ""),
    "told": (lazy("已告知家里"), "note", ""),
}
LEVELS = {1: lazy("已报街道督导"), 2: lazy("已报区督导")}


REVIEW_LAW, COURT_LAW = rules.LAW.source, rules.COURT


def court(file: Any) -> date | None:
    """Until when the family may go straight to court over a refusal; None where no law says so."""
    return rules.court_until(file.department_slug, file.answered_on) if file.answered_on else None


def word(words: Mapping[Any, Any], code: Any) -> str:
    """A code in words; a code nobody knows stays as it is."""
    return str(words.get(code, code))


def office(slug: str, names: Mapping[str, Any]) -> str:
    """A department by name, from rows (or pack items) by slug."""
    row = names.get(slug)
    return named(row) if row is not None else slug


def history(events: Iterable[Any], offices: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Lines for the timeline, the newest first; a day other than that of writing stands in brackets, and openings of
    one reader in a row are one line with their number."""
    lines: list[dict[str, Any]] = []
    for event in events:
        words, sign, tone = VERBS.get(event.verb, (event.verb, "note", ""))
        text = str(words)
        if event.verb == "forward":
            text = _("转%(office)s", office=office(event.detail.get("department", ""), offices))
        elif event.verb == "ask_papers":
            text = _("要求补正 %(n)s 样材料", n=event.detail.get("papers", 0))
        elif event.verb in ("chase", "escalate"):
            text = _("%(what)s（第 %(n)s 次）", what=text, n=event.detail.get("chase", 0))
        elif event.verb == "opened" and lines and lines[-1].get("opened") and lines[-1]["post"] == event.post:
            times = lines.pop()["opened"] + 1
            text = _("查看了材料 %(n)s 次", n=times)
            lines.append(_line(event, text, sign, tone, times))
            continue
        if event.day != event.at.astimezone(ZONE).date():
            text = _("%(what)s（日期 %(day)s）", what=text, day=day(event.day))
        lines.append(_line(event, text, sign, tone, int(event.verb == "opened")))
    return lines[::-1]


def _line(event: Any, text: str, sign: str, tone: str, opened: int) -> dict[str, Any]:
    who = _(event.post) if event.post else ""
    return {"at": event.at, "text": text, "who": who, "post": event.post, "kind": sign, "tone": tone, "opened": opened}


def said(events: Iterable[Any]) -> list[tuple[str, str]]:
    """What was written along with the acts: (act, words), the newest first."""
    found = [(str(VERBS.get(event.verb, (event.verb, "", ""))[0]), event.words) for event in events if event.words]
    return found[::-1]


def amount(file: Any) -> str:
    """¥120 每月."""
    return f"{money(file.amount)} {word(PERIODS, file.period)}".strip() if file.amount is not None else ""


def paper_name(row: Any) -> str:
    """A paper of the model in the reader's language; one that was named in words stays as it was written."""
    known = {each["id"]: each for each in read_pack()["policies"]["documents"]}
    return named(known[row.slug]) if row.slug in known else row.name


def screened(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The frozen screening of the policy for the verdict macro: who (id or household), verdict, conditions."""
    record = content.get("screening") or {}
    return [
        {
            "subject": part["subject"],
            "verdict": part["verdict"],
            "conditions": [_row(row) for row in part["conditions"]],
        }
        for part in record.get("parts", ())
    ]


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    name = row["name_en"] if language() == "en" else row["name_zh"]
    met = None if row["truth"] == "unknown" else row["truth"] == "met"
    plain = row["value"] if row["value"] is None or row["unit"] in (None, "CNY", "years", "m2", "months") else None
    return {"text": name, "met": met, "value": plain, "line": row["line"] or "", "source": ""}


def as_of(content: Mapping[str, Any]) -> date | None:
    """The day whose policies the frozen screening went by."""
    record = content.get("screening") or {}
    return date.fromisoformat(record["as_of"]) if record.get("as_of") else None


def offices(rows: Sequence[Any]) -> dict[str, Any]:
    """Departments by slug."""
    return {(row["id"] if isinstance(row, dict) else row.slug): row for row in rows}
