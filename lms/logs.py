"""Logs: one JSON object a line on standard error, for the operator's own tools."""

import json
import logging
import sys
from datetime import UTC, datetime
from logging.config import dictConfig
from typing import Any

# Nothing of this stands in our lines, and looking for it was half of what a line cost.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False

_STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_as_json = json.JSONEncoder(ensure_ascii=False, default=str).encode


class JsonLines(logging.Formatter):
    """Write a record as one line of JSON; what was passed as ``extra`` stands beside time, level and message."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line. A stack trace is part of it, in ``error``."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "log": record.name,
            "message": record.getMessage(),
        }
        line.update({key: value for key, value in record.__dict__.items() if key not in _STANDARD})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return _as_json(line)


def config(level: str) -> dict[str, Any]:
    """Give the logging configuration of a process; gunicorn's own loggers follow it too."""
    quiet = {"level": "WARNING"}
    plain = {"level": "INFO", "propagate": True, "handlers": []}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLines}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": sys.stderr}},
        "root": {"level": level, "handlers": ["stderr"]},
        "loggers": {
            "huey": quiet,
            "peewee": plain,  # at DEBUG it writes every value, hashes of passwords among them
            "peewee.migrations": quiet,
            "huey.consumer": quiet,
            "pypdf": {"level": "ERROR"},
            "libav": quiet,
            "gunicorn.error": plain,
        },
    }


def set_up(level: str) -> None:
    """Configure this process's logs."""
    dictConfig(config(level))
