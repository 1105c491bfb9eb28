"""What the list listens to below: a family that was visited leaves it."""

from rongjiu.facts import subscribe
from tenants.accompaniment.facts import VisitDone
from tenants.finding import home_visits

subscribe(VisitDone, home_visits.visited)
