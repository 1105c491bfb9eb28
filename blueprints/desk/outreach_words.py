"""Words for the codes of outreach and complaints, in the reader's language."""

from blueprints.forms import lazy

KINDS = {"shop": lazy("沿街商户"), "unit": lazy("驻地单位"), "person": lazy("爱心人士")}
STATES = {
    "prospect": lazy("待走访"), "visited": lazy("已走访"), "interested": lazy("有意向"), "explained": lazy("已讲解"),
    "agreed": lazy("已同意"), "active": lazy("已参与"), "declined": lazy("婉拒"),
}  # fmt: skip
TONES = {
    "prospect": "muted", "visited": "info", "interested": "info", "explained": "primary", "agreed": "primary",
    "active": "ok", "declined": "warn",
}  # fmt: skip
STEPS = {
    "visited": lazy("去过了，还没说到"), "interested": lazy("有意向，约好再讲"), "explained": lazy("讲清楚了"),
    "agreed": lazy("同意参与"), "active": lazy("已登记并准入，开始参与"), "declined": lazy("这次不愿意"),
}  # fmt: skip
REASONS = {
    "no_time": lazy("没时间"), "no_staff": lazy("人手不够"), "no_profit": lazy("怕亏本"), "not_ours": lazy("做不了主"),
    "owner_away": lazy("老板不在"), "bad_experience": lazy("以前有过不愉快"), "moved": lazy("已搬走、关门"), "other": lazy("其他"),
}  # fmt: skip
TIES = {
    "owner": lazy("老板本人"), "family": lazy("家里人"), "friend": lazy("朋友"), "customer": lazy("老顾客"),
    "neighbour": lazy("邻居"), "colleague": lazy("同事、同行"),
}  # fmt: skip
EVENTS = {
    "made": lazy("登记"), "visit": lazy("走访"), "call": lazy("打电话"), "leaflet": lazy("打印宣传单"),
    "agreement": lazy("打印协议"),
}  # fmt: skip
LIST_HOW = {
    "new": lazy("可以登记"), "own": lazy("已经登记过"), "twice": lazy("名单里重复"), "spoken": lazy("别的社区谈过"),
    "listed": lazy("已是服务方"), "wrong": lazy("要改"),
}  # fmt: skip
LIST_TONES = {"new": "ok", "spoken": "warn", "wrong": "danger"}
LIST_STATES = {"draft": lazy("待确认"), "done": lazy("已登记"), "undone": lazy("已撤销")}
WHY = {"uscc": lazy("信用代码相同"), "place": lazy("地址相同"), "name": lazy("名称相同")}
VERDICTS = {"gap": lazy("缺"), "next_door": lazy("可向隔壁借"), "met": lazy("够")}
VERDICT_TONES = {"gap": "danger", "next_door": "warn", "met": "ok"}
PROJECT_STATES = {
    "planned": lazy("已立项"),
    "running": lazy("进行中"),
    "done": lazy("已完成"),
    "dropped": lazy("不做了"),
}
PROJECT_TONES = {"planned": "info", "running": "primary", "done": "ok", "dropped": "muted"}
GIVEN = {"service": lazy("服务"), "discount": lazy("优惠"), "goods": lazy("物品"), "hours": lazy("志愿时间")}
