"""The community's desk."""

from blueprints.desk import (  # noqa: F401  routes register themselves
    care,
    case_export,
    cases,
    consents,
    contacts,
    courtyards,
    entitled,
    field,
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
    signals,
    sweep_doors,
    sweep_new,
    sweeps,
)
from blueprints.desk.door import bp

__all__ = ["bp"]
