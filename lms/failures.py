"""What a command says on standard error when it cannot go on: one line, with what the driver or the system said."""

from peewee import PeeweeException

from lms.config import SettingsError
from lms.errors import LmsError
from search_index import SearchIndexError

EXPECTED = (LmsError, SettingsError, SearchIndexError, PeeweeException, OSError)


def in_one_line(error: BaseException) -> str:
    """Say what failed and, where that was the database, why; no statement with its values is among the words."""
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)
    if isinstance(error, PeeweeException):
        return f"the database cannot be used: {_first_line(error)} (lms doctor looks at each part)"
    cause = error.__cause__
    return f"{error} ({_first_line(cause)})" if isinstance(cause, PeeweeException) else str(error)


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]
