"""What there is to say of a recording, and the words between the program and the worker."""

import errno
from dataclasses import dataclass

# The kinds of files that are opened, by the media type their first bytes speak of, and FFmpeg's reader for each. A
# reader is named because a guess could take a playlist for a recording, and follow its addresses.
READERS = {
    "video/mp4": "mov",
    "audio/mp4": "mov",
    "video/quicktime": "mov",
    "audio/mpeg": "mp3",
    "video/x-matroska": "matroska",
    "video/webm": "matroska",
    "video/x-msvideo": "avi",
    "video/x-flv": "flv",
    "video/x-ms-asf": "asf",
    "video/mp2t": "mpegts",
    "video/mpeg": "mpeg",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/aac": "aac",
    "audio/amr": "amr",
}
VIDEO, SOUND, MP3 = "video/mp4", "audio/mp4", "audio/mpeg"
OUT_OF_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENOMEM)
READY, SOUND_ONLY, POSTER = "ready.mp4", "sound.m4a", "poster.jpg"


@dataclass
class Found:
    """What there is to say of a recording. ``problem`` names what is wrong, with its ``detail``; empty if all is well.

    Problems: "broken", "cut_off", "empty", "too_long", "picture_size". ``work`` is what was done: "" (the file is good
    as it is), "copied" (the same picture and sound in an MP4 that plays from its start), "converted".
    """

    problem: str = ""
    detail: str = ""
    media_type: str = ""
    duration_ms: int = 0
    silent: bool = False
    work: str = ""
    poster: bool = False
    sound: bool = False


class Refused(Exception):
    """The recording cannot be used; the first argument is a problem of ``Found``, the second its detail."""

    def __init__(self, problem: str, detail: str = "") -> None:
        super().__init__(problem, detail)
        self.problem, self.detail = problem, detail
