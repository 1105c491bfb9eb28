"""First part: a barber registers on a phone, the street vets it, 黄雁社区 admits it."""

import re
import struct
import zlib

from blueprints.cli.story.hand import StoryFailed
from blueprints.cli.story.walk import Story, due_words
from rongjiu.codes import credit_check

PHONE = "13800000801"
PASSWORD = "zhongcao-8140-yuyan"  # noqa: S105  of the sample people who make an account in the story
_BODY = "92610103MA6U20261"
_CREDIT = _BODY + credit_check(_BODY)
_WRONG = _BODY + ("2" if _CREDIT[-1] == "1" else "1")


def picture(width: int = 64, height: int = 48) -> bytes:
    """A small grey PNG, as good as a photograph."""

    def part(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + bytes(180 + (x * y) % 60 for x in range(width)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


def six_digits(text: str) -> str:
    """The code in a message."""
    found = re.search(r"(?<!\d)\d{6}(?!\d)", text)
    if found is None:
        raise StoryFailed(f"短信里没有验证码 no code in {text!r}")
    return found.group()


def registers(story: Story) -> None:
    """Phone and code make the account."""
    barber = story.stranger("王师傅")
    barber.start("/join/provider")
    barber.see("5 分钟")
    barber.fill(phone=PHONE)
    barber.press("获取验证码")
    barber.fill(code=six_digits(story.message(PHONE, "验证码")), name="王师傅", password=PASSWORD)
    barber.press("下一步")
    story.saw("王师傅用手机号和验证码登记,来到", barber.path())


def shop(story: Story) -> None:
    """A wrong check digit is told at its field and nothing is lost; then the right one."""
    barber = story.person("王师傅")
    words = {
        "name": "雁塔路小王理发店(示例)",
        "kind": "barber",
        "street": "张家村街道",
        "phone": PHONE,
        "intro": "老手艺",
    }
    barber.fill(**words, uscc=_WRONG)
    barber.press("下一步")
    barber.see("第 18 位对不上,请照执照再看一眼")
    kept = barber.values()
    for name in ("name", "kind", "phone", "intro"):
        if kept.get(name) != words[name]:
            raise StoryFailed(f"店铺 {name}: 填的没留住 {kept.get(name)!r}")
    barber.fill(uscc=_CREDIT)
    barber.press("下一步")
    story.saw("信用代码末位填错:第 18 位对不上,请照执照再看一眼", "填的都在,改对后继续")


def papers_and_service(story: Story) -> None:
    """A photograph of the licence, and 上门理发 free of charge, eight a month."""
    barber = story.person("王师傅")
    barber.fill(kind="licence", file=("licence.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"))
    barber.press("上传")
    refused = barber.status
    barber.fill(kind="licence", file=("执照.png", picture()))
    barber.press("上传")
    barber.see("已上传", "执照.png")
    barber.follow("下一步")
    barber.fill(service_type="home-haircut", price_class="free", places="8", delivery_mode="at_home", days=["MO"])
    barber.press("保存这项服务")
    barber.see("每月 8 人次", "张家村街道", "免费")
    story.saw(f"SVG 执照被拒({refused}),照片收下", "上门理发 免费 每月 8 人次 张家村街道")
    barber.follow("下一步")
    barber.fill(agreed=["general"])
    barber.press("提交审核")
    barber.see("张家村街道", due_words(5))
    story.saw("已提交,张家村街道审核,期限", due_words(5))


def vetted(story: Story) -> None:
    """The street looks at it and says yes; a message says so."""
    street = story.person("vetting")
    street.start("/street/zhangjiacun/vetting")
    street.follow("雁塔路小王理发店")
    street.see(_CREDIT, "上门理发")
    story.known["barber"] = street.path().rpartition("/")[2]
    street.press("我来审")
    street.press("通过")
    street.see("已通过。")
    told = story.message(PHONE, "")
    story.saw("张家村街道审核:已通过", f"短信:{told}")


def admitted(story: Story) -> None:
    """The secretary of 黄雁社区 lets it in."""
    secretary = story.person("secretary")
    secretary.start(f"/c/huangyan/desk/providers/{story.known['barber']}")
    secretary.fill(limit="8")
    secretary.press("准入")
    secretary.see("已准入。派单时可以选它了。")
    barber = story.person("王师傅")
    barber.start("/provider/status")
    barber.see("黄雁社区")
    story.saw("黄雁社区书记准入,每月最多 8 人次", "店主看到:黄雁社区")


STEPS = (registers, shop, papers_and_service, vetted, admitted)
