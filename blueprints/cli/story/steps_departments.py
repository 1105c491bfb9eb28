"""Track 救 beside it: a file goes to the street's 一门受理 desk, which reads it, accepts it and forwards it."""

from blueprints.cli.story.hand import StoryFailed
from blueprints.cli.story.steps_judging import case
from blueprints.cli.story.walk import Story, due_words

POLICY = "重度残疾人护理补贴"
INBOX = "/street/zhangjiacun/acceptance"


def sent(story: Story) -> None:
    """r6: no consent is asked for, the legal ground is stated; it is never returned by silence."""
    clerk = story.open("clerk", f"{case(story)}/departments/new?policy=disability-care")
    clerk.see(POLICY, "为履行法定职责所必需", "残疾人证")
    clerk.fill(need="w1", words="老人卧床,要人照护")
    clerk.press("提交一门受理")
    clerk.see("已交街道一门受理", due_words(2), "不会因超时退回")
    story.known["file"] = clerk.path()
    story.saw(f"{POLICY}:已交街道一门受理,{due_words(2)} 前答复;不会因超时退回")


def accepted(story: Story) -> None:
    """The list is masked; the file is whole once opened, and the opening is seen by the community."""
    desk = story.open("acceptance", INBOX)
    desk.see(POLICY, "黄雁社区", "周*")
    if desk.sees("周某"):
        raise StoryFailed(f"收件列表里看到了姓名 a whole name in the inbox: {desk.text()[:800]}")
    desk.follow(POLICY)
    desk.see("周某", "老人卧床,要人照护", "还缺")
    desk.press("受理")
    desk.see("已受理")
    story.saw("一门受理:列表只见周*,打开才见全名", "受理")


def forwarded(story: Story) -> None:
    """The department has its own time; from then on it is chased, never returned."""
    desk = story.person("acceptance")
    desk.fill(**{"forward-department": "残疾人联合会"})
    desk.press("转办主管部门")
    desk.see("已转办", "残疾人联合会", due_words(30))
    clerk = story.open("clerk", story.known["file"])
    clerk.see("转残疾人联合会", "查看了材料", due_words(30))
    clerk.start(case(story))
    clerk.see("部门办理中", "残疾人联合会")
    story.saw(f"转残联,{due_words(30)} 前答复,到期催办", "社区看得到谁查看过")


STEPS = (sent, accepted, forwarded)
