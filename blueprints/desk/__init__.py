"""The community's desk."""

from blueprints.desk import (  # noqa: F401  routes register themselves
    care,
    case_export,
    cases,
    consents,
    contacts,
    courtyards,
    founding,
    home,
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
    profile,
    providers,
    register_export,
    screening,
    settings,
    signals,
)
from blueprints.desk.door import bp

__all__ = ["bp"]
