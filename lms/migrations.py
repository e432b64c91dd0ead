"""Bringing a database to the shape of the models, by the numbered scripts in ``migrations/``."""

from importlib import import_module
from pathlib import Path

from peewee import Model
from playhouse.migrations import Runner
from playhouse.schema_diff import diff_models

from lms.db import BaseModel, database, ensure_open

DIRECTORY = Path(__file__).resolve().parent.parent / "migrations"
ROOMS = (
    "members",
    "notices",
    "uploads",
    "roster",
    "jobs",
    "catalogue",
    "reading",
    "lists",
    "activities",
    "notes",
    "categories",
    "materials",
    "lectures",
    "courses",
    "questions",
    "progress",
    "board",
    "reminders",
    "search",
)


def _runner() -> Runner:
    ensure_open()
    return Runner(database.obj, directory=str(DIRECTORY))


def migrate() -> list[str]:
    """Apply the pending migrations in order and give their names; each runs in a transaction of its own."""
    applied: list[str] = _runner().up()
    return applied


def applied() -> list[str]:
    """Give the names of the migrations that this database has seen, in order."""
    return [row.name for row in _runner().status() if row.applied is not None]


def pending() -> list[str]:
    """Give the names of the migrations that this database has not seen."""
    return [row.name for row in _runner().status() if row.path is not None and row.applied is None]


def models() -> list[type[Model]]:
    """Give every model of the service."""
    for room in ROOMS:
        import_module(f"lms.{room}.models")
    return list(BaseModel.__subclasses__())


def differences() -> str:
    """Say how the database differs from the models; empty when they agree."""
    ensure_open()
    return str(diff_models(database.obj, models()))
