"""Decisions about dispute files, without a database: who may hold one, who may hand it on, how it ends."""

from uuid import UUID

from rongjiu.codes import N_

HOLDERS = ("community_worker", "assistance_clerk", "secretary")
"""Posts whose people may open a file and be its holder; each sees own files only, the secretary too."""
TALK_AGAIN_DAYS = 10
"""Days until the parties are talked with again when nobody names a day (product default)."""
LONGEST = 4000
SHORTEST = 2
REASONS = {
    "absence": N_("请假、生病"), "leaving": N_("离岗"), "kinship": N_("亲属回避"), "workload": N_("手上的事太多"),
}  # fmt: skip
ENDS = {
    "settled": N_("双方谈妥了"), "unsettled": N_("没谈成"), "passed_on": N_("转法院、司法所或其他部门"),
}  # fmt: skip
KINDS = {
    "party": N_("当事人"), "matter": N_("什么事"), "talk": N_("谈话"), "paper": N_("材料"), "agreement": N_("结果"),
}  # fmt: skip


def may_hand(actor: UUID | None, role: str, holder: UUID, *, holder_works: bool) -> bool:
    """Who may name another holder: the holder; and the secretary once the holder no longer works here."""
    return actor == holder or (role == "secretary" and not holder_works)


def may_take(heir: UUID, actor: UUID | None, holder: UUID, others: int) -> bool:
    """Who may be named: another than the holder; the secretary names not the own self while anybody else is there."""
    return heir != holder and (heir != actor or others == 0)
