"""`flask admissions table`: the permitted steps of letting a provider into a community, as data."""

import json

import click
from flask.cli import AppGroup

from rongjiu.marketplace.admissions import rules

group = AppGroup("admissions", help="Providers let in by a community.")


@group.command("table")
def table() -> None:
    """Print the transition table as a JSON array of {from, to, actors, guards, timer, effect}.

    What is not in it is refused. From a state to itself: with other terms, or looked at again. `timer` names the wait
    that starts, as in timers.json; empty when none does.
    """
    click.echo(json.dumps(rules.as_rows(), ensure_ascii=False, indent=1))
