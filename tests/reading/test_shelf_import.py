"""One's own shelf, brought from Goodreads or Douban."""

import io
from collections.abc import Callable
from datetime import date

import pytest
from openpyxl import Workbook

from lms.errors import InvalidInput
from lms.members.models import Member
from lms.progress.models import LedgerEntry
from lms.reading import shelf_import
from lms.reading.models import ReadingEntry
from lms.storage import files
from tests.browser_like import Browser
from tests.factories import Make

HEAD = "Book Id,Title,Author,Author l-f,ISBN,ISBN13,My Rating,Date Read,Date Added,Exclusive Shelf\n"
ROWS = (
    '1,"Dune (Dune, #1)",Frank Herbert,"Herbert, Frank",,"=""9780441172719""",5,2020/01/31,2019/01/01,read\n'
    '2,Sapiens,Yuval Noah Harari,"Harari",,,0,,2021/05/06,to-read\n'
    '3,Unknown,Somebody,"S",,,0,,2021/05/06,read\n'
    '4,Future,Nobody,"N",,,0,2027/01/01,2021/05/06,read\n'
)


def test_what_the_catalogue_has_is_logged_and_the_rest_is_named(make: Make) -> None:
    dune = make.book("Dune", authors="Frank Herbert", isbn="9780441172719", language="en")
    sapiens = make.book("Sapiens", authors="Yuval Noah Harari", language="en")
    make.book("Future", authors="Nobody")
    actor = make.actor(make.member())
    taken = shelf_import.take_shelf(actor, io.BytesIO((HEAD + ROWS).encode()))
    assert (taken.noted, taken.known, taken.missing) == (2, 0, ("Unknown",))
    assert [(number, title) for number, title, _ in taken.refused] == [(5, "Future")]
    entries = {entry.book: entry for entry in ReadingEntry.select()}
    read = entries[dune.id]
    assert (read.state, read.finished_on, read.rating) == ("finished", date(2020, 1, 31), 5)
    assert entries[sapiens.id].state == "want"
    assert LedgerEntry.select().where(LedgerEntry.measure == "book_finished").count() == 1
    assert list(files().keys()) == []


def test_the_same_file_once_more_changes_nothing(make: Make) -> None:
    make.book("Dune", authors="Frank Herbert", language="en")
    actor = make.actor(make.member())
    for expected in ((1, 0), (0, 1)):
        taken = shelf_import.take_shelf(actor, io.BytesIO((HEAD + ROWS).encode()))
        assert (taken.noted, taken.known) == expected
    assert LedgerEntry.select().where(LedgerEntry.measure == "book_finished").count() == 1


def test_the_sheets_of_douban_say_the_state(make: Make) -> None:
    make.book("江城", authors="彼得·海斯勒")
    made = Workbook()
    sheet = made.active
    sheet.title = "读过"
    sheet.append(["标题", "简介", "豆瓣评分", "链接", "创建时间", "我的评分", "标签", "评论"])
    sheet.append(
        ["江城", "[美] 彼得·海斯勒 / 李雪顺 / 上海译文出版社 / 2012-1", 9, "x", "2022-03-04 10:00:00", 4, "", "好"]
    )
    content = io.BytesIO()
    made.save(content)
    content.seek(0)
    shelf_import.take_shelf(make.actor(make.member()), content)
    entry = ReadingEntry.get()
    assert (entry.state, entry.finished_on, entry.rating) == ("finished", date(2022, 3, 4), 4)


def test_a_table_that_says_nothing_of_reading_is_refused(make: Make) -> None:
    with pytest.raises(InvalidInput):
        shelf_import.take_shelf(make.actor(make.member()), io.BytesIO("书名,作者\n书,人\n".encode()))


def test_the_page_says_what_came_of_it(make: Make, browser: Callable[[Member | None], Browser]) -> None:
    make.book("Dune", authors="Frank Herbert", language="en")
    reader = browser(make.member())
    page = reader.post("/reading/import", {"file": (io.BytesIO((HEAD + ROWS).encode()), "g.csv")})
    text = page.get_data(as_text=True)
    assert "已记录 1 本" in text
    assert "Unknown" in text
    assert reader.post("/reading/import", {}).status_code == 422
