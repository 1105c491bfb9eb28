"""The community's desk."""

from blueprints.desk import (  # noqa: F401  routes register themselves
    care,
    case_export,
    cases,
    changes,
    consents,
    contacts,
    courtyards,
    door_codes,
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
    screening,
    settings,
    signal_export,
    signal_lists,
    signal_new,
    signals,
)
from blueprints.desk.door import bp

__all__ = ["bp"]
