"""Which facts to ask first: what can matter for this person's age and sex. A product default, never a limit: the
rest stays one press away. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

GIVEN_BY_SHEET = frozenset({"household.income_per_capita_month", "household.rigid_expense_ratio"})
"""Facts that the income sheet gives; they are not asked twice."""
GIVEN_BY_REGISTER = frozenset({"person.age", "person.gender"})
_HOUSEHOLD = frozenset({
    "household.assets_within_limit", "household.recognised", "household.sudden_hardship", "household.expense_surge",
    "household.disaster_affected", "household.zero_employment", "household.housing_area_per_capita",
    "household.owns_housing",
})  # fmt: skip
_ANYONE = frozenset({
    "person.hukou_local", "person.disability_grade", "person.has_disability_cert", "person.self_care",
    "person.serious_illness", "person.basic_medical_insured",
})  # fmt: skip
_CHILD = frozenset({
    "person.student_stage", "person.school_hardship_recognised", "person.orphan", "person.de_facto_unattended",
    "person.child_serious_disease",
})  # fmt: skip
_WORKING = frozenset({
    "person.registered_unemployed", "person.unemployed_months", "person.no_income_source", "person.chronic_disease",
    "person.employment_hardship_recognised",
})  # fmt: skip
_OLD = frozenset({
    "person.needs_long_term_care", "person.chronic_disease", "person.no_income_source", "person.no_supporter",
    "person.no_work_ability", "person.living_alone", "person.empty_nest",
})  # fmt: skip


def first(age: int | None) -> frozenset[str]:
    """The facts of a person to ask first; with an unknown age, those of anyone."""
    if age is None:
        return _ANYONE
    if age < 18:
        return _ANYONE | _CHILD
    return _ANYONE | (_OLD if age >= 60 else _WORKING)


def ask(fields: Iterable[Mapping[str, Any]], scope: str, age: int | None = None, known: Iterable[str] = ()) -> tuple[
    list[Mapping[str, Any]], list[Mapping[str, Any]]
]:  # fmt: skip
    """The vocabulary of one scope in two parts: to ask first (relevant or already answered), and the rest."""
    wanted = (_HOUSEHOLD if scope == "household" else first(age)) | set(known)
    rows = [row for row in fields if row["scope"] == scope and row["id"] not in GIVEN_BY_SHEET | GIVEN_BY_REGISTER]
    return [row for row in rows if row["id"] in wanted], [row for row in rows if row["id"] not in wanted]


HELP: Mapping[str, tuple[str, ...]] = {
    "disability-care": ("assisted-bathing", "care-bed-toilet"), "elder-hardship": ("home-medical", "care-bed-toilet"),
    "home-adaptation": ("care-bed-toilet", "one-touch-safety"), "home-barrier-free": ("care-bed-toilet",),
    "assistive-device": ("care-bed-toilet",), "age-subsidy": ("elder-canteen", "companionship"),
    "family-doctor": ("home-medical",), "special-family": ("companionship",), "disability-living": ("proxy-shopping",),
    "medical-aid": ("home-medical",), "medical-aid-apply": ("home-medical",), "critical-illness": ("home-medical",),
    "two-cancer": ("home-medical",), "rehab-child": ("home-medical",), "angel-fund": ("home-medical",),
    "employment-help": ("job-income",), "flex-insurance": ("job-income",), "public-post": ("job-income",),
    "unemployment-benefit": ("job-income",), "disabled-work": ("job-income",), "worker-hardship": ("job-income",),
    "preschool-aid": ("child-learning",), "compulsory-aid": ("child-learning",), "highschool-aid": ("child-learning",),
    "student-loan": ("job-income",), "golden-autumn": ("child-learning",), "orphan": ("child-learning", "companionship"),
    "defacto-child": ("child-learning", "companionship"),
}  # fmt: skip
"""The need behind a policy, as items of the community's list of needs: what people can do while money is not to be had.
Product default, after what each policy pays for; a policy not named here has the needs of its help class."""
HELP_OF_CLASS: Mapping[str, tuple[str, ...]] = {
    "basic_living": ("job-income", "elder-canteen"), "emergency": ("proxy-shopping", "companionship"),
    "welfare": ("companionship",), "special": ("policy-help",),
}  # fmt: skip


def help_for(policy: str, help_class: str | None) -> tuple[str, ...]:
    """Slugs of the need items that stand behind a policy."""
    return HELP.get(policy) or HELP_OF_CLASS.get(help_class or "", ("policy-help",))
