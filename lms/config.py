"""Settings: read once from the environment, frozen, handed down. Nothing else reads ``os.environ``."""

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MIB = 1024 * 1024
PROFILES = ("community", "enterprise", "government")
LOCALES = ("zh_CN", "en")
BARE_NAMES = ("host", "port", "prometheus_multiproc_dir")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
DATABASES = ("sqlite", "postgres", "postgresql")
QUEUES = ("redis", "rediss", "unix")
MOST = 2**31 - 1
# Least and most of the whole numbers; of all others any that is not negative.
RANGES = {
    "port": (1, 65535),
    "web_workers": (1, 256),
    "web_threads": (1, 1024),
    "upload_chunk_mib": (1, 1024),
    "upload_days": (1, 3650),
    "media_processes": (1, 64),
    "media_threads": (1, 256),
    "trusted_proxies": (0, 16),
    "session_days": (1, 3650),
    "password_time_cost": (1, 100),
    "password_memory_kib": (8, 4 * 1024 * 1024),
}


class SettingsError(ValueError):
    """A setting in the environment cannot be used; the text says which and why."""


@dataclass(frozen=True)
class Settings:
    """Everything an administrator can set: field ``x`` is the variable ``LMS_X`` (in BARE_NAMES: also plain ``X``)."""

    data: Path
    database_url: str = ""
    redis_url: str = ""
    secret_key: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    web_workers: int = 2
    web_threads: int = 16
    timezone: str = "Asia/Shanghai"
    locale: str = "zh_CN"
    profile: str = "community"
    max_recording_mib: int = 2048
    max_material_mib: int = 200
    min_free_mib: int = 256
    upload_chunk_mib: int = 8
    upload_days: int = 7
    member_quota_mib: int = 51200
    unit_quota_mib: int = 0
    media_processes: int = 1
    media_threads: int = 2
    keep_originals: bool = False
    accel_redirect: str = ""
    recogniser: str = ""
    recogniser_minutes: int = 360
    cookie_secure: bool = False
    trusted_proxies: int = 0
    session_days: int = 30
    password_time_cost: int = 2
    password_memory_kib: int = 19456
    sqlite_synchronous: str = "normal"
    log_level: str = "INFO"
    metrics_token: str = ""
    prometheus_multiproc_dir: str = ""
    web_starts_worker: bool = True
    beside_web: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """Give the organisation's time zone: days, weeks and months are counted in it."""
        return ZoneInfo(self.timezone)

    @property
    def database(self) -> str:
        """Give the database address: ``database_url``, or SQLite inside the data folder."""
        return self.database_url or f"sqlite:///{self.data / 'lms.sqlite3'}"

    @property
    def address(self) -> str:
        """Give host and port as an address names them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def index_path(self) -> Path:
        """Give the folder of the search index."""
        return self.data / "index"

    @property
    def lexicon_path(self) -> Path:
        """Give the file of what is suggested while typing, made from the database as the index is."""
        return self.data / "lexicon"

    @property
    def last_backup_path(self) -> Path:
        """The file that names the newest backup; its time is that of the backup."""
        return self.data / "last_backup"

    @property
    def years_path(self) -> Path:
        """Give the folder of the ledger's years as boards read them, made from the database."""
        return self.data / "years"

    @property
    def files_path(self) -> Path:
        """Give the folder of uploaded files."""
        return self.data / "files"

    @property
    def wake_path(self) -> Path:
        """Where the worker of this machine listens for new work."""
        return self.data / "wake"

    @property
    def queue_path(self) -> Path:
        """Give the SQLite file of the job queue, used when no Redis is set."""
        return self.data / "queue.sqlite3"

    def shown(self) -> dict[str, str]:
        """Give the settings in force as text for ``lms doctor``; secrets are masked."""
        rows = {f.name: str(getattr(self, f.name)) for f in fields(self)}
        rows["secret_key"] = "(set)"  # noqa: S105
        rows["metrics_token"] = "(set)" if self.metrics_token else ""
        rows["database_url"] = _without_password(self.database)
        rows["redis_url"] = _without_password(self.redis_url)
        return rows


def _without_password(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator or "@" not in rest:
        return url
    user, _, host = rest.rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}:***@{host}"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Raises SettingsError for a value of the wrong type or out of its range, so that a typing error stops the
    start with its name instead of surfacing later.
    """
    env = os.environ if environ is None else environ
    values: dict[str, object] = {}
    for field in fields(Settings):
        name = f"LMS_{field.name.upper()}"
        if name not in env and field.name in BARE_NAMES:
            name = field.name.upper()
        raw = env.get(name, "")
        if raw != "":
            values[field.name] = _parse(name, str(field.type), raw, RANGES.get(field.name, (0, MOST)))
    values.setdefault("data", Path("var"))
    values["data"] = Path(str(values["data"])).expanduser().resolve()
    if not values.get("secret_key"):
        values["secret_key"] = _kept_secret(Path(str(values["data"])))
    settings = Settings(**values)  # type: ignore[arg-type]
    _check(settings)
    return settings


def _parse(name: str, kind: str, raw: str, limits: tuple[int, int]) -> object:
    if "int" in kind:
        if not raw.isascii() or not raw.isdigit():
            raise SettingsError(f"{name} must be a whole number, not {raw!r}")
        least, most = limits
        if len(raw) > len(str(MOST)) or not least <= int(raw) <= most:
            raise SettingsError(f"{name} must be between {least} and {most}, not {raw}")
        return int(raw)
    if "bool" in kind:
        if raw.lower() not in ("1", "0", "true", "false", "yes", "no"):
            raise SettingsError(f"{name} must be 1 or 0, not {raw!r}")
        return raw.lower() in ("1", "true", "yes")
    return raw


def _check(settings: Settings) -> None:
    if settings.profile not in PROFILES:
        raise SettingsError(f"LMS_PROFILE must be one of {', '.join(PROFILES)}, not {settings.profile!r}")
    if settings.locale not in LOCALES:
        raise SettingsError(f"LMS_LOCALE must be one of {', '.join(LOCALES)}, not {settings.locale!r}")
    if settings.sqlite_synchronous not in ("normal", "full"):
        raise SettingsError("LMS_SQLITE_SYNCHRONOUS must be normal or full")
    if settings.recogniser and "{audio}" not in settings.recogniser:
        raise SettingsError("LMS_RECOGNISER must say with {audio} where the recording's file goes")
    if settings.log_level not in LOG_LEVELS:
        raise SettingsError(f"LMS_LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}, not {settings.log_level!r}")
    _check_address("LMS_DATABASE_URL", settings.database, DATABASES)
    if settings.redis_url:
        _check_address("LMS_REDIS_URL", settings.redis_url, QUEUES)
    if settings.accel_redirect and not re.fullmatch(r"/[A-Za-z0-9/_.-]*/", settings.accel_redirect):
        raise SettingsError("LMS_ACCEL_REDIRECT must be a path that begins and ends with /, as in the nginx location")
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(f"LMS_TIMEZONE {settings.timezone!r} is not a known time zone") from error


def _check_address(name: str, address: str, schemes: tuple[str, ...]) -> None:
    """Raise SettingsError for an address of no kind that is known, or that cannot be read; it may hold a password."""
    try:
        parts = urlsplit(address)
        known = parts.scheme in schemes and parts.port != 0
    except ValueError as error:
        raise SettingsError(f"{name} cannot be read as an address: {error}") from error
    if not known:
        raise SettingsError(f"{name} must begin with {', '.join(f'{scheme}://' for scheme in schemes)}")


def _kept_secret(data: Path) -> str:
    """Give the signing key kept in the data folder, made at the first start and readable by the owner only.

    It is put in its place whole: who starts at the same moment, or after this was killed, never reads half of it.
    """
    path = data / "secret_key"
    aside = data / f"secret_key.{secrets.token_hex(4)}"
    try:
        data.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
            _put(aside, path)
    except OSError as error:
        raise SettingsError(f"the data folder {data} (LMS_DATA) cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
    return _read_secret(path)


def _put(aside: Path, path: Path) -> None:
    """Give a file its name unless another has it; where the disk knows no links, the last one has it."""
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    except OSError:
        aside.replace(path)


def _read_secret(path: Path) -> str:
    try:
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the signing key {path} cannot be read: {error}") from error
    if not key:
        raise SettingsError(f"the signing key {path} is empty: remove the file, and all sign in once more")
    return key
