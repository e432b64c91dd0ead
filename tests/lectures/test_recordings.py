"""A lecture in several recordings: their order and titles, which one is played, what may be taken away."""

import hashlib
import threading
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms import clock
from lms.db import database
from lms.errors import Conflict, Forbidden, InvalidInput
from lms.lectures import documents, part_rules, queries, recordings, service, watching
from lms.lectures.models import Recording, Transcript
from lms.lectures.queries import Filter
from lms.lectures.service import Upload
from lms.lectures.watching import Report
from lms.storage import LocalStore, StoredFile, files, sweep
from lms.uploads import queries as waiting
from tests.browser_like import Browser
from tests.lectures.conftest import GENEROUS, TRANSCRIPT, House, Sent, run_jobs
from tests.uploads.sending import Sender

pytestmark = pytest.mark.usefixtures("as_prepared_before")

Open = Callable[..., Browser]
PATIENCE = 150.0


def add(house: House, sent: Sent, title: str = "", who: Any = None, path: Any = None) -> int:
    with (path or house.media.m4a).open("rb") as file:
        upload = Upload("下半场.m4a", file)
        actor = house.actor(who or house.lecturer)
        recording = recordings.add(actor, sent.lecture, title, upload, GENEROUS)
    run_jobs()
    return recording


def watch(house: House, recording: int, position: float) -> None:
    watching.record_progress(house.actor(house.member), recording, Report(position, clock.now()))


def see(recording: int, member: int, seconds: float) -> None:
    query = f"UPDATE watch_progress SET seconds = {seconds} WHERE recording_id = {recording} AND member_id = {member}"
    Recording._meta.database.execute_sql(query)


def order(house: House, sent: Sent) -> list[int]:
    return [part.id for part in queries.get_lecture(house.actor(house.lecturer), sent.lecture).parts]


def test_recordings_are_added_named_ordered_and_played_one_by_one(house: House, browser: Open) -> None:
    sent = house.send()
    lecturer = browser(house.lecturer)
    answer = lecturer.post(
        f"/lectures/{sent.lecture}/recordings",
        {"part_title": " 下半场  答疑 ", "file": (BytesIO(house.media.m4a.read_bytes()), "b.m4a")},
    )
    assert answer.status_code == 303
    second = max(order(house, sent))
    run_jobs()
    page = browser(house.member).get(f"/lectures/{sent.lecture}").get_data(as_text=True)
    assert page.index("data-player=") < page.index('class="parts"') < page.rindex("下半场 答疑")
    assert f"/recordings/{sent.recording}/media" in page
    chosen = browser(house.member).get(f"/lectures/{sent.lecture}?part={second}").get_data(as_text=True)
    assert f"/recordings/{second}/media" in chosen
    assert lecturer.post(f"/recordings/{second}/move", {"place": "1"}).status_code == 303
    assert order(house, sent) == [second, sent.recording]
    assert lecturer.post(f"/recordings/{second}/rename", {"part_title": "先看这个"}).status_code == 303
    listed = browser(house.member).api("GET", f"/lectures/{sent.lecture}/recordings").json["items"]
    assert [(item["id"], item["title"]) for item in listed] == [(second, "先看这个"), (sent.recording, "")]
    row = browser(house.member).api("GET", "/lectures").json["items"][0]
    assert (row["parts"], round(row["duration"])) == (2, 120)


def test_a_wrong_title_is_shown_again_beside_its_field_with_what_was_typed(house: House, browser: Open) -> None:
    sent = house.send()
    lecturer = browser(house.lecturer)
    for path in (f"/recordings/{sent.recording}/rename", f"/lectures/{sent.lecture}/recordings"):
        refused = lecturer.post(path, {"part_title": "长" * 201})
        assert refused.status_code == 422
        assert "长" * 201 in refused.get_data(as_text=True)
    assert sent.row().title == ""
    with pytest.raises(InvalidInput):
        recordings.rename(house.actor(house.lecturer), sent.recording, "a\0b")


def test_the_member_goes_on_in_the_recording_left_off_then_in_the_next(house: House) -> None:
    sent = house.send()
    second, third = add(house, sent), add(house, sent)
    member = house.actor(house.member)
    watch(house, second, 20)
    assert queries.get_lecture(member, sent.lecture).recording == second
    see(second, house.member.id, 60)
    assert queries.get_lecture(member, sent.lecture).recording == third
    assert [row.recording for row in queries.continue_watching(member, 3)] == [second]
    watch(house, third, 5)
    assert [row.recording for row in queries.continue_watching(member, 3)] == [third]
    (row,) = queries.list_lectures(member, Filter(), 1, 10).items
    assert (row.seen, row.parts, row.recording) == (False, 3, third)


def test_one_that_members_watched_is_put_away_not_removed(house: House, browser: Open) -> None:
    sent = house.send()
    second = add(house, sent)
    watch(house, second, 20)
    lecturer, member = browser(house.lecturer), browser(house.member)
    assert lecturer.post(f"/recordings/{second}/remove").status_code == 409
    assert lecturer.post(f"/recordings/{second}/archive").status_code == 303
    assert f"part={second}" not in member.get(f"/lectures/{sent.lecture}").get_data(as_text=True)
    assert member.get(f"/recordings/{second}/media").status_code == 404
    assert lecturer.get(f"/recordings/{second}/media", buffered=True).status_code == 200
    assert queries.continue_watching(house.actor(house.member), 3) == []
    assert lecturer.post(f"/recordings/{second}/restore").status_code == 303
    assert member.get(f"/recordings/{second}/media", buffered=True).status_code == 200


def test_an_unwatched_one_goes_with_its_transcript_and_its_file_and_the_last_one_stays(house: House) -> None:
    sent = house.send()
    second = add(house, sent, path=house.media.video)
    actor = house.actor(house.lecturer)
    service.replace_transcript(actor, sent.lecture, Upload("a.vtt", BytesIO(TRANSCRIPT.encode())), second)
    row = Recording.get_by_id(second)
    with clock.at(clock.now() + timedelta(days=366)):
        recordings.remove(actor, second)
    assert not files().exists(row.file_key)
    assert not files().exists(row.poster_key)
    assert Transcript.select().where(Transcript.recording == second).count() == 0
    for command in (recordings.remove, recordings.archive):
        with pytest.raises(Conflict):
            command(actor, sent.recording)


def test_two_who_send_the_same_file_at_the_same_moment_own_it_both_and_neither_loses_it(
    house: House, browser: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = house.media.index_last.read_bytes()  # which is written anew, so that what came is freed
    people = [browser(house.lecturer), browser(house.make.member(house.unit, "lecturer"))]
    paths = [Sender(who).begin(len(content), name="课.mp4").headers["Location"] for who in people]
    both, adopt, ends = threading.Barrier(2), LocalStore.adopt, list[int]()

    def together(store: LocalStore, path: Path, key: str) -> StoredFile:
        both.wait(PATIENCE)
        return adopt(store, path, key)

    def send(who: Browser, path: str) -> None:
        ends.append(Sender(who).piece(path, 0, content).status_code)
        database.close()

    with monkeypatch.context() as patch:
        patch.setattr(LocalStore, "adopt", together)
        threads = [threading.Thread(target=send, args=each) for each in zip(people, paths, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (ends, len(list(files().keys()))) == ([204, 204], 1)
    form = {"title": "议事", "speaker": "陈志远", "unit": house.unit.id, "audience": "everyone"}
    sent = []
    with clock.at(clock.now() + timedelta(hours=1)):
        for who, path in zip(people, paths, strict=True):
            token = path.rpartition("/")[2]
            assert who.post("/lectures/new", {**form, "upload": token}).status_code == 303
            run_jobs()  # the first frees the file as it came, which waits for the form of the second
            row = Recording.select().order_by(Recording.id.desc()).get()
            assert (row.state, row.failure) == ("ready", "")
            sent.append(Sent(row.lecture, row.id))
    assert sent[0].row().file_key == sent[1].row().file_key != hashlib.sha256(content).hexdigest()
    with clock.at(clock.now() + timedelta(days=3)):
        add(house, sent[0])
        recordings.remove(house.actor(house.lecturer), sent[0].recording)
        monkeypatch.setattr(sweep, "_users", [queries.used_keys, waiting.used_keys])
        sweep.sweep()
    played = people[1].get(f"/recordings/{sent[1].recording}/media", buffered=True)
    assert (played.status_code, len(played.data)) == (200, sent[1].row().file_size)


def test_only_who_cares_for_the_lecture_changes_its_recordings(house: House) -> None:
    sent = house.send()
    with pytest.raises(Forbidden):
        add(house, sent, who=house.member)
    assert Recording.select().count() == 1


def test_a_hit_in_one_of_several_recordings_leads_to_that_recording(house: House, browser: Open) -> None:
    sent = house.send()
    second = add(house, sent)
    service.replace_transcript(
        house.actor(house.lecturer), sent.lecture, Upload("a.vtt", BytesIO(TRANSCRIPT.encode())), second
    )
    places = [place.place for place in documents.SOURCE.load(sent.lecture)]
    assert places == ["", f"0@{sent.recording}", f"30@{sent.recording}", f"0@{second}", f"30@{second}"]
    assert len({place.key for place in documents.SOURCE.load(sent.lecture)}) == 5
    assert documents.second_and_recording(f"30@{second}") == ("30", str(second))


class Piece:
    """A recording as ``choose`` sees it."""

    def __init__(self, ident: int, ready: bool, seen: bool, moved_at: Any) -> None:
        self.id, self.ready, self.seen, self.moved_at = ident, ready, seen, moved_at


PIECES = st.lists(st.tuples(st.booleans(), st.booleans(), st.none() | st.datetimes()), min_size=1, max_size=6)


@given(PIECES, st.none() | st.integers(0, 8))
def test_a_recording_that_can_be_played_and_is_not_seen_is_chosen_when_there_is_one(rows: Any, asked: Any) -> None:
    pieces = [Piece(number, *row) for number, row in enumerate(rows)]
    chosen = pieces[part_rules.choose(pieces, asked)]
    if asked is not None and asked < len(pieces):
        assert chosen.id == asked
        return
    open_ones = [piece for piece in pieces if piece.ready and not piece.seen]
    if open_ones:
        assert chosen in open_ones
    elif any(piece.ready for piece in pieces):
        assert chosen.ready


@given(st.lists(st.integers(1, 50), min_size=1, max_size=8, unique=True), st.data())
def test_moving_keeps_all_recordings_and_the_order_of_the_others(ids: list[int], data: st.DataObject) -> None:
    one, place = data.draw(st.sampled_from(ids)), data.draw(st.integers(-2, 12))
    after = part_rules.moved(ids, one, place)
    assert sorted(after) == sorted(ids)
    assert [ident for ident in after if ident != one] == [ident for ident in ids if ident != one]
    assert after.index(one) == min(max(place, 1), len(ids)) - 1


@pytest.mark.parametrize(
    ("percent", "seconds", "minutes"), [(0, 60, None), (2, 60, None), (50, 60, 1), (40, 120, 3), (100, 9, None)]
)
def test_the_time_left_is_told_only_when_it_can_be(percent: int, seconds: float, minutes: int | None) -> None:
    assert part_rules.minutes_left(percent, seconds) == minutes
