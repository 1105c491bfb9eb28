"""`flask referrals table`: the permitted steps of an offer as data, for other systems and testers."""

import json

import click
from flask.cli import AppGroup

from tenants.referrals import rules

group = AppGroup("referrals", help="Slips and offers.")


@group.command("table")
@click.option("--slips", is_flag=True, help="The slip (ReferralRequest) instead of the offer (ReferralTask).")
def table(slips: bool) -> None:
    """Print the transition table as a JSON array of {from, to, actors, guards, timer, effect}.

    What is not in it is refused. `timer` names the wait that starts, as in timers.json; empty when none does.
    """
    rows = rules.as_rows(rules.REQUEST_MOVES if slips else rules.TASK_MOVES)
    click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
