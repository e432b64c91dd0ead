"""A process that has the readers loaded and waits for documents: each is read in a process forked off it.

So a document has a process of its own, with limits of its own, that begins in a millisecond; what one does to its
process, the next does not see. Nothing of a document is looked at here. It leaves when nothing came for a minute.

Each message over the channel is ``["FORMAT", "FILE"]`` with the pipe that the answer goes into; when the process has
ended, its status comes back with the seconds of processor time that all of it took.
"""

import gc
import json
import os
import socket
import time
from importlib import import_module

from .limits import limit_resources
from .program import answer

IDLE_SECONDS = 60.0
SHOWING = ("epub", "docx", "pptx", "html")
LONGEST_MESSAGE = 16_384


def main() -> int:
    """Serve whoever holds the other end of standard input, until it is closed or nothing comes any more."""
    channel = socket.socket(fileno=0)
    channel.settimeout(IDLE_SECONDS)
    told = 0.0
    while True:
        try:
            message, handles, _, _ = socket.recv_fds(channel, LONGEST_MESSAGE, 1)
        except TimeoutError:
            return 0
        if not message or not handles:
            return 0
        kind, path = json.loads(message)
        import_module(f".{kind}", __package__)  # here, so that it is loaded once; only what has been asked for
        if kind in SHOWING:
            import_module(".painting", __package__)
        status, took = _in_a_process(channel, kind, path, handles[0])
        spent = time.process_time()
        channel.send(b"%d %.6f" % (status, took + spent - told))
        told = spent


def _in_a_process(channel: socket.socket, kind: str, path: str, handle: int) -> tuple[int, float]:
    """Read a document in a process of its own; give its status, negative for a signal, and its processor time."""
    gc.freeze()
    pid = os.fork()
    if pid:
        os.close(handle)
        _, ended, used = os.wait4(pid, 0)
        return os.waitstatus_to_exitcode(ended), used.ru_utime + used.ru_stime
    status = 1
    try:
        channel.close()
        gc.disable()  # it ends soon; the limit on memory holds all the same
        limit_resources()
        with open(handle, "wb") as out:
            answer(kind, path, out)
        status = 0
    finally:
        os._exit(status)
