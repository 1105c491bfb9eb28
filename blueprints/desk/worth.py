"""What a policy would bring a family, by when, where one applies, and which of its papers are there already."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from blueprints.desk.fact_words import english, listed, name_of
from blueprints.desk.verdict_words import GAP, Reader
from rongjiu.library.packfiles import read_pack
from tenants.acceptance.service import papers_of
from tenants.screening.values import PolicyVerdict


@dataclass(frozen=True, slots=True)
class Worth:
    """One policy in the words of the printed answer; papers: (name, state), state '' when it is still to be brought."""

    name: str
    amount: str
    limit: str
    where: str
    papers: list[tuple[str, str]]


def of(reader: Reader, shown: PolicyVerdict, policy: Mapping[str, Any], there: Mapping[str, str]) -> Worth:
    """`policy`: the community's row of today (limit, where); `there`: paper → have | attached in a file of the case."""
    frozen = reader.model["policies"][shown.policy_id]
    named = [(name_of(each), there.get(each["id"], "")) for each in papers_of(dict(frozen))]
    return Worth(name_of(frozen), _amount(reader, shown, frozen), _limit(policy), _where(policy), named)


def _amount(reader: Reader, shown: PolicyVerdict, frozen: Mapping[str, Any]) -> str:
    """How much and of which day the figure is; 由社区设定 while nobody has set it."""
    amount = reader.result.frozen.amounts.get((shown.policy_id, shown.best.subject))
    if amount is not None and amount.param == GAP:
        return str(_("补到低保标准的差额，由部门核定"))
    return reader.amount_words(amount) or str(frozen.get("gives_en" if english() else "gives_zh") or "")


def _limit(policy: Mapping[str, Any]) -> str:
    limit = policy.get("time_limit") or {}
    if limit.get("working_days") == 0 or limit.get("calendar_days") == 0:
        return str(_("当场办"))
    if limit.get("working_days") is not None:
        return str(_("%(n)s 个工作日内", n=limit["working_days"]))
    if limit.get("calendar_days") is not None:
        return str(_("%(n)s 天内", n=limit["calendar_days"]))
    return str(_("由社区设定"))


def _where(policy: Mapping[str, Any]) -> str:
    places = {each["id"]: each for each in read_pack()["policies"]["apply_at"]}
    return listed(name_of(places[each]) for each in policy.get("apply_at") or [] if each in places)
