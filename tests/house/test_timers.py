"""A wait of the model that a community may set is read by the code, or stands here with the reason why not."""

import re

from rongjiu.library.packfiles import read_pack
from rongjiu.paths import ROOT

CODE = ("platform", "tenants", "blueprints")
BUILT = {f"visit-{tier}" for tier in ("weekly", "monthly", "quarterly")}
"""Named in parts by fieldwork/rounds.py."""
CONSTANT = {
    "critical-alarm": "0 hours and fixed: rung in the same transaction",
    "idle-desk": "identity/rules.py, one limit for each role",
    "listing-demote": "of the platform: marketplace/rules.py fresh_until",
    "listing-verify": "of the platform: marketplace/keeping.py CONFIRM_AFTER",
    "papers-expiry": "of the platform: marketplace/requirements.py REMIND_BEFORE",
    "visit-reminder": "accompaniment/jobs.py, the day before",
}
NOBODY = {
    "facts-age", "faq-repeats", "keep-live-recording", "keep-provider-copy", "live-question", "morning-alarms", "name-grant", "need-info-chase", "papers-expired",
    "publication-notice", "rescreen-change", "reveals-a-day", "rights-request", "waitlist-check",
}  # fmt: skip
"""No clock of the product follows them yet: this list only gets shorter."""


def test_every_wait_that_a_community_sets_is_read() -> None:
    text = "\n".join(path.read_text() for part in CODE for path in (ROOT / part).rglob("*.py"))
    named = set(re.findall(r"""["']([a-z0-9-]+)["']""", text)) | BUILT
    rows = {row["id"]: row for row in read_pack()["timers"]["timers"]}
    unread = {slug for slug, row in rows.items() if slug not in named and row["change"] != ["operator"]}
    assert unread == CONSTANT.keys() | NOBODY, "a wait that nobody reads, or an excuse that is needed no more"
