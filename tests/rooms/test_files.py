"""Files: taken by content, kept encrypted, found in their own scope only."""

from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag

from rongjiu import crypto, files
from rongjiu.db import tenant_scope
from rongjiu.errors import Absent, Refused
from tests import factories

pytestmark = pytest.mark.usefixtures("inside", "own_folder")
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


def save(content: bytes, name: str = "a.png"):
    return files.save(content, name, owner_kind="test", owner_id=uuid4(), field="paper")


def test_a_picture_comes_back_whole_and_stands_encrypted(tmp_path: Path) -> None:
    with tenant_scope(factories.tenant(factories.a_community())):
        kept = save(PNG)
        assert files.load(kept) == ("a.png", "image/png", PNG)
    (stored,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert b"picture" not in stored.read_bytes()


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.png", "空的"),
        (b"<svg onload=alert(1)>", "a.svg", "只收照片"),
        (b"<html>", "a.png", "只收照片"),
        (PNG, "a.pdf", "不一致"),
        (PNG + b"x" * files.LIMIT, "a.png", "10 MB"),
    ],
)
def test_what_is_not_a_picture_or_pdf_is_refused_in_words(content: bytes, name: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as refused:
        save(content, name)
    assert refused.value.field == "paper"


def test_another_community_cannot_load_it() -> None:
    one, other = (factories.tenant(factories.a_community()) for _ in range(2))
    with tenant_scope(one):
        kept = save(PNG)
    with tenant_scope(other), pytest.raises(Absent):
        files.load(kept)
    with pytest.raises(Absent):
        files.load(kept)


def test_names_are_data() -> None:
    with tenant_scope(factories.tenant(factories.a_community())):
        assert files.load(save(PNG, "../../etc/x.png"))[0] == "x.png"


def test_a_ciphertext_opens_nowhere_else() -> None:
    sealed = crypto.seal(b"610103", uuid4(), "person|id_number")
    with pytest.raises(InvalidTag):
        crypto.unseal(sealed, uuid4(), "person|id_number")
    scope = uuid4()
    sealed = crypto.seal(b"610103", scope, "person|id_number")
    with pytest.raises(InvalidTag):
        crypto.unseal(sealed, scope, "person|phone")
    assert crypto.blind("138 1234 5678", scope, "phone") == crypto.blind("13812345678", scope, "phone")
    assert crypto.blind("13812345678", scope, "phone") != crypto.blind("13812345678", uuid4(), "phone")
