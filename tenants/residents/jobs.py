"""Each night the labels that follow by rule are checked again: birthdays move them."""

from rongjiu.nightly import chore
from tenants.residents import labels


@chore("register.labels")
def check() -> None:
    """Check the labels of the community in force."""
    labels.recheck()
