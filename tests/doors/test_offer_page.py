"""What the desk reads about a slip that is out: tries to reach the family, a condition that is not met and who is next,
how each candidate stands, and that nobody is asked twice."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from rongjiu.clock import now, today
from rongjiu.db import db
from rongjiu.ids import uuid7
from rongjiu.marketplace import capacity
from rongjiu.marketplace.models import ProviderService
from rongjiu.marketplace.service import publish
from tenants.accompaniment import work
from tenants.referrals import answering, confirming, service
from tenants.referrals.matching import service as matching
from tenants.referrals.returning import tries
from tests import casework
from tests.doors.test_offers import Desk, Login, Made

KIND = "catheter-change"


@pytest.fixture
def desk(client: FlaskClient, made: Made, login: Login) -> Desk:
    return Desk(client, made, login)


def do(desk: Desk, verb: Callable[[], object]) -> object:
    """Something done inside the community of the desk."""
    return desk.made(lambda: desk.within(verb))


def sent(desk: Desk) -> UUID:
    """One offer to the first helper, on the consent of the old man."""

    def send() -> UUID:
        consent = casework.a_consent(desk.family, desk.helper)
        (task,) = service.offer(desk.family.need, [desk.helper.service], consent, desk.family.old_man)
        return task.id

    return do(desk, send)  # type: ignore[return-value]


def page(desk: Desk, kind: str) -> str:
    """The text of the match or the offer page of the first need."""
    return desk.client.get(f"{desk.case}/needs/w1/{kind}").text


def test_tries_to_reach_the_family_stand_on_the_offer_and_in_the_timeline(desk: Desk) -> None:
    task = sent(desk)
    assert "没联系上" not in page(desk, "offer")
    assert "没联系上" not in desk.client.get(desk.case).text

    def tried() -> None:
        answering.accept([task], desk.helper.id, now() + timedelta(hours=3))
        tries.note([task], desk.helper.id)
        work.missed([task], desk.helper.id)

    do(desk, tried)
    text = page(desk, "offer")
    assert "服务方联系家里人 2 次没联系上" in text
    assert "打电话没人接" in text
    assert "上门没见到人" in text
    timeline = desk.client.get(desk.case).text.split("时间线", 1)[1]
    assert timeline.count("服务方联系家里人，没联系上") == 2
    assert "雁晴社区卫生服务中心" in timeline


def test_a_condition_that_is_not_met_leads_to_the_next_candidates_own(desk: Desk) -> None:
    other = desk.made(lambda: casework.a_helper(desk.family, KIND, name="雁康护理医院"))
    task = sent(desk)

    def declined() -> None:
        answering.decline([task], desk.helper.id, "not-eligible", "只做 60 岁以下", "age")
        matching.match(desk.family.need, [KIND])

    do(desk, declined)
    text = page(desk, "offer")
    assert "对方说卡在：年龄不合" in text
    next_one = text.index("下一家雁康护理医院给谁")
    assert f"/providers/{other.id}" in text[text.rindex("<a ", 0, next_one) : next_one]  # type: ignore[attr-defined]
    assert f"/providers/{desk.helper.id}" in text, "what the first wrote down, for whom it is"


def test_each_candidate_says_how_it_stands(desk: Desk) -> None:
    """Places are told; a service for a group is looked at first; a full month has a line; nothing within a year is none."""
    full, closed = (
        desk.made(lambda each=name: casework.a_helper(desk.family, KIND, name=each, places=1))
        for name in ("约满诊所", "停约诊所")
    )

    def stand() -> None:
        ours = update(ProviderService).where(ProviderService.id == desk.helper.second)
        db.session.execute(ours.values(terms={"groups": ["severely-disabled"]}))
        publish(desk.helper.id)
        capacity.reserve(uuid7(), full.service, today(), desk.family.community_id)  # type: ignore[attr-defined]
        capacity.close(closed.service, today())  # type: ignore[attr-defined]
        matching.match(desk.family.need, [KIND, "home-checkup"])

    do(desk, stand)
    text = page(desk, "match")
    first, second = text.index(f"服务 {KIND}"), text.index("服务 home-checkup")
    assert "本月还有 2 个名额</span>" in text[first : text.index("</li>", first)], "a place is all there is to say"
    assert "有名额,先核对人群" in text[second : text.index("</li>", second)]
    assert "约满诊所（要排队）" in text
    assert "停约诊所（暂无名额）" in text


def test_who_was_asked_is_not_asked_again(desk: Desk) -> None:
    do(desk, lambda: matching.match(desk.family.need, [KIND]))
    assert "选这家" in page(desk, "match")
    assert "选这家" in page(desk, "offer")
    task = sent(desk)
    for kind in ("match", "offer"):
        assert "已派给这家" in page(desk, kind), kind
        assert "选这家" not in page(desk, kind), kind
    do(desk, lambda: answering.cancel(task, "other"))
    assert "选这家" in page(desk, "offer"), "taken back, it can be asked again"


def test_what_the_family_calls_unsolved_can_be_sent_again_from_the_case(desk: Desk) -> None:
    task = sent(desk)

    def done() -> None:
        answering.accept([task], desk.helper.id, now() + timedelta(hours=3))
        work.finish([task], desk.helper.id, [task], last=True)

    do(desk, done)
    again = f"{desk.case}/needs/w1/match"
    for answer, offered in (("solved", False), ("not_solved", True)):
        do(
            desk,
            lambda said=answer: confirming.confirm(desk.family.case_id, {desk.family.need: confirming.Answer(said)}),
        )
        assert (again in desk.client.get(desk.case).text) is offered, answer
