"""Uploading: what is taken, what is refused, and that a refusal leaves nothing behind."""

import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from lms import storage
from lms.config import Settings
from lms.db import database
from lms.errors import Forbidden, InvalidInput, LmsError, TooLarge, Unavailable
from lms.jobs.models import Job
from lms.materials.models import Material
from lms.materials.uploading import Upload, upload_material
from lms.members.access import Actor
from lms.members.models import Unit
from lms.storage import MIB, LocalStore, files
from tests.factories import Make
from tests.materials.pdf import encrypted_pdf, make_pdf

Send = Callable[..., Material]


def nothing_stayed() -> bool:
    waiting = [path for path in files().incoming().iterdir() if path.is_file()]
    return not (Material.select().count() or Job.select().count() or list(files().keys()) or waiting)


@pytest.mark.parametrize(
    ("content", "name", "media_type", "charset"),
    [
        ("# 标题\n\n正文".encode(), "笔记.md", "text/markdown", "utf-8"),
        ("正文".encode("gb18030"), "通知.txt", "text/plain", "gb18030"),
        (make_pdf(["正文"]), "guide.pdf", "application/pdf", ""),
        (make_pdf(["正文"]), "named-as-a.txt", "application/pdf", ""),
    ],
)
def test_an_upload_is_kept_as_what_its_content_is(
    upload: Send, content: bytes, name: str, media_type: str, charset: str
) -> None:
    material = upload(content, name, done=False)
    assert (material.media_type, material.charset, material.state) == (media_type, charset, "preparing")
    assert files().path(material.file_key).read_bytes() == content
    assert [job.task for job in Job.select()] == ["materials.extract"]


def test_without_a_title_the_name_of_the_file_becomes_one(upload: Send) -> None:
    assert upload(name="C:\\我的\\读书_笔记 怎样写.md", done=False).title == "读书 笔记 怎样写"


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "empty.txt", "empty"),
        (b"MZ\x90\x00 program", "harmless.pdf", "EXE"),
        (b"\x89PNG\r\n\x1a\n", "picture.md", "PNG"),
        (b"just words", "words.pdf", "plain text"),
        (b"a\0b" * 50, "binary.txt", "no text"),
        (b"\x80\x81\xff\xfe" * 30, "broken.txt", "encoding"),
        (b"%PDF-1.7 and nothing more", "broken.pdf", "damaged"),
        (encrypted_pdf(["x"], "secret"), "locked.pdf", "password"),
    ],
)
def test_what_lies_or_cannot_be_read_is_refused_and_leaves_nothing(
    upload: Send, content: bytes, name: str, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says) as refused:
        upload(content, name)
    assert refused.value.field == "file"
    assert nothing_stayed()


def test_a_zip_bomb_in_word_clothes_is_refused_before_anything_is_unpacked(
    upload: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = _bomb(4096)
    assert len(bomb) < 5 * MIB

    def opened(*_: object, **__: object) -> None:
        raise AssertionError("something was unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "open", opened)
    with pytest.raises(InvalidInput, match="swell"):
        upload(bomb, "letter.docx")
    assert nothing_stayed()


def _bomb(mebibytes: int) -> bytes:
    """A DOCX whose document would unpack to so many MiB of zeros: one packed MiB, written again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    content = packed * mebibytes + zlib.compressobj(9, zlib.DEFLATED, -15).flush()
    name = b"word/document.xml"
    facts = struct.pack("<5H3I2H", 20, 0, 8, 0, 0, 0, len(content), 2**32 - 1, len(name), 0)
    head = b"PK\x03\x04" + facts + name
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + facts + struct.pack("<3H2I", 0, 0, 0, 0, 0) + name
    end = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 1, 1, len(entry), len(head) + len(content), 0)
    return head + content + entry + end


def test_the_bomb_of_these_tests_is_a_real_one() -> None:
    with zipfile.ZipFile(BytesIO(_bomb(4096))) as archive, archive.open("word/document.xml") as document:
        assert archive.getinfo("word/document.xml").file_size > 4_000_000_000
        assert document.read(3 * MIB) == bytes(3 * MIB)


def test_a_file_past_the_limit_is_refused_by_its_limit(upload: Send) -> None:
    with pytest.raises(TooLarge, match="8 MB"):
        upload(("字" * MIB * 3).encode(), "long.txt")
    assert nothing_stayed()


def test_a_text_file_of_more_than_twenty_megabytes_is_to_be_split(actor: Actor, unit: Unit) -> None:
    given = Upload("", "", "law", "everyone", unit.id, "long.txt", BytesIO(b"word " * 5 * MIB))
    with pytest.raises(InvalidInput, match="20 MB"):
        upload_material(actor, given, 64 * MIB)
    assert nothing_stayed()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": "字" * 201}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"summary": "字" * 501}, "summary"),
        ({"category": "secrets"}, "category"),
        ({"audience": "me"}, "audience"),
    ],
)
def test_facts_out_of_range_are_refused_at_their_field(upload: Send, values: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        upload(**values)
    assert refused.value.field == field
    assert nothing_stayed()


def test_a_member_may_not_upload_and_a_lecturer_only_to_the_own_units(make: Make, unit: Unit, actor: Actor) -> None:
    elsewhere = make.unit("临江社区")
    member = make.actor(make.member(unit))
    for who, where in ((member, unit.id), (member, None), (actor, elsewhere.id)):
        with pytest.raises(Forbidden):
            upload_material(who, Upload("", "", "law", "everyone", where, "a.txt", BytesIO(b"words")), MIB)
    with pytest.raises(InvalidInput, match="unit"):
        upload_material(actor, Upload("", "", "law", "everyone", 999_999, "a.txt", BytesIO(b"words")), MIB)
    assert nothing_stayed()


@pytest.mark.sqlite_only
def test_while_the_database_is_locked_nothing_is_stored_and_later_it_works(upload: Send, service: Settings) -> None:
    database.execute_sql("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(service.data / "lms.sqlite3", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(Unavailable, match="Nothing was lost"):
            upload()
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert nothing_stayed()
    assert upload().state == "ready"


def test_a_full_disk_is_said_and_nothing_is_stored(
    upload: Send, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "_bound", LocalStore(tmp_path / "full", min_free=2**60))
    with pytest.raises(Unavailable, match="disk is full"):
        upload()
    assert nothing_stayed()


def test_the_file_of_a_refused_upload_stays_when_another_material_has_the_same(
    upload: Send, make: Make, actor: Actor
) -> None:
    kept = upload("同一份".encode(), "a.txt")
    with pytest.raises(LmsError):
        upload("同一份".encode(), "a.pdf")
    assert files().exists(kept.file_key)
