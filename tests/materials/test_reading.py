"""Reading through: pages dwelt on by the service's clock, once, resumed, on paper, kept over versions."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms import clock, events
from lms.errors import Conflict, InvalidInput
from lms.events import MaterialReadThrough, MaterialReadUndone
from lms.materials import reading_queries, reading_rules, reading_service, showing, uploading, versions
from lms.materials.models import Material, MaterialReading, MaterialVersion
from lms.members.access import Actor
from lms.members.models import Member
from tests.browser_like import Browser
from tests.factories import Make
from tests.materials.pdf import make_pdf

Send = Callable[..., Material]
Open = Callable[[Member | None], Browser]
NOON = datetime(2026, 11, 20, 4, 0)
PAGES = st.sets(st.integers(1, 400), max_size=60)


@given(PAGES)
def test_a_set_of_pages_is_kept_as_spans_and_read_back(pages: set[int]) -> None:
    text = reading_rules.text_of(pages)
    assert reading_rules.pages_of(text) == pages
    assert len(text) <= max(1, len(pages)) * 8


@given(PAGES, st.integers(0, 400))
def test_nine_tenths_of_the_pages_are_the_whole_and_no_less(pages: set[int], count: int) -> None:
    there = len({page for page in pages if page <= max(1, count)})
    assert reading_rules.is_read_through(pages, count) == (there * 10 >= max(1, count) * 9)


@given(
    st.lists(st.tuples(st.integers(0, 600), st.integers(0, 600), st.integers(0, 3000)), max_size=25),
)
def test_windows_and_forged_times_never_count_more_than_went_by(looks: list[tuple[int, int, int]]) -> None:
    """Each look: when the page was opened and when it is told of, both after noon, and how long the page is."""
    credited = None
    counted = 0
    for opened, told, chars in sorted(looks, key=lambda look: look[1]):
        now = NOON + timedelta(seconds=told)
        if not reading_rules.is_valid(NOON + timedelta(seconds=opened), now):
            continue
        if reading_rules.seconds_left(NOON + timedelta(seconds=opened), now, credited, chars) == 0:
            counted += reading_rules.needed_seconds(chars)
            credited = now
    assert counted <= 600


@given(PAGES, st.dictionaries(st.integers(1, 400), st.integers(1, 400), max_size=60))
def test_read_pages_move_with_their_text_and_none_is_invented(pages: set[int], now_at: dict[int, int]) -> None:
    moved = reading_rules.moved(pages, now_at)
    assert moved <= set(now_at.values())
    assert len(moved) <= len(pages)


@pytest.fixture
def heard(service: object, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    told: list[object] = []
    for kind in (MaterialReadThrough, MaterialReadUndone):
        monkeypatch.setitem(events._subscribers, kind, [*events._subscribers[kind], told.append])
    return told


def book(pages: int) -> bytes:
    return make_pdf([f"第{number}页" + "字" * 60 for number in range(1, pages + 1)])


def read(actor: Actor, material: Material, number: int, begun: int, seconds: int) -> reading_service.Noted:
    with clock.at(NOON + timedelta(seconds=begun + seconds)):
        return reading_service.note_page(actor, material.id, number, NOON + timedelta(seconds=begun))


def test_a_page_counts_after_a_while_and_nine_of_ten_are_told_once(
    upload: Send, make: Make, heard: list[object]
) -> None:
    material = upload(book(10), "book.pdf", category="law")
    reader = make.actor(make.member())
    early = read(reader, material, 1, 0, 1)
    assert (early.counts, early.seconds_left, early.read) == (False, 2, 0)
    for number in range(1, 9):
        assert read(reader, material, number, number * 10, 4).counts
    assert heard == []
    assert read(reader, material, 9, 100, 4).read_through
    assert read(reader, material, 10, 110, 4).read == 10
    read(reader, material, 3, 120, 10)
    day = NOON.date()
    assert heard == [MaterialReadThrough(reader.id, material.id, 1, day, 10, False, "law")]
    assert reading_queries.read_through([reader.id], [material.id]) == {(reader.id, material.id): day}
    assert reading_queries.progress_of(reader, material.id).last_page == 3


def test_two_windows_opened_at_once_do_not_read_twice_as_fast(upload: Send, make: Make) -> None:
    material = upload(book(3), "book.pdf")
    reader = make.actor(make.member())
    assert read(reader, material, 1, 0, 5).counts
    assert not read(reader, material, 2, 0, 6).counts
    assert read(reader, material, 2, 0, 8).counts


def test_a_time_of_yesterday_or_tomorrow_is_refused(upload: Send, make: Make) -> None:
    material = upload(book(1), "book.pdf")
    reader = make.actor(make.member())
    for begun in (timedelta(hours=-13), timedelta(seconds=5)):
        with clock.at(NOON), pytest.raises(InvalidInput):
            reading_service.note_page(reader, material.id, 1, NOON + begun)


def test_what_was_read_on_paper_is_noted_by_hand_and_taken_back(upload: Send, make: Make, heard: list[object]) -> None:
    material = upload(book(2), "book.pdf")
    reader = make.actor(make.member())
    for _ in range(2):
        reading_service.note_read_on_paper(reader, material.id)
    assert reading_queries.progress_of(reader, material.id).on_paper
    for _ in range(2):
        reading_service.take_back_read_on_paper(reader, material.id)
    assert reading_queries.progress_of(reader, material.id).finished_on is None
    for number in (1, 2):
        read(reader, material, number, number * 10, 5)
    with pytest.raises(Conflict):
        reading_service.take_back_read_on_paper(reader, material.id)
    assert [(type(event).__name__, event.times) for event in heard] == [  # type: ignore[attr-defined]
        ("MaterialReadThrough", 1),
        ("MaterialReadUndone", 1),
        ("MaterialReadThrough", 2),
    ]


def test_a_reader_goes_on_where_they_were_and_the_script_is_told_how_long_it_takes(
    upload: Send, make: Make, browser: Open
) -> None:
    material = upload(book(4), "book.pdf", title="四页之书")
    member = make.member()
    window = browser(member)
    with clock.at(NOON):
        page = window.get(f"/materials/{material.id}/pages/3").text
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token
    address = f"/materials/{material.id}/pages/3/seen"
    with clock.at(NOON + timedelta(seconds=1)):
        told = json.loads(window.post(address, {"token": token[1]}).text)
    assert (told["counts"], told["seconds_left"]) == (False, 2)
    with clock.at(NOON + timedelta(seconds=4)):
        told = json.loads(window.post(address, {"token": token[1]}).text)
    assert told["counts"]
    assert "已读 1 页，共 4 页" in told["text"]
    assert window.post(f"/materials/{material.id}/pages/2/seen", {"token": token[1]}).status_code == 422
    assert browser(make.member()).post(address, {"token": token[1]}).status_code == 422
    shown = window.get(f"/materials/{material.id}").text
    assert "从第 3 页接着读" in shown
    assert "已读 1 页，共 4 页" in window.get("/materials").text
    assert material.title in window.get("/materials?read=begun").text
    assert material.title not in window.get("/materials?read=no").text


def test_without_scripts_a_button_notes_the_page_and_turns_it(upload: Send, make: Make, browser: Open) -> None:
    material = upload(book(2), "book.pdf")
    member = make.member()
    window = browser(member)
    with clock.at(NOON):
        page = window.get(f"/materials/{material.id}/pages/1").text
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token
    with clock.at(NOON + timedelta(seconds=9)):
        sent = window.post(f"/materials/{material.id}/pages/1/seen", {"token": token[1], "on": "1"})
    assert sent.headers["Location"] == f"/materials/{material.id}/pages/2"
    assert MaterialReading.get().pages == "1"


def test_a_new_file_keeps_the_old_and_what_was_read_of_pages_that_are_the_same(
    upload: Send, actor: Actor, make: Make, work: Callable[[], None]
) -> None:
    material = upload(make_pdf(["甲", "乙", "丙"]), "book.pdf")
    reader = make.actor(make.member())
    for number in (1, 2):
        read(reader, material, number, number * 10, 5)
    new = BytesIO(make_pdf(["序", "甲", "乙改", "丙"]))
    assert uploading.replace_file(actor, material.id, "增加序言", "book2.pdf", new, 10**8) == 2
    assert Material.get_by_id(material.id).page_count == 3
    work()
    now = Material.get_by_id(material.id)
    assert (now.version, now.page_count, now.file_name, now.state) == (2, 4, "book2.pdf", "ready")
    assert reading_queries.progress_of(reader, material.id).pages == {2}
    with pytest.raises(Conflict):
        new.seek(0)
        uploading.replace_file(actor, material.id, "", "same.pdf", new, 10**8)
    broken = BytesIO("甲乙丙丁".encode("gb18030"))
    uploading.replace_file(actor, material.id, "", "c.txt", broken, 10**8)
    MaterialVersion.update(charset="utf-8").where(MaterialVersion.number == 3).execute()
    work()
    kept = Material.get_by_id(material.id)
    assert (kept.version, kept.state) == (2, "ready")
    versions.use_version(actor, material.id, 1)
    work()
    back = Material.get_by_id(material.id)
    assert (back.version, back.file_name, back.page_count) == (1, "book.pdf", 3)
    states = dict(MaterialVersion.select(MaterialVersion.number, MaterialVersion.state).tuples())
    assert states[1] == states[2] == "ready"


def test_a_token_of_another_key_or_none_at_all_says_to_open_the_page_again(app: object) -> None:
    with app.app_context(), pytest.raises(InvalidInput, match="again"):  # type: ignore[attr-defined]
        showing.opened_at("1-1-1-1.forged", 1, 1, 1)
