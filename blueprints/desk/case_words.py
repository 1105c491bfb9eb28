"""The timeline of a case in sentences: kind of event → words, sign and the filter it belongs to."""

from typing import Any

from flask_babel import gettext as _

from blueprints.desk.words import SCOPES, TRACKS, word
from blueprints.forms import lazy
from blueprints.pages import money
from tenants.referrals.rules import CONDITIONS

EVENTS: dict[str, tuple[Any, str]] = {
    "opened": (lazy("建立个案"), "signal"),
    "signal_joined": (lazy("并入一条重复线索"), "signal"),
    "assigned": (lazy("交办"), "note"),
    "visited": (lazy("上门核实，已登记"), "visit"),
    "visit_missed": (lazy("上门没有见到人"), "visit"),
    "visit_refused": (lazy("上门被谢绝"), "visit"),
    "needs_sorted": (lazy("需求已归类"), "note"),
    "income_noted": (lazy("登记收入"), "screening"),
    "facts_noted": (lazy("登记家庭情况"), "screening"),
    "screened": (lazy("完成一次研判"), "screening"),
    "screening_confirmed": (lazy("研判确认"), "screening"),
    "path_done": (lazy("补办事项已完成"), "screening"),
    "path_undone": (lazy("补办事项改为未完成"), "screening"),
    "planned": (lazy("制定帮扶计划"), "referral"),
    "contacted": (lazy("电话沟通（未提供个人信息）"), "call"),
    "consent_given": (lazy("登记授权"), "consent"),
    "round_withdrawn": (lazy("收回上门探访的同意"), "consent"),
    "consent_withdrawn": (lazy("撤回授权"), "consent"),
    "offer_sent": (lazy("发出转介"), "referral"),
    "willing": (lazy("服务方主动愿意来"), "referral"),
    "time_proposed": (lazy("服务方提了另一个时间"), "referral"),
    "time_waits": (lazy("服务方提的时间到时限还没有答复"), "referral"),
    "time_lapsed": (lazy("服务方提的时间已到,没有答复,已请另选"), "referral"),
    "offer_accepted": (lazy("已接单"), "referral"),
    "offer_declined": (lazy("婉拒"), "referral"),
    "condition_named": (lazy("对方说不合条件"), "referral"),
    "offer_expired": (lazy("没有按时答复，退回"), "referral"),
    "offer_cancelled": (lazy("派单已撤回"), "referral"),
    "offer_mistaken": (lazy("误录，已更正"), "note"),
    "service_held": (lazy("暂缓"), "service"),
    "contact_tried": (lazy("服务方联系家里人，没联系上"), "call"),
    "hold_checked": (lazy("服务方说还要再等等"), "service"),
    "service_failed": (lazy("未能完成，退回"), "alarm"),
    "service_late": (lazy("到时限未完成，已上报"), "alarm"),
    "service_started": (lazy("开始服务"), "service"),
    "service_done": (lazy("上门服务完成"), "service"),
    "price_over": (lazy("收费比申报的高"), "service"),
    "service_completed": (lazy("服务完成"), "service"),
    "sent_to_department": (lazy("交街道一门受理"), "department"),
    "department_accepted": (lazy("一门受理已受理"), "department"),
    "department_asks_papers": (lazy("一门受理要求补正"), "department"),
    "department_supplied": (lazy("补正材料已交回"), "department"),
    "department_forwarded": (lazy("已转主管部门"), "department"),
    "department_granted": (lazy("部门准予"), "department"),
    "department_refused": (lazy("部门不予"), "department"),
    "department_withdrawn": (lazy("撤回一门受理的材料"), "department"),
    "department_not_asked": (lazy("不提交部门"), "department"),
    "request_revoked": (lazy("转介单撤回"), "referral"),
    "request_mistaken": (lazy("转介单作废：录入有误"), "referral"),
    "gap_opened": (lazy("没有合适的服务方，列为缺口"), "alarm"),
    "confirmed": (lazy("家里人确认结果"), "confirm"),
    "family_not_reached": (lazy("打电话问结果，没人接"), "call"),
    "family_sought": (lazy("电话都没人接，安排上门问"), "visit"),
    "family_unreached": (lazy("上门也没问到，结果记为说不清楚"), "outcome"),
    "outcome_noted": (lazy("登记成效"), "outcome"),
    "looks_planned": (lazy("安排以后的回访"), "outcome"),
    "followed_up": (lazy("回访"), "outcome"),
    "round_begun": (lazy("安排定期探访"), "visit"),
    "paired": (lazy("和志愿者结对"), "visit"),
    "unpaired": (lazy("结对结束"), "visit"),
    "audited": (lazy("结案抽查"), "outcome"),
    "emergency_raised": (lazy("报急难"), "alarm"),
    "emergency_taken": (lazy("急难有人认领"), "alarm"),
    "emergency_helped": (lazy("急难有人到场"), "visit"),
    "emergency_ended": (lazy("急难办完，材料已补"), "note"),
    "emergency_withdrawn": (lazy("撤下急难"), "note"),
    "plan_approved": (lazy("帮扶计划已批准"), "note"),
    "plan_sent_back": (lazy("帮扶计划退回修改"), "note"),
    "plan_reviewed": (lazy("复盘帮扶计划"), "note"),
    "plan_step_done": (lazy("计划里的一步已办好"), "note"),
    "close_proposed": (lazy("提出办结，等书记审批"), "note"),
    "close_sent_back": (lazy("办结退回"), "note"),
    "transfer_asked": (lazy("请别的社区接手"), "note"),
    "transfer_revoked": (lazy("撤回移交"), "note"),
    "transfer_rejected": (lazy("对方没有接手"), "note"),
    "transfer_accepted": (lazy("已移交，对方接手"), "note"),
    "transferred_in": (lazy("从别的社区移交过来"), "signal"),
    "closed": (lazy("办结"), "note"),
    "reopened": (lazy("重新启动"), "note"),
}
FILTERS = {
    "visit": lazy("上门"), "screening": lazy("研判"), "consent": lazy("授权"), "referral": lazy("转介"),
    "department": lazy("部门"), "service": lazy("服务"), "outcome": lazy("成效"),
}  # fmt: skip


def lines(events: list[Any]) -> list[dict[str, Any]]:
    """The timeline; the same act of the same person several times in a row is one line."""
    found: list[dict[str, Any]] = []
    for event in events:
        said = line(event)
        if not found or (found[-1]["text"], found[-1]["who"]) != (said["text"], said["who"]):
            found.append(said)
    return found


def line(event: Any) -> dict[str, Any]:
    """One line of the timeline as the macro draws it; a kind nobody knows shows its code."""
    words, sign = EVENTS.get(event.kind, (event.kind, "note"))
    text, detail = str(words), event.detail
    if event.kind == "screening_confirmed" and detail.get("track"):
        text = f"{text} → {word(TRACKS, detail['track'])}"
    elif event.kind == "assigned" and detail.get("to"):
        text = _("交办给 %(post)s", post=detail["to"])
    elif event.kind == "condition_named" and detail.get("condition") in CONDITIONS:
        text = f"{text}{_('：')}{_(CONDITIONS[detail['condition']])}"
    elif event.kind in ("consent_given", "consent_withdrawn") and detail.get("scope"):
        text = f"{text}{_('：')}{word(SCOPES, detail['scope'])}"
    elif event.kind == "price_over":
        paid, before = money(float(event.detail.get("price") or 0)), event.detail.get("declared")
        text = (
            _("收费 %(a)s，比申报的 %(b)s 高", a=paid, b=money(float(before)))
            if before
            else _("收费 %(a)s，这家没有申报过价格", a=paid)
        )
    tone = {
        "price_over": "danger",
        "service_failed": "danger",
        "gap_opened": "danger",
        "service_done": "ok",
        "confirmed": "ok",
    }.get(event.kind)
    return {"at": event.at, "text": text, "kind": sign, "who": event.actor_post, "tone": tone or ""}
