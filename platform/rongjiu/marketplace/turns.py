"""Who gets a place that came free: the first in line whom it may still be held for."""

from datetime import date
from uuid import UUID

from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.marketplace import capacity, waiting


def serve(service_id: UUID, period: date) -> list[tuple[UUID, UUID]]:
    """Hold a free place for the first in line and ask that the next be looked at; answers the tasks (with their
    communities) whose wait ended: one that holds a place now, and those before it that may not be sent any more.

    One at a time, so that no transaction keeps the terms of two communities locked. Nobody is served twice: who was
    served stands in line no longer."""
    ended = []
    for task_id, community_id in waiting.in_line(service_id, period):
        try:
            with db.session.begin_nested():
                capacity.reserve(task_id, service_id, period, community_id)
        except capacity.Full:
            break
        except Refused:
            waiting.leave(task_id)
            ended.append((task_id, community_id))
        else:
            waiting.free(service_id, period)
            return [*ended, (task_id, community_id)]
    return ended
