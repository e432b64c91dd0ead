"""What goes wrong with books, logs, plans, lists and notes is said beside its field, on the page and by the API."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from PIL import Image

from lms import clock
from lms.catalogue import merging
from lms.catalogue.models import Book
from lms.lists.models import BookList, ListedBook
from lms.members.models import Member, Unit
from lms.notes import reviewing
from lms.notes import service as notes
from lms.notes.models import Note
from lms.notes.service import NoteForm
from lms.reading.models import PlanItem, ReadingEntry
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]
TODAY = clock.today()
TOMORROW = (TODAY + timedelta(days=2)).isoformat()
FACTS = {"title": "乡土中国", "authors": "费孝通", "language": "zh"}
SPAN = {"title": "冬读", "since": TODAY.isoformat(), "until": (TODAY + timedelta(days=60)).isoformat()}


def text(answer: Any) -> str:
    return unescape(str(answer.get_data(as_text=True)))


@pytest.fixture
def unit(make: Make) -> Unit:
    return make.unit()


@pytest.fixture
def keeper(make: Make, browser: Open, unit: Unit) -> Browser:
    return browser(make.member(unit, "liaison"))


@pytest.fixture
def reader(make: Make, browser: Open, unit: Unit) -> Browser:
    return browser(make.member(unit))


@pytest.mark.parametrize("isbn", ["9787108009823", "978-7-108", "12345", "978710800982X", "一二三"])
def test_a_bad_isbn_is_refused_beside_its_field_with_all_that_was_typed(keeper: Browser, isbn: str) -> None:
    page = keeper.post("/books/new", {**FACTS, "isbn": isbn, "summary": "写了很久的简介"})
    assert page.status_code == 422
    assert f'value="{isbn}"' in text(page) and "写了很久的简介" in text(page) and 'id="f-isbn-error"' in text(page)
    sent = keeper.api("POST", "/books", {**FACTS, "isbn": isbn})
    assert (sent.status_code, list(sent.get_json()["errors"])) == (422, ["isbn"])
    assert Book.select().count() == 0


@pytest.mark.parametrize(
    ("where", "form", "field"),
    [
        ("reading", {"state": "finished", "day": TOMORROW}, "day"),
        ("reading", {"state": "reading", "day": "1899-12-31"}, "day"),
        ("reading", {"state": "finished", "rating": "6"}, "rating"),
        ("sessions", {"page": "192"}, "page"),
        ("sessions", {"percent": "101"}, "percent"),
        ("sessions", {"minutes": "1441"}, "minutes"),
        ("sessions", {"minutes": "30", "day": TOMORROW}, "day"),
        ("sessions", {"page": "-3"}, "page"),
        ("sessions", {"remark": "好" * 501}, "remark"),
    ],
)
def test_a_log_that_cannot_be_is_refused_by_page_and_api(
    make: Make, reader: Browser, where: str, form: dict[str, str], field: str
) -> None:
    book = make.book("活着", pages=191)
    page = reader.post(f"/books/{book.id}/{where}", form)
    assert page.status_code == 422
    assert f"f-{field}" in text(page)
    if field in ("remark", "page", "percent", "minutes"):
        assert form[field] in text(page)
    method = "PUT" if where == "reading" else "POST"
    json = {name: int(value) if value.lstrip("-").isdigit() else value for name, value in form.items()}
    sent = reader.api(method, f"/books/{book.id}/{where}", json)
    assert (sent.status_code, list(sent.get_json()["errors"])) == (422, [field])
    assert ReadingEntry.select().where(ReadingEntry.state != "").count() == 0


@pytest.mark.parametrize("path", ["/books", "/lists", "/notes", "/plans", "/reading", "/notes/showcase"])
def test_a_page_beyond_the_last_is_empty_and_leads_back(reader: Browser, path: str) -> None:
    for number in ("99", "0", "-1", "x", "9" * 40):
        assert reader.get(f"{path}?page={number}").status_code == 200
    api = {"/reading": "/reading/shelf"}.get(path, path)
    assert reader.api("GET", f"{api}?page=0").status_code in (404, 422)


def test_a_cover_is_a_picture_of_a_size_that_can_be_opened(make: Make, keeper: Browser) -> None:
    book = make.book("活着")
    wide = io.BytesIO()
    Image.new("1", (30_000, 2)).save(wide, "PNG")
    for content in (b"GIF89a not a picture", b"<svg onload=alert(1)>", b"", wide.getvalue()):
        page = keeper.post(f"/books/{book.id}/cover", {"cover": (io.BytesIO(content), "c.png")})
        assert page.status_code == 422
        assert 'id="f-cover-error"' in text(page)
        sent = keeper.client.post(
            f"/api/v1/books/{book.id}/cover",
            data={"cover": (io.BytesIO(content), "c.png")},
            headers={"X-CSRFToken": keeper.token()},
        )
        assert (sent.status_code, list(sent.get_json()["errors"])) == (422, ["cover"])
    assert Book.get().cover_key == ""


def test_markdown_with_scripts_shows_as_words_wherever_the_note_is_shown(
    make: Make, keeper: Browser, reader: Browser
) -> None:
    evil = "<script>alert(1)</script>\n\n[点](javascript:alert(2)) ![x](javascript:3) <img src=x onerror=alert(4)>"
    form = {"title": "<script>题</script>", "body": evil, "audience": "everyone", "kind": "free"}
    at = reader.post("/notes/new", form).headers["Location"]
    note = int(at.rpartition("/")[2])
    assert reader.api("POST", f"/notes/{note}/submit", {"version": 1}).status_code == 200
    pages = [reader.get(at), keeper.get(f"/notes/{note}/review"), keeper.get(at), reader.get("/notes")]
    for page in (one.get_data(as_text=True) for one in pages):
        assert "<script>alert" not in page and "<script>题" not in page
        assert 'href="javascript:' not in page and "<img src=x" not in page
    assert reader.api("GET", f"/notes/{note}").get_json()["body"] == evil


def test_of_two_who_review_one_note_by_the_api_the_second_is_told(
    make: Make, browser: Open, unit: Unit, keeper: Browser
) -> None:
    author = make.actor(make.member(unit))
    note = notes.write_note(author, NoteForm("题", "文", "unit"))
    reviewing.submit(author, note, 1)
    other = browser(make.member(unit, "liaison"))
    decision = {"version": 1, "verdict": "accepted"}
    assert keeper.api("POST", f"/notes/{note}/decision", decision).status_code == 200
    late = other.api("POST", f"/notes/{note}/decision", {**decision, "verdict": "returned", "remark": "再写写"})
    assert late.status_code == 409
    assert Note.get().state == "accepted"


def test_a_plan_whose_book_was_merged_or_removed_is_shown_changed_and_done(
    make: Make, unit: Unit, keeper: Browser, reader: Browser
) -> None:
    kept, dropped, gone = make.book("活着", authors="余华"), make.book("活着", authors="余华"), make.book("旧书")
    items = [{"book": dropped.id}, {"book": gone.id}]
    plan = reader.api("POST", "/plans", {**SPAN, "items": items}).get_json()["id"]
    merging.merge_books(make.actor(make.member(unit, "liaison")), kept.id, dropped.id)
    Book.update(withdrawn_at=clock.now()).where(Book.id == gone.id).execute()
    page = text(reader.get(f"/plans/{plan}"))
    assert "活着" in page and "旧书" in page
    assert reader.get(f"/plans/{plan}/edit").status_code == 200
    stale = {**SPAN, "items": [{"book": dropped.id}, {"book": gone.id}]}
    assert reader.api("PATCH", f"/plans/{plan}", stale).status_code == 200
    assert {item.book for item in PlanItem.select()} == {kept.id, gone.id}
    both = {**SPAN, "items": [{"book": kept.id}, {"book": gone.id}]}
    assert reader.api("PATCH", f"/plans/{plan}", both).status_code == 200
    assert reader.api("PUT", f"/books/{kept.id}/reading", {"state": "finished"}).status_code == 200
    done = [one["done"] for one in reader.api("GET", f"/plans/{plan}").get_json()["items"]]
    assert done.count(True) == 1
    assert PlanItem.select().count() == 2


def test_a_list_whose_audience_is_gone_is_hidden_and_given_a_new_one(
    make: Make, browser: Open, unit: Unit, reader: Browser
) -> None:
    liaison = make.member(unit, "liaison")
    keeper = browser(liaison)
    made = BookList.create(
        title="秋季书单", unit=None, since=date(2026, 9, 1), until=date(2026, 12, 31), made_by=liaison,
        issued_at=clock.now(),
    )  # fmt: skip
    ListedBook.create(list=made, book=make.book("活着"), position=0)
    assert reader.get(f"/lists/{made.id}").status_code == 404
    assert reader.api("GET", f"/lists/{made.id}").status_code == 404
    assert "单位已不存在" in text(keeper.get(f"/lists/{made.id}/edit"))
    assert keeper.api("POST", f"/lists/{made.id}/issue").status_code == 409
    form = {"title": "秋季书单", "unit": "", "since": "2026-09-01", "until": "2026-12-31"}
    assert keeper.post(f"/lists/{made.id}/edit", form).status_code == 422
    assert keeper.post(f"/lists/{made.id}/edit", {**form, "unit": str(unit.id)}).status_code == 303
    assert reader.api("GET", f"/lists/{made.id}").status_code == 200
