"""端履门社区 founds itself by cloning, invites its people, is approved by its street and admits a provider."""

import re

from blueprints.cli.story.hand import StoryFailed
from blueprints.cli.story.steps_merchant import PASSWORD, six_digits
from blueprints.cli.story.walk import Story, due_words
from rongjiu.codes import credit_check

FOUNDER, CLERK, GRID = "13800000810", "13800000811", "13800000812"
_BODY = "54610103MA6U20262"
_CREDIT = _BODY + credit_check(_BODY)


def account(story: Story) -> None:
    """Somebody who was never here: what the page would look like, then phone, code, account, post."""
    founder = story.stranger("端履门书记")
    founder.start("/")
    founder.fill(name="端履门社区")
    founder.press("看看")
    founder.see("端履门社区")
    story.saw("不登录先看样子:端履门社区自己的公开页和展示牌", founder.path())
    founder.start("/join/community")
    founder.fill(address=FOUNDER)
    founder.press("获取验证码")
    founder.fill(code=six_digits(story.message(FOUNDER, "验证码")))
    founder.press("继续")
    founder.fill(name="端履门书记(示例)", password=PASSWORD)
    founder.press("建好账号")
    founder.fill(post="secretary")
    founder.press("开始")
    story.saw("手机号、验证码、账号、岗位", founder.path())


def place(story: Story) -> None:
    """An unknown code is told clearly; then code, model, name."""
    founder = story.person("端履门书记")
    story.known["draft"] = founder.path().split("/")[3]
    founder.fill(q="610103002999")
    founder.press("查找")
    founder.see("名单里没有这个代码", "610103002999 不在名单里")
    founder.fill(q="610103002002")
    founder.press("查找")
    founder.see("端履门社区", "柏树林街道")
    founder.press("就是这个")
    founder.see("部门 13", "政策 50", "不含任何居民、个案、服务方")
    founder.press("用这个模型")
    story.known["slug"] = founder.values()["slug"]
    founder.press("继续")
    story.saw("610103002999:名单里没有这个代码", "610103002002:端履门社区 柏树林街道", f"/c/{story.known['slug']}/")


def slots(story: Story) -> None:
    """What only this community knows, and thirty parameters, each confirmed as a value or as 本地未定."""
    founder = story.person("端履门书记")
    founder.fill(
        phone="029-87250000", desk_hours="周一至周五 9:00–18:00", address="西安市碑林区端履门(示例)",
        host="端履门社区居民委员会(示例)", courtyards="端履门小区(示例)\n柏树林小区(示例)",
    )  # fmt: skip
    founder.press("参考值都采用")
    founder.press("没有参考值的，都记为本地未定")
    founder.see("30 / 30")
    founder.press("保存并继续")
    founder.press("克隆")
    founder.see("克隆完成", "不含任何居民、个案、服务方")
    story.saw("本地信息已填,30 项参数已确认", "克隆完成:不含任何居民、个案、服务方")


def staff(story: Story) -> None:
    """Clerk and grid worker are invited by phone and accept through their links."""
    founder = story.person("端履门书记")
    founder.follow("继续：邀请人员")
    founder.fill(role="assistance_clerk", post="端履门专干(示例)", phone=CLERK)
    founder.press("发出邀请")
    founder.fill(role="grid_worker", post="端履门网格员(示例)", phone=GRID, courtyards="端履门小区")
    founder.press("发出邀请")
    founder.see("端履门专干(示例)", "端履门网格员(示例)")
    for who, phone in (("端履门专干", CLERK), ("端履门网格员", GRID)):
        accept(story, who, phone)
    story.saw("短信链接邀请救助专干和网格员", "两人都已接受,申报没有亲属在服务范围")


def accept(story: Story, who: str, phone: str) -> None:
    """Open the link of an invitation, make an account, take up the post."""
    found = re.search(r"https?://\S+?/account/invitation/[\w.-]+", story.message(phone, "岗位邀请"))
    if found is None:
        raise StoryFailed(f"{who}: 邀请短信里没有链接 no link in the invitation")
    hand = story.stranger(who)
    hand.go(found.group())
    hand.see("邀请您到端履门社区")
    hand.fill(name=f"{who}(示例)", address=phone)
    hand.press("发验证码")
    hand.fill(code=six_digits(story.message(phone, "验证码")), password=PASSWORD)
    hand.press("建好账号")
    hand.fill(kin="no", promise=True)
    hand.press("接受")


def asks(story: Story) -> None:
    """Nothing of a resident can be entered before approval; the proof; 柏树林街道 has three working days."""
    founder = story.person("端履门书记")
    founder.start(f"/join/community/{story.known['draft']}/check")
    founder.see("30/30 已确认")
    founder.fill(kind="credit_code", credit_code=_CREDIT[:-1] + ("2" if _CREDIT[-1] == "1" else "1"))
    founder.press("提交审批")
    founder.see("第 18 位对不上")
    founder.fill(kind="credit_code", credit_code=_CREDIT)
    founder.press("提交审批")
    founder.see("柏树林街道", "审批建站", due_words(3))
    story.saw("信用代码已核对,提交审批", f"柏树林街道督导 {due_words(3)} 前答复")


def not_yet(story: Story) -> None:
    """The clerk, second factor set up, cannot write down anything of a resident yet."""
    clerk = story.open("端履门专干", f"/c/{story.known['slug']}/desk/signals/new")
    if clerk.path() != f"/c/{story.known['slug']}/desk/founding":
        raise StoryFailed(f"{clerk.at}: 审批前能录入居民 residents may be written down before approval")
    story.saw("专干设好动态码", "审批前要录入居民:只到建站清单,不能录入")


def approved(story: Story) -> None:
    """张家村街道 knows nothing of it; 柏树林街道 calls back and agrees."""
    address = f"founding/{story.known['draft']}"
    other = story.person("street")
    other.start(f"/street/zhangjiacun/{address}")
    if other.status != 404:
        raise StoryFailed(f"{other.at}: 张家村街道看到了端履门 {other.status}")
    other.start(f"/street/baishulin/{address}")
    if other.status != 404:
        raise StoryFailed(f"{other.at}: 张家村街道进了柏树林的页 {other.status}")
    street = story.person("street-baishulin")
    street.start(f"/street/baishulin/{address}")
    street.see("端履门社区", "端履门专干(示例)", _CREDIT)
    street.fill(number="029-87251111", source="街道通讯录", confirmed=True)
    street.press("同意，社区上线")
    street.see("已同意，社区已上线")
    story.saw("张家村街道两处都是 404", "柏树林街道回电核实后同意", story.message(FOUNDER, ""))


def admits(story: Story) -> None:
    """The new secretary admits 雁晴社区卫生服务中心 with a limit."""
    founder = story.open("端履门书记", "/market/providers/yanqing-chc")
    founder.see("雁晴社区卫生服务中心")
    story.open("端履门书记", f"/c/{story.known['slug']}/desk/providers")
    founder.follow("雁晴社区卫生服务中心")
    founder.fill(limit="4")
    founder.press("准入")
    founder.see("已准入。派单时可以选它了。")
    founder.start(f"/c/{story.known['slug']}/desk/providers")
    founder.follow("雁晴综合医院")
    founder.press("准入")
    story.saw("端履门社区准入雁晴社区卫生服务中心,每月最多 4 人次;雁晴综合医院不限")


STEPS = (account, place, slots, staff, asks, not_yet, approved, admits)
