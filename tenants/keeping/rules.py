"""How long free words and contacts are kept after something is over (group retention of timers.json: product defaults
that a community sets, none is a legal figure). Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rongjiu.codes import N_
from rongjiu.workdays import add_months


@dataclass(frozen=True, slots=True)
class Rule:
    """What is removed, by which wait, from when on, and what stays for the counts."""

    what: str
    timer: str
    name: str
    starts: str
    goes: str
    stays: str


RULES: tuple[Rule, ...] = (
    Rule("lead", "keep-lead", N_("没有核实的线索"), N_("收到那天"), N_("原话、来人、电话、答复"), N_("渠道、院落、日期")),
    Rule("wish", "keep-live-contact", N_("办完的心愿"), N_("办完那天"), N_("原话、许愿人、电话、理由"), N_("墙上的匿名文字、日期")),
    Rule("contact", "keep-live-contact", N_("直播间留下的联系方式"), N_("答复那天"), N_("称呼、电话"), N_("问题和答复")),
    Rule("case", "keep-case", N_("办结的个案"), N_("办结那天"), N_("需求和目标的原话、探访记录、照片、家里人的话"), N_("编号、日期、类别、结果")),
    Rule("complaint", "keep-case", N_("答复过的投诉"), N_("答复那天"), N_("投诉人、电话、内容、答复"), N_("编号、类别、结论")),
    Rule("place", "keep-sweep-location", N_("摸排时的位置"), N_("记下那天"), N_("位置"), N_("日期")),
    Rule("screening", "keep-screening", N_("研判的依据"), N_("办结那天"), N_("收支表、家庭情况、逐条依据、每个人的结论"), N_("各项政策的结论、版本、日期")),
    Rule("dispute", "keep-dispute", N_("结束的纠纷卷宗"), N_("结束那天"), N_("当事人、谈话、材料、结果的原话"), N_("编号、日期、怎么结束的、交接")),
    Rule("consent", "keep-consent-log", N_("结束的授权"), N_("撤回或到期那天，没有期限的从办结那天"), N_("签字单照片、见证人"), N_("谁同意、同意什么、给谁、日期")),
)  # fmt: skip


def before(value: int, unit: str, moment: datetime) -> datetime:
    """What was over before this moment is removed: `value` calendar days or years back."""
    if unit == "years":
        return datetime.combine(add_months(moment.date(), -12 * value), moment.timetz())
    return moment - timedelta(days=value)


def kept(timer: dict[str, Any]) -> tuple[int, str]:
    """Value and unit of a wait of the group retention: (5, 'years'), (90, 'days')."""
    return int(timer["value"]), "years" if timer.get("of") == "years" else "days"
