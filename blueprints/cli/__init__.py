"""The groups of the `flask` command."""

from blueprints.cli.admissions import group as admissions
from blueprints.cli.audit import group as audit
from blueprints.cli.demo import group as demo
from blueprints.cli.divisions import group as divisions
from blueprints.cli.doctor import doctor
from blueprints.cli.embedded import group as embedded
from blueprints.cli.library import group as library
from blueprints.cli.outbox import group as outbox
from blueprints.cli.oversight import group as oversight
from blueprints.cli.referrals import group as referrals
from blueprints.cli.screening import group as screening
from blueprints.cli.sweeps import group as sweeps
from blueprints.cli.tenant import group as tenant
from blueprints.cli.users import group as users

GROUPS = (
    audit,
    demo,
    divisions,
    doctor,
    embedded,
    library,
    oversight,
    outbox,
    admissions,
    referrals,
    screening,
    sweeps,
    tenant,
    users,
)
