"""Covers, files, merging, two people at one book, browsing."""

import io
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from playhouse.test_utils import count_queries
from werkzeug.test import TestResponse

from lms.catalogue import (
    attachments,
    browsing,
    classification,
    covers,
    drawn,
    merging,
    names,
    numbers,
    queries,
    service,
)
from lms.catalogue.models import Book, BookFile, BookName
from lms.catalogue.names import Contributor
from lms.catalogue.queries import BookFilter
from lms.catalogue.rules import BookChanged, BookDraft
from lms.errors import Conflict, InvalidInput
from lms.members.models import Member
from lms.reading import log_queries
from lms.reading import service as reading
from lms.storage import files
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]
TODAY = date(2026, 6, 1)
PDF = b"%PDF-1.4\n%%EOF\n"
FORM = {"title": "乡土中国", "authors": "费孝通", "language": "zh"}


@pytest.fixture
def liaison(make: Make) -> Member:
    return make.member(role="liaison")


def picture(width: int, height: int, form: str = "PNG", mode: str = "RGB") -> io.BytesIO:
    made = io.BytesIO()
    Image.new(mode, (width, height)).save(made, form)
    made.seek(0)
    return made


def fetched(reader: Browser, path: str) -> tuple[TestResponse, bytes]:
    with reader.get(path) as answer:
        return answer, answer.get_data()


def epub() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "application/epub+zip")  # of no time, so of the same bytes
    return made.getvalue()


def test_a_cover_is_made_small_and_stands_on_shelf_and_page(make: Make, browser: Open, liaison: Member) -> None:
    book = make.book("活着")
    keeper = browser(liaison)
    assert keeper.get(f"/books/{book.id}/cover").mimetype == "image/svg+xml"
    answer = keeper.post(f"/books/{book.id}/cover", {"cover": (picture(1200, 1800, "PNG", "RGBA"), "c.exe")})
    assert answer.status_code == 303
    stored = Book.get()
    with Image.open(files().path(stored.cover_key)) as big, Image.open(files().path(stored.thumb_key)) as thumb:
        assert (big.format, big.size, thumb.size) == ("JPEG", (480, 720), (200, 300))
    assert f"/books/{book.id}/cover?size=thumb" in keeper.get("/books").get_data(as_text=True)
    handed, content = fetched(keeper, f"/books/{book.id}/cover")
    assert (handed.mimetype, content) == ("image/jpeg", files().path(stored.cover_key).read_bytes())
    assert set(queries.used_keys()) == {stored.cover_key, stored.thumb_key}
    keeper.post(f"/books/{book.id}/cover/remove")
    assert Book.get().cover_key == ""


def test_a_picture_of_30000_pixels_is_refused_before_it_is_decoded(
    make: Make, browser: Open, liaison: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = picture(30_000, 2, mode="1")
    monkeypatch.setattr(Image.Image, "thumbnail", lambda *_: pytest.fail("decoded"))
    monkeypatch.setattr(covers, "_on_white", lambda *_: pytest.fail("decoded"))
    answer = browser(liaison).post(f"/books/{make.book().id}/cover", {"cover": (wide, "wide.png")})
    assert answer.status_code == 422
    assert "30\N{NARROW NO-BREAK SPACE}000 × 2" in answer.get_data(as_text=True)


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n broken", b"<svg xmlns='x'/>", PDF])
def test_what_is_no_picture_is_no_cover(make: Make, liaison: Member, content: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        attachments.set_cover(make.actor(liaison), make.book().id, io.BytesIO(content))
    assert caught.value.field == "cover"
    assert list(files().keys()) == []


def test_files_of_a_book_are_judged_by_content_and_handed_out(make: Make, browser: Open, liaison: Member) -> None:
    book, keeper, reader = make.book(), browser(liaison), browser(make.member())
    for content, name in ((PDF, "../坏/书.epub"), (epub(), "书.pdf"), (PDF, "again.pdf")):
        assert keeper.post(f"/books/{book.id}/files", {"file": (io.BytesIO(content), name)}).status_code == 303
    rows = list(BookFile.select().order_by(BookFile.id))
    assert [(row.kind, row.file_name) for row in rows] == [("pdf", "书.epub.pdf"), ("epub", "书.pdf.epub")]
    answer, content = fetched(reader, f"/books/{book.id}/files/{rows[0].id}")
    assert (answer.mimetype, content) == ("application/pdf", PDF)
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    saved, content = fetched(reader, f"/books/{book.id}/files/{rows[1].id}")
    assert "attachment" in saved.headers["Content-Disposition"]
    assert content == epub()
    assert "书.epub.pdf" in reader.get(f"/books/{book.id}").get_data(as_text=True)
    refused = keeper.post(f"/books/{book.id}/files", {"file": (io.BytesIO(b"<script>"), "x.pdf")})
    assert refused.status_code == 422
    assert reader.get(f"/books/{make.book().id}/files/{rows[0].id}").status_code == 404


def test_the_later_of_two_editors_is_told_and_both_texts_are_kept(browser: Open, make: Make, liaison: Member) -> None:
    first, second = browser(liaison), browser(make.member(role="liaison"))
    first.post("/books/new", FORM)
    book = Book.get()
    version = str(book.version)
    first.post(f"/books/{book.id}/edit", {**FORM, "summary": "先写的", "version": version})
    answer = second.post(f"/books/{book.id}/edit", {**FORM, "summary": "后写的", "version": version})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "后写的</textarea>" in page
    assert "现在的内容：先写的" in page
    assert Book.get().summary == "先写的"
    now = str(Book.get().version)
    assert f'name="version" value="{now}"' in page
    assert second.post(f"/books/{book.id}/edit", {**FORM, "summary": "后写的", "version": now}).status_code == 303
    assert Book.get().summary == "后写的"


def test_the_api_is_told_as_well(make: Make, browser: Open, liaison: Member) -> None:
    keeper = browser(liaison)
    made = keeper.api(
        "POST", "/books", {"title": "书", "contributors": [{"name": "张三", "role": "editor"}]}
    ).get_json()
    assert (made["authors"], made["contributors"]) == ("张三", [{"name": "张三", "role": "editor"}])
    changed = keeper.api("PATCH", f"/books/{made['id']}", {"summary": "一", "version": made["version"]})
    assert changed.get_json()["contributors"] == [{"name": "张三", "role": "editor"}]
    assert keeper.api("PATCH", f"/books/{made['id']}", {"summary": "二", "version": made["version"]}).status_code == 409
    with pytest.raises(BookChanged):
        service.change_book(make.actor(liaison), made["id"], BookDraft(title="书", authors="张三"), version=1)


def test_merged_books_lose_no_log_and_no_file_and_the_old_address_leads_on(
    make: Make, browser: Open, liaison: Member
) -> None:
    actor = make.actor(liaison)
    kept = service.add_book(actor, BookDraft(title="活着", authors="余华", publisher="作家出版社"))
    dropped = service.add_book(actor, BookDraft(title="活着", authors="余华", pages=191), save_anyway=True)
    attachments.add_file(actor, dropped, io.BytesIO(PDF), "book.pdf", 1000)
    reader = make.member()
    reading.set_state(make.actor(reader), dropped, "finished")
    assert browser(liaison).post(f"/books/{kept}/merge", {"dropped": str(dropped)}).status_code == 303
    book = Book.get_by_id(kept)
    assert (book.publisher, book.pages) == ("作家出版社", 191)
    assert [row.book for row in BookFile.select()] == [kept]
    assert log_queries.states_of(make.actor(reader), [kept]) == {kept: "finished"}
    answer = browser(reader).get(f"/books/{dropped}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/books/{kept}")
    with pytest.raises(Conflict):
        merging.merge_books(actor, kept, dropped)
    with pytest.raises(Conflict):
        service.restore_book(actor, dropped)
    with pytest.raises(Conflict):
        merging.merge_books(actor, kept, kept)


def test_books_merged_one_after_the_other_all_lead_to_the_last(make: Make, liaison: Member) -> None:
    actor = make.actor(liaison)
    first, second, third = (make.book("活着", authors="余华").id for _ in range(3))
    merging.merge_books(actor, second, first)
    merging.merge_books(actor, third, second)
    assert [Book.get_by_id(book).merged_into for book in (first, second)] == [third, third]


def test_likely_doubles_are_offered_for_merging(make: Make, browser: Open, liaison: Member) -> None:
    book, twin = make.book("活着", authors="余华"), make.book("《活着》", authors="余华 著", publisher="另一家")
    page = browser(liaison).get(f"/books/{book.id}/merge").get_data(as_text=True)
    assert "可能是同一本书" in page
    assert f'name="dropped" value="{twin.id}"' in page
    found = browser(liaison).get(f"/books/{book.id}/merge?q=另一家").get_data(as_text=True)
    assert "另一家" in found


def test_books_are_browsed_by_class_author_subject_and_year(browser: Open, liaison: Member, make: Make) -> None:
    keeper, reader = browser(liaison), browser(make.member())
    keeper.post("/books/new", {**FORM, "clc": "I247.5", "subjects": "乡村、小说", "published": "1985-06"})
    keeper.post("/books/new", {"title": "江城", "authors": "[美] 海斯勒", "translators": "李雪顺", "language": "zh"})
    tree = reader.get("/books/classes").get_data(as_text=True)
    assert "class=I2" in tree
    assert "中国小说" in tree
    assert browsing.counts_by_class() == {"I": 1, "I2": 1, "I24": 1}
    assert "李雪顺" in reader.get("/books/authors").get_data(as_text=True)
    assert "小说" in reader.get("/books/subjects?q=小").get_data(as_text=True)
    assert "1980 年代" in reader.get("/books/years").get_data(as_text=True)
    for query, title in (
        ("class=I24", "乡土中国"),
        ("author=海斯勒", "江城"),
        ("author=%E3%80%90%E7%BE%8E%E3%80%91海斯勒", "江城"),
        ("subject=乡村", "乡土中国"),
        ("year=1985", "乡土中国"),
    ):
        page = reader.get(f"/books?{query}&look=list").get_data(as_text=True)
        assert f">{title}</a>" in page
        assert page.count('class="book-row"') == 1, query


def test_counts_follow_every_change(make: Make, liaison: Member) -> None:
    actor = make.actor(liaison)

    def total() -> int:
        return queries.list_books(actor, BookFilter(), 1, 24).page.total

    assert total() == 0
    book = service.add_book(actor, BookDraft(title="书", authors="人", clc="I2"))
    assert total() == 1
    service.change_book(actor, book, BookDraft(title="书", authors="人", clc="K2"))
    assert queries.list_books(actor, BookFilter(), 1, 24).classes == {"K": 1}
    service.withdraw_book(actor, book)
    assert total() == 0
    service.restore_book(actor, book)
    assert total() == 1


@pytest.mark.parametrize("sort", queries.SORTS)
def test_the_pages_of_a_list_hold_every_book_once_in_order(make: Make, sort: str) -> None:
    for number in range(23):
        make.book(f"书{number * 7 % 23:02d}", year=2000 + number % 3 if number % 5 else None, clc="I2")
    actor = make.actor(make.member())

    def ids(number: int, size: int, **wanted: str) -> list[int]:
        found = queries.list_books(actor, BookFilter(sort=sort, **wanted), number, size)  # type: ignore[arg-type]
        return [row.id for row in found.page.items]

    whole = ids(1, 100)
    assert [book for number in range(1, 7) for book in ids(number, 4)] == whole
    assert ids(7, 4) == []
    assert ids(99_999, 24) == []
    assert ids(2, 10, clc="I") == whole[10:20]


def test_a_list_of_a_lower_class_is_counted_rightly(make: Make) -> None:
    for clc in ("I247.5", "I210", "I561", "D751", "D69"):
        make.book(clc=clc)
    actor = make.actor(make.member())
    totals = {code: queries.list_books(actor, BookFilter(clc=code), 1, 24).page.total for code in ("I2", "D73/77")}
    assert totals == {"I2": 2, "D73/77": 1}


def test_export_takes_the_same_number_of_statements_for_a_page_of_books(make: Make, browser: Open) -> None:
    reader = browser(make.member())
    for _ in range(30):
        make.book()
    reader.get("/books/export.csv")
    with count_queries() as counter:
        reader.get("/books/export.csv")
    assert counter.count <= 5


def test_the_tree_of_classes_has_its_main_classes_and_knows_every_place() -> None:
    assert "".join(classification.MAIN) == "ABCDEFGHIJKNOPQRSTUVXZ"
    assert [found.code for found in classification.place_of("TP312")] == ["T", "TP"]
    assert [found.code for found in classification.place_of("D751")] == ["D", "D73/77"]
    assert classification.place_of("L1") == []
    assert all(found.names["zh"] and found.names["en"] for found in classification.CLASSES.values())


@given(st.text("ABDGHIKTXZ0123456789.-/", max_size=8))
def test_a_number_lies_in_each_class_of_its_place(clc: str) -> None:
    way = classification.place_of(clc)
    assert all(found.holds(clc) for found in way)
    assert [found.parent for found in way] == ["", *(found.code for found in way)][: len(way)]


NAME = (
    st.text("张王李赵Annabel ·", min_size=2, max_size=8)
    .map(str.strip)
    .filter(lambda name: len(name) > 1 and names.folded(name))
)


@given(st.lists(st.builds(Contributor, NAME, st.sampled_from(names.ROLES)), min_size=1, max_size=5))
def test_names_with_their_parts_come_back_as_they_were_written(people: list[Contributor]) -> None:
    unique = list(dict.fromkeys(Contributor(" ".join(one.name.split()), one.role) for one in people))
    line = names.written_out(unique)
    assert names.parse_names(line, "authors") == unique


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("费孝通", [("费孝通", "author")]),
        ("张三、李四 主编", [("张三", "editor"), ("李四", "editor")]),
        ("赫拉利、林俊宏 译", [("赫拉利", "author"), ("林俊宏", "translator")]),
        ("张三主编", [("张三", "editor")]),
        ("John Smith, Jane Roe eds.", [("John Smith", "editor"), ("Jane Roe", "editor")]),
        ("[美] 费正清（著）", [("[美] 费正清", "author")]),
    ],
)
def test_a_line_of_names_is_taken_apart_as_title_pages_have_it(line: str, found: list[tuple[str, str]]) -> None:
    assert [(one.name, one.role) for one in names.parse_names(line, "authors")] == found


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("2012", "2012"),
        ("2012-8", "2012-08"),
        ("2012.08.01", "2012-08-01"),
        ("２０１２年８月", "2012-08"),
        ("2012年8月1日", "2012-08-01"),
        ("2012-08-01 00:00:00", "2012-08-01"),
        ("", ""),
    ],
)
def test_a_date_of_publication_is_read_as_people_write_it(typed: str, stored: str) -> None:
    assert numbers.parse_published(typed, TODAY) == stored


@pytest.mark.parametrize("typed", ["2099", "201", "2012-13", "2012-02-30", "很久以前", "2012-08-01-02", "0000"])
def test_a_date_that_cannot_be_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        numbers.parse_published(typed, TODAY)
    assert caught.value.field == "published"


@pytest.mark.parametrize(("typed", "stored"), [("10019·1977", "10019·1977"), (" 7119．12 ", "7119·12"), ("", "")])
def test_a_unified_number_is_read_as_it_is_printed(typed: str, stored: str) -> None:
    assert numbers.parse_unified(typed) == stored


@pytest.mark.parametrize("typed", ["1·2", "9787020008728", "abc", "100191977"])
def test_what_is_no_unified_number_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        numbers.parse_unified(typed)


@given(st.text(max_size=60), st.text(max_size=30))
def test_a_drawn_cover_never_lets_a_title_out_of_its_place(title: str, author: str) -> None:
    drawing = drawn.svg(title, author, drawn.cloth_of("I"))
    assert drawing.count("<svg") == 1
    assert "<script" not in drawing.replace("&lt;script", "")


def test_a_name_with_a_part_is_stored_in_a_row(make: Make, liaison: Member) -> None:
    draft = BookDraft(title="书", authors="张三 主编、李四", translators="王五")
    book = service.add_book(make.actor(liaison), draft)
    rows = [(row.name, row.role) for row in BookName.select().where(BookName.book == book).order_by(BookName.position)]
    assert rows == [("张三", "editor"), ("李四", "author"), ("王五", "translator")]
    assert queries.get_draft(book).authors == "张三 主编、李四 著"
