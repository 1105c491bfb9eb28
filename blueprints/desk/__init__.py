"""The community's desk."""

from blueprints.desk import (  # noqa: F401  routes register themselves
    case_export,
    cases,
    consents,
    elsewhere,
    founding,
    history,
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
    providers,
    requests,
    reviews,
    screening,
    settings,
    signals,
)
from blueprints.desk.door import bp

__all__ = ["bp"]
