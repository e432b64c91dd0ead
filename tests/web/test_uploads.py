"""Large files: taken only where, from whom and as large as said; nothing left in the data folder."""

from collections.abc import Callable
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask

from lms import storage
from lms.config import Settings
from lms.errors import Unavailable
from lms.members.models import Member, Unit
from lms.storage import MIB, LocalStore, files
from lms.web import uploads
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]
TEXT = "学" * 1000


@pytest.fixture
def unit(make: Make) -> Unit:
    return make.unit()


@pytest.fixture
def lecturer(make: Make, unit: Unit) -> Member:
    return make.member(unit, "lecturer")


def form(unit: Unit, content: bytes) -> dict[str, Any]:
    facts = {"title": "长文", "summary": "", "category": "other", "audience": "everyone", "unit": str(unit.id)}
    return {**facts, "file": (BytesIO(content), "long.txt")}


MULTIPART = {"content_type": "multipart/form-data; boundary=x"}


def body(fields: dict[str, Any]) -> bytes:
    """Write a form as a browser sends it; the test client's own way leaves a temporary file open for large ones."""
    out = b""
    for name, value in fields.items():
        stream, file_name = value if isinstance(value, tuple) else (BytesIO(value.encode()), "")
        ending = f'; filename="{file_name}"' if file_name else ""
        out += f'--x\r\nContent-Disposition: form-data; name="{name}"{ending}\r\n\r\n'.encode()
        out += stream.read() + b"\r\n"
    return out + b"--x--\r\n"


def waiting() -> list[str]:
    return [path.name for path in files().incoming().iterdir()]


class Untouched(BytesIO):
    """A body that nobody should begin to read."""

    def read(self, *_: Any) -> bytes:
        raise AssertionError("the body was read")

    readline = readinto = read


def declare(who: Browser, path: str, size: int, **headers: str) -> Any:
    """Declare a body of a size without sending it."""
    return who.client.post(
        path,
        input_stream=Untouched(),
        headers={"Content-Type": "multipart/form-data; boundary=x", **headers},
        environ_overrides={"CONTENT_LENGTH": str(size)},
    )


def test_a_file_larger_than_any_form_is_taken_where_uploads_are(browser: Open, lecturer: Member, unit: Unit) -> None:
    content = (TEXT * 3000).encode()
    assert len(content) > uploads.FORM_BYTES
    who = browser(lecturer)
    sent = who.client.post("/materials/new", data=body({**form(unit, content), "csrf_token": who.token()}), **MULTIPART)
    assert sent.status_code == 303
    kept = list(files().keys())
    assert [files().path(key).read_bytes() == content for key in kept] == [True]
    assert waiting() == []


def test_three_gigabytes_are_refused_at_once_by_the_real_limit(browser: Open, lecturer: Member) -> None:
    who = browser(lecturer)
    page = declare(who, "/materials/new", 3 * 1024 * MIB)
    assert (page.status_code, "200 MB" in page.text) == (413, True)
    program = declare(who, "/api/v1/materials", 3 * 1024 * MIB, **{"X-CSRFToken": who.token()})
    assert (program.status_code, program.content_type) == (413, "application/problem+json")
    assert "200 MB" in program.json["detail"]


def test_elsewhere_a_large_body_is_refused(browser: Open, lecturer: Member) -> None:
    assert declare(browser(lecturer), "/account/password", 5 * MIB).status_code == 413


def test_who_may_not_upload_is_refused_before_a_byte_is_read(browser: Open, make: Make) -> None:
    assert declare(browser(make.member()), "/materials/new", 100 * MIB).status_code == 403
    assert declare(browser(None), "/materials/new", 100 * MIB).status_code == 401


def test_an_upload_that_would_fill_the_disk_is_refused_before_a_byte_is_read(
    browser: Open, lecturer: Member, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "_bound", LocalStore(tmp_path / "full", min_free=2**60))
    refused = declare(browser(lecturer), "/materials/new", 100 * MIB)
    assert refused.status_code == 503
    assert "磁盘已满" in refused.text


def test_slow_uploads_never_take_every_thread(browser: Open, lecturer: Member, unit: Unit, app: APIFlask) -> None:
    places = max(1, app.config["LMS"].web_threads // 2)
    who = browser(lecturer)
    slots = app.extensions["upload_slots"]
    taken = [slots.acquire(blocking=False) for _ in range(places)]
    assert all(taken) and places < app.config["LMS"].web_threads
    refused = who.client.post("/materials/new", data=form(unit, b"# a") | {"csrf_token": who.token()})
    assert refused.status_code == 503
    assert "正在上传的文件较多" in refused.text
    assert who.get("/materials").status_code == 200
    slots.release(places)
    for number in range(places + 1):
        sent = who.client.post("/materials/new", data=form(unit, b"# %d" % number) | {"csrf_token": who.token()})
        assert sent.status_code == 303


def test_a_stream_of_unknown_length_ends_at_the_limit(lecturer: Member, app: APIFlask, unit: Unit) -> None:
    app.config["LMS"] = _with_limit(app.config["LMS"], 1)
    who = Browser(app, lecturer)
    response = who.client.post(
        "/materials/new",
        headers={"Content-Type": "multipart/form-data; boundary=x", "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input": Endless(), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )
    assert (response.status_code, "1 MB" in response.text) == (413, True)
    assert waiting() == []


def _with_limit(settings: Settings, mebibytes: int) -> Settings:
    return Settings(**{**settings.__dict__, "max_material_mib": mebibytes})


class Endless(RawIOBase):
    """The body of an upload that never ends."""

    def __init__(self) -> None:
        self._head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part, self._head = self._head[: len(buffer)] or b"x" * len(buffer), self._head[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def test_a_forged_upload_is_refused_and_leaves_nothing(browser: Open, lecturer: Member, unit: Unit) -> None:
    sent = body({**form(unit, (TEXT * 500).encode()), "csrf_token": "forged"})
    assert browser(lecturer).client.post("/materials/new", data=sent, **MULTIPART).status_code == 400
    assert (waiting(), list(files().keys())) == ([], [])


def test_a_disk_that_fills_while_the_file_arrives_is_said_so(service: Settings) -> None:
    file = uploads.WaitingFile()
    file.rollover()
    with Path("/dev/full").open("wb", buffering=0) as full:
        file._file.close()
        file._file = full
        with pytest.raises(Unavailable, match="disk is full"):
            file.write(b"words")
        file.close()
