"""gunicorn for /live: one gevent worker holds hundreds of open event streams, which would starve the web's threads."""

import os

worker_class = "gevent"
workers = 1
worker_connections = 2000
timeout = 60
graceful_timeout = 3  # browsers open the stream again by themselves
worker_tmp_dir = os.environ.get("TMPDIR")
control_socket_disable = True
accesslog = None
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
