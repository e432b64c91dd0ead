"""Taking the text out of a PDF, in a process of its own with little to lose.

Run as a file (``python -I pdf_text.py look|read FILE``): it imports nothing of the service, so it starts fast and a
hostile PDF that makes it grow, spin or crash takes nothing else down. Answers in JSON lines: first ``{"pages": n}``,
then with ``read`` one ``{"text": ...}`` for each page; or ``{"failure": word}`` in place of the rest.
"""

import json
import resource
import signal
import sys
import zlib
from typing import Any

from pypdf import PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError

MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 600
PAGE_SECONDS = 20
MAX_PAGES = 5000
PAGE_CHARS = 100_000
ALL_CHARS = 30_000_000
# What pypdf lets through on damaged files; its own documentation says that other exceptions than its own may come.
DAMAGE = (
    PyPdfError, ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError,
    TypeError, ValueError, zlib.error,
)  # fmt: skip


class Refused(Exception):
    """The file cannot be read; the text is a word for why: encrypted, broken, pages, heavy."""


def say(**line: Any) -> None:
    """Write one line of the answer."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def limit_resources() -> None:
    """Let the process neither grow without bound nor write any file nor run for ever."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    signal.signal(signal.SIGALRM, _too_slow)


def _too_slow(*_: object) -> None:
    raise TimeoutError("this page takes too long")


def open_pdf(path: str) -> PdfReader:
    """Open a file and count its pages. Raises Refused."""
    try:
        reader = PdfReader(path, strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Refused("encrypted")
        count = len(reader.pages)
    except (FileNotDecryptedError, DependencyError) as error:
        raise Refused("encrypted") from error
    except DAMAGE as error:
        raise Refused("broken") from error
    if count == 0:
        raise Refused("broken")
    if count > MAX_PAGES:
        raise Refused("pages")
    return reader


def page_text(reader: PdfReader, index: int) -> str | None:
    """Give the text of a page, cut at ``PAGE_CHARS``; None when the page cannot be read."""
    signal.setitimer(signal.ITIMER_REAL, PAGE_SECONDS)
    try:
        return reader.pages[index].extract_text()[:PAGE_CHARS]
    except DAMAGE:
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def read(path: str) -> None:
    """Answer with the text of every page. Raises Refused when none can be read or all together are too long."""
    reader = open_pdf(path)
    count = len(reader.pages)
    say(pages=count)
    chars = unread = 0
    for index in range(count):
        text = page_text(reader, index)
        unread += text is None
        chars += len(text or "")
        if chars > ALL_CHARS:
            raise Refused("heavy")
        say(text=text or "")
    if unread == count:
        raise Refused("broken")


def main() -> int:
    """Answer the command line; the status says whether the process itself held."""
    limit_resources()
    _, command, path = sys.argv
    try:
        if command == "look":
            say(pages=len(open_pdf(path).pages))
        else:
            read(path)
    except Refused as refused:
        say(failure=str(refused))
    except MemoryError:
        say(failure="heavy")
    return 0


if __name__ == "__main__":
    sys.exit(main())
