"""Open data of the marketplace in the words of HSDS 3.1."""

from blueprints.hsds import pages, profile  # noqa: F401  routes register themselves
from blueprints.hsds.door import bp

__all__ = ["bp"]
