"""The tus protocol 1.0 as a client meets it: what is kept, what is refused and with which words."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO

import pytest
from apiflask import APIFlask
from werkzeug.exceptions import ClientDisconnected

from lms import clock
from lms.amounts import number
from lms.db import database
from lms.errors import LmsError
from lms.jobs.models import Job
from lms.members.models import Member, Unit
from lms.storage import files
from lms.uploads import jobs, partial, purposes, queries, service
from lms.uploads.models import Quota, Upload
from lms.uploads.purposes import HEAD_BYTES
from tests.browser_like import Browser
from tests.factories import Make
from tests.uploads.sending import PIECE, TUS, Sender, digest, metadata, sound

MIB = 1024 * 1024


def test_discovery_needs_no_sign_in_and_says_what_is_spoken(app: APIFlask) -> None:
    found = app.test_client().options("/api/v1/uploads")
    assert found.status_code == 204
    assert found.headers["Tus-Version"] == found.headers["Tus-Resumable"] == "1.0.0"
    assert found.headers["Tus-Extension"] == "creation,creation-with-upload,checksum,termination,expiration"
    assert found.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert found.headers["Tus-Max-Size"] == str(2048 * MIB)
    assert "Access-Control-Allow-Origin" not in found.headers


def test_a_file_in_pieces_ends_whole_in_the_store(sender: Sender) -> None:
    content = sound(700)
    begun = sender.begin(len(content), name="..\\..\\etc/第一\u202e讲.mp3")
    path = begun.headers["Location"]
    assert begun.status_code == 201 and "Upload-Expires" in begun.headers
    middle = HEAD_BYTES + 7
    assert sender.piece(path, 0, content[:100]).headers["Upload-Offset"] == "100"
    assert sender.piece(path, 100, content[100:middle], Upload_Checksum=digest(content[100:middle])).status_code == 204
    assert sender.offset(path) == middle
    done = sender.piece(path, middle, content[middle:], Upload_Checksum=digest(content[middle:], "sha1"))
    assert (done.status_code, done.headers["Upload-Offset"]) == (204, str(len(content)))
    row = Upload.get()
    assert (row.state, row.name) == ("ready", "第一讲.mp3")
    assert files().path(row.file_key).read_bytes() == content
    assert partial.tokens() == []
    shown = sender.browser.api("GET", "/uploads").json
    assert [(item["name"], item["state"], item["received"]) for item in shown["items"]] == [
        ("第一讲.mp3", "ready", len(content))
    ]
    assert shown["mine"]["used"] == len(content)


def test_the_first_piece_may_come_with_the_beginning(sender: Sender) -> None:
    content = sound(3)
    said = metadata(purpose="recording", filename="a.mp3")
    begun = sender.call(
        "POST",
        "/api/v1/uploads",
        content[:500],
        Upload_Length=str(len(content)),
        Upload_Metadata=said,
        Content_Type=PIECE,
    )
    assert (begun.status_code, begun.headers["Upload-Offset"]) == (201, "500")
    assert sender.piece(begun.headers["Location"], 500, content[500:]).status_code == 204


def test_a_piece_at_another_place_or_damaged_or_too_long_is_refused_and_nothing_moves(sender: Sender) -> None:
    content = sound(10)
    path = sender.begin(len(content)).headers["Location"]
    sender.piece(path, 0, content[:1000])
    wrong = sender.piece(path, 999, content[999:])
    assert (wrong.status_code, "1\N{NARROW NO-BREAK SPACE}000" in wrong.json["detail"]) == (409, True)
    damaged = sender.piece(path, 1000, content[1000:2000], Upload_Checksum=digest(b"other"))
    assert (damaged.status_code, damaged.json["status"]) == (460, 460)
    assert sender.piece(path, 1000, content[1000:], Upload_Checksum="md5 AAAA").status_code == 422
    longer = sender.piece(path, 1000, content[1000:] + b"x")
    assert (longer.status_code, number(len(content)) in longer.json["detail"]) == (413, True)
    assert sender.offset(path) == 1000
    assert partial.size_of(path.rpartition("/")[2]) == 1000
    assert sender.piece(path, 1000, content[1000:]).status_code == 204


def test_another_version_or_kind_of_body_is_refused(sender: Sender) -> None:
    path = sender.begin(1000).headers["Location"]
    old = sender.call("HEAD", path, Tus_Resumable="0.2.2")
    assert (old.status_code, old.headers["Tus-Version"]) == (412, "1.0.0")
    assert sender.browser.client.head(path).status_code == 412
    plain = sender.call("PATCH", path, b"x", Upload_Offset="0", Content_Type="text/plain")
    assert plain.status_code == 415
    assert sender.call("PATCH", path, b"x", Upload_Offset="-1", Content_Type=PIECE).status_code == 422
    assert sender.call("POST", "/api/v1/uploads", Upload_Metadata=metadata(purpose="recording")).status_code == 422
    assert sender.begin(1000, purpose="joke").status_code == 422
    assert sender.begin(0).status_code == 422
    broken = sender.call("POST", "/api/v1/uploads", Upload_Length="9", Upload_Metadata="filename ***")
    assert broken.status_code == 422


def test_a_piece_without_a_token_against_forgery_is_refused(sender: Sender) -> None:
    path = sender.begin(1000).headers["Location"]
    forged = sender.browser.client.patch(path, data=b"x", headers={**TUS, "Upload-Offset": "0", "Content-Type": PIECE})
    assert forged.status_code == 400
    assert sender.offset(path) == 0


def test_clients_that_can_only_post_say_what_they_mean(sender: Sender) -> None:
    content = sound(2)
    path = sender.begin(len(content)).headers["Location"]
    sent = sender.call("POST", path, content[:9], X_HTTP_Method_Override="PATCH", Upload_Offset="0", Content_Type=PIECE)
    assert sent.headers["Upload-Offset"] == "9"
    assert sender.call("POST", path).status_code == 404
    assert sender.call("POST", path, X_HTTP_Method_Override="DELETE").status_code == 204
    assert sender.call("HEAD", path).status_code == 404


def test_the_real_limit_is_named_before_anything_is_sent(sender: Sender, service: object) -> None:
    refused = sender.begin(2048 * MIB + 1)
    assert (refused.status_code, "2\N{NARROW NO-BREAK SPACE}048 MB" in refused.json["detail"]) == (413, True)
    refused = sender.begin(201 * MIB, purpose="material", name="a.pdf")
    assert (refused.status_code, "200 MB" in refused.json["detail"]) == (413, True)


def test_a_full_share_is_said_with_its_figures_and_an_own_share_goes_before_the_usual_one(
    sender: Sender, lecturer: Member, unit: Unit
) -> None:
    Quota.create(member=lecturer, mib=3)
    assert sender.begin(2 * MIB).status_code == 201
    refused = sender.begin(2 * MIB)
    assert refused.status_code == 413
    assert all(figure in refused.json["detail"] for figure in ("2", "3", "2"))
    assert sender.browser.api("GET", "/uploads").json["mine"] == {"used": 2 * MIB, "allowed": 3 * MIB}
    Quota.update(mib=0).execute()
    Quota.create(unit=unit, mib=3)
    assert "单位" in sender.begin(2 * MIB).json["detail"]
    Quota.update(mib=0).execute()
    assert sender.begin(2 * MIB).status_code == 201


def test_a_wrong_file_ends_after_its_beginning_whatever_its_name(sender: Sender) -> None:
    script = b"#!/bin/sh\nrm -rf /\n" + b"#" * HEAD_BYTES
    path = sender.begin(500 * MIB, name="讲座.mp4").headers["Location"]
    assert sender.piece(path, 0, script[:100]).status_code == 204
    refused = sender.piece(path, 100, script[100:])
    assert (refused.status_code, "MP4" in refused.json["detail"]) == (422, True)
    assert sender.call("HEAD", path).status_code == 404
    assert Upload.select().count() == 0


class Torn(BytesIO):
    """A body whose line is lost after some bytes."""

    def read(self, size: int = -1) -> bytes:
        block = super().read(size)
        if not block:
            raise ClientDisconnected
        return block


def test_what_arrived_before_the_line_was_lost_stays_unless_it_was_to_be_checked(
    sender: Sender, make: Make, lecturer: Member
) -> None:
    content = sound(100)
    path = sender.begin(len(content)).headers["Location"]
    lost = {"input_stream": Torn(content[:7000]), "environ_overrides": {"CONTENT_LENGTH": str(len(content))}}
    headers = {**TUS, "Upload-Offset": "0", "Content-Type": PIECE, "X-CSRFToken": sender.browser.token()}
    sender.browser.client.patch(path, headers=headers, **lost)
    assert sender.offset(path) == 7000
    lost = {"input_stream": Torn(content[7000:9000]), "environ_overrides": {"CONTENT_LENGTH": str(len(content) - 7000)}}
    headers = {**headers, "Upload-Offset": "7000", "Upload-Checksum": digest(content[7000:])}
    assert sender.browser.client.patch(path, headers=headers, **lost).status_code == 400
    assert sender.offset(path) == 7000
    assert sender.piece(path, 7000, content[7000:]).status_code == 204


def test_two_requests_at_once_never_mix_one_waits_and_a_silent_one_is_overtaken(
    sender: Sender, make: Make, lecturer: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = sound(400)
    path = sender.begin(len(content)).headers["Location"]
    token = path.rpartition("/")[2]
    answers: list[int] = []

    def pieces(patience: float) -> Iterator[bytes]:
        yield content[:1000]
        monkeypatch.setattr(partial, "SILENCE_S", patience)
        answers.append(sender.piece(path, 0, content[:5000]).status_code)
        yield content[1000:2000]
        yield b""

    first = pieces(60.0)
    assert service.append(make.actor(lecturer), token, 0, lambda size: next(first)).received == 2000
    assert answers == [423]
    path = sender.begin(len(content)).headers["Location"]
    second = pieces(0.0)
    with pytest.raises(partial.Overtaken):
        service.append(make.actor(lecturer), path.rpartition("/")[2], 0, lambda size: next(second))
    assert (answers, sender.offset(path)) == ([423, 204], 5000)

    def lost_late() -> Iterator[bytes]:
        yield content[5000:6000]
        assert sender.piece(path, 5000, content[5000:]).status_code == 204
        raise service.LineLost

    third = lost_late()
    with pytest.raises(partial.Overtaken):
        service.append(make.actor(lecturer), path.rpartition("/")[2], 5000, lambda size: next(third))
    row = Upload.get(Upload.token == path.rpartition("/")[2])
    assert files().path(row.file_key).read_bytes() == content


def test_after_a_crash_the_offset_is_what_both_the_row_and_the_disk_have(sender: Sender) -> None:
    content = sound(30)
    path = sender.begin(len(content)).headers["Location"]
    token = path.rpartition("/")[2]
    sender.piece(path, 0, content[:3000])
    with partial.path_of(token).open("ab") as file:  # written, and killed before it was noted
        file.write(b"half a piece")
    assert sender.offset(path) == 3000
    with partial.path_of(token).open("r+b") as file:  # a disk that lost its end
        file.truncate(2000)
    assert sender.offset(path) == 2000
    assert sender.piece(path, 2000, content[2000:]).status_code == 204
    assert files().path(Upload.get().file_key).read_bytes() == content


def test_a_large_file_is_hashed_by_the_worker_and_a_crash_there_loses_nothing(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "HASHED_AT_ONCE", 10)
    content = sound(20)
    token = sender.whole(content)
    path = f"/api/v1/uploads/{token}"
    assert (Upload.get().state, sender.call("HEAD", path).headers["Upload-State"]) == ("finishing", "finishing")
    assert Job.get().task == "uploads.finish"

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    row = Upload.get()
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        real = files().adopt
        patch.setattr(files(), "adopt", lambda *given: (real(*given), killed()))
        jobs.finish(row.id)
    assert (Upload.get().state, partial.size_of(token)) == ("finishing", 0)
    jobs.finish(row.id)
    jobs.finish(row.id)
    assert sender.call("HEAD", path).headers["Upload-State"] == "ready"
    assert files().path(Upload.get().file_key).read_bytes() == content


def test_the_same_file_sent_twice_at_once_is_stored_once(sender: Sender, make: Make, lecturer: Member) -> None:
    content = sound(5)
    first, second = (sender.begin(len(content)).headers["Location"] for _ in range(2))
    for path in (first, second):
        sender.piece(path, 0, content[:1000])
    for path in (second, first):
        sender.piece(path, 1000, content[1000:])
    assert [row.state for row in Upload.select()] == ["ready", "ready"]
    assert len(list(files().keys())) == 1


def test_taking_holds_in_the_callers_transaction_only_and_only_once(
    sender: Sender, make: Make, lecturer: Member
) -> None:
    me, token = make.actor(lecturer), sender.whole(sound(4))
    with pytest.raises(ZeroDivisionError), database.atomic():
        service.take(me, token, "recording")
        raise ZeroDivisionError
    assert service.take(me, token, "recording").path.read_bytes() == sound(4)
    for call in (service.peek, service.take):
        with pytest.raises(LmsError, match="used already"):
            call(me, token, "recording")
    with pytest.raises(LmsError, match="used already"):
        service.terminate(me, token)
    unfinished = sender.begin(1000).headers["Location"].rpartition("/")[2]
    with pytest.raises(LmsError, match="not arrived whole"):
        service.peek(me, unfinished, "recording")
    with pytest.raises(LmsError, match="something else"):
        service.peek(me, unfinished, "material")
    with pytest.raises(LmsError, match="not yours"):
        service.peek(make.actor(make.member()), unfinished, "recording")


def test_what_nobody_finished_or_used_is_swept(sender: Sender, make: Make, lecturer: Member) -> None:
    path = sender.begin(1000).headers["Location"]
    sender.piece(path, 0, sound(1)[:200])
    kept, used = sender.whole(sound(1)), sender.whole(sound(2))
    service.take(make.actor(lecturer), used, "recording")
    (partial.folder() / "ffffffffffffffff.part").write_bytes(b"of nobody")
    jobs.sweep()
    assert (Upload.select().count(), partial.tokens()) == (3, [path.rpartition("/")[2]])
    later = clock.now() + purposes.kept_for() + timedelta(minutes=1)
    with clock.at(later):
        assert sender.call("HEAD", path).status_code == 410
        assert sender.browser.api("GET", "/uploads").json["total"] == 0
        jobs.sweep()
    assert (Upload.select().count(), partial.tokens(), list(queries.used_keys())) == (0, [], [])
    assert kept


def test_a_disk_that_fills_half_way_says_so_and_keeps_what_was_stored(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = sound(900)
    path = sender.begin(len(content)).headers["Location"]
    sender.piece(path, 0, content[:100_000])
    write = partial.os.pwrite

    def full(descriptor: int, data: bytes, offset: int) -> int:
        if offset > 150_000:
            raise OSError(28, "No space left on device")
        return write(descriptor, data, offset)

    with monkeypatch.context() as patch:
        patch.setattr(partial.os, "pwrite", full)
        refused = sender.piece(path, 100_000, content[100_000:])
    assert (refused.status_code, "磁盘已满" in refused.json["detail"]) == (503, True)
    assert sender.offset(path) == 100_000
    assert sender.piece(path, 100_000, content[100_000:]).status_code == 204
    assert files().path(Upload.get().file_key).read_bytes() == content


def test_members_who_may_not_upload_begin_nothing(browser: Callable[[Member | None], Browser], make: Make) -> None:
    assert Sender(browser(make.member())).begin(1000).status_code == 403
