"""``python -m lms``: the command line."""

import sys

from lms.cli import main

sys.exit(main())
