"""One household, one file (一户一档): people, care, contacts, cases, and one timeline that all rooms feed."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _

from blueprints import sweep_words
from blueprints.desk import benefits, case_words, words
from blueprints.desk.case_page import carer_note
from blueprints.forms import lazy
from blueprints.guard import may
from blueprints.pages import named
from rongjiu.clock import ZONE
from tenants.accompaniment import queries as accompaniment
from tenants.cases import queries as cases
from tenants.catalogue import queries as catalogue
from tenants.finding import home_visits, relief
from tenants.residents import contacts, dialling, queries, rules
from tenants.residents.contacts import Contact
from tenants.residents.queries import Member
from tenants.reviews import queries as reviews
from tenants.signals import queries as signals
from tenants.surveys import queries as surveys
from tenants.sweeps import lists as sweeps

PARTS = {
    "register": lazy("登记"), "found": lazy("发现"), "case": lazy("个案"), "visit": lazy("上门"), "contact": lazy("联系人和一键拨号"),
}  # fmt: skip
FIELDS = {
    "name": lazy("姓名"), "gender": lazy("性别"), "relation": lazy("与户主关系"), "birth_date": lazy("出生日期"),
    "phone": lazy("电话"), "id_number": lazy("身份证号"), "condition": lazy("身体情况"), "groups": lazy("人群"), "languages": lazy("会说什么"),
    "status": lazy("在住情况"), "building": lazy("楼号"), "unit": lazy("单元"), "room": lazy("房号"),
    "occupancy": lazy("房屋用途"), "left_on": lazy("搬走日期"), "benefit": lazy("待遇"),
    "benefit_since": lazy("待遇的开始日期"), "benefit_until": lazy("待遇的到期日期"), "benefit_ground": lazy("待遇的依据"),
    "benefit_checked": lazy("待遇的核对"), "benefit_waiting": lazy("待遇的轮候"),
}  # fmt: skip
SOURCES = {
    "desk": lazy("工作台"), "visit": lazy("上门"), "sweep": lazy("摸排"), "field": lazy("手机"), "import": lazy("导入"),
    "merge": lazy("合并"), "request": lazy("本人申请"), "undo": lazy("撤销"),
    "acceptance": lazy("街道一门受理"),
}  # fmt: skip
VISITS = {
    "planned": lazy("约好上门"), "done": lazy("上门完成"), "missed": lazy("上门没有见到人"), "refused": lazy("上门被谢绝"),
    "cancelled": lazy("上门取消"),
}  # fmt: skip
FREQUENCIES = {"weekly": lazy("每周走访"), "monthly": lazy("每月走访"), "quarterly": lazy("每季走访")}


def build(row: Any, files: list[Any], part: str) -> dict[str, Any]:
    """Everything the page shows; `part` narrows the timeline to one of PARTS."""
    everyone = queries.members(row.id, everyone=True)
    people = [each for each in everyone if each.status == "here"]
    groups = {each["id"]: each for each in catalogue.groups()}
    links = queries.care(row.id)
    lines = contacts.of(household_id=row.id)
    tries = dialling.tries(household_id=row.id)
    ids = [each.id for each in people]
    events = _timeline(row, everyone, lines, tries)
    return {
        "row": row, "people": people, "gone": [each for each in everyone if each.status != "here"], "words": words,
        "group_names": {slug: named(each) for slug, each in groups.items()}, "cases": files,
        "carer_note": carer_note([(each.carer_id, each.person_id) for each in links], people),
        "visits": {each.id: _frequency(each, groups) for each in people},
        "care": [(link, rules.heavy(link.hours_a_week, link.relief_wanted, link.work_given_up), relief.wanted(link))
                 for link in links],
        "contacts": lines, "contact_kinds": rules.CONTACT_KINDS, "tries": _latest(tries),
        "events": [each for each in events if not part or each["part"] == part], "part": part, "parts": PARTS,
        "benefits": benefits.shown(row.id) if may("desk.benefit") else [], "benefit_states": benefits.STATES,
        "benefit_tones": benefits.TONES,
        "manages": may("desk.care"), "doubles": reviews.doubles(ids), "waiting": reviews.waiting_for(ids),
    }  # fmt: skip


def _frequency(person: Member, groups: dict[str, Any]) -> str:
    visits = [str(groups[slug].get("visit_default") or "") for slug in person.all_groups if slug in groups]
    strictest = rules.strictest(visits)
    return str(FREQUENCIES[strictest]) if strictest else ""


def _latest(tries: list[Any]) -> dict[UUID, Any]:
    """The newest test of each person, or the teaching when nothing was tested."""
    found: dict[UUID, Any] = {}
    for each in sorted(tries, key=lambda each: (each.tested_on is not None, each.at)):
        found[each.person_id] = each
    return found


def _timeline(row: Any, people: list[Member], lines: list[Contact], tries: list[Any]) -> list[dict[str, Any]]:
    said = {each.id: words.relation(each.relation) or _("家人") for each in people}
    found = [
        _item("register", "note", row.created_at, _("登记入册")),
        *(_change(each, said) for each in queries.changes(row.id)),
        *_found(row.id),
        *_cases(row.id),
        *(_item("visit", "visit", each.done_at or each.planned_at, str(VISITS[each.state]), each.number)
          for each in accompaniment.of_household(row.id)),
        *_contacts(lines, said),
        *(_item("contact", "call", each.at, _try(each, said), each.actor) for each in tries),
    ]  # fmt: skip
    return sorted(found, key=lambda each: each["at"], reverse=True)


def _item(part: str, kind: str, at: datetime, text: str, who: str = "", tone: str = "", href: str = "") -> Any:
    return {"part": part, "kind": kind, "at": at, "text": text, "who": who, "tone": tone, "href": href}


def _change(change: Any, said: dict[UUID, str]) -> Any:
    whose = said.get(change.person_id, _("家人")) if change.person_id else _("这户")
    field, source = words.word(FIELDS, change.name), words.word(SOURCES, change.source)
    text = _("%(who)s的%(field)s改过（%(source)s）", who=whose, field=field, source=source)
    return _item("register", "note", change.at, text, change.actor)


def _found(household_id: UUID) -> Iterable[Any]:
    """What sweeps, surveys, signals and the home-visit list know of the family."""
    for stop in sweeps.of_household(household_id):
        state = sweep_words.word(sweep_words.STATES, stop.state)
        yield _item(
            "found",
            "look",
            stop.final_at,
            _("摸排 %(number)s：%(state)s", number=stop.number, state=state),
            stop.worker,
        )
    for answer in surveys.of_household(household_id):
        yield _item("found", "look", answer.at, _("答了需求统计 %(number)s", number=answer.number), answer.worker)
    for signal in signals.of_household(household_id):
        href = url_for("desk.signal", signal_id=signal.id) if may("desk.signal") else ""
        yield _item("found", "signal", signal.received_at, _("线索 %(number)s", number=signal.number), href=href)
    for line in home_visits.of_household(household_id):
        yield _item("found", "visit", line.listed_at, _("列入入户名单"))


def _cases(household_id: UUID) -> Iterable[Any]:
    for event in cases.events_of_household(household_id):
        line = case_words.line(event)
        text = f"{event.number} {line['text']}"
        yield _item("case", line["kind"], line["at"], text, line["who"], line["tone"])


def _contacts(lines: list[Contact], said: dict[UUID, str]) -> Iterable[Any]:
    for line in lines:
        who = line.post if line.kind == "staff" else _(rules.CONTACT_KINDS[line.kind])
        whose = said.get(line.person_id, _("家人"))
        since = datetime.combine(line.since, time(), ZONE)
        yield _item("contact", "call", since, _("%(who)s的紧急联系人：%(contact)s", who=whose, contact=who))
        if line.ended_at:
            yield _item(
                "contact", "call", line.ended_at, _("%(who)s的紧急联系人停用：%(contact)s", who=whose, contact=who)
            )


def _try(each: Any, said: dict[UUID, str]) -> str:
    whose = said.get(each.person_id, _("家人"))
    if each.tested_on is None:
        return str(_("教%(who)s用一键拨号", who=whose))
    if each.works:
        return str(_("%(who)s的一键拨号测试：打通了", who=whose))
    return str(_("%(who)s的一键拨号测试：没打通", who=whose))
