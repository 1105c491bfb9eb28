"""The groups of the `flask` command."""

from blueprints.cli.audit import group as audit
from blueprints.cli.embedded import group as embedded
from blueprints.cli.outbox import group as outbox

GROUPS = (audit, embedded, outbox)
