"""Where uploaded files live."""

from lms.config import Settings
from lms.storage.store import MIB, LocalStore, Storage, StoredFile

__all__ = ["MIB", "LocalStore", "Storage", "StoredFile", "bind", "files"]

_bound: Storage | None = None


def bind(settings: Settings) -> None:
    """Use the store of the settings from now on."""
    global _bound
    _bound = LocalStore(settings.files_path, settings.min_free_mib * MIB)


def files() -> Storage:
    """Give the store in use. Raises RuntimeError before ``bind``."""
    if _bound is None:
        raise RuntimeError("lms.storage is not bound: call lms.runtime.start first")
    return _bound
