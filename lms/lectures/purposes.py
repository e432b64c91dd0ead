"""Recordings as files that are sent in pieces."""

from io import BytesIO

from lms.config import MIB
from lms.lectures import destinations, sniffing
from lms.members.access import Action
from lms.uploads.purposes import Purpose


def _look(head: bytes, name: str) -> None:
    sniffing.media_type_of(BytesIO(head))


TARGETS = {"recording": destinations.of_replacement, "lecture": destinations.of_addition}
PURPOSES = (
    Purpose("recording", Action.LECTURE_UPLOAD, lambda settings: settings.max_recording_mib * MIB, _look, TARGETS),
)
