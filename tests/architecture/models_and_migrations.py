"""The migrations make what the models say: ``python -m tests.architecture.models_and_migrations``."""

import sys
import tempfile
from pathlib import Path

from lms import runtime
from lms.config import Settings
from lms.migrations import differences, migrate


def main() -> int:
    """Migrate an empty database and compare; exit status 1 if they differ."""
    with tempfile.TemporaryDirectory() as folder:
        runtime.start(Settings(data=Path(folder), secret_key="not used"))
        migrate()
        found = differences()
    print(found or "migrations and models agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
