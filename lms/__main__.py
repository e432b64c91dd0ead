"""``python -m lms``: the command line."""

import gc
import sys

gc.disable()  # what loading makes stays: looking through it again and again for rubbish was a quarter of the start

from lms.cli import main  # noqa: E402

gc.freeze()
gc.enable()
sys.exit(main())
