"""What casework listens to below."""

from rongjiu.facts import subscribe
from tenants.casework import checks, closing
from tenants.needs.facts import NeedAnswered
from tenants.referrals.facts import TaskEnded

subscribe(TaskEnded, checks.after)
subscribe(NeedAnswered, closing.on_answer)
