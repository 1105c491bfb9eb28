"""The community's desk."""

from blueprints.desk import (  # noqa: F401  routes register themselves
    case_export,
    cases,
    catalogue_edit,
    consents,
    founding,
    home,
    home_visits,
    households,
    income,
    match,
    needs,
    offers,
    outcomes,
    outreach,
    people,
    pillars,
    plan,
    policies,
    providers,
    screening,
    settings,
    signals,
    survey_answers,
    survey_form,
    survey_report,
    surveys,
)
from blueprints.desk.door import bp

__all__ = ["bp"]
