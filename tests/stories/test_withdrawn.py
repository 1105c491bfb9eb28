"""Consent is withdrawn while somebody is on the way: access ends at once, their page says stop, nothing of the address is
left on the phone; for a volunteer of the community's own team and for a team that took the job by link."""

from datetime import timedelta

import pytest

from blueprints.cli.story.steps_offers import phone_of
from rongjiu.clock import ZONE, now
from tests.stories.cast import Cast, a_case, consent, pick, takes

pytestmark = pytest.mark.browser

ROOM = "704"
STOP = "请停下，不要上门"
VOLUNTEER = "19900000017"
"""Telephone of the demo's volunteer."""
TEAM = "党员先锋志愿服务队"


def test_the_volunteer_on_the_way_is_stopped(cast: Cast) -> None:
    number = a_case(cast.site, "sanxuejie", "退示例", "13800000874", ROOM, "想有人陪着说说话", "companionship")
    rounds = f"/c/sanxuejie/desk/cases/{number}/rounds"
    soon = (now() + timedelta(minutes=40)).astimezone(ZONE)
    desk = cast.desk("secretary-sanxuejie")
    desk.start(rounds)
    desk.fill(
        team_id="小雁服务队", rhythm="weekly", from_on=soon.date().isoformat(), hour=f"{soon:%H:%M}", holidays="keep",
        tasks=["chat"], safety="门口有台阶（示例）", agreed=True,
    )  # fmt: skip
    desk.press("安排")
    desk.fill(volunteer="小雁")
    desk.press("结对")
    desk.see("已结对")

    volunteer = cast.phone("volunteer")
    volunteer.start("/c/sanxuejie/volunteer/")
    volunteer.follow("打开这次探访")
    volunteer.see("退女士", ROOM, "门口有台阶", "我到了,报到")
    visit = volunteer.path()

    desk.press("家里人不愿意了")
    desk.see("已记下家里人不愿意了", "在路上的人已接到通知", "已结束")
    told = cast.message(VOLUNTEER, "不要上门")
    assert "退" not in told
    assert ROOM not in told

    volunteer.press("我到了，报到")
    assert volunteer.status == 410
    for path in (visit, "/c/sanxuejie/volunteer/"):
        volunteer.start(path)
        volunteer.see(STOP, "地址和电话已收回")
        assert not any(volunteer.sees(word) for word in (ROOM, "退女士", "退示例", "台阶", "13800000874"))
    desk.start(f"/c/sanxuejie/desk/cases/{number}")
    desk.see("收回上门探访的同意")
    assert cast.faults == []


def test_a_team_that_took_the_job_by_link_is_stopped(cast: Cast) -> None:
    phone = phone_of("party-pioneers")
    number = a_case(cast.site, "huangyan", "撤示例", "13800000875", ROOM, "想有人来看看", "companionship")
    case = f"/c/huangyan/desk/cases/{number}"
    clerk = cast.desk("clerk")
    pick(clerk, case, "empty-nest-visits", TEAM)
    consent(clerk, TEAM)
    clerk.press("提交转介")
    clerk.see("已发出 1 张,名额已留", TEAM)
    team = takes(cast, "志愿队(无账号)", phone)
    team.see("撤示例", ROOM)
    job = cast.message(phone, "您接的 1 项上门服务")

    clerk.start(case)
    clerk.follow("撤回", after=TEAM)
    clerk.fill(reason="家里不需要了")
    clerk.press("撤回这份授权")
    clerk.see("授权已撤回")
    assert "撤示例" not in cast.message(phone, "已撤回,请停止安排")

    team.press("到了")
    assert team.status == 404
    team.start("/provider/link/")
    team.see(STOP, "地址和电话已收回", "029-88880000")
    stranger = cast.phone("转发的人")
    stranger.go(job[job.index("http") :])
    stranger.see("链接已失效")
    for hand in (team, stranger):
        assert not any(hand.sees(word) for word in (ROOM, "撤示例", "13800000875"))
    assert cast.faults == []
