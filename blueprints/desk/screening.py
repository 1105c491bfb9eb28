"""…/cases/<number>/screening: judge all policies as of a day, read the frozen result, confirm it, print the answer."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from wtforms import DateField

from blueprints.desk import fact_words, near_misses, verdicts, worth
from blueprints.desk.door import bp
from blueprints.desk.family_facts import sees_facts
from blueprints.desk.scope import case_or_404
from blueprints.desk.verdict_words import Reader, conditions, received
from blueprints.forms import Form, chosen, lazy
from blueprints.guard import logged, may, me
from blueprints.pages import LANGUAGES, language, show
from rongjiu.clock import today
from rongjiu.errors import Refused
from tenants.acceptance import queries as acceptance
from tenants.casework import queries as casework
from tenants.catalogue import queries as catalogue
from tenants.screening import queries, service
from tenants.screening.conclusion import Look, asked_for, reviewed
from tenants.screening.following import queries as following
from tenants.screening.following.service import ASKED, walk
from tenants.screening.values import HOUSEHOLD, VERDICTS, Facts

APPLIED = ("eligible", "actionable")
"""Verdicts of what can be applied for, now or soon."""


class AsOfForm(Form):
    """The day whose policies count."""

    as_of = DateField(lazy("按哪一天的政策"), validators=[chosen()])


def _reader(case: Any, result: queries.Result) -> Reader:
    names = {who: str(show("name", name)) for who, name in queries.names(case.household_id).items()}
    return Reader(result, names, sees_facts())


def _looks(result: queries.Result) -> dict[str, Look]:
    """Missed policy → when it is looked at again; a near miss has its day in the queue, once somebody has confirmed."""
    if not result.confirmed_at:
        return {slug: each for slug, each in result.frozen.looks.items() if slug not in result.frozen.near_misses}
    plan = casework.plan(result.case_id)
    found = reviewed(result.frozen.looks, plan.review_on if plan and plan.review_on > today() else None)
    return found | {slug: Look(day) for slug, day in following.near_miss_looks(result.id).items()}


def _acts(number: str) -> dict[str, str]:
    """Where the next act of a row is done, as far as the person here may go there."""
    places: dict[str, tuple[str, dict[str, Any]]] = {
        "facts": ("desk.facts", {"number": number}), "department": ("desk.department_new", {"number": number}),
        "near": ("desk.near_misses", {}), "parameters": ("desk.parameters", {}), "needs": ("desk.needs", {"number": number}),
        "plan": ("desk.plan", {"number": number}),
    }  # fmt: skip
    return {kind: url_for(endpoint, **words) for kind, (endpoint, words) in places.items() if may(endpoint)}


def _new_page(case: Any, form: AsOfForm, status: int = 200) -> ResponseReturnValue:
    day = form.as_of.data or today()
    people = queries.members(case.household_id)
    known = service.known(case.id, case.household_id, day) if people else None
    lines = catalogue.parameters()
    page = render_template(
        "desk/screening/new.html", case=case, form=form, people=people, known=known, lines=lines,
        missing=[row for row in lines if row["must_review"] and row["confirmed_at"] is None],
        policies=catalogue.policies(), earlier=queries.screenings(case.id), words=fact_words,
        told=_told(people, known, day) if known else [],
    )  # fmt: skip
    return page, status


def _told(people: list[queries.Member], known: Facts, day: date) -> list[tuple[str, str]]:
    """Each member with age and how much is known of them."""
    found = []
    for nth, each in enumerate(people, start=1):
        age = each.age(day)
        years = _("%(n)s 岁", n=age) if age is not None else _("年龄不清楚")
        words = _("%(age)s，已知 %(n)s 项", age=years, n=len(known.members[each.id]))
        found.append((str(show("name", each.name)) or _("成员 %(n)s", n=nth), words))
    return found


@bp.get("/cases/<number>/screening/new")
@logged
def new_screening(number: str) -> ResponseReturnValue:
    """What will be judged with which lines, and as of which day."""
    return _new_page(case_or_404(number), AsOfForm(data={"as_of": today()}))


@bp.post("/cases/<number>/screening/new")
@logged
def take_screening(number: str) -> ResponseReturnValue:
    """Judge and freeze."""
    case = case_or_404(number)
    form = AsOfForm()
    if not form.validate_on_submit() or form.as_of.data is None:
        if form.as_of.errors and form.as_of.raw_data and form.as_of.raw_data[0]:
            form.as_of.errors = [_("请填一个日期，例如 2022-08-10。")]
        return _new_page(case, form, 422)
    try:
        row = service.take(case.id, form.as_of.data)
    except Refused as error:
        _words, status = form.refuse(error)
        return _new_page(case_or_404(number), form, status)
    return redirect(url_for("desk.screening", number=number, screening=row.id), 303)


@bp.get("/cases/<number>/screening/<uuid:screening>")
@logged
def screening(number: str, screening: UUID) -> ResponseReturnValue:
    """The frozen result, one row a policy: verdict, why, how far, what next; its conditions are fetched when it is opened."""
    case = case_or_404(number)
    result = queries.glance(case.id, screening)
    if result.cleared_at:
        return _cleared(case, result)
    reader = _reader(case, result)
    done = (
        {row.code: (row.id, row.done_at) for row in following.paths(case.id, screening)} if result.confirmed_at else {}
    )
    only = request.args.get("verdict", "")
    rows = verdicts.rows(reader, _looks(result))
    return render_template(
        "desk/screening/show.html", case=case, result=result, reader=reader, only=only,
        rows=[row for row in rows if row.code == only] if only in result.counts else rows,
        paths=verdicts.paths(reader, done), form=AsOfForm(data={"as_of": result.as_of}), words=fact_words,
        near=[row for row in rows if row.code == "near_miss"], acts=_acts(number),
    )  # fmt: skip


def _cleared(case: Any, result: queries.Result) -> str:
    """A screening whose grounds are gone: what each policy said, on which day the rest was removed and by which rule."""
    rows = sorted(result.verdicts, key=lambda each: VERDICTS.index(each.verdict))
    return render_template(
        "desk/screening/cleared.html", case=case, result=result, words=fact_words,
        rows=[(fact_words.name_of(result.model["policies"][each.policy_id]), each.verdict) for each in rows],
    )  # fmt: skip


@bp.get("/cases/<number>/screening/<uuid:screening>/policies/<policy>")
@logged
def screening_policy(number: str, screening: UUID, policy: str) -> ResponseReturnValue:
    """One policy for each member, every condition with value, line, distance and source; `?part=1` = what its row on the
    page of all policies opens to."""
    case = case_or_404(number)
    reader = _reader(case, queries.one(case.id, screening, policy))
    found, shown = reader.result.determinations, reader.result.verdicts[0]
    words: dict[str, Any] = {
        "code": shown.verdict, "acts": _acts(number), "key": policy,
        "here": url_for("desk.screening_policy", number=number, screening=screening, policy=policy),
    }  # fmt: skip
    if request.args.get("part"):
        people = [(reader.subject(row.subject), row.verdict) for row in found if row.subject != HOUSEHOLD]
        frozen = reader.model["policies"][policy]
        missed = shown.verdict in ("near_miss", "not_eligible")
        return render_template(
            "desk/screening/_opened.html", conditions=conditions(reader, shown.best), people=people,
            worth=_worth(case.id, reader, (*APPLIED, "near_miss", "need_info")).get(policy),
            help=near_misses.help_behind(number, case.id, policy, frozen.get("help_class")) if missed else [], **words,
        )  # fmt: skip
    parts = [(reader.subject(row.subject, age=True), row.verdict, conditions(reader, row), row) for row in found]
    return render_template(
        "desk/screening/policy.html", case=case, result=reader.result, reader=reader, parts=parts,
        policy=reader.model["policies"][policy], words=fact_words, key=policy,
    )  # fmt: skip


@bp.post("/cases/<number>/screening/<uuid:screening>/confirm")
def confirm_screening(number: str, screening: UUID) -> ResponseReturnValue:
    """我已核对，确认: a named person stands by it."""
    case = case_or_404(number)
    service.confirm(case.id, screening, me().post)
    flash(_("已确认。下一步：救助专干制定帮扶计划。"), "success")
    return redirect(url_for("desk.screening", number=number, screening=screening), 303)


@bp.post("/cases/<number>/paths/<uuid:path>")
def walk_path(number: str, path: UUID) -> ResponseReturnValue:
    """Tick one path off, or take the tick back."""
    case = case_or_404(number)
    done = request.form.get("done") != "0"
    walk(case.id, path, done=done)
    back = request.form.get("screening", "")
    try:
        where = url_for("desk.screening", number=number, screening=UUID(back))
    except ValueError:
        where = url_for("desk.new_screening", number=number)
    flash(_("已记下：办好了。") if done else _("已改回：还没办好。"), "success")
    return redirect(f"{where}#paths", 303)


@bp.get("/cases/<number>/screening/<uuid:screening>/answer")
@logged
def screening_answer(number: str, screening: UUID) -> ResponseReturnValue:
    """The large-type answer for the family, in the language asked for."""
    case = case_or_404(number)
    tongue = request.args.get("lang", language())
    g.language = "en" if tongue == "en" else "zh"  # the words of templates are kept by language
    with force_locale(LANGUAGES[g.language]):
        result = queries.result(case.id, screening)
        if result.cleared_at:
            return redirect(url_for("desk.screening", number=number, screening=screening))
        reader = _reader(case, result)
        head = next(iter(reader.names.values()), "")
        named = {
            row.policy_id: (fact_words.name_of(reader.model["policies"][row.policy_id]), row) for row in result.verdicts
        }
        asked = named.get(ASKED)
        fresh = {row.policy_id for row in result.verdicts if asked_for(row, reader.has)}
        ways, looks = verdicts.paths(reader, {}), _looks(result)
        opened = {name for way in ways for name in way.get("opens") or ()}
        return render_template(
            "desk/screening/answer.html", case=case, result=result, reader=reader, head=head, words=fact_words,
            eligible=[row for row in verdicts.rows(reader, {}, "eligible") if row.slug in fresh], received=received(reader), soon=[row for row in verdicts.rows(reader, {}, "actionable") if row.name in opened], paths=ways,
            near=[(name, verdicts.plainly(reader, row), looks.get(row.policy_id)) for name, row in named.values() if row.verdict == "near_miss"],
            asked=[(asked[0], verdicts.plainly(reader, asked[1]), looks.get(ASKED))] if asked and asked[1].verdict == "not_eligible" else [],
            worth=_worth(case.id, reader), open_count=result.counts["need_info"], shown_lang="en" if tongue == "en" else "zh", printed=today(),
        )  # fmt: skip


def _worth(case_id: UUID, reader: Reader, of: Collection[str] = APPLIED) -> dict[str, worth.Worth]:
    """Policy → what it would bring, by when, where, with which papers: of those with these verdicts."""
    policies = {row["id"]: row for row in catalogue.policies()}
    there = acceptance.papers_there(case_id)
    return {
        row.policy_id: worth.of(reader, row, policies.get(row.policy_id, {}), there)
        for row in reader.result.verdicts
        if row.verdict in of
    }
