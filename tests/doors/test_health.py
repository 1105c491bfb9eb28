"""What machines ask."""

import os
import subprocess
import sys
from pathlib import Path

from flask.testing import FlaskClient

from rongjiu.paths import ROOT


def test_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "database": "ok", "migration": "ok", "redis": "ok"}


def test_metrics_count_requests(client: FlaskClient) -> None:
    client.get("/healthz")
    assert 'rongjiu_requests_total{endpoint="health.healthz",status="200"}' in client.get("/metrics").text


def test_every_answer_carries_the_content_policy(client: FlaskClient) -> None:
    headers = client.get("/healthz").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_several_web_processes_are_counted_together(tmp_path: Path) -> None:
    count = (
        "from blueprints.metrics import REQUESTS, written; REQUESTS.labels('a', '200').inc(); "
        "print([line for line in written().decode().splitlines() if line.startswith('rongjiu_requests_total{')][0])"
    )
    environment = {
        **os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}", "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
    }  # fmt: skip
    said = [
        subprocess.run(
            [sys.executable, "-c", count], env=environment, capture_output=True, text=True, check=True
        ).stdout
        for _process in range(2)
    ]
    assert [line.split()[-1] for line in said] == ["1.0", "2.0"]
