"""A port for a server of a test, which nobody else is given before the server starts, nor while it starts anew."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

HOST = "127.0.0.1"


@contextmanager
def held_port() -> Iterator[int]:
    """Give a free port and keep it: bound, but not listened at, by a socket that lets a server listen beside it.

    The server has to allow the reuse of its address, as gunicorn, nginx and Redis do; who asks for any free port gets
    another one.
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((HOST, 0))
        port: int = held.getsockname()[1]
        yield port
