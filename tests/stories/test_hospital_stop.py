"""One community stops a hospital with a reason: it goes on working in another, whose secretary sees the fact and nobody
of the first one's families."""

import pytest

from blueprints.cli.story.steps_offers import phone_of
from tests.stories.cast import Cast, a_case, consent, pick, takes

pytestmark = pytest.mark.browser

HOSPITAL, PHONE = "雁草中医医院", phone_of("yancao-tcm")
REASON = "两次没按时到（示例原因）"
THERE, HERE = "/c/sanxuejie", "/c/huangyan"


def test_a_stop_of_one_community_leaves_the_hospital_working_in_another(cast: Cast) -> None:
    first = a_case(cast.site, "sanxuejie", "停示例", "13800000876", "706", "想请中医看看", "home-medical")
    other = a_case(cast.site, "huangyan", "行示例", "13800000877", "707", "想请中医看看", "home-medical")
    secretary = cast.desk("secretary-sanxuejie")
    secretary.start(f"{THERE}/desk/providers?q=雁草")
    secretary.follow(HOSPITAL)
    page = secretary.path()
    secretary.fill(limit="5")
    secretary.press("准入")
    offered(cast, "clerk-sanxuejie", f"{THERE}/desk/cases/{first}")
    running = takes(cast, "医院(三学街的单)", PHONE)
    running.see("停示例")

    secretary.start(page)
    secretary.press("停止派单")
    secretary.see("请写明原因")
    secretary.fill(reason=REASON)
    secretary.press("停止派单")
    secretary.see("已停止派单。进行中的照常做完。", REASON)
    clerk = cast.desk("clerk-sanxuejie")
    clerk.start(f"{THERE}/desk/cases/{first}/needs/w1/match")
    clerk.fill(types=["tcm-clinic"])
    clerk.press("找服务方")
    clerk.see("没有合适的服务方", "本社区已停止派单", HOSPITAL)
    running.start("/provider/link/")
    running.see("停示例")
    running.fill(ticked=True)
    running.press("本次完成")
    running.see("本次完成")

    offered(cast, "clerk", f"{HERE}/desk/cases/{other}")
    takes(cast, "医院(黄雁的单)", PHONE).see("行示例")
    neighbour = cast.desk("secretary")
    neighbour.start(f"{HERE}/desk/providers?q=雁草")
    neighbour.follow(HOSPITAL)
    neighbour.see("别的社区发现的", "三学街社区", "停止派单", "只有事实，没有居民信息")
    assert not any(neighbour.sees(word) for word in (REASON, "停示例", "706", first))
    assert cast.faults == []


def offered(cast: Cast, who: str, case: str) -> None:
    """A clerk sends an offer with the elder's consent."""
    clerk = cast.desk(who)
    pick(clerk, case, "tcm-clinic", HOSPITAL)
    consent(clerk, HOSPITAL, "name", "phone")
    clerk.press("提交转介")
    clerk.see("已发出 1 张,名额已留", HOSPITAL)
