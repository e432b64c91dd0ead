"""Tables of books: what a dry run says, what is stored, what comes out again."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from lms import clock, tables
from lms.catalogue import columns, import_queries, import_rules, imports, jobs
from lms.catalogue.models import Book, BookImport, BookName, ImportRow
from lms.errors import Conflict, InvalidInput, NotFound
from lms.jobs.models import Job
from lms.members.access import Actor
from lms.members.models import Member
from lms.search.models import OutboxRow
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]
HEAD = "书名,作者,出版社,出版日期,ISBN,页数,分类号\n"


@pytest.fixture
def actor(make: Make) -> Actor:
    return make.actor(make.member(role="liaison"))


def take(actor: Actor, text: str | bytes, name: str = "books.csv") -> int:
    content = text.encode() if isinstance(text, str) else text
    return imports.take_table(actor, io.BytesIO(content), name)


def said(load_id: int) -> list[tuple[int, str, str]]:
    return [
        (row.number, row.action, row.title)
        for row in ImportRow.select().where(ImportRow.load == load_id).order_by(ImportRow.number)
    ]


def notes(actor: Actor, load_id: int, action: str) -> list[tuple[str, str]]:
    rows = import_queries.list_import_rows(actor, load_id, action, 1, 50).items
    return [(note[0], note[1] % note[2]) for row in rows for note in row.notes]


def carry_out(actor: Actor, load_id: int) -> None:
    imports.start_import(actor, load_id)
    jobs.carry_out_import(load_id)


def test_a_dry_run_says_row_by_row_what_will_happen_and_stores_no_book(make: Make, actor: Actor) -> None:
    make.book("活着", authors="余华", isbn="9787506365437")
    table = (
        HEAD
        + "乡土中国,费孝通,三联书店,1985-06,978-7-02-000872-8,120,C912.82\n"
        + "活着,余华,作家出版社,,9787506365437,,\n"
        + ",某人,,,,,\n"
        + "坏号,某人,,2999,9787020008729,很多,\n"
    )
    load = take(actor, table)
    assert [(number, action) for number, action, _ in said(load)] == [
        (2, "add"),
        (3, "change"),
        (4, "error"),
        (5, "error"),
    ]
    wrong = notes(actor, load, "error")
    assert ("书名", "Please give the title.") in wrong
    assert any(column == "页数" and "很多" in text for column, text in wrong)
    assert Book.select().count() == 1


def test_every_error_of_a_row_names_its_column(actor: Actor) -> None:
    load = take(actor, HEAD + "坏号,某人,,2999,9787020008729,99999,9X\n")
    assert [column for column, _ in notes(actor, load, "error")] == ["出版日期", "ISBN", "分类号", "页数"]


def test_an_import_adds_changes_and_can_be_found(make: Make, actor: Actor) -> None:
    known = make.book("活着", authors="余华", isbn="9787506365437")
    load = take(
        actor, HEAD + "乡土中国,费孝通,三联书店,1985-06,,120,C912.82\n活着,余华,作家出版社,2012-8,9787506365437,191,\n"
    )
    carry_out(actor, load)
    added = Book.get(Book.title == "乡土中国")
    assert (added.published, added.year, added.pages, added.main_class) == ("1985-06", 1985, 120, "C")
    assert [row.name for row in BookName.select().where(BookName.book == added.id)] == ["费孝通"]
    assert Book.get_by_id(known.id).publisher == "作家出版社"
    assert {(row.kind, row.ref) for row in OutboxRow.select()} == {("book", added.id), ("book", known.id)}
    assert import_queries.get_import(actor, load).state == "done"


def test_carrying_out_twice_adds_nothing_twice(actor: Actor) -> None:
    load = take(actor, HEAD + "乡土中国,费孝通,,,,,\n")
    imports.start_import(actor, load)
    with pytest.raises(Conflict):
        imports.start_import(actor, load)
    for _ in range(2):
        jobs.carry_out_import(load)
    again = take(actor, HEAD + "乡土中国,费孝通,,,,,\n")
    assert [action for _, action, _ in said(again)] == ["same"]
    assert Book.select().count() == 1


def test_what_was_added_meanwhile_is_not_added_again(make: Make, actor: Actor) -> None:
    load = take(actor, HEAD + "乡土中国,费孝通,,,,,\n")
    make.book("乡土中国", authors="费孝通")
    carry_out(actor, load)
    assert Book.select().count() == 1
    assert [action for _, action, _ in said(load)] == ["same"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_is_read_in_the_encodings_that_programs_write(actor: Actor, encoding: str) -> None:
    load = take(actor, (HEAD + "乡土中国,费孝通,,,,,\n").encode(encoding))
    assert said(load) == [(2, "add", "乡土中国")]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_semicolons_and_tabs_part_cells_as_well(actor: Actor, mark: str) -> None:
    assert said(take(actor, f"书名{mark}作者\n乡土中国{mark}费孝通\n")) == [(2, "add", "乡土中国")]


def test_ragged_rows_are_taken_when_short_and_refused_when_long(actor: Actor) -> None:
    load = take(actor, HEAD + "短,某人\n\n长,某人,社,2001,,10,I2,多出来,又一个\n")
    assert said(load) == [(2, "add", "短"), (4, "error", "")]
    assert "多出来" in notes(actor, load, "error")[0][1]


def test_unknown_columns_are_named(actor: Actor) -> None:
    load = import_queries.get_import(actor, take(actor, "书名,作者,心情,定价\n书,人,好,30\n"))
    assert (load.unknown, load.ignored) == (("心情",), ("定价",))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (b"", "empty"),
        ("作者\n某人\n".encode(), "No column with the titles"),
        ("书名,作者,题名\n书,人,书\n".encode(), "Two columns mean the same"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "Excel 97"),
        (b"PK\x03\x04 broken", "no table that can be read"),
        (b"\xff\x00\x81\x00\x00", "no table that can be read"),
    ],
)
def test_what_is_no_table_is_refused_and_leaves_nothing(actor: Actor, table: bytes, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        take(actor, table)
    assert words in str(caught.value)
    assert BookImport.select().count() == 0


def test_the_export_taken_in_again_changes_nothing(browser: Open, make: Make) -> None:
    liaison = make.member(role="liaison")
    keeper = browser(liaison)
    form = {
        "title": "=HYPERLINK(1)",
        "authors": "张三 主编、李四",
        "translators": "王五",
        "subtitle": "-甲",
        "published": "2012-08",
        "isbn": "978-7-02-000872-8",
        "unified": "10019·1977",
        "language": "zh",
        "clc": "I247.5",
        "subjects": "小说、乡村",
        "pages": "120",
        "edition": "第2版",
        "summary": '第一行\n"第二行"，完',
    }
    assert keeper.post("/books/new", form).status_code == 303
    make.book("无名", authors="佚名")
    actor = make.actor(liaison)
    for ending in ("csv", "xlsx"):
        table = keeper.get(f"/books/export.{ending}").get_data()
        load = take(actor, table, f"books.{ending}")
        assert {action for _, action, _ in said(load)} == {"same"}, said(load)
        assert len(said(load)) == 2


def test_formulas_are_neutralised_on_the_way_out(browser: Open, make: Make) -> None:
    make.book('=cmd|"/c calc"!A1', authors="@作者")
    reader = browser(make.member())
    text = reader.get("/books/export.csv").get_data().decode("utf-8-sig")
    assert "'=cmd" in text
    assert "'@作者" in text
    sheet = load_workbook(io.BytesIO(reader.get("/books/export.xlsx").get_data())).active
    assert [cell.data_type for cell in sheet[2]][1] == "s"


@given(st.text(max_size=30).filter(lambda text: text == text.strip() and "\0" not in text))
def test_a_cell_comes_back_as_it_went_out(text: str) -> None:
    guarded = tables.neutral(text)
    assert not guarded.startswith(tables.FORMULA_STARTS)
    if not text.startswith("'"):
        assert tables._unguarded(guarded) == text


def test_an_export_in_english_is_understood_as_well() -> None:
    layout = columns.understand(columns.headings_of_export("en"))
    assert layout.fields == columns.FIELDS
    assert layout.unknown == ()


GOODREADS = (
    "Book Id,Title,Author,Author l-f,Additional Authors,ISBN,ISBN13,My Rating,Average Rating,Publisher,Binding,"
    "Number of Pages,Year Published,Original Publication Year,Date Read,Date Added,Bookshelves,"
    "Bookshelves with positions,Exclusive Shelf,My Review,Spoiler,Private Notes,Read Count,Owned Copies\n"
    '1,"Dune (Dune, #1)",Frank Herbert,"Herbert, Frank",,"=""0441172717""","=""9780441172719""",5,4.2,Ace,Paperback,'
    "604,1990,1965,2020/01/31,2019/01/01,,,read,,,,1,0\n"
)


def test_an_export_of_goodreads_is_understood(actor: Actor) -> None:
    load = take(actor, GOODREADS)
    view = import_queries.get_import(actor, load)
    assert (view.source, view.unknown) == ("goodreads", ())
    assert {"My Rating", "Date Read", "Exclusive Shelf"} <= set(view.of_shelf)
    carry_out(actor, load)
    book = Book.get()
    assert (book.title, book.authors, book.isbn, book.year, book.pages, book.language) == (
        "Dune",
        "Frank Herbert",
        "9780441172719",
        1990,
        604,
        "en",
    )


def test_what_another_service_says_fills_gaps_only(make: Make, actor: Actor) -> None:
    make.book("Dune", authors="Frank Herbert", isbn="9780441172719", publisher="Chilton", language="en")
    carry_out(actor, take(actor, GOODREADS))
    book = Book.get()
    assert (book.publisher, book.pages) == ("Chilton", 604)


def test_an_export_of_douban_is_taken_from_its_sheets_of_books(actor: Actor) -> None:
    made = Workbook()
    head = ["标题", "简介", "豆瓣评分", "链接", "创建时间", "我的评分", "标签", "评论", "可见性"]
    for title, rows in (
        ("读过", [["江城", "[美] 彼得·海斯勒 / 李雪顺 / 上海译文出版社 / 2012-1 / 36.00元", 9.1, "http://x"]]),
        ("想读", [["乡土中国", "费孝通 / 人民出版社 / 2008 / 20元", 9.2, "http://y"]]),
        ("在读", [["当喵星人有了门牌号", "李青菜 / 2017 / 中信出版社", "", "http://w"]]),
        ("看过", [["一部电影", "2001 / 美国", 8.0, "http://z"]]),
    ):
        sheet = made.create_sheet(title)
        for row in (head, *rows):
            sheet.append(row)
    del made["Sheet"]
    content = io.BytesIO()
    made.save(content)
    load = take(actor, content.getvalue(), "豆伴.xlsx")
    carry_out(actor, load)
    books = {book.title: book for book in Book.select()}
    assert set(books) == {"江城", "乡土中国", "当喵星人有了门牌号"}
    assert (books["乡土中国"].publisher, books["当喵星人有了门牌号"].publisher) == ("人民出版社", "中信出版社")
    found = books["江城"]
    assert (found.authors, found.translators, found.publisher, found.published) == (
        "[美] 彼得·海斯勒",
        "李雪顺",
        "上海译文出版社",
        "2012-01",
    )


def test_a_shared_isbn_is_a_doubt_that_a_person_settles(make: Make, actor: Actor) -> None:
    make.book("上册", authors="某人", isbn="9787020008728")
    load = take(actor, "书名,作者,ISBN\n下册,某人,9787020008728\n")
    (row,) = ImportRow.select()
    assert row.action == "doubt"
    imports.choose(actor, load, row.id, "add")
    carry_out(actor, load)
    assert [book.isbn for book in Book.select()] == ["9787020008728"] * 2


def test_a_doubt_that_nobody_settled_is_left_out(make: Make, actor: Actor) -> None:
    make.book("上册", authors="某人", isbn="9787020008728")
    carry_out(actor, take(actor, "书名,作者,ISBN\n下册,某人,9787020008728\n"))
    assert Book.select().count() == 1


def test_the_same_book_twice_in_one_table_is_a_doubt(actor: Actor) -> None:
    load = take(actor, "书名,作者\n书,人\n书,人\n")
    assert [action for _, action, _ in said(load)] == ["add", "doubt"]


def test_a_number_of_another_book_is_refused(make: Make, actor: Actor) -> None:
    book = make.book("活着", authors="余华")
    load = take(actor, f"编号,书名,作者\n{book.id},完全不同,别人\n")
    assert [action for _, action, _ in said(load)] == ["error"]


def test_a_book_named_by_its_number_may_get_another_title(make: Make, actor: Actor) -> None:
    book = make.book("活着", authors="余华")
    carry_out(actor, take(actor, f"编号,书名,作者\n{book.id},活着（典藏版）,余华\n"))
    assert Book.get().title == "活着（典藏版）"


def test_a_large_table_is_looked_through_in_the_background(actor: Actor) -> None:
    table = "书名,作者\n" + "".join(f"书{number},人\n" for number in range(imports.AT_ONCE + 1))
    load = take(actor, table)
    assert import_queries.get_import(actor, load).state == "checking"
    assert [(job.task, job.args) for job in Job.select()] == [(imports.CHECK, f"[{load}]")]
    jobs.check_import(load)
    view = import_queries.get_import(actor, load)
    assert (view.state, view.done, view.counts) == ("checked", imports.AT_ONCE + 1, {"add": imports.AT_ONCE + 1})


def test_an_import_stops_where_the_right_was_taken_away(make: Make, actor: Actor) -> None:
    load = take(actor, "书名,作者\n书,人\n")
    imports.start_import(actor, load)
    Member.update(name="former").execute()
    from_now = make.actor(make.member())
    BookImport.update(member=from_now.id).execute()
    jobs.carry_out_import(load)
    assert BookImport.get().state == "failed"
    assert Book.select().count() == 0


def test_another_members_import_is_not_there(make: Make, actor: Actor) -> None:
    load = take(actor, "书名,作者\n书,人\n")
    other = make.actor(make.member(role="liaison"))
    for command in (imports.start_import, imports.discard_import):
        with pytest.raises(NotFound):
            command(other, load)


def test_the_pages_show_a_table_on_its_way(browser: Open, make: Make) -> None:
    keeper = browser(make.member(role="liaison"))
    answer = keeper.post(
        "/books/import", {"file": (io.BytesIO("书名,作者,心情\n书,人,好\n,无名,\n".encode()), "书.csv")}
    )
    assert answer.status_code == 303
    page = keeper.get(answer.headers["Location"]).get_data(as_text=True)
    assert "心情" in page
    assert "第 2 行" in page
    assert "请填写书名。" in page
    assert keeper.post(answer.headers["Location"] + "/start").status_code == 303
    jobs.carry_out_import(BookImport.get().id)
    done = keeper.get(answer.headers["Location"]).get_data(as_text=True)
    assert "新增 1 本" in done
    refused = keeper.post("/books/import", {"file": (io.BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "old.xls")})
    assert refused.status_code == 422


def test_a_template_holds_the_headings_of_the_readers_language(browser: Open, make: Make, tmp_path: Path) -> None:
    keeper = browser(make.member(role="liaison"))
    path = tmp_path / "template.xlsx"
    path.write_bytes(keeper.get("/books/template.xlsx").get_data())
    (head,) = tables.read_table(path)
    assert head.cells[:3] == ("书名", "副书名", "原书名")


def test_the_decision_of_a_row_needs_no_database() -> None:
    layout = columns.understand(["书名", "作者"])
    given_row = import_rules.given_by(layout, ["书", "人"])
    assert import_rules.decide(layout, given_row, [], clock.today()).action == "add"
