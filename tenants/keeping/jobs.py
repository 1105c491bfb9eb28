"""The chore of the night."""

from rongjiu.nightly import chore
from tenants.keeping import service


@chore("keeping.clear")
def clear() -> None:
    """Remove what has been over for too long."""
    service.clear()
