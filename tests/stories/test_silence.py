"""Silence returns the work by itself: the next provider, a decline after acceptance, the alarm, a new offer, done; the
family says "not solved", the holder hears of it, and it is solved in the end."""

import pytest

from blueprints.cli.story.steps_offers import link_in, phone_of
from tests.stories.cast import Cast, a_case, consent, pick, silence, takes

pytestmark = pytest.mark.browser

ELDER = "13800000873"
FIRST, SECOND, THIRD = "雁行社会工作服务中心", "雁邻社会工作服务中心", "党员先锋志愿服务队"
PHONES = {
    FIRST: phone_of("yanxing-socialwork"),
    SECOND: phone_of("yanlin-socialwork"),
    THIRD: phone_of("party-pioneers"),
}
CLERK, SECRETARY = "19900000002", "19900000001"
"""Telephones of the demo's clerk and secretary."""


def test_from_silence_to_solved(cast: Cast) -> None:
    number = a_case(cast.site, "huangyan", "静示例", ELDER, "702", "腿脚不便，想请人代办老年证", "door-to-door-admin")
    case = f"/c/huangyan/desk/cases/{number}"
    sent(cast, case)
    silence(cast.site, "huangyan", number)
    returned(cast, case)
    given_up(cast, case, number)
    again(cast, case)
    disputed(cast, case, number)
    settled(cast, case)
    assert cast.faults == []


def sent(cast: Cast, case: str) -> None:
    """The family consents to two providers; the offer goes to the first, who says nothing."""
    clerk = cast.desk("clerk")
    pick(clerk, case, "paperwork-at-home", SECOND)
    consent(clerk, SECOND)
    pick(clerk, case, "paperwork-at-home", FIRST)
    consent(clerk, FIRST)
    clerk.press("提交转介")
    clerk.see("已发出 1 张,名额已留", FIRST)
    cast.message(PHONES[FIRST], "1 张新派单")


def returned(cast: Cast, case: str) -> None:
    """Nobody did anything: the second has the offer, the first one's link is dead, the page says why."""
    second = takes(cast, "第二家", PHONES[SECOND])
    second.see("静示例", "702")
    clerk = cast.desk("clerk")
    clerk.start(f"{case}/needs/w1/offer")
    clerk.see(FIRST, "超时没有答复", SECOND, "已接单")


def given_up(cast: Cast, case: str, number: str) -> None:
    """The second cannot go on after all: clerk and secretary are rung at once, the desk holds it, the door is closed."""
    second = cast.phone("第二家")
    second.fill(reason="other", text="车坏了，今天去不了")
    second.press("告诉社区")
    second.see("已告诉社区", "地址已收回")
    for phone in (CLERK, SECRETARY):
        text = cast.message(phone, "接单后未能完成")
        assert "静" not in text
        assert number not in text
    second.start("/provider/link/")
    assert second.status == 404
    assert not second.sees("702")
    clerk = cast.desk("clerk")
    clerk.start(case)
    clerk.see("接单后未能完成,马上改约")


def again(cast: Cast, case: str) -> None:
    """Offered anew to the third, who does it."""
    clerk = cast.desk("clerk")
    pick(clerk, case, "paperwork-at-home", THIRD)
    consent(clerk, THIRD)
    clerk.press("提交转介")
    clerk.see("已发出 1 张,名额已留", THIRD)
    third = takes(cast, "第三家", PHONES[THIRD])
    third.press("到了")
    third.fill(ticked=True)
    third.press("本次完成")
    third.see("谢谢")


def disputed(cast: Cast, case: str, number: str) -> None:
    """The family says that it is not solved: done and solved are two things. The holder is told; it is settled."""
    family = cast.phone("静示例家")
    family.go(link_in(cast.message(ELDER, "帮得怎么样")))
    family.press("在这部手机上回答")
    family.fill(w1="not_solved", words="证还没拿到")
    family.press("告诉社区")
    family.see("谢谢")
    for phone in (CLERK, SECRETARY):
        text = cast.message(phone, "没有解决")
        assert "静" not in text
        assert number not in text
    clerk = cast.desk("clerk")
    clerk.start(case)
    clerk.see("和家属核对,给出答复")
    clerk.start(f"{case}/outcomes")
    clerk.see("没有解决", "本人或家属")


def settled(cast: Cast, case: str) -> None:
    """The third goes once more; the clerk rings the family, who says so: solved. Both answers stay to be read."""
    clerk = cast.desk("clerk")
    pick(clerk, case, "paperwork-at-home", THIRD)
    clerk.see("已有授权")
    clerk.press("提交转介")
    clerk.see("已发出 1 张,名额已留", THIRD)
    third = takes(cast, "第三家", PHONES[THIRD])
    third.fill(ticked=True)
    third.press("本次完成")
    third.see("谢谢")
    clerk.start(f"{case}/outcomes")
    clerk.see("还没听到家里人的答复")
    clerk.fill(w1="solved")
    clerk.press("记下家属的答复")
    clerk.see("电话回访", "没有解决", "解决了")
    clerk.start(case)
    clerk.see("解决了")
    assert not clerk.sees("和家属核对,给出答复")
