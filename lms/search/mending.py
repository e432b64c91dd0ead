"""How whoever finds the index unusable has it rebuilt: a file beside the index asks the worker of this host for it.

A reader may not write to the index, and a search may not write to the database. The index is local to a host, and so is
what is wrong with it.
"""

import logging
from pathlib import Path

log = logging.getLogger("lms.search")


def _mark(index: Path) -> Path:
    return index.with_name(f"{index.name}.damaged")


def ask(index: Path, reason: str) -> None:
    """Ask for a rebuild. A full disk only means that it must be asked for again."""
    try:
        _mark(index).write_text(reason, encoding="utf-8")
    except OSError as error:
        log.warning("cannot ask for a rebuild of the search index", exc_info=error)


def reason(index: Path) -> str:
    """Give why a rebuild was asked for; empty when none was."""
    try:
        return _mark(index).read_text(encoding="utf-8", errors="replace") or "asked for"
    except FileNotFoundError:
        return ""


def done(index: Path) -> None:
    """Take note that the index was built anew."""
    _mark(index).unlink(missing_ok=True)
