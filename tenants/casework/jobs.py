"""What casework listens to below."""

from rongjiu.facts import subscribe
from tenants.casework import checks
from tenants.referrals.facts import TaskEnded

subscribe(TaskEnded, checks.after)
