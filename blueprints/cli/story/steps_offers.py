"""救 did not fit, so 助: consents, offers, and answers of three providers, one of them without an account."""

import re
from typing import Any

from blueprints.cli.story.hand import StoryFailed
from blueprints.cli.story.steps_judging import case
from blueprints.cli.story.steps_merchant import picture, six_digits
from blueprints.cli.story.walk import Story, due_words
from rongjiu.clock import now
from rongjiu.library import packfiles

CHC = "雁晴社区卫生服务中心"


def phone_of(slug: str) -> str:
    """Telephone on record of a sample provider."""
    rows = packfiles.read_demo("providers")["providers"]
    return f"198000000{[row['id'] for row in rows].index(slug) + 1:02d}"


def link_in(text: str) -> str:
    """The address in a message."""
    found = re.search(r"https?://\S+", text)
    if found is None:
        raise StoryFailed(f"短信里没有链接 no link in {text!r}")
    return found.group()


def dead_without_consent(story: Story) -> None:
    """Before the consent the offer cannot be sent."""
    clerk = story.open("clerk", f"{case(story)}/needs/w1/match")
    clerk.follow("选这家")
    clerk.see("还没有这位家人对这家服务方的授权", "取得授权后才能提交")
    clerk.follow("现在取授权")
    story.saw("没有授权:提交转介按不动", "先取授权")


def consent_and_offer(story: Story) -> None:
    """c2: four fields to one receiver, on paper; then r1 and r2 go out together."""
    clerk = story.person("clerk")
    clerk.fill(
        person_id="户主", given_by_id="户主", provider_id=CHC, how="paper", picture=("授权.png", picture()), agreed=True,
        fields=["name", "address", "phone", "care_need"],
    )  # fmt: skip
    clerk.press("登记这份授权")
    clerk.see("授权已登记,可随时撤回", "已有授权", CHC)
    story.saw("c2 授权已登记,可随时撤回:姓名、住址、电话、照护需要,只给", CHC)
    clerk.press("提交转介")
    clerk.see("已发出 2 张,名额已留", CHC, due_words(2), "已转介")
    story.saw(f"已发出 2 张,名额已留;下一步:{CHC} {due_words(2)} 前答复")


def answered(story: Story) -> None:
    """Opening the link changes nothing and shows no name, door or illness; the code opens the door."""
    text = story.message(phone_of("yanqing-chc"), "2 张新派单")
    if any(word in text for word in ("周", "雁北", "尿", "瘫")):
        raise StoryFailed(f"短信里有个人信息 personal content in {text!r}")
    chc = story.stranger("卫生服务中心(无账号)")
    for _again in range(2):
        chc.go(link_in(text))
        chc.see("上门更换尿管", "上门体检", "雁北新村", "接单")
    if any(chc.sees(word) for word in ("周某", "102", story.known["case"])):
        raise StoryFailed(f"接单前看到了姓名或门牌 {chc.text()[:800]}")
    story.saw("短信:" + text.split("http")[0], "打开两次什么都没变,看不到姓名、门牌")
    story.known["sms link"] = link_in(text)


def taken(story: Story) -> None:
    """A day is chosen, the code of the phone on record typed; then name, door and telephone are shown."""
    chc = story.person("卫生服务中心(无账号)")
    chc.press("接单")
    chc.fill(code=six_digits(story.message(phone_of("yanqing-chc"), "验证码")))
    chc.press("确认接单")
    chc.see("已接单", "地址和电话现在可见", "周某", "102")
    other = story.stranger("转发的人")
    other.go(story.known["sms link"])
    if other.status != 404:
        raise StoryFailed(f"用过的链接还能打开 {other.at} {other.status}")
    story.saw("选日子、填验证码:已接单,地址和电话现在可见", "旧链接再打开:404")


def done(story: Story) -> None:
    """Both services at cost price; the next visit is a month away."""
    chc = story.person("卫生服务中心(无账号)")
    chc.press("到了")
    chc.fill(ticked=True, price="35", over="换尿管用了两根，先和家里人说过", picture=("签字单.png", picture()))
    chc.press("本次完成")
    chc.see("下次")
    coming = _next(chc.text())
    if chc.sees("按约还是改期"):  # the next month's day may be a day off
        chc.press("按约")
    clerk = story.open("clerk", case(story))
    clerk.see("服务中")
    story.saw("换尿管、体检完成,出厂价 35 元", "每月一次," + coming, "个案:服务中")


def _next(text: str) -> str:
    found = re.search(r"下次 ?((?:\d+年)?\d+月\d+日 周.)", text)
    if found is None:
        raise StoryFailed(f"没有下次上门的日子 no next visit: {text[:800]}")
    return f"下次 {found.group(1)}"


def academy(story: Story) -> None:
    """The granddaughter is under 14: her guardian's consent first (c3); the academy answers in its inbox."""
    _offer(story, "w4", "书院艺术课", "孙女", {
        "person_id": "孙女", "given_by_id": "儿子", "guardian": True, "fields": ["name", "age", "phone_of_guardian"],
    }, "雁墨书院", "未满 14 周岁")  # fmt: skip
    _accept_in_inbox(story, "provider-academy", "书院艺术课")


def job(story: Story) -> None:
    """The son consents for himself (c5); the delivery station registers him."""
    _offer(story, "w3", "就业指导", "儿子", {
        "person_id": "儿子", "given_by_id": "儿子", "fields": ["name", "phone"],
    }, "雁骑即时配送站", "没有授权不能提交", wish="时间能配合照顾老人", hours=_promise("job-registration"))  # fmt: skip
    _accept_in_inbox(story, "provider-delivery", "就业指导")


def _promise(service: str) -> float | None:
    """In how many hours a service of the model promises an answer."""
    rows = packfiles.read_pack()["services"]["services"]
    return next((row["schedule"].get("respond_within_hours") for row in rows if row["id"] == service), None)


def _offer(
    story: Story, need: str, service: str, whom: str, consent: dict[str, Any], provider: str, before: str, wish: str = "",
    hours: float | None = None,
) -> None:  # fmt: skip
    clerk = story.open("clerk", f"{case(story)}/needs/{need}/match")
    clerk.press("找服务方")
    clerk.see(provider, service)
    clerk.follow("选这家", after=provider)
    clerk.see(before)
    due = send(clerk, provider, consent, wish, hours)
    story.saw(f"{need} {whom}:{before},授权后已发出", f"{provider} {due} 前答复")


def give_consent(clerk: Any, provider: str, consent: dict[str, Any]) -> None:
    """From the page of an offer: take the consent it lacks, and come back to it."""
    clerk.follow("现在取授权")
    clerk.fill(**consent, provider_id=provider, how="paper", picture=("授权.png", picture()), agreed=True)
    clerk.press("登记这份授权")
    clerk.see("授权已登记,可随时撤回")


def send(clerk: Any, provider: str, consent: dict[str, Any], wish: str = "", hours: float | None = None) -> str:
    """From the page of an offer: consent, then the offer itself; answers until when the provider answers, which is its
    own promise in hours where that ends before the two working days."""
    give_consent(clerk, provider, consent)
    clerk.fill(wish=wish)
    begun = now()
    clerk.press("提交转介")
    clerk.see("张,名额已留", provider)
    for start in (begun, now()):  # a promise in hours is told to the minute
        if clerk.sees(due_words(2, hours, start)):
            return due_words(2, hours, start)
    raise StoryFailed(f"{clerk.at}: 答复期限不是 {due_words(2, hours)}: {clerk.text()[:800]}")


def _accept_in_inbox(story: Story, persona: str, service: str) -> None:
    inbox = story.open(persona, "/provider/inbox")
    inbox.see(service)
    inbox.follow("打开", after=service)
    inbox.press("接单")
    inbox.see("已接单")
    story.saw(f"{story.named(inbox.who)} 在收件箱接单", service)


STEPS = (dead_without_consent, consent_and_offer, answered, taken, done, academy, job)
