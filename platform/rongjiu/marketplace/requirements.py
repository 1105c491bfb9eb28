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
    """Papers (codes of words.PAPERS) and fields that a kind needs, and what is limited for it."""

    papers: tuple[str, ...] = ("licence",)
    fields: tuple[str, ...] = ()
    limit: str = ""


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
    "on_call": Field(N_("值班电话由街道登记"), "tick"),
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
    "hospital": Need(("licence", "permit"), ("clinic_days", "booking", "medical_licence")),
    "community_health_centre": Need(("licence", "permit"), ("clinic_days", "booking", "medical_licence")),
    "tcm_hospital": Need(("licence", "permit"), ("clinic_days", "booking", "medical_licence")),
    "clinic": Need(("licence", "permit"), ("clinic_days", "medical_licence")),
    "nursing_hospital": Need(
        ("licence", "permit"), ("beds", "care_level", "medical_licence", "hospice"),
        N_("安宁疗护的信息只给主治的人看。"),
    ),
    "law_firm": Need(
        ("licence", "permit"), ("advice_slots", "law_talks", "sealed_files"), N_("纠纷卷宗只给双方的社工看。")
    ),
    "school": Need(("licence",), ("seats", "no_sales")),
    "training_institution": Need(("licence",), ("seats", "no_sales")),
    "academy": Need(("licence",), ("seats", "no_sales")),
    "elder_university": Need(("licence",), ("seats", "no_sales")),
    "rescue_centre": Need(("licence",), ("on_call", "response_minutes", "last_drill")),
    "counselling_centre": Need(("licence",), ("counsellor_proof",)),
    "employer": Need(("licence",), ("jobs", "pay", "distance", "fits_care")),
    "institution": Need(("licence",), ("given",)),
    "resident_unit": Need(("licence",), ("given",)),
    "catering": Need(("licence", "permit"), ("food_safety",)),
    "pharmacy": Need(("licence", "permit")),
    "volunteer_team": Need((), ("members",)),
}  # fmt: skip
"""By kind; every other kind needs its licence and nothing more."""
OF_GROUP: dict[str, Need] = {
    "individual": Need(("identity",)),
    "volunteer_team": Need((), ("members",)),
}
"""What the role in the system asks instead of the kind."""
REMIND_BEFORE = (60, 30, 7)
"""Days before a paper ends on which its provider is reminded (product defaults, timer papers-expiry)."""


def need(group: str, kind: str) -> Need:
    """What a provider needs."""
    return OF_GROUP.get(group) or NEEDS.get(kind) or Need()


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
