"""Reading a PDF through ``pdf_text.py`` in a process of its own, with a limit on its time."""

import json
import logging
import subprocess
import sys
from pathlib import Path

from lms.errors import N_, InvalidInput

log = logging.getLogger("lms.materials")

PROGRAM = Path(__file__).with_name("pdf_text.py")
LOOK_SECONDS = 15.0
READ_SECONDS = 900.0

REASONS = {
    "encrypted": N_("This PDF is protected by a password. Save a copy without protection and upload that."),
    "broken": N_("This PDF is damaged and cannot be read. Save it again from where it was made, then upload it again."),
    "pages": N_("This PDF has more than 5,000 pages. Please split it and upload the parts."),
    "heavy": N_("This PDF is too heavy to read its text. Please split it, or save it anew as a simpler PDF."),
}


def look(path: Path) -> None:
    """See whether a PDF opens. Raises InvalidInput saying why not; one that is merely slow passes."""
    try:
        _run("look", path, LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        log.warning("a PDF opens slowly", extra={"key": path.name})


def read_pages(path: Path, seconds: float = READ_SECONDS) -> list[str]:
    """Give the text of each page, as it stands in the file. Raises InvalidInput saying what the uploader can do."""
    try:
        lines = _run("read", path, seconds)
    except subprocess.TimeoutExpired as error:
        raise InvalidInput(REASONS["heavy"]) from error
    return [line["text"] for line in lines if "text" in line]


def _run(command: str, path: Path, seconds: float) -> list[dict[str, str]]:
    done = subprocess.run(
        [sys.executable, "-I", str(PROGRAM), command, str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=seconds,
        check=False,
    )
    if done.returncode:
        log.warning("reading a PDF ended badly", extra={"key": path.name, "status": done.returncode})
        raise InvalidInput(REASONS["heavy"])
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    refused = next((line["failure"] for line in lines if "failure" in line), None)
    if refused:
        raise InvalidInput(REASONS[refused])
    return lines
