"""The 周某 family, from the words heard in a broadcast to four needs sorted: 谁该帮, 帮什么."""

from typing import Any

from blueprints.cli.story.steps_merchant import picture
from blueprints.cli.story.walk import Story, due_words

WORDS = "雁北新村一户:老人高位截瘫卧床多年,老伴照顾不了,儿子辞职照顾;想对接医疗资源;想问能不能享受低保"
WISHES = ("希望能对接医疗资源,避免老人小病小痛都要跑去医院", "想了解惠民政策,看家里能不能享受低保")
SON = "13800000820"
PEOPLE: tuple[dict[str, Any], ...] = (
    {"name": "周某", "relation": "02", "gender": "male", "age": "84", "groups": ["oldest-old-disabled", "severely-disabled", "disabled-elderly"], "condition": "高位截瘫,长期卧床"},
    {"name": "马某", "relation": "10", "gender": "female", "age": "81"},
    {"name": "周某之子", "relation": "20", "gender": "male", "age": "52", "phone": SON, "cares_for": "0", "groups": ["family-carers"]},
    {"name": "周某孙女", "relation": "42", "gender": "female", "age": "11"},
)  # fmt: skip


def heard(story: Story) -> None:
    """The live desk of an outdoor broadcast notes the words."""
    live = story.open("live", "/c/huangyan/live/22/desk")
    live.fill(words=WORDS, courtyard="雁北新村")
    live.press("需求")
    live.see("已记下", due_words(1), "前分派")
    story.saw("户外直播听到一户,记为需求", f"已记下,下一步:救助专干 {due_words(1)} 前分派")


def sorted_out(story: Story) -> None:
    """The clerk looks for the same family, writes two wishes in the family's words, opens a case."""
    clerk = story.open("clerk", "/c/huangyan/desk/signals")
    clerk.follow("-X-")
    clerk.fill(urgency="ordinary", wish_1=WISHES[0], wish_2=WISHES[1])
    clerk.press("建立个案")
    story.known["case"] = number = clerk.path().rpartition("/")[2]
    clerk.see(f"个案 {number} 已建立", "网格员03(示例)", due_words(3), "前上门核实", "已发现")
    story.saw(f"个案 {number} 已建立", f"下一步:网格员03(示例) {due_words(3)} 前上门核实")


def met(story: Story) -> None:
    """The grid worker registers four people at the door, reads the consent aloud, photographs the signed sheet."""
    grid = story.open("grid", "/c/huangyan/grid/today")
    grid.follow("开始上门")
    filled = {f"persons-{n}-{name}": value for n, each in enumerate(PEOPLE) for name, value in each.items()}
    grid.fill(building="3", unit="1", room="102", **filled)
    grid.fill(read_aloud=True, consent_by="0", how="paper", photo=("签字页.png", picture()))
    grid.press("登记完成")
    grid.see("4 人已登记", "待上传 0", "救助专干", due_words(5))
    story.saw("网格员上门:4 人已登记,已核实;待上传 0", f"下一步:救助专干 {due_words(5)} 前完成甄别")


def needs(story: Story) -> None:
    """Two wishes get their items, two more needs are added; nobody helps yet: a gap of four, shown in words."""
    case = f"/c/huangyan/desk/cases/{story.known['case']}"
    clerk = story.open("clerk", f"{case}/needs")
    clerk.fill(**{"w1-item_slug": "home-medical", "w1-person_id": "户主"})
    clerk.press("保存 w1")
    clerk.fill(**{"w2-item_slug": "policy-help"})
    clerk.press("保存 w2")
    for words, item, whom in (
        ("儿子全职照护,没有收入", "job-income", "儿子"), ("孙女的艺术学习", "child-learning", "孙女"),
    ):  # fmt: skip
        clerk.fill(words=words, item_slug=item, person_id=whom)
        clerk.press("登记这项需求")
    clerk.see("w4")
    clerk.start(case)
    clerk.see("谁该帮", "帮什么", "4 项", "谁来帮", "帮到哪", "帮得怎么样")
    story.saw("w1 上门医疗 w2 政策咨询 w3 就业 w4 艺术学习已归类", "五帮:帮什么 4 项")


STEPS = (heard, sorted_out, met, needs)
