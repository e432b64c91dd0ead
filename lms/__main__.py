"""``python -m lms``: the command line. The two commands that go on running are loaded without all the others."""

import gc
import sys
from importlib import import_module

gc.disable()  # what loading makes stays: looking through it again and again for rubbish was a quarter of the start

ALONE = {("serve",): "lms.serving", ("serve", "--demo"): "lms.serving", ("worker",): "lms.worker"}

arguments = sys.argv[1:]
try:
    main = import_module(ALONE.get(tuple(arguments), "lms.cli")).main
    gc.freeze()
    gc.enable()
    status = main(arguments)
except KeyboardInterrupt:  # while all of this was loaded, or before the server minds signals itself
    gc.enable()
    sys.stderr.write("\nlms: stopped; what was done so far is kept\n")
    status = 130
sys.exit(status)
