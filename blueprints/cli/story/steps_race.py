"""One place is left this month and both communities send an offer at the same moment: one has it, the other is told."""

import re
from typing import Any

from blueprints.cli.story.hand import StoryFailed
from blueprints.cli.story.steps_judging import case
from blueprints.cli.story.steps_neighbour import here
from blueprints.cli.story.steps_offers import CHC, give_consent
from blueprints.cli.story.walk import Story
from rongjiu.clock import today

SERVICE = "上门体检与慢病随访"
WISHES = ("请早上来(黄雁)", "请下午来(端履门)")


def one_left(story: Story) -> None:
    """The provider says on its own page that it can do one more this month."""
    chc = story.open("provider-chc", "/provider/services")
    used, reserved = _taken(chc)
    chc.follow("修改", after=SERVICE)
    chc.fill(places=str(used + reserved + 1))
    chc.press("保存")
    chc.start("/provider/services")
    if _taken(chc) != (used, reserved) or f"{used + reserved + 1}" not in chc.text():
        raise StoryFailed(f"{chc.at}: 名额不对 {chc.text()[:800]}")
    story.saw(f"{CHC} 自己把 {SERVICE} 本月名额改为 {used + reserved + 1}:已用 {used},已约 {reserved},还空 1")


def _taken(chc: Any) -> tuple[int, int]:
    text = chc.text()
    found = re.search(r"已用 (\d+) 已约 (\d+)", text[text.index(SERVICE) :])
    if found is None:
        raise StoryFailed(f"{chc.at}: 看不到名额 no places in {text[:800]}")
    return int(found.group(1)), int(found.group(2))


def both_ready(story: Story) -> None:
    """A fifth need of the family (马某) and the second of the neighbours: each with its consent, page open, not sent."""
    clerk = story.open("clerk", f"{case(story)}/needs")
    clerk.fill(words="老伴也想有人上门体检", item_slug="home-medical", person_id="配偶")
    clerk.press("登记这项需求")
    _ready(clerk, f"{case(story)}/needs/w5/match", "配偶", WISHES[0])
    neighbour = story.person("端履门专干")
    _ready(neighbour, f"{here(story)}/cases/{story.known['second case']}/needs/w2/match", "配偶", WISHES[1])
    story.saw("黄雁和端履门都打开了派单页,都看到还空 1,都没提交")


def _ready(clerk: Any, match: str, whom: str, wish: str) -> None:
    clerk.start(match)
    clerk.fill(types=["home-checkup"])
    clerk.press("找服务方")
    clerk.see("本月还有 1 个名额")
    clerk.follow("选这家", after=CHC)
    if not clerk.sees("已有授权"):
        give_consent(clerk, CHC, {"person_id": whom, "given_by_id": whom, "fields": ["name", "address", "phone"]})
    clerk.see("提交转介", "已有授权")
    clerk.fill(person_id=whom, wish=wish)


def raced(story: Story) -> None:
    """Exactly one reserves; the other reads when the next place is free and who could help now; nothing is lost."""
    pair = [story.person("clerk"), story.person("端履门专干")]
    story.race([(hand, "提交转介") for hand in pair])
    won = [hand for hand in pair if hand.sees("已发出 1 张,名额已留")]
    lost = [hand for hand in pair if hand.sees("刚被约满")]
    if len(won) != 1 or len(lost) != 1:
        raise StoryFailed(f"应该一家约到、一家约满 {[(h.who, h.status, h.text()[:600]) for h in pair]}")
    story.known["won"] = won[0].who
    told = re.search(r"刚被约满:(\d+)月1日起可约,或改约雁晴综合医院", lost[0].text())
    if told is None or int(told.group(1)) == today().month or lost[0].sees("本月还有 1 个名额"):
        raise StoryFailed(f"{lost[0].who}: 没说清下个月和下一家 {lost[0].text()[:1200]}")
    lost[0].see("您填的都在", "改约雁晴综合医院")
    kept = lost[0].values().get("wish")
    if kept != WISHES[pair.index(lost[0])]:
        raise StoryFailed(f"{lost[0].who}: 填的没留住 {kept!r}")
    chc = story.open("provider-chc", "/provider/services")
    used, reserved = _taken(chc)
    story.saw(
        f"同一刻提交:{story.named(won[0].who)} 约到,{story.named(lost[0].who)}:{told.group()}",
        f"填的还在;已用 {used} 已约 {reserved},还空 0",
    )


def twice(story: Story) -> None:
    """A form sent twice gives the same answer, and one row."""
    clerk = story.open("clerk", f"{case(story)}/needs")
    before = clerk.text().count("保存 w")
    clerk.fill(words="想有人来陪说说话", person_id="配偶")
    answers = clerk.press_twice("登记这项需求")
    clerk.start(f"{case(story)}/needs")
    if clerk.text().count("保存 w") != before + 1 or answers[0] != answers[1]:
        raise StoryFailed(f"同一张表交两次,结果不一样 {answers}")
    story.saw("同一张表交两次:答复一样,只登记一次")


STEPS = (one_left, both_ready, raced, twice)
