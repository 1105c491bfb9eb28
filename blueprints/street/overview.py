"""/street/<slug>/: a street over its communities, a district over its streets. Numbers and next steps, never a name."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.guard import place
from blueprints.pages import small
from blueprints.street.door import bp
from blueprints.street.words import NUMBERS, ORDER, PAIRS, STATES
from rongjiu.clock import today
from rongjiu.errors import Absent
from rongjiu.oversight import queries, rules
from rongjiu.oversight.queries import Line

Figure = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a community, or a street on the district's page."""

    name: str
    slug: str
    state: str
    street: str
    demo: bool
    checklist: tuple[int, int]
    figures: dict[str, Figure]
    near_miss: str
    near_miss_count: int
    next: Any
    late: int
    live: int
    rates: rules.Rates | None = None
    """Claimed and confirmed, as two numbers; None before a community has begun."""
    communities: int = 0
    not_begun: int = 0


@bp.get("/")
def overview() -> ResponseReturnValue:
    """The table, with the alarms above it."""
    here = place()
    found = _found()
    sort, desc = request.args.get("sort", ""), request.args.get("dir") == "desc"
    near = _near(found)
    streets = _streets(found) if here.kind == "district" else []
    begun = [line for line in found if line.tenant_id is not None]
    return render_template(
        "street/overview.html", rows=_sorted(_rows(found, near), sort, desc), streets=streets, sort=sort, desc=desc,
        alarms=_alarms(found), sums=_sums(found, near), states=STATES, pairs=PAIRS, today=today(),
        match=queries.offers_match(tuple(line.tenant_id for line in begun if line.tenant_id is not None)),
        begun=len(begun), waiting=len(found) - len(begun), rates=rules.rates(rules.added(line.numbers for line in begun)),
    )  # fmt: skip


@bp.get("/communities/<community>")
def community(community: str) -> ResponseReturnValue:
    """One community: each figure with numerator, denominator and the rows behind it; who acts next on what."""
    line = _one(community)
    figures = []
    for pair in rules.PAIRS:
        whole, part = line.numbers.get(pair.whole, 0), line.numbers.get(pair.part, 0)
        figures.append((pair.code, whole, part, round(100 * part / whole) if whole else None))
    work = [(NUMBERS[name], line.numbers.get(name, 0), "") for name in rules.WORK]
    persons = [(NUMBERS[name], small(line.numbers.get(name, 0)), "") for name in rules.PEOPLE]
    return render_template(
        "street/community.html", line=line, paired=figures, work=work, persons=persons, pairs=PAIRS, states=STATES,
        rates=rules.rates(line.numbers), steps=queries.waiting(line.tenant_id or 0),
    )  # fmt: skip


def _found(slug: str | None = None) -> list[Line]:
    here = place()
    return queries.lines(here.kind, here.id, slug=slug) if here.id else []


def _one(slug: str) -> Line:
    found = _found(slug)
    if not found:
        raise Absent("这个社区不归这里督导。")
    return found[0]


def _near(found: list[Line]) -> rules.Column:
    return rules.people([line.numbers.get("near_miss_open", 0) for line in found])


def _figures(numbers: dict[str, int], begun: bool) -> dict[str, Figure]:
    return {
        pair.code: (numbers.get(pair.whole, 0), numbers.get(pair.part, 0)) if begun else None for pair in rules.PAIRS
    }


def _rows(found: list[Line], near: rules.Column) -> list[Row]:
    return [
        Row(
            name=line.name, slug=line.slug, state=line.state, street=line.street, demo=line.demo,
            checklist=(line.done, line.steps), figures=_figures(line.numbers, line.state == "live"),
            near_miss=_(cell) if line.state == "live" else "—", near_miss_count=line.numbers.get("near_miss_open", 0),
            next=line.next, late=line.late, live=line.live,
            rates=rules.rates(line.numbers) if line.state == "live" else None,
        )
        for line, cell in zip(found, near.cells, strict=True)
    ]  # fmt: skip


def _streets(found: list[Line]) -> list[Row]:
    """The district's lines: each street with its communities added up."""
    rows = []
    for street_id in dict.fromkeys(line.street_id for line in found):
        mine = [line for line in found if line.street_id == street_id]
        begun = [line for line in mine if line.tenant_id is not None]
        numbers = rules.added(line.numbers for line in begun)
        first = min((line.next for line in begun if line.next), key=lambda step: step.due_at, default=None)
        rows.append(
            Row(
                name=mine[0].street, slug="", state="live", street=mine[0].street, demo=any(line.demo for line in begun),
                checklist=(sum(line.done for line in begun), sum(line.steps for line in begun)),
                figures=_figures(numbers, True), near_miss=_(_near(mine).total), near_miss_count=0, next=first,
                late=sum(line.late for line in begun), live=sum(line.live for line in begun), communities=len(begun),
                rates=rules.rates(numbers), not_begun=len(mine) - len(begun),
            )
        )  # fmt: skip
    return rows


def _sums(found: list[Line], near: rules.Column) -> dict[str, str]:
    numbers = rules.added(line.numbers for line in found)
    pairs = {pair.code: f"{numbers.get(pair.whole, 0)} / {numbers.get(pair.part, 0)}" for pair in rules.PAIRS}
    return {**pairs, "near_miss": _(near.total), "next": _("超期 %(n)s", n=sum(line.late for line in found))}


def _alarms(found: list[Line]) -> list[dict[str, Any]]:
    live = [line for line in found if line.state == "live"]
    open_ = [
        rules.not_yet(line.numbers.get("entitled_found", 0), line.numbers.get("entitled_applied", 0)) for line in live
    ]
    entitled = rules.people(open_)
    return [
        {"text": _("急难无人认领"), "count": sum(line.urgent for line in found), "kind": "danger"},
        {"text": _("超期"), "count": sum(line.late for line in found), "kind": "danger"},
        {"text": _("派单超期未答复"), "count": sum(line.unanswered for line in found), "kind": "warn"},
        {"text": _("部门未答复"), "count": _silent(found), "kind": "danger"},
        {"text": _("可享受未申请"), "count": _(entitled.total) if sum(open_) else 0, "kind": "warn"},
        {"text": _("参数未确认"), "count": sum(line.unconfirmed for line in found), "kind": "warn"},
    ]


def _silent(found: list[Line]) -> int:
    """Files at the departments that were chased in vain and have come up to this level."""
    if place().kind == "district":
        return sum(line.silent_department for line in found)
    return sum(line.silent_desk for line in found)


def _sorted(rows: list[Row], sort: str, desc: bool) -> list[Row]:
    keys: dict[str, Callable[[Row], Any]] = {
        "name": lambda row: row.name,
        "state": lambda row: ORDER[row.state],
        "checklist": lambda row: row.checklist[0],
        "late": lambda row: (row.late, row.live),
        **{code: partial(_size, code) for code in PAIRS},
    }
    return sorted(rows, key=keys[sort], reverse=desc) if sort in keys else rows


def _size(code: str, row: Row) -> int:
    pair = row.figures[code]
    return -1 if pair is None else pair[0]
