"""What outreach listens to below: a need for which nobody was found becomes a target."""

from rongjiu.facts import subscribe
from tenants.outreach import gaps
from tenants.referrals.facts import NoCandidate

subscribe(NoCandidate, gaps.nobody_found)
