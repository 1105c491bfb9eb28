"""What a plan says, when a case may be closed, and why one is handed over. Pure."""

from dataclasses import dataclass
from typing import Any

from rongjiu.codes import N_

MEANS = {
    "department": N_("部门救助"), "provider": N_("服务方"), "volunteer": N_("志愿者"), "community": N_("社区帮办"),
    "family": N_("家里自己办"),
}  # fmt: skip
"""By which means a step is done; the first is track 救, the next three track 助."""
JIU = frozenset({"department"})
PAYERS = {
    "free": N_("不花钱"), "policy": N_("政策支付"), "insurance": N_("医保或保险"), "donation": N_("捐助"),
    "community": N_("社区经费"), "family": N_("家里付"),
}  # fmt: skip
CLOSE_REASONS = {
    "done": N_("已办结"), "returned": N_("被退回"), "cannot_meet": N_("暂无法满足"), "given_up": N_("本人放弃"),
    "untrue": N_("不属实"),
}  # fmt: skip
"""Why a case ends; the four beside the first are the side states of the model."""
TRANSFERRED = "transferred"
LEFT = {
    "declined_by_family": N_("家里说不需要了"), "helped_elsewhere": N_("已有别处帮到"), "no_helper": N_("找不到能帮的人"),
    "moved_away": N_("已搬走"), "untrue": N_("不属实"),
}  # fmt: skip
"""Why a need ends without an outcome; each is written down as unknown, never as solved."""
TRANSFER_REASONS = {
    "moved": N_("这户搬到对方社区"), "closer": N_("对方社区更方便照应"), "wrong_place": N_("本来就归对方社区"),
}  # fmt: skip
TRANSFER_REFUSALS = {
    "not_ours": N_("不归我们社区"), "not_found": N_("没有找到这户人家"), "stays": N_("原社区继续帮更合适"),
}  # fmt: skip
STEPS_A_NEED = 3
WORDS_LIMIT = 200
NOTE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Standing:
    """What still holds a case open."""

    open_needs: tuple[int, ...]
    """Numbers of needs without an outcome or a reason."""
    live_offers: int
    waiting_slips: int
    """Slips that look for somebody or wait for the family's word."""
    emergency: bool = False


def hindrances(standing: Standing) -> list[tuple[str, dict[str, Any]]]:
    """What must be done before a case may be closed, in words and their values; nothing when it may."""
    found: list[tuple[str, dict[str, Any]]] = []
    if standing.open_needs:
        numbers = "、".join(f"w{seq}" for seq in standing.open_needs)
        found.append((N_("还有需求没有结果:%(numbers)s。请登记成效,或在下面写明原因。"), {"numbers": numbers}))
    if standing.live_offers:
        found.append((N_("还有 %(n)s 张派单没有办完,请等它办完或先撤回。"), {"n": standing.live_offers}))
    if standing.waiting_slips:
        found.append((N_("还有 %(n)s 张转介单在找人或等家属确认。"), {"n": standing.waiting_slips}))
    if standing.emergency:
        found.append((N_("急难还没有办完。"), {}))
    return found
