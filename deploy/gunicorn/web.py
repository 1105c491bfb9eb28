"""gunicorn for the web: threads, because a request waits for PostgreSQL more than it computes."""

import os

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
threads = int(os.environ.get("RONGJIU_THREADS", "8"))
timeout = 60
graceful_timeout = 10
keepalive = 5
worker_tmp_dir = os.environ.get("TMPDIR")
control_socket_disable = True
# The application logs each request itself, with ids and without link tokens.
accesslog = None
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")


def child_exit(server, worker):  # noqa: ANN001, ANN201, D103 - the signature is gunicorn's
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess  # only where metrics are gathered over several processes

        multiprocess.mark_process_dead(worker.pid)
