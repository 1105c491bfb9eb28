"""Who could help is asked without a word on the family; then all fifty policies are judged as of 2022-08-10."""

import re
from typing import Any

from blueprints.cli.story.hand import StoryFailed
from blueprints.cli.story.walk import Story, due_words
from rongjiu.library import packfiles

AS_OF = "2022-08-10"
TOTALS = {"符合": 2, "临界": 1, "补办后可申请": 7, "待核实": 13, "不符合": 25, "未施行": 2}
NOTE = "体检、换尿管都能上门,换尿管收出厂价"


def asked(story: Story) -> None:
    """The market is asked for w1: three candidates in this order, the fixed clinic left out with its reason."""
    clerk = story.open("clerk", f"{case(story)}/needs/w1/match")
    clerk.press("找服务方")
    places = [
        clerk.text().find(name) for name in ("雁晴社区卫生服务中心", "雁晴综合医院", "雁康护理医院", "没有列入的")
    ]
    if -1 in places or places != sorted(places):
        raise StoryFailed(f"候选次序不对 order of candidates: {places}; {clerk.text()[:1500]}")
    clerk.see("上门体检与慢病随访", "上门更换尿管", "免费", "义诊")
    clerk.fill(note=NOTE)
    clerk.press("记下")
    clerk.see("已记下这次沟通,没有提供任何个人信息", NOTE)
    story.saw("候选:1 雁晴社区卫生服务中心 2 雁晴综合医院 3 雁康护理医院;义诊未列入", "沟通已记,没有提供任何个人信息")


def case(story: Story) -> str:
    """Address of the family's case."""
    return f"/c/huangyan/desk/cases/{story.known['case']}"


def income(story: Story) -> None:
    """One pension of 4,600 for four people."""
    clerk = story.open("clerk", f"{case(story)}/income")
    clerk.fill(**{"lines-0-kind": "pension", "lines-0-month": "4600", "rigid": "62"})
    clerk.press("保存收支表")
    clerk.see("收支表第 1 版已保存", "1,150")
    story.saw("收支表第 1 版:养老金 4,600,4 人,人均 1,150 元/月")


def facts(story: Story) -> None:
    """What the conditions ask for, as `zhou_case.json` tells it."""
    inputs = packfiles.read_demo("zhou_case")["screening"]["inputs"]
    clerk = story.open("clerk", f"{case(story)}/facts")
    offered = clerk.values()
    people = list(dict.fromkeys(name[2:38] for name in offered if re.match(r"f-[0-9a-f]{8}-", name)))
    filled: dict[str, str] = {}
    for subject, known in [("household", inputs["household"]), *zip(people, inputs["members"].values(), strict=True)]:
        filled |= {f"f-{subject}-{name}": _typed(value) for name, value in known.items()}
    clerk.fill(**{name: value for name, value in filled.items() if name in offered})
    clerk.press("保存并去研判")
    clerk.see("家庭情况第 1 版已保存")
    story.saw("家庭情况第 1 版已保存", f"{len(people)} 人,{sum(name in offered for name in filled)} 项")


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def judged(story: Story) -> None:
    """Fifty policies, the six totals, 低保 with its distance."""
    clerk = story.open("clerk", f"{case(story)}/screening/new")
    clerk.fill(as_of=AS_OF)
    clerk.press("开始研判")
    clerk.see("研判", "2022", *(f"{word} {count}" for word, count in TOTALS.items()))
    story.known["screening"] = clerk.path()
    clerk.see("低保", "1,150", "740", "高出 410 元", "55.4 %", "高出 40 元", "1,110")
    totals = " ".join(f"{word} {count}" for word, count in TOTALS.items())
    story.saw(f"按 {AS_OF} 的政策:{totals}", "低保:不符合,1,150 元对 740 元,高出 410 元(55.4 %)")


def stood_by(story: Story) -> None:
    """A named person confirms: track 助, five paths, a near miss to look at again, a wish answered."""
    clerk = story.open("clerk", story.known["screening"])
    clerk.press("我已核对,确认")
    clerk.see("已确认", "确认人:救助专干(示例)", "转入“助”", "5 条可走的路", "残疾人证", "失业登记", "学校认定")
    clerk.see("高龄老人生活保健补贴", "重点人群家庭医生签约服务")
    clerk.start("/c/huangyan/desk/near-misses")
    clerk.see(story.known["case"], "低保边缘", "1,110 元", "高出 40 元 3.6 %", "到日子重新研判", "2023年10月19日")
    clerk.start(case(story))
    clerk.see("已答复", "制定帮扶计划", due_words(3))
    story.saw(
        "救助专干(示例)已核对确认:转入“助”,5 条可走的路",
        "低保边缘高出 40 元进临界户",
        f"下一步:制定帮扶计划 {due_words(3)} 前",
    )


def answer(story: Story) -> None:
    """The large-type answer for the family says that the department decides and that they may apply all the same."""
    clerk = story.open("clerk", f"{story.known['screening']}/answer")
    clerk.see("现在就可以申请", "最低生活保障", "高出 410 元", "这张纸不是决定", "由主管部门决定", "您仍要申请也可以")
    story.saw("大字答复可打印:由主管部门决定,您仍要申请也可以")


def plan(story: Story) -> None:
    """Goals in the family's words."""
    clerk = story.open("clerk", f"{case(story)}/plan")
    clerk.fill(
        **{
            "goal-w1": "每月有人上门体检、换尿管",
            "goal-w3": "儿子有一份能兼顾照护的收入",
            "goal-w4": "孙女免费上艺术课",
        }
    )
    clerk.press("保存")
    clerk.see("帮扶计划已保存:3 个目标")
    story.saw("帮扶计划已保存:3 个目标")


STEPS = (asked, income, facts, judged, stood_by, answer, plan)
