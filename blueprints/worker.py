"""`python -m blueprints.worker`: carries out effects, without a fork for each, until stopped; it needs no door."""

from sqlalchemy.exc import OperationalError
from structlog import get_logger

from blueprints.ground import ground
from rongjiu import tidying, worker
from rongjiu.config import Settings
from rongjiu.db import db

log = get_logger()


def main() -> None:
    """A worker of this installation, until TERM."""
    settings = Settings.read()
    with ground(settings).app_context():
        _plan()
        worker.run(settings.redis_url)


def _plan() -> None:
    """The first night must be asked for by somebody; each night asks for the next."""
    try:
        tidying.plan()
        db.session.commit()
    except OperationalError:
        log.warning("nightly tidying not planned: the database is away; it is planned at the next start")
    finally:
        db.session.remove()


if __name__ == "__main__":
    main()
