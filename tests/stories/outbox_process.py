"""A relay or a worker in a process of its own, with one more effect: a note that takes 5 ms of the database.

python tests/stories/outbox_process.py relay|work
"""

import sys

from sqlalchemy import text

from blueprints.ground import ground
from rongjiu import outbox, relay, worker
from rongjiu.config import Settings
from rongjiu.db import db
from rongjiu.notify.service import tell


@outbox.effect("test.note")
def note(payload: dict) -> None:
    """Leave a message under the key of the payload, after 5 ms in the database."""
    db.session.execute(text("SELECT pg_sleep(0.005)"))
    tell("13800000000", payload["key"], purpose="code", key=payload["key"])  # urgent: the test may run at night


def main(what: str) -> None:
    settings = Settings.read()
    if what == "relay":
        relay.Relay(settings.database_relay_url, settings.redis_url, again=1.0).run()
    else:
        with ground(settings).app_context():
            worker.run(settings.redis_url)


if __name__ == "__main__":
    main(sys.argv[1])
