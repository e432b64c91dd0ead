"""What this process of a run of the tests is: its name, the PostgreSQL it tests on, what all processes share."""

import os
from pathlib import Path

from apiflask import APIFlask

name = "alone"
postgres = os.environ.get("LMS_TEST_POSTGRES", "")  # the address of a cluster; empty is SQLite
shared: Path | None = None  # None while there is one process only
application: APIFlask | None = None  # built before the first fork, if there is one
