"""What this process of a run of the tests is: its name, the PostgreSQL it tests on, where all processes share files."""

import os
from pathlib import Path

name = "alone"
postgres = os.environ.get("LMS_TEST_POSTGRES", "")  # the address of a cluster; empty is SQLite
shared: Path | None = None  # None while there is one process only
