"""Everything one case page says, gathered from the rooms: the five questions, people, needs with their slips."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import current_app, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from blueprints.desk import case_words, words
from blueprints.guard import may
from blueprints.pages import day, money, named
from rongjiu.clock import now
from rongjiu.db import current_tenant
from rongjiu.marketplace import queries as marketplace
from rongjiu.tenancy.staff import Worker, working
from tenants.acceptance import queries as acceptance
from tenants.accompaniment import queries as accompaniment
from tenants.cases import queries as cases
from tenants.cases.rules import CASEWORKERS
from tenants.casework import queries as casework
from tenants.casework import rules as plans
from tenants.catalogue import queries as catalogue
from tenants.catalogue import service as waits
from tenants.consents import queries as consents
from tenants.needs import queries as needs
from tenants.outcomes import queries as outcomes
from tenants.referrals import queries as referrals
from tenants.residents import queries as residents
from tenants.residents.queries import Member
from tenants.screening import queries as screening

LIVE = ("requested", "accepted", "in-progress", "on-hold", "completed")


@dataclass(frozen=True, slots=True)
class Slip:
    """One offer or department slip of a need in a line."""

    seq: int
    title: str
    to: str
    state: str
    due_at: Any
    task_id: UUID | None
    answer: str = ""
    """Of a file at the departments: '' | granted | refused."""
    at_desk: bool = False
    """It lies at the street's 一门受理 desk or with a department."""
    department: bool = False
    """It belongs to track 救."""
    reason: str = ""
    """Code of why it ended or waits."""


@dataclass(frozen=True, slots=True)
class NeedLine:
    """One need with what is being done for it."""

    seq: int
    item: str
    words: str
    is_wish: bool
    urgency: str
    result: str
    result_code: str
    who: Member | None
    slips: list[Slip] = field(default_factory=list)

    @property
    def helped(self) -> bool:
        """Somebody is at it, or it has a result."""
        return bool(self.result) or any(slip.state in LIVE or slip.state == "active" for slip in self.slips)


def gather(case: Any, kind: str = "") -> dict[str, Any]:
    """All parts of the page of one case (a row of cases.queries.one); `kind` narrows the timeline."""
    people = residents.members(case.household_id) if case.household_id else []
    lines = _needs(case.id, {each.id: each for each in people})
    seen = screening.screenings(case.id)
    names = _group_names()
    events = case_words.lines(cases.timeline(case.id))
    steps = cases.steps(case.id)
    state = "screening" if case.state == "assessing" and seen and not seen[0].confirmed_at else case.state
    return {
        "case": case, "state": state, "people": people, "group_names": names, "needs": lines,
        "consents": _consents(case.id, people),
        "cells": _five(case, lines, seen, names), "step": steps[0] if steps else None, "more_steps": steps[1:6],
        "left": waits.days_left(steps[0].due_at) if steps else None,
        "events": [each for each in events if not kind or each["kind"] == kind], "event_kind": kind,
        "event_kinds": list(case_words.FILTERS.items()), **_actions(case.number, state, bool(case.closed_at)),
        "need_links": [each for each in _need_links() if _leads(each[0])], "words": words, "carer_note": _carer_note(case.household_id, people),
        **_how(case.id, lines), "latest": seen[0] if seen else None, "staff": _staff(case),
    }  # fmt: skip


def _how(case_id: UUID, lines: list[NeedLine]) -> dict[str, Any]:
    """怎么帮: the plan with its steps in order of the needs, and track 救 beside track 助."""
    order = {row.id: row.seq for row in needs.of_case(case_id)}
    steps = [
        {"need": order[row.need_id], "words": row.words, "means": _(plans.MEANS[row.means]), "payer": _(plans.PAYERS[row.payer]), "done": row.done_at}
        for row in sorted(casework.steps(case_id), key=lambda row: (order[row.need_id], row.seq))
    ]  # fmt: skip
    tracks = [
        (kind, word, [(line.seq, slip) for line in lines for slip in line.slips if slip.department == (kind == "jiu")])
        for kind, word in (("jiu", _("救:政策救助")), ("zhu", _("助:社会帮扶")))
    ]
    return {"plan": casework.plan(case_id), "plan_steps": steps, "tracks": tracks}


def _group_names() -> dict[str, str]:
    return {row["id"]: named(row) for row in catalogue.groups(every=True)}


def _needs(case_id: UUID, people: dict[UUID, Member]) -> list[NeedLine]:
    slips: dict[UUID, list[Slip]] = defaultdict(list)
    rows = referrals.slips(case_id)
    policies = _policy_names({row.policy_slug for row in rows if row.policy_slug})
    files = acceptance.of_case(case_id) if any(row.kind == "department" for row in rows) else {}
    for row in rows:
        title = row.title or policies.get(row.policy_slug or "") or row.policy_slug or row.service_type or ""
        file = files.get(row.task_id)
        to = row.provider or (_("部门") if row.kind == "department" else "")
        if file is not None:
            to = named(file) if file.state in ("in-progress", "completed") else _("街道一门受理")
        slips[row.need_id].append(
            Slip(
                row.seq, title, to, row.task_state or row.request_state, row.due_at, row.task_id,
                file.answer if file else "", file is not None, row.kind == "department",
                row.reason_code or "",
            )
        )  # fmt: skip
    return [
        NeedLine(
            row.seq, named(row) if row.item_slug else "", row.words, row.is_wish, row.urgency, row.result,
            row.result_code, people.get(row.person_id), slips.get(row.id, []),
        )
        for row in needs.of_case(case_id)
    ]  # fmt: skip


def _policy_names(slugs: set[str]) -> dict[str, str]:
    return {row.slug: named(row) for row in catalogue.policy_names(slugs)}


def _carer_note(household_id: UUID | None, people: list[Member]) -> Callable[[Member], str]:
    """Says of a person by whom they are cared for, in relations, never by name."""
    return carer_note(residents.carers(household_id) if household_id else [], people)


def carer_note(links: Iterable[tuple[UUID, UUID]], people: list[Member]) -> Callable[[Member], str]:
    """Words for a line of the family: 由儿子照护; nothing when nobody cares for the person."""
    by_id = {each.id: each for each in people}
    cared: dict[UUID, list[str]] = defaultdict(list)
    for carer, person in links:
        cared[person].append(words.relation(by_id[carer].relation) or _("家人"))
    return lambda each: _("由%(who)s照护", who="、".join(cared[each.id])) if each.id in cared else ""


def _consents(case_id: UUID, people: list[Member]) -> list[dict[str, Any]]:
    rows = consents.of_case(case_id)
    providers = marketplace.names({row.provider_id for row in rows if row.provider_id})
    by_id = {each.id: each for each in people}
    moment = now()
    return [
        {
            "row": row, "n": len(rows) - n, "to": providers.get(row.provider_id, ""), "person": by_id.get(row.person_id),
            "giver": by_id.get(row.given_by_id), "scope": words.word(words.SCOPES, row.scope),
            "how": words.word(words.HOW, row.how), "shared": [words.word(words.SHARED, each) for each in row.fields],
            "live": row.withdrawn_at is None and (row.ends_at is None or row.ends_at > moment),
        }
        for n, row in enumerate(rows)
    ]  # fmt: skip


def _five(case: Any, lines: list[NeedLine], seen: list[Any], names: dict[str, str]) -> list[dict[str, Any]]:
    reasons = [names.get(each) or words.word(words.MARKS, each) for each in case.weight_reasons]
    who = ["·".join(reasons[:3])] if reasons else []
    confirmed = next((each for each in seen if each.confirmed_at), None)
    if confirmed:
        found = confirmed.counts
        who.append(_("符合 %(a)s 项，临界 %(b)s 项", a=found.get("eligible", 0), b=found.get("near_miss", 0)))
    gaps = sum(not line.helped for line in lines)
    wishes = sum(line.is_wish for line in lines)
    what = [_("%(n)s 项需求", n=len(lines))] if lines else []
    if wishes:
        what.append(_("%(n)s 项心愿", n=wishes))
    return [
        {"lines": who or [_("还没登记")], "gap": not reasons, "href": "#people"},
        {"lines": what or [_("还没登记")], "gap": not lines, "href": "#needs"},
        {"lines": ([_("缺口 %(n)s", n=gaps)] if gaps else []) + _helpers(lines), "gap": gaps > 0, "href": "#needs"},
        {"lines": _progress(case), "gap": False, "href": "#timeline"},
        {"lines": _effect(case, lines), "gap": False, "href": "#needs"},
    ]


def _helpers(lines: list[NeedLine]) -> list[str]:
    """Who accepted (✓) and who has still to answer."""
    there: dict[str, bool] = {}
    for line in lines:
        for slip in line.slips:
            if slip.to and slip.state in LIVE:
                there[slip.to] = there.get(slip.to, False) or slip.state != "requested"
    proper = Markup('<span class="proper">{}</span>')
    yes = [proper.format(name) + " ✓" for name, accepted in there.items() if accepted]
    waiting = Markup("、").join(proper.format(name) for name, accepted in there.items() if not accepted)
    return [*yes, *([Markup("{} {}").format(waiting, _("待答复"))] if waiting else [])]


def _progress(case: Any) -> list[str]:
    row = accompaniment.progress(case.id)
    said = [_("已上门 %(n)s 次", n=row.done)] if row.done else [_("还没上门")]
    return said + ([_("下次 %(day)s", day=day(row.next))] if row.next else [])


def _effect(case: Any, lines: list[NeedLine]) -> list[str]:
    """What came of it: needs with a result, and what the family saves a month, estimated."""
    said = []
    solved = sum(line.result == "solved" for line in lines)
    answered = sum(bool(line.result) for line in lines)
    if answered:
        said.append(_("%(a)s 项有结果，%(b)s 项已解决", a=answered, b=solved))
    elif any(slip.state in LIVE and slip.state != "requested" for line in lines for slip in line.slips):
        said.append(_("待确认"))
    if saved := outcomes.saving_of(case.id):
        said.append(_("每月约省 %(amount)s（估算）", amount=money(saved)))
    return said or [_("还没有")]


def _staff(case: Any) -> list[Worker]:
    """Whom the case may be given to: everybody who works cases here, but who has it now."""
    there = {each.account_id: each for each in working(current_tenant().uid, CASEWORKERS)}
    return [each for account, each in there.items() if account != case.worker_id]


LIKELY = {
    "identified": ("desk.needs",), "assessing": ("desk.facts", "desk.new_screening"),
    "screening": ("desk.new_screening",), "planned": ("desk.plan",), "in_service": ("desk.case_rounds", "desk.outcomes"),
    "accompanying": ("desk.outcomes", "desk.close"),
}  # fmt: skip
"""What is done next on a case in that state, the likeliest first."""


def _actions(number: str, state: str, closed: bool) -> dict[str, Any]:
    """What can be done from here by this person: the likeliest first, the rest by group; (words, address, icon). Pages
    this role may not use fall out."""
    groups = (
        (_("了解情况"), (
            ("desk.needs", _("需求与归类"), "list-check"), ("desk.income", _("收入"), "wallet2"),
            ("desk.facts", _("家庭情况"), "clipboard-data"), ("desk.new_screening", _("政策研判"), "clipboard-check"),
        )),
        (_("安排帮助"), (
            ("desk.plan", _("帮扶计划"), "signpost-2"), ("desk.consent_new", _("登记授权"), "shield-check"),
            ("desk.authorisations", _("核对授权书"), "printer"), ("desk.case_rounds", _("定期探访"), "calendar-check"),
        )),
        (_("结果与交接"), (
            ("desk.outcomes", _("登记成效"), "award"), ("desk.transfer", _("移交"), "box-arrow-right"),
            ("desk.close", _("重新启动个案") if closed else _("办结这个个案"), "check2-square"),
        )),
    )  # fmt: skip
    there = {each[0]: each for _word, rows in groups for each in rows if _leads(each[0])}
    likely = LIKELY.get(state, ("desk.close",) if closed else ("desk.needs",))
    first = next((there[endpoint] for endpoint in likely if endpoint in there), next(iter(there.values()), None))
    line = lambda row: (row[1], url_for(row[0], number=number), row[2])  # noqa: E731
    rest = [(word, [line(row) for row in rows if row[0] in there and row is not first]) for word, rows in groups]
    return {"first": line(first) if first else None, "actions": [(word, rows) for word, rows in rest if rows]}


def _need_links() -> tuple[tuple[str, str, str], ...]:
    return (("desk.match", _("找服务方"), "search"), ("desk.offer", _("提交转介"), "send"))


def _leads(endpoint: str) -> bool:
    return endpoint in current_app.view_functions and may(endpoint)
