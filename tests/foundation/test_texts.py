"""What a text may hold that comes from elsewhere, in each database."""

from lms.catalogue.models import Book
from tests.factories import Make


def test_a_nul_in_a_text_stops_nobody_from_writing_or_finding_it(make: Make) -> None:
    book = make.book("乡土\x00中国")
    title = Book.select(Book.title).where(Book.title == "乡土\x00中国").scalar()
    assert title.replace("\x00", "") == "乡土中国"
    assert Book.update(summary="\x00").where(Book.id == book.id, Book.title != "\x00").execute() == 1
