"""What machines ask."""

from flask.testing import FlaskClient


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
