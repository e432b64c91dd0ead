"""One's own shelf, brought from Goodreads, Douban, StoryGraph or from here: looked at first, then taken in."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from playhouse.test_utils import count_queries

from lms import clock
from lms.errors import InvalidInput
from lms.members.access import Actor
from lms.members.models import Member
from lms.notes.models import Note
from lms.progress.models import LedgerEntry
from lms.reading import jobs, service, shelf_import, shelf_rules
from lms.reading.models import ReadingEntry, ReadingSession, ShelfImport
from lms.reading.takeaway import BOOKS, TABLES
from lms.storage import files, sweep
from lms.tables import csv_lines
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]
# The headings that Goodreads writes, in full; ISBNs as formulas, reviews in HTML.
GOODREADS = (
    "Book Id,Title,Author,Author l-f,Additional Authors,ISBN,ISBN13,My Rating,Average Rating,Publisher,Binding,"
    "Number of Pages,Year Published,Original Publication Year,Date Read,Date Added,Bookshelves,"
    "Bookshelves with positions,Exclusive Shelf,My Review,Spoiler,Private Notes,Read Count,Recommended For,"
    "Recommended By,Owned Copies,Original Purchase Date,Original Purchase Location,Condition,"
    "Condition Description,BCID\n"
)


def goodreads(
    title: str, author: str, isbn: str = "", stars: int = 0, read: str = "", shelf: str = "read", review: str = ""
) -> str:
    cells = [
        "1", title, author, author, "", f'="{isbn[3:]}"', f'="{isbn}"', str(stars), "4.20", "Tor", "Hardcover", "448",
        "2019", "2019", read, "2019/01/01", "", "", shelf, review, "", "", "1", "", "", "0", "", "", "", "", "",
    ]  # fmt: skip
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


ROWS = (
    goodreads("Dune (Dune, #1)", "Frank Herbert", "9780441172719", 5, "2020/01/31", review="Sand.<br/>And &amp; spice.")
    + goodreads("Sapiens", "Yuval Noah Harari", shelf="to-read", review="later")
    + goodreads("Unknown", "Somebody", read="2021/05/06")
    + goodreads("Future", "Nobody", read="2099/01/01")
    + goodreads("Sapiens", "Yuval Noah Harari", shelf="currently-reading")
)


def a_file(text: str) -> io.BytesIO:
    return io.BytesIO(text.encode())


def taken(actor: Actor, stream: io.BytesIO) -> ShelfImport:
    load = shelf_import.take_table(actor, stream, "shelf.csv")
    shelf_import.start_import(actor, load)
    return shelf_import.get_import(actor, load)


@pytest.fixture
def library(make: Make) -> dict[str, int]:
    return {
        "dune": make.book("Dune", authors="Frank Herbert", isbn="9780441172719", language="en").id,
        "sapiens": make.book("Sapiens", authors="Yuval Noah Harari", language="en").id,
        "future": make.book("Future", authors="Nobody").id,
    }


def test_what_will_happen_is_shown_row_by_row_and_only_then_taken_in(
    make: Make, browser: Open, library: dict[str, int]
) -> None:
    member = make.member()
    reader = browser(member)
    sent = reader.post("/reading/import", {"file": (a_file(GOODREADS + ROWS), "goodreads.csv")})
    here = sent.headers["Location"]
    with count_queries() as asked:
        page = reader.get(here).get_data(as_text=True)
    assert asked.count <= 12
    for said in (
        "还没有记录任何内容", "第 2 行", "2020 年 1 月 31 日", "★★★★★", "Sand.", "第 5 行", "Date Read",
        "日期不能晚于今天", "第 6 行", "与第 3 行是同一本书", "只有读完的书能带入短评", "书目中没有", "Average Rating",
    ):  # fmt: skip
        assert said in page, said
    assert ReadingEntry.select().count() == 0
    only = reader.get(f"{here}?action=missing").get_data(as_text=True)
    assert "Unknown" in only and "Sand." not in only
    assert reader.post(f"{here}/start").status_code == 303
    assert "已记录 2 本" in reader.get(here).get_data(as_text=True)
    entries = {entry.book: entry for entry in ReadingEntry.select()}
    dune = entries[library["dune"]]
    assert (dune.state, dune.finished_on, dune.rating) == ("finished", date(2020, 1, 31), 5)
    assert entries[library["sapiens"]].state == "want"
    assert ReadingSession.get().remark == "Sand.\nAnd & spice."
    assert LedgerEntry.select().where(LedgerEntry.measure == "book_finished").count() == 1
    assert browser(make.member()).get(here).status_code == 404


def test_the_same_file_once_more_changes_nothing(make: Make, library: dict[str, int]) -> None:
    actor = make.actor(make.member())
    assert [taken(actor, a_file(GOODREADS + ROWS)).noted for _ in range(2)] == [2, 0]
    assert LedgerEntry.select().where(LedgerEntry.measure == "book_finished").count() == 1
    assert ReadingSession.select().count() == 1


def test_ones_own_export_comes_back_and_changes_nothing(make: Make, library: dict[str, int]) -> None:
    actor = make.actor(make.member())
    service.set_state(actor, library["dune"], "finished", date(2020, 1, 31), 4)
    service.set_state(actor, library["sapiens"], "abandoned", reason="太厚")
    table = next(one for one in TABLES if one.name == "books")
    rows = [["" if cell is None else str(cell) for cell in row] for row in table.rows(actor)]
    export = "".join(csv_lines(BOOKS, rows))
    look = shelf_import.look_at(actor, shelf_import.take_table(actor, a_file(export), "books.csv"))
    assert [row.action for row in look.rows] == ["stays", "stays"]
    assert (look.layout.unknown, look.layout.source) == ((), "takeaway")
    other = make.actor(make.member())
    assert taken(other, a_file(export)).noted == 2
    kept = {entry.book: entry for entry in ReadingEntry.select().where(ReadingEntry.member == other.id)}
    assert (kept[library["dune"]].finished_on, kept[library["dune"]].rating) == (date(2020, 1, 31), 4)
    assert kept[library["sapiens"]].reason == "太厚"


def test_the_sheets_of_doufen_say_the_state(make: Make) -> None:
    river, wish = make.book("江城", authors="彼得·海斯勒"), make.book("当喵星人有了门牌号", authors="李青菜")
    head = ["标题", "简介", "豆瓣评分", "链接", "创建时间", "我的评分", "标签", "评论", "可见性"]
    url = "https://book.douban.com/subject/7060185/"
    made = Workbook()
    films = made.active
    films.title = "看过"
    films.append(head)
    films.append(["江城", "2012 / 中国大陆 / 剧情", "8.0", url, "2020-01-01 10:00:00", 5, "", "", "public"])
    for name, row in (
        (
            "读过",
            [
                "江城",
                "[美] 彼得·海斯勒 / 2012 / 上海译文出版社",
                "9.1",
                url,
                "2022-03-04 10:00:00",
                4,
                "",
                "好",
                "public",
            ],
        ),
        (
            "想读",
            ["当喵星人有了门牌号", "李青菜 / 2017 / 中信出版社", "", url, "2022-05-04 10:00:00", "", "", "", "private"],
        ),
    ):
        sheet = made.create_sheet(name)
        sheet.append(head)
        sheet.append(row)
    reviews = made.create_sheet("书评")
    reviews.append(["标题", "评论对象", "链接", "创建时间", "我的评分", "类型", "内容"])
    reviews.append(["读后", "《江城》", url, "2022-03-05 10:00:00", 4, "书评", "长文"])
    content = io.BytesIO()
    made.save(content)
    content.seek(0)
    actor = make.actor(make.member())
    assert taken(actor, content).noted == 2
    entries = {entry.book: entry for entry in ReadingEntry.select()}
    read = entries[river.id]
    assert (read.state, read.finished_on, read.rating) == ("finished", date(2022, 3, 4), 4)
    assert ReadingSession.get().remark == "好"
    assert entries[wish.id].state == "want"


def test_storygraph_gives_halves_of_stars_and_what_was_not_finished(make: Make, library: dict[str, int]) -> None:
    head = (
        "Title,Authors,Contributors,ISBN/UID,Format,Read Status,Date Added,Last Date Read,Dates Read,Read Count,Moods,"
        "Pace,Character- or Plot-Driven?,Strong Character Development?,Loveable Characters?,Diverse Characters?,"
        "Flawed Characters?,Star Rating,Review,Content Warnings,Content Warning Description,Tags,Owned?\n"
    )
    rows = (
        'Dune,Frank Herbert,"",9780441172719,,read,2021/05/10,2021/06/01,2021/05/10-2021/06/01,1,,,,,,,,3.5,"",,,,No\n'
        "Sapiens,Yuval Noah Harari,,a1b2c3,,did-not-finish,2021/05/10,,,0,,,,,,,,,too long,,,,No\n"
    )
    actor = make.actor(make.member())
    assert taken(actor, a_file(head + rows)).noted == 2
    entries = {entry.book: entry for entry in ReadingEntry.select()}
    dune, sapiens = entries[library["dune"]], entries[library["sapiens"]]
    assert (dune.finished_on, dune.rating) == (date(2021, 6, 1), 4)
    assert (sapiens.state, sapiens.reason) == ("abandoned", "too long")


def test_a_large_shelf_is_taken_in_by_the_worker_and_goes_on_where_it_stopped(
    make: Make, monkeypatch: pytest.MonkeyPatch, library: dict[str, int]
) -> None:
    monkeypatch.setattr(shelf_import, "AT_ONCE", 1)
    monkeypatch.setattr(shelf_import, "BATCH", 1)
    actor = make.actor(make.member())
    load = shelf_import.take_table(actor, a_file(GOODREADS + ROWS), "shelf.csv")
    for _ in range(2):
        shelf_import.start_import(actor, load)
    assert shelf_import.get_import(actor, load).state == "importing"
    with monkeypatch.context() as broken:
        broken.setattr(service, "note_progress", lambda *_: (_ for _ in ()).throw(RuntimeError("power cut")))
        with pytest.raises(RuntimeError):
            jobs.take_shelf(load)
    for _ in range(2):
        jobs.take_shelf(load)
    found = shelf_import.get_import(actor, load)
    assert (found.state, found.noted, found.done) == ("done", 2, 2)
    assert ReadingEntry.select().count() == 2


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("书,佚名,读过,,好", "读完日期", "哪天读完"),
        ("书,佚名,读过,去年,好", "读完日期", "2026-05-31"),
        ("书,佚名,看过,2020-01-01,好", "状态", "没有说明"),
        ("书,佚名,读过,2020-01-01,好,多出来的", "", "多出来的"),
        (",佚名,读过,2020-01-01,好", "书名", "请填写"),
    ],
)
def test_a_row_that_cannot_be_taken_names_its_column(
    make: Make, browser: Open, row: str, column: str, said: str
) -> None:
    make.book("书", authors="佚名")
    reader = browser(make.member())
    table = f"书名,作者,状态,读完日期,心情\n{row}\n"
    sent = reader.client.post(
        "/api/v1/reading/imports",
        data={"file": (io.BytesIO(table.encode("gb18030")), "shelf.csv")},
        headers={"X-CSRFToken": reader.token()},
    )
    load = sent.get_json()
    assert (sent.status_code, load["unknown_columns"], load["counts"]["error"]) == (201, ["心情"], 1)
    (found,) = reader.api("GET", f"/reading/imports/{load['id']}/rows").get_json()["items"]
    (note,) = found["notes"]
    assert (found["row"], found["action"]) == (2, "error")
    assert note["column"] == column
    assert said in note["text"]
    assert reader.api("POST", f"/reading/imports/{load['id']}/start").get_json()["noted"] == 0
    assert reader.api("DELETE", f"/reading/imports/{load['id']}").status_code == 204


def test_a_table_that_says_nothing_of_reading_is_refused_and_leaves_no_file(make: Make, browser: Open) -> None:
    reader = browser(make.member())
    for file in (a_file("书名,作者\n书,人\n"), io.BytesIO(b"\x00\x01\x02"), a_file("")):
        assert reader.post("/reading/import", {"file": (file, "a.csv")}).status_code == 422
    assert reader.post("/reading/import", {}).status_code == 422
    assert list(files().keys()) == []
    with pytest.raises(InvalidInput):
        shelf_import.take_table(make.actor(make.member()), a_file("书名,作者\n书,人\n"), "a.csv")


def test_a_table_that_waits_is_thrown_away_or_forgotten_after_a_day(make: Make, browser: Open) -> None:
    member = make.member()
    reader = browser(member)
    table = "书名,状态\n书,想读\n"
    reader.post("/reading/import", {"file": (a_file(table), "a.csv")})
    second = reader.post("/reading/import", {"file": (a_file(table), "b.csv")}).headers["Location"]
    assert ShelfImport.get().file_name == "b.csv"
    assert reader.post(f"{second}/discard").status_code == 303
    reader.post("/reading/import", {"file": (a_file(table), "c.csv")})
    assert len(shelf_import.used_keys()) == 1
    with clock.at(clock.now() + timedelta(days=2)):
        shelf_import.sweep()
        assert shelf_import.used_keys() == []
        sweep.bind([shelf_import.used_keys])
        sweep.sweep()


@given(st.dictionaries(st.sampled_from(["state", "day", "added", "rating", "remark", "reason"]), st.text(max_size=30)))
def test_whatever_stands_in_a_row_it_is_read_or_refused(values: dict[str, str]) -> None:
    today = date(2026, 11, 28)
    try:
        said = shelf_rules.read(values, "读过", today)
    except InvalidInput as error:
        assert error.field in ("day", "rating")
    else:
        assert said.day is not None and said.day <= today
        assert said.rating is None or 1 <= said.rating <= 5


def test_a_remark_too_long_for_the_log_becomes_a_note_that_only_its_writer_sees_and_counts_for_nothing(
    make: Make, library: dict[str, int], browser: Open
) -> None:
    member = make.member()
    actor = make.actor(member)
    review = "沙丘写的是人怎样在绝境里学习。" * 60
    rows = goodreads("Dune (Dune, #1)", "Frank Herbert", "9780441172719", 5, "2020/01/31", review=review)
    rows += goodreads("Sapiens", "Yuval Noah Harari", shelf="to-read", review="再" * 501)
    text = GOODREADS + rows
    hers = browser(member)
    load = shelf_import.take_table(actor, a_file(text), "shelf.csv")
    assert "将存为这本书的笔记，只有您自己看得到" in hers.get(f"/reading/import/{load}").get_data(as_text=True)
    shelf_import.start_import(actor, load)
    first, second = Note.select().order_by(Note.id)
    assert (first.title, first.body, first.book, first.audience) == ("Dune", review, library["dune"], "me")
    assert (first.kind, first.state, second.body) == ("reading", "open", "再" * 501)
    assert not ReadingSession.select().exists(), "it stands in one place"
    measures = [measure for (measure,) in LedgerEntry.select(LedgerEntry.measure).tuples()]
    assert measures == ["book_finished"], "once, for the book"
    assert taken(actor, a_file(text)).noted == 0
    service.remove_entry(actor, library["dune"])
    assert taken(actor, a_file(text)).noted == 1
    assert Note.select().count() == 2, "nor is it kept twice for a book that comes onto the shelf once more"
    assert "沙丘写的是" not in browser(make.member()).get(f"/books/{library['dune']}").get_data(as_text=True)
