"""What each kind of provider needs beyond name, place and services: one table, no code for any kind.

The rows say what this product asks for; a street may always ask for more while vetting.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from rongjiu.codes import N_


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in: how it is called and how it is typed (text | number | date | tick)."""

    label: str
    typed: str = "text"
    required: bool = True


@dataclass(frozen=True, slots=True)
class Need:
    """Papers (codes of words.PAPERS) and fields that a kind needs, what is limited for it, what its slots are called
    (codes of SLOTS), and which terms beyond the general ones it signs (codes of TERMS)."""

    papers: tuple[str, ...] = ("licence",)
    fields: tuple[str, ...] = ()
    limit: str = ""
    slot: str = "place"
    signs: tuple[str, ...] = ()


SLOTS = {
    "clinic_day": N_("义诊(门诊)日"), "advice_hour": N_("咨询时段"), "seat": N_("讲座"), "bed": N_("床位"),
    "shift": N_("志愿班次"), "interview": N_("面谈时段"), "place": N_("时段"),
}  # fmt: skip
"""What a dated slot is called."""
SLOT_NEEDS = {
    "medical_licence": N_("排义诊日之前,先在“资料”里填医疗机构执业许可证号。"),
    "no_sales": N_("排讲座之前,先在“资料”里承诺讲课不推销。"),
    "beds": N_("排床位之前,先在“资料”里填床位数和护理等级。"),
    "": N_("排时段之前,先在“资料”里把这一类要填的填全。"),
}
"""What is said when a provider lays out slots and a field of its kind is empty."""
TERMS = {
    "general": (
        N_("服务约定"),
        N_("按登记的价格和时间服务;居民的信息只用于这次服务,做完收回;不推销、不收红包;出了问题当天告诉社区。"),
    ),
    "no_sales": (
        N_("讲课不推销承诺"),
        N_("讲座、课堂上不卖东西,不发推销材料,不收集听课人的电话,不安排会后“体验”;违反即停止合作,并向各社区通报。"),
    ),
}
"""Terms that are signed before anything is listed: title and text (product terms; a street may ask for more)."""
VERSION = 1
"""Version of the texts in TERMS: a changed text is signed anew."""

FIELDS: dict[str, Field] = {
    "clinic_days": Field(N_("义诊或门诊的日子")),
    "booking": Field(N_("怎么预约")),
    "medical_licence": Field(N_("医疗机构执业许可证号")),
    "beds": Field(N_("床位数"), "number"),
    "care_level": Field(N_("护理等级")),
    "hospice": Field(N_("提供安宁疗护"), "tick", required=False),
    "advice_slots": Field(N_("咨询时段")),
    "law_talks": Field(N_("每年普法讲座场数"), "number", required=False),
    "sealed_files": Field(N_("纠纷卷宗只给双方的社工看"), "tick"),
    "seats": Field(N_("一场多少座位"), "number"),
    "no_sales": Field(N_("承诺讲课不推销"), "tick"),
    "on_call": Field(N_("有人值班,电话在“值班和演练”里登记"), "tick"),
    "response_minutes": Field(N_("多少分钟到场"), "number"),
    "last_drill": Field(N_("最近一次演练"), "date"),
    "counsellor_proof": Field(N_("咨询师资质")),
    "jobs": Field(N_("岗位和工时")),
    "pay": Field(N_("工资")),
    "distance": Field(N_("离社区多远")),
    "fits_care": Field(N_("时间适合照顾家人的人"), "tick", required=False),
    "given": Field(N_("能拿出什么(场地、人、物)")),
    "food_safety": Field(N_("食品安全承诺"), "tick"),
    "members": Field(N_("队员人数"), "number"),
}

NEEDS: dict[str, Need] = {
    "hospital": Need(("licence", "permit"), ("clinic_days", "booking", "medical_licence"), slot="clinic_day"),
    "community_health_centre": Need(("licence", "permit"), ("clinic_days", "booking", "medical_licence"), slot="clinic_day"),
    "tcm_hospital": Need(("licence", "permit"), ("clinic_days", "booking", "medical_licence"), slot="clinic_day"),
    "clinic": Need(("licence", "permit"), ("clinic_days", "medical_licence"), slot="clinic_day"),
    "nursing_hospital": Need(
        ("licence", "permit"), ("beds", "care_level", "medical_licence", "hospice"),
        N_("安宁疗护的信息只给主治的人看。"), slot="bed",
    ),
    "law_firm": Need(
        ("licence", "permit"), ("advice_slots", "law_talks", "sealed_files"), N_("纠纷卷宗只给双方的社工看。"), slot="advice_hour",
    ),
    "school": Need(("licence",), ("seats", "no_sales"), slot="seat", signs=("no_sales",)),
    "training_institution": Need(("licence",), ("seats", "no_sales"), slot="seat", signs=("no_sales",)),
    "academy": Need(("licence",), ("seats", "no_sales"), slot="seat", signs=("no_sales",)),
    "elder_university": Need(("licence",), ("seats", "no_sales"), slot="seat", signs=("no_sales",)),
    "rescue_centre": Need(("licence",), ("on_call", "response_minutes", "last_drill")),
    "counselling_centre": Need(("licence",), ("counsellor_proof",)),
    "employer": Need(("licence",), ("jobs", "pay", "distance", "fits_care"), slot="interview"),
    "institution": Need(("licence",), ("given",)),
    "resident_unit": Need(("licence",), ("given",)),
    "catering": Need(("licence", "permit"), ("food_safety",)),
    "pharmacy": Need(("licence", "permit")),
    "volunteer_team": Need((), ("members",), slot="shift"),
}  # fmt: skip
"""By kind; every other kind needs its licence and nothing more."""
OF_GROUP: dict[str, Need] = {
    "individual": Need(("identity",), slot="shift"),
    "volunteer_team": Need((), ("members",), slot="shift"),
}
"""What the role in the system asks instead of the kind."""
REMIND_BEFORE = (60, 30, 7)
"""Days before a paper ends on which its provider is reminded (product defaults, timer papers-expiry)."""


def need(group: str, kind: str) -> Need:
    """What a provider needs."""
    return OF_GROUP.get(group) or NEEDS.get(kind) or Need()


def terms(group: str, kind: str) -> tuple[str, ...]:
    """Codes of the terms that a provider signs before it is listed."""
    return ("general", *need(group, kind).signs)


def lacking_fields(group: str, kind: str, details: Mapping[str, Any]) -> tuple[str, ...]:
    """Codes of required fields that are not filled in."""
    return tuple(
        code for code in need(group, kind).fields if FIELDS[code].required and details.get(code) in (None, "", False)
    )


def lacking_papers(group: str, kind: str, held: Collection[str]) -> tuple[str, ...]:
    """Kinds of papers that are asked for and not held."""
    return tuple(paper for paper in need(group, kind).papers if paper not in held)


def may_visit(group: str, insured_until: date | None, day: date) -> bool:
    """May members be sent to a home? Volunteers only while their insurance holds."""
    return group != "volunteer_team" or (insured_until is not None and insured_until >= day)
