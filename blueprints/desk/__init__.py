"""The community's desk."""

from blueprints.desk import (  # noqa: F401  routes register themselves
    cases,
    founding,
    home,
    households,
    income,
    needs,
    outreach,
    policies,
    providers,
    screening,
    settings,
    signals,
)
from blueprints.desk.door import bp

__all__ = ["bp"]
