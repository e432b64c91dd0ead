"""Put a recording of random bytes into the data folder of LMS_DATA: ``python streaming_film.py MIB`` (streaming.py)."""

import os
import sys
from io import BytesIO

from lms import runtime
from lms.config import MIB, load_settings
from lms.db import ensure_open
from lms.lectures.models import Lecture, Recording
from lms.members.models import Unit
from lms.storage import files


def main(mib: int) -> None:
    """Store it, and print its id and where it lies below the folder of files."""
    runtime.start(load_settings())
    ensure_open()
    stored = files().put(BytesIO(os.urandom(mib * MIB)), mib * MIB)
    unit = Unit.select().order_by(Unit.id).first()
    lecture = Lecture.create(title="Benchmark", speaker="-", unit=unit, audience="everyone")
    recording = Recording.create(
        lecture=lecture,
        media_type="video/mp4",
        file_key=stored.key,
        file_name="film.mp4",
        file_size=stored.size,
        duration_ms=3_600_000,
        state="ready",
    )
    print(recording.id, files().place(stored.key))


if __name__ == "__main__":
    main(int(sys.argv[1]))
