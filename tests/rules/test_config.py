"""Settings: from variables, from files, from a data folder; never from an invented key."""

import base64
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from rongjiu.config import Settings
from rongjiu.datafolder import DataFolder

KEY = base64.b64encode(b"k" * 32).decode()
NAMES = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "DATABASE_RELAY_URL",
    "REDIS_URL",
    "RONGJIU_SECRET_KEY",
    "RONGJIU_DATA_KEY",
)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of the surroundings reaches these tests."""
    for name in (*NAMES, "RONGJIU_DEMO", "RONGJIU_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RONGJIU_DATA", str(tmp_path))


def test_without_a_database_the_data_folder_speaks(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.make_secrets()
    settings = Settings.read()
    assert settings.database_url == folder.url("app_user")
    assert settings.database_owner_url == folder.url("app_owner")
    assert settings.redis_url == folder.redis_url()
    assert settings.data_key == folder.secret("data_key")
    assert Settings.read().secret_key == settings.secret_key


def test_a_folder_made_for_a_demo_says_so(tmp_path: Path) -> None:
    assert Settings.read().demo is False
    DataFolder(tmp_path).demo.touch()
    assert Settings.read().demo is True


def test_a_database_without_keys_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app_user@db/rongjiu")
    with pytest.raises(ValueError, match="REDIS_URL, RONGJIU_SECRET_KEY, RONGJIU_DATA_KEY"):
        Settings.read()


def test_secrets_come_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = tmp_path / "key"
    kept.write_text(KEY + "\n")
    monkeypatch.setenv("RONGJIU_DATA_KEY_FILE", str(kept))
    monkeypatch.setenv("RONGJIU_SECRET_KEY", "a secret")
    monkeypatch.setenv("REDIS_URL", "redis://cache/0")
    monkeypatch.setenv("DATABASE_URL", "postgres://app_user@db/rongjiu")
    settings = Settings.read()
    assert settings.data_key_bytes == b"k" * 32
    assert settings.database_url == "postgresql+psycopg://app_user@db/rongjiu"
    assert settings.limiter_url == "redis://cache/0"


@pytest.mark.parametrize("wrong", ["short", base64.b64encode(b"k" * 31).decode()])
def test_a_key_of_the_wrong_shape_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="RONGJIU_DATA_KEY"):
        Settings(data_key=wrong)


@pytest.mark.parametrize(
    ("name", "wrong"), [("RONGJIU_PROXIES", "-1"), ("RONGJIU_PROXIES", "one"), ("RONGJIU_DEMO", "maybe")]
)
def test_what_cannot_be_is_refused_by_name(name: str, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, wrong)
    with pytest.raises(ValueError, match=f"{name} cannot be"):
        Settings()


@pytest.mark.parametrize(("said", "is_demo"), [("1", True), ("TRUE", True), ("0", False), ("", False)])
def test_a_switch_is_read_as_people_write_it(said: str, is_demo: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGJIU_DEMO", said)
    assert Settings().demo is is_demo
    assert Settings(demo=True).demo is True


def test_settings_do_not_change_and_do_not_show_secrets() -> None:
    settings = Settings(secret_key="very secret", data_key=KEY)
    with pytest.raises(FrozenInstanceError):
        settings.demo = True  # type: ignore[misc]
    assert "very secret" not in repr(settings)
    assert KEY not in repr(settings)


def test_the_address_of_a_demo_is_known_from_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = DataFolder(tmp_path)
    folder.make_secrets()
    folder.demo.write_text("http://127.0.0.1:8150")
    assert Settings.read().public_url == "http://127.0.0.1:8150"
    monkeypatch.setenv("RONGJIU_PUBLIC_URL", "http://127.0.0.1:8160")
    assert Settings.read().public_url == "http://127.0.0.1:8160"
