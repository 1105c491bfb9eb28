"""A barber from the first visit to the first haircut for an elder of the neighbouring community, by phone only."""

import re

import pytest

from blueprints.cli.story.steps_merchant import PASSWORD, picture, six_digits
from blueprints.cli.story.steps_offers import link_in
from blueprints.pictures import qr
from rongjiu.codes import credit_check
from tests.stories.cast import Cast, a_case, consent, pick

pytestmark = pytest.mark.browser

SHOP = "顺城巷小李理发店（示例）"
PHONE, ELDER = "13800000871", "13800000872"
HERE, NEXT = "/c/huangyan", "/c/sanxuejie"
_BODY = "92610103MA6U20871"
CREDIT = _BODY + credit_check(_BODY)


def test_a_barber_from_the_first_visit_to_the_first_haircut(cast: Cast) -> None:
    visited(cast)
    registers(cast)
    admitted(cast)
    number = a_case(cast.site, "sanxuejie", "柳示例", ELDER, "701", "想请人上门理发", "proxy-shopping")
    offered(cast, f"{NEXT}/desk/cases/{number}")
    cuts(cast)
    confirmed(cast, f"{NEXT}/desk/cases/{number}")
    assert cast.faults == []


def visited(cast: Cast) -> None:
    """The grid worker walks down the street and notes the shop; the secretary shows the leaflet on the phone."""
    grid = cast.phone("grid")
    grid.start(f"{HERE}/grid/today")
    grid.follow("走访")
    grid.fill(name=SHOP, trade="barber", phone=PHONE, said="interested", note="愿意上门给老人理发")
    grid.press("登记")
    grid.see("已登记", SHOP)
    secretary = cast.phone("secretary")
    secretary.start(f"{HERE}/desk/outreach")
    secretary.see(SHOP)
    secretary.follow(SHOP)
    secretary.see("有意向")
    secretary.press("打印宣传单")
    secretary.see(SHOP, "手机扫码")
    printed = re.search(r"https?://\S+/join/provider\?from=\S+", secretary.text())
    assert printed, secretary.text()
    code = secretary.page.get_by_alt_text("登记二维码").get_attribute("src")
    assert code == qr(printed.group()), "the picture is the address printed under it"
    barber = cast.phone("barber")
    barber.go(printed.group())
    barber.see("5 分钟")


def registers(cast: Cast) -> None:
    """Behind the counter: phone and code, the shop as on the licence, a photograph of it, one service for two streets."""
    barber = cast.phone("barber")
    barber.fill(phone=PHONE)
    barber.press("获取验证码")
    barber.fill(code=six_digits(cast.message(PHONE, "验证码")), name="李师傅", password=PASSWORD)
    barber.press("下一步")
    barber.fill(name=SHOP, kind="barber", uscc=CREDIT, street="张家村街道", phone=PHONE)
    barber.press("下一步")
    barber.fill(kind="licence", file=("执照.png", picture()))
    barber.press("上传")
    barber.see("已上传", "执照.png")
    barber.follow("下一步")
    barber.see("您能帮什么")
    boxes = barber.page.locator("[name=streets]").all()
    barber.fill(
        service_type="home-haircut", price_class="free", places="6", delivery_mode="at_home",
        streets=[each.get_attribute("value") for each in boxes],
    )  # fmt: skip
    barber.press("保存这项服务")
    barber.see("上门理发", "每月 6 人次", "张家村街道", "柏树林街道")
    barber.follow("下一步")
    barber.fill(agreed=["general"])
    barber.press("提交审核")
    barber.see("已提交", "张家村街道")


def admitted(cast: Cast) -> None:
    """The street vets on a phone; the community that visited and its neighbour let the shop in, each on its own terms."""
    street = cast.phone("vetting")
    street.start("/street/zhangjiacun/vetting")
    street.follow(SHOP)
    street.see(CREDIT, "上门理发")
    street.press("我来审")
    street.press("通过")
    street.see("已通过。")
    cast.message(PHONE, "审核")
    for who, here, limit in (("secretary", HERE, "4"), ("secretary-sanxuejie", NEXT, "2")):
        secretary = cast.phone(who)
        secretary.start(f"{here}/desk/providers?q=小李")
        secretary.follow(SHOP)
        secretary.fill(limit=limit)
        secretary.press("准入")
        secretary.see("已准入。派单时可以选它了。")
    barber = cast.phone("barber")
    barber.start("/provider/status")
    barber.see("黄雁社区", "三学街社区")


def offered(cast: Cast, case: str) -> None:
    """The neighbouring community finds the barber for its elder, takes her consent and sends the offer."""
    clerk = cast.phone("clerk-sanxuejie")
    pick(clerk, case, "home-haircut", SHOP)
    clerk.see("还没有这位家人对这家服务方的授权")
    consent(clerk, SHOP)
    clerk.press("提交转介")
    clerk.see("已发出 1 张,名额已留", SHOP)


def cuts(cast: Cast) -> None:
    """The link shows nobody's name before the code; then the door; the cut is noted with a photograph of the signed slip."""
    barber = cast.phone("barber")
    text = cast.message(PHONE, "1 张新派单")
    assert "柳" not in text and "701" not in text
    barber.go(link_in(text))
    barber.see("上门理发", "接单", "80 岁以上")
    assert not barber.sees("柳示例") and not barber.sees("701")
    barber.press("接单")
    barber.fill(code=six_digits(cast.message(PHONE, "验证码")))
    barber.press("确认接单")
    barber.see("已接单", "地址和电话现在可见", "柳示例", "701")
    barber.press("到了")
    barber.fill(ticked=True, picture=("签字单.png", picture()))
    barber.press("本次完成")
    barber.see("下次", "本次完成")


def confirmed(cast: Cast, case: str) -> None:
    """The elder answers on her phone: the first haircut is done and solved."""
    elder = cast.phone("柳示例家")
    elder.go(link_in(cast.message(ELDER, "帮得怎么样")))
    elder.press("在这部手机上回答")
    elder.fill(w1="solved", stars="5", words="剪得好")
    elder.press("告诉社区")
    elder.see("谢谢", "下一步")
    clerk = cast.phone("clerk-sanxuejie")
    clerk.start(f"{case}/outcomes")
    clerk.see("解决了", "5 星", "本人或家属")
    barber = cast.phone("barber")
    barber.start("/provider/figures")
    barber.see("1")
