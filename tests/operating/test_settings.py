"""Settings come from the environment once, and a wrong one stops the start with its name."""

import importlib
import os
import runpy
from pathlib import Path

import pytest

import lms
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
        ("PORT", "9" * 5000),
        ("LMS_LOG_LEVEL", "LOUD"),
        ("LMS_DATABASE_URL", "mysql://db/lms"),
        ("LMS_DATABASE_URL", "postgresql://db:port/lms"),
        ("LMS_REDIS_URL", "http://queue"),
        ("LMS_SESSION_DAYS", "0"),
        ("LMS_PASSWORD_TIME_COST", "0"),
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


def test_two_that_start_at_once_have_one_signing_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[str] = []

    link = os.link

    def other_is_quicker(aside: Path, path: Path) -> None:
        monkeypatch.setattr(os, "link", link)
        found.append(load_settings({"LMS_DATA": str(tmp_path)}).secret_key)
        link(aside, path)

    monkeypatch.setattr(os, "link", other_is_quicker)
    found.append(load_settings({"LMS_DATA": str(tmp_path)}).secret_key)
    assert len(set(found)) == 1 and len(found) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"], "nothing is left beside it"


@pytest.mark.parametrize("kept", [b"", b"\xff\xfe"])
def test_a_signing_key_that_is_none_is_said_so(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "secret_key").write_bytes(kept)
    with pytest.raises(SettingsError, match="signing key"):
        load_settings({"LMS_DATA": str(tmp_path)})


def test_a_data_folder_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for path in ("file", "file/var"):
        with pytest.raises(SettingsError, match="LMS_DATA"):
            load_settings({"LMS_DATA": str(tmp_path / path)})


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


def test_ctrl_c_while_the_program_is_loaded_ends_it_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(importlib, "import_module", interrupted)
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(Path(lms.__file__).with_name("__main__.py")), run_name="__main__")
    assert ended.value.code == 130
    assert capsys.readouterr().err == "\nlms: stopped; what was done so far is kept\n"
