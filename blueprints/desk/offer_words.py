"""Codes of matching, offers and consents in the reader's words."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from blueprints.forms import lazy
from blueprints.pages import day, money, when
from rongjiu.marketplace.rules import CAPACITY
from rongjiu.marketplace.words import LANGUAGES, WEEKDAYS
from tenants.referrals.rules import LIVE, REASONS

FITS = {
    "covers_all": lazy("要的几项一家都能做"), "covers_several": lazy("能做其中几项"), "covers_one": lazy("能做一项"),
    "at_home": lazy("能上门"), "free": lazy("免费"), "at_cost": lazy("免费或成本价"), "admitted": lazy("本社区已准入"),
    "has_places": lazy("本月有名额"), "has_slots": lazy("有可约的时段"), "for_group": lazy("正是为这类人群的"), "answers_well": lazy("派单大多接"),
    "own_price": lazy("对这户有更低的价"),
    "care_0": lazy("能给特级护理"), "care_1": lazy("能给一级护理"), "care_2": lazy("能给二级护理"), "care_3": lazy("能给三级护理"),
    **{f"own_{code}": lazy("会本人说的%(language)s", language=lazy(word)) for code, word in LANGUAGES.items()},
    **{f"speaks_{code}": lazy("会%(language)s", language=lazy(word)) for code, word in LANGUAGES.items()},
    "job_fits": lazy("有岗位合得上他要的时间"), "on_call": lazy("现在有人值班"), "drilled": lazy("半年内演练过"),
    "near": lazy("店在本街道"), "serves_here": lazy("服务本街道"),
}  # fmt: skip
JOB_FITS = {
    "fits_care": lazy("顾家的人能干"), "hours_fit": lazy("工时合适"), "days_fit": lazy("日子合适"), "times_fit": lazy("钟点合适"),
    "close": lazy("走路能到"), "hours_clash": lazy("工时太多"), "days_clash": lazy("日子对不上"), "times_clash": lazy("钟点对不上"),
}  # fmt: skip
PER = {"hour": lazy("每小时"), "day": lazy("每天"), "month": lazy("每月")}
HINDRANCES = {
    "on_site": lazy("要到点,老人出不了门"), "no_capacity": lazy("本月没有名额"), "not_admitted": lazy("本社区还没有准入"),
    "stopped": lazy("本社区已停止派单"), "admission_over": lazy("准入到期了，请书记续期"), "not_yet": lazy("准入还没到开始的日子"),
    "left_here": lazy("这家退出了本社区"),
    "ranked_lower": lazy("能派，排在后面"), "outside_courtyard": lazy("约定不到这个院落"), "not_for_group": lazy("只给别的人群"), "not_for_age": lazy("年龄不合"),
    "limit_used": lazy("本社区这个月的名额用完了"),
    "other_area": lazy("不在本街道服务"), "declined_lately": lazy("近 30 天婉拒过或没有答复"),
}  # fmt: skip
PRICES = {
    "free": lazy("免费"), "cost_price": lazy("成本价(出厂价)"), "discount": lazy("优惠价"), "market": lazy("市场价"),
}  # fmt: skip
MODES = {
    "home_visit": lazy("上门"), "at_home": lazy("上门"), "on_site": lazy("到点"), "online": lazy("线上"), "phone": lazy("电话"),
}  # fmt: skip
ANSWERS = {"solved": lazy("解决了"), "partly": lazy("解决了一部分"), "not_solved": lazy("没有解决")}
RESULTS_SAID = {**ANSWERS, "unknown": lazy("说不清楚")}
VOICES = {"resident": lazy("家里人"), "worker": lazy("工作人员"), "audit": lazy("抽查")}
BACK_TAKEN = ("no-longer-needed", "declined-by-resident", "already-helped", "duplicate", "other")
"""Why a sender takes an offer back."""


def word(words: dict[str, Any], code: str) -> str:
    """A code in words; a code nobody knows stays as it is."""
    return str(words.get(code, code))


def fit(code: str) -> str:
    """Why a candidate fits."""
    if code.startswith("there_in_"):
        return str(_("%(n)s 分钟到场", n=code.removeprefix("there_in_")))
    return word(FITS, code)


def pay(job: dict[str, Any]) -> str:
    """What work pays: 每小时 ¥20–25."""
    low, high = float(job["pay_low"]), float(job["pay_high"])
    return f"{word(PER, job['pay_per'])} {money(low)}" + (f"–{money(high)}" if high > low else "")


def hours(job: dict[str, Any]) -> str:
    """When: 每周 20 小时 · 周一、周三 · 09:00–13:00 · 800 米."""
    said = [str(_("每周 %(n)s 小时", n=job["hours"]))]
    if job["days"]:
        said.append("、".join(str(_(WEEKDAYS[day])) for day in job["days"]))
    if job["since"]:
        said.append(f"{job['since']}–{job['until']}")
    if job["metres"] is not None:
        said.append(str(_("%(n)s 米", n=job["metres"])))
    return " · ".join(said)


def reason(code: str) -> str:
    """Why an offer or slip ended."""
    if code == "no-candidate":
        return str(_("没有合适的服务方"))
    if code == "disputed":
        return str(_("家属说还没解决"))
    return str(_(REASONS[code].words)) if code in REASONS else code


def reasons_back() -> list[tuple[str, str]]:
    """Choices for taking an offer back."""
    return [(code, reason(code)) for code in BACK_TAKEN]


def reasons_ended() -> list[tuple[str, str]]:
    """Choices for taking a whole slip back: those that point to no other record."""
    return [(code, reason(code)) for code in BACK_TAKEN if code not in ("already-helped", "duplicate")]


def price(line: dict[str, Any]) -> str:
    """What a service costs, as its listing says."""
    said = word(PRICES, line["price_class"])
    return f"{said} {money(float(line['price']))}" if line.get("price") and line["price_class"] != "free" else said


def places(line: dict[str, Any]) -> str:
    """Places left this month, or the next month with one."""
    if line["free"] > 0 and line.get("slots"):
        return str(_("本月还有 %(n)s 个名额，时段另有 %(m)s 个", n=line["free"], m=line["slots"]))
    if line["free"] > 0:
        return str(_("本月还有 %(n)s 个名额", n=line["free"]))
    if line.get("slots"):
        first = when(datetime.fromisoformat(line["slot_at"]))
        return str(_("可约时段还有 %(n)s 个名额，最早%(when)s", n=line["slots"], when=first))
    if line.get("next_free"):
        return str(_("%(day)s起可约", day=day_of(line["next_free"])))
    return str(_("近一年约满"))


def capacity(line: dict[str, Any]) -> str:
    """How a service stood when it was matched, where that says more than its places; '' for runs that kept no status."""
    status = line.get("status", "")
    return str(_(CAPACITY[status])) if status in CAPACITY and status != "has_capacity" else ""


def sent(run: Any, slips: Iterable[Any]) -> set[str]:
    """Candidates of a run (ids of providers) to whom everything they could do has been sent and is under way."""
    out = {(str(row.provider_id), row.service_type) for row in slips if row.task_state in LIVE - {"draft"}}
    rows = run.candidates if run else ()
    return {row["provider_id"] for row in rows if {(row["provider_id"], one["type"]) for one in row["services"]} <= out}


def day_of(iso: str) -> str:
    """A stored day in words."""
    return day(date.fromisoformat(iso))
