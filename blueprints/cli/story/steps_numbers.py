"""Each street sees its own community's true numbers and nothing of the other's; the district sees both; nobody's name."""

import re
import threading
import time
from typing import Any

from blueprints.cli.story import steps_family, steps_neighbour
from blueprints.cli.story.hand import StoryFailed
from blueprints.cli.story.walk import ARRIVES_WITHIN, Story

NAMES = [each["name"] for each in (*steps_family.PEOPLE, *steps_neighbour.PEOPLE)]
LABELS = ("线索/见面", "派单/答复", "完成/确认")
Figures = tuple[tuple[int, int], ...]


def expected(story: Story) -> dict[str, Figures]:
    """What was done in this walk: signals received and met, offers sent and answered, work claimed and confirmed."""
    won = story.known["won"]
    return {
        "黄雁社区": ((1, 1), (4 + (won == "clerk"), 4), (1, 1)),
        "端履门社区": ((1, 1), (1 + (won == "端履门专干"), 0), (0, 0)),
    }


def own(story: Story) -> None:
    """Both streets."""
    want = expected(story)
    for persona, slug, mine, other in (
        ("street", "zhangjiacun", "黄雁社区", "端履门社区"), ("street-baishulin", "baishulin", "端履门社区", "黄雁社区"),
    ):  # fmt: skip
        street = story.open(persona, f"/street/{slug}/")
        _settled(street, {mine: want[mine]})
        if street.sees(other):
            raise StoryFailed(f"{street.at}: 看到了别的街道的 {other}")
        _nobody(street)
        street.follow(mine)
        _nobody(street)
        said = " ".join(f"{label} {a}/{b}" for label, (a, b) in zip(LABELS, want[mine], strict=True))
        story.saw(f"{story.named(street.who)}:{mine} {said}", f"没有{other},没有居民姓名")


def both(story: Story) -> None:
    """The district."""
    want = expected(story)
    district = story.open("district", "/street/beilin/")
    _settled(district, want)
    district.see("张家村街道", "柏树林街道", "汇总核对 一致")
    _nobody(district)
    story.saw("碑林区督导:黄雁社区、端履门社区都在,汇总核对一致,没有居民姓名")


def _settled(hand: Any, want: dict[str, Figures]) -> None:
    """Numbers follow the work by an effect each: look again until they have come, or fail with what is shown."""
    end, pause = time.monotonic() + ARRIVES_WITHIN, threading.Event()
    while (seen := {name: _figures(hand, name) for name in want}) != want:
        if time.monotonic() > end:
            raise StoryFailed(f"{hand.who}: {hand.at}: 数不对 numbers {seen}, expected {want}; {hand.text()[:1500]}")
        pause.wait(0.1)
        hand.go(hand.at)


def _figures(hand: Any, name: str) -> Figures:
    found = re.search(rf"{name} (?:示例 )?(?:\S+街道 )?\S+ \d+/\d+" + r" (\d+) / (\d+)" * 3, hand.text())
    numbers = [int(each) for each in found.groups()] if found else []
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _nobody(hand: Any) -> None:
    seen = [name for name in NAMES if hand.sees(name)]
    if seen:
        raise StoryFailed(f"{hand.who}: {hand.at}: 督导页上有居民姓名 names {seen}")


def home(story: Story) -> None:
    """The desk home ranks who should be helped; the public page shows counts, none under five, and nobody."""
    clerk = story.open("clerk", "/c/huangyan/desk/")
    clerk.see(
        "急难无人认领 0", "超期 0", "部门 13", "政策 50", "进行中个案 1", "临界户待看 1", "谁该帮", story.known["case"]
    )
    public = story.stranger("路人")
    public.start("/c/huangyan/")
    public.see("帮扶家庭 少于5", "13 个部门", "12 项需求")
    _nobody(public)
    story.saw("黄雁工作台:部门 13 政策 50 进行中个案 1 临界户待看 1", "公开页:帮扶家庭 少于5,没有姓名")


def chains(story: Story) -> None:
    """Every act stands in its chain: no row was changed or lost."""
    story.saw("审计链完整", *story.chains())


def held(story: Story) -> None:
    """Whatever is live in any community has one who acts next and a time."""
    story.saw("事事有人接", *story.held())


STEPS = (own, both, home, held, chains)
