"""Settings come from the environment once, and a wrong one stops the start with its name."""

from pathlib import Path

import pytest

from lms.config import SettingsError, load_settings


def test_without_any_setting_the_service_has_sensible_ones(tmp_path: Path) -> None:
    settings = load_settings({"LMS_DATA": str(tmp_path)})
    assert (settings.host, settings.port, settings.locale) == ("127.0.0.1", 8000, "zh_CN")
    assert settings.database == f"sqlite:///{tmp_path}/lms.sqlite3"


def test_port_is_read_with_and_without_its_prefix(tmp_path: Path) -> None:
    assert load_settings({"LMS_DATA": str(tmp_path), "PORT": "9001"}).port == 9001
    assert load_settings({"LMS_DATA": str(tmp_path), "PORT": "9001", "LMS_PORT": "9002"}).port == 9002


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("LMS_PROFILE", "club"),
        ("LMS_LOCALE", "fr"),
        ("LMS_TIMEZONE", "Mars/Olympus"),
        ("LMS_WEB_WORKERS", "-1"),
        ("LMS_COOKIE_SECURE", "perhaps"),
        ("LMS_SQLITE_SYNCHRONOUS", "off"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name.removeprefix("LMS_")):
        load_settings({"LMS_DATA": str(tmp_path), name: value})


def test_the_signing_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    first = load_settings({"LMS_DATA": str(tmp_path)}).secret_key
    assert load_settings({"LMS_DATA": str(tmp_path)}).secret_key == first
    assert len(first) == 64
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_a_data_folder_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SettingsError, match="LMS_DATA"):
        load_settings({"LMS_DATA": str(tmp_path / "file" / "var")})


def test_doctor_shows_no_secret(tmp_path: Path) -> None:
    settings = load_settings(
        {
            "LMS_DATA": str(tmp_path),
            "LMS_SECRET_KEY": "keep-me",
            "LMS_METRICS_TOKEN": "token-me",
            "LMS_DATABASE_URL": "postgresql://lms:hidden@db/lms",
            "LMS_REDIS_URL": "redis://:hidden@queue/0",
        }
    )
    shown = " ".join(settings.shown().values())
    assert "keep-me" not in shown and "token-me" not in shown and "hidden" not in shown
    assert "postgresql://lms:***@db/lms" in shown
