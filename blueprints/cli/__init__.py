"""The groups of the `flask` command."""

from blueprints.cli.audit import group as audit
from blueprints.cli.demo import group as demo
from blueprints.cli.embedded import group as embedded
from blueprints.cli.outbox import group as outbox

GROUPS = (audit, demo, embedded, outbox)
