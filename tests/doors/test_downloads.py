"""A file leaves under its own name, in whatever script; the server writes headers in Latin-1."""

from urllib.parse import quote

import pytest
from flask import Flask

from blueprints import downloads


@pytest.mark.parametrize("name", ["营业执照（示例）.jpg", "a b.pdf", "王𠅤.png"])
def test_a_name_in_any_script_travels(app: Flask, name: str) -> None:
    with app.test_request_context():
        answer = downloads.attachment(b"content", "image/jpeg", name)
        answer.direct_passthrough = False
        said = answer.headers["Content-Disposition"]
        assert said.encode("latin-1")
        assert said.startswith("attachment")
        assert name in said or quote(name) in said
        assert answer.get_data() == b"content"
