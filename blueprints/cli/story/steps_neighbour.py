"""端履门社区 refers a household of its own to the provider it admitted."""

from blueprints.cli.story.steps_merchant import picture
from blueprints.cli.story.steps_offers import CHC, send
from blueprints.cli.story.walk import Story, due_words

PEOPLE = (
    {"name": "王某", "relation": "02", "gender": "male", "age": "78", "condition": "腿脚不便"},
    {"name": "李某", "relation": "10", "gender": "female", "age": "76"},
)


def here(story: Story) -> str:
    """Address of the new community's desk."""
    return f"/c/{story.known['slug']}/desk"


def heard(story: Story) -> None:
    """Somebody comes to the counter; the clerk writes it down, sorts it and opens the first case."""
    clerk = story.open("端履门专干", f"{here(story)}/signals/new")
    clerk.fill(channel="counter", words="老两口想有人上门体检", courtyard="端履门小区", kind="need")
    clerk.press("记下")
    clerk.see("已记下", due_words(1), "前分派")
    clerk.fill(urgency="ordinary", courtyard="端履门小区", wish_1="希望有人上门体检", wish_2="老伴也想体检")
    clerk.press("建立个案")
    story.known["second case"] = number = clerk.path().rpartition("/")[2]
    clerk.see(f"个案 {number} 已建立", "端履门网格员(示例)", due_words(3))
    story.saw(f"端履门个案 {number} 已建立", f"下一步:端履门网格员(示例) {due_words(3)} 前上门核实")


def met(story: Story) -> None:
    """Its own grid worker registers two people."""
    grid = story.open("端履门网格员", f"/c/{story.known['slug']}/grid/today")
    grid.follow("开始上门")
    filled = {f"persons-{n}-{name}": value for n, each in enumerate(PEOPLE) for name, value in each.items()}
    grid.fill(room="501", **filled, read_aloud=True, consent_by="0", how="paper", photo=("签字页.png", picture()))
    grid.press("登记完成")
    grid.see("2 人已登记")
    clerk = story.open("端履门专干", f"{here(story)}/cases/{story.known['second case']}/needs")
    for need, whom in (("w1", "户主"), ("w2", "配偶")):
        clerk.fill(**{f"{need}-item_slug": "home-medical", f"{need}-person_id": whom})
        clerk.press(f"保存 {need}")
    story.saw("端履门网格员登记 2 人", "两项需求已归类")


def refers(story: Story) -> None:
    """The provider of 黄雁社区, admitted here too, gets an offer of the new community."""
    clerk = story.open("端履门专干", f"{here(story)}/cases/{story.known['second case']}/needs/w1/match")
    clerk.fill(types=["home-checkup"])
    clerk.press("找服务方")
    clerk.see(CHC, "雁晴综合医院")
    clerk.follow("选这家", after=CHC)
    send(clerk, CHC, {"person_id": "户主", "given_by_id": "户主", "fields": ["name", "address", "phone"]})
    story.saw(f"端履门社区派单给 {CHC}", f"{due_words(2)} 前答复")


STEPS = (heard, met, refers)
