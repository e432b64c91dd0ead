"""Sending files in pieces as a tus client does, for tests."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.browser_like import Browser

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = "application/offset+octet-stream"
SOUND = b"\xff\xfb\x90\x64" + bytes(413)


def sound(frames: int, seed: int = 0) -> bytes:
    """Make something that begins like an MP3 recording; another seed, another content."""
    return SOUND * frames + bytes([seed])


def metadata(**values: str) -> str:
    """Write what is said about a file."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


def digest(piece: bytes, algorithm: str = "sha256") -> str:
    """Write the checksum of a piece."""
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, piece).digest()).decode()}"


@dataclass
class Sender:
    """A member's tus client."""

    browser: Browser

    def call(self, method: str, path: str, body: bytes = b"", **headers: str) -> TestResponse:
        """Send a request with the protocol's headers; an underscore stands for a hyphen."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.browser.client.open(
            path, method=method, data=body, headers={**TUS, "X-CSRFToken": self.browser.token(), **named}
        )

    def begin(self, length: int, purpose: str = "recording", name: str = "课.mp3", **more: str) -> TestResponse:
        """Begin an upload."""
        said = metadata(purpose=purpose, filename=name, **more)
        return self.call("POST", "/api/v1/uploads", Upload_Length=str(length), Upload_Metadata=said)

    def piece(self, path: str, offset: int, body: bytes, **headers: str) -> TestResponse:
        """Send a piece."""
        return self.call("PATCH", path, body, Upload_Offset=str(offset), Content_Type=PIECE, **headers)

    def offset(self, path: str) -> int:
        """Ask how far an upload is."""
        return int(self.call("HEAD", path).headers["Upload-Offset"])

    def whole(self, content: bytes, **said: Any) -> str:
        """Send a whole file in one piece and give the token."""
        path: str = self.begin(len(content), **said).headers["Location"]
        assert self.piece(path, 0, content).status_code == 204
        return path.rpartition("/")[2]
