"""The community's desk."""

from blueprints.desk import (  # noqa: F401  routes register themselves
    case_export,
    cases,
    consents,
    coverage,
    departments,
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
    providers,
    screening,
    settings,
    signals,
    verification,
)
from blueprints.desk.door import bp

__all__ = ["bp"]
