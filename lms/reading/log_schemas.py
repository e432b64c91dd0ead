"""What the JSON API of the reading log takes and gives."""

from datetime import UTC

from apiflask import Schema
from apiflask.fields import AwareDateTime, Date, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range, Regexp

from lms.reading import rules
from lms.reading.log_queries import SORTS
from lms.web.view import LAST_PAGE

STATES = [state.value for state in rules.State]
FIRST_YEAR = rules.FIRST_DAY.year


class ShelfQuery(Schema):
    """Which part of the shelf to list: a state, words of title or author, the letter of a class, how sorted."""

    state = String(load_default="reading", validate=OneOf(STATES))
    sort = String(load_default="recent", validate=OneOf(SORTS))
    q = String(load_default="", validate=Length(max=100))
    clc = String(load_default="", validate=Length(max=1))
    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class PageQuery(Schema):
    """Which page of a list."""

    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class MonthQuery(Schema):
    """Which month, such as 2026-11; this one when not given."""

    month = String(load_default="", validate=Regexp(r"^(\d{4}-(0[1-9]|1[0-2]))?\Z"))


class StateIn(Schema):
    """The state to put a book into; ``day`` is when it was finished (or begun), today when not given."""

    state = String(required=True, validate=OneOf(STATES))
    day = Date(allow_none=True, load_default=None)
    rating = Integer(allow_none=True, load_default=None, strict=True)
    reason = String(allow_none=True, load_default=None)


class UndoIn(Schema):
    """Which finish to take back (``fact`` of the entry) and the state to go back to, "" for off the shelf."""

    fact = Integer(required=True, strict=True)
    back_to = String(load_default="reading", validate=OneOf(["", *STATES]))


class RatingIn(Schema):
    """A rating from 1 to 5, null to take it back."""

    rating = Integer(required=True, allow_none=True, strict=True)


class AgainIn(Schema):
    """The first day of a new reading, today when not given."""

    day = Date(allow_none=True, load_default=None)


class SessionIn(Schema):
    """A note of reading: any of minutes, page reached, percent reached, remark; the day, today when not given.

    ``at`` is the instant at which it was noted on the device; ``once`` a key of the sender's own, with which the note
    can be sent again.
    """

    minutes = Integer(load_default=0, strict=True)
    page = Integer(allow_none=True, load_default=None, strict=True)
    percent = Integer(allow_none=True, load_default=None, strict=True)
    remark = String(load_default="")
    day = Date(allow_none=True, load_default=None)
    at = AwareDateTime(allow_none=True, load_default=None, default_timezone=UTC)
    once = String(load_default="")


class EarlierBook(Schema):
    """A book read earlier: on a day, or in a year."""

    book = Integer(required=True, strict=True, validate=Range(1, 2**31 - 1))
    day = Date(allow_none=True, load_default=None)
    year = Integer(allow_none=True, load_default=None, strict=True, validate=Range(FIRST_YEAR, 9999))


class EarlierIn(Schema):
    """Books read earlier, to be noted in one go."""

    books = List(Nested(EarlierBook), required=True, validate=Length(min=1, max=rules.AT_ONCE))


class EarlierOut(Schema):
    """How many books were noted, and which were finished already."""

    noted = Integer()
    known = List(Integer())


class SessionOut(Schema):
    """A note of reading."""

    id = Integer()
    book = Integer()
    title = String()
    day = Date()
    minutes = Integer()
    page = Integer(allow_none=True)
    percent = Integer(allow_none=True)
    remark = String()
    number = Integer()


class EntryOut(Schema):
    """Where the reader stands with a book; ``number`` counts the readings of it, ``fact`` names the finish in force."""

    book = Integer()
    state = String()
    page = Integer(allow_none=True)
    percent = Integer(allow_none=True)
    pages = Integer(allow_none=True)
    started_on = Date(allow_none=True)
    finished_on = Date(allow_none=True)
    rating = Integer(allow_none=True)
    reason = String()
    number = Integer()
    fact = Integer()


class ReadingOut(Schema):
    """An earlier reading of a book."""

    number = Integer()
    state = String()
    started_on = Date(allow_none=True)
    finished_on = Date(allow_none=True)
    rating = Integer(allow_none=True)
    reason = String()


class LogOut(EntryOut):
    """Where the reader stands with a book, with the last notes of reading and the earlier readings."""

    sessions = List(Nested(SessionOut))
    readings = List(Nested(ReadingOut))


class ShelfItem(EntryOut):
    """A book on the shelf."""

    class Meta:
        exclude = ("fact",)

    title = String()
    authors = String()


class ListOut(Schema):
    """What every list has."""

    page = Integer()
    pages = Integer()
    total = Integer()


class ShelfOut(ListOut):
    """A page of the reader's shelf."""

    items = List(Nested(ShelfItem))


class SessionsOut(ListOut):
    """A page of the reader's notes of reading."""

    items = List(Nested(SessionOut))


class HappeningOut(Schema):
    """Something on a day: ``kind`` is finished, begun, abandoned or noted."""

    day = Date()
    kind = String()
    book = Integer()
    title = String()
    minutes = Integer()
    page = Integer(allow_none=True)
    percent = Integer(allow_none=True)
    text = String()
    rating = Integer(allow_none=True)
    number = Integer()


class TimelineOut(Schema):
    """A month of the log, the latest day first."""

    since = Date()
    until = Date()
    items = List(Nested(HappeningOut))


class FinishOut(Schema):
    """A book finished on a day."""

    day = Date()
    book = Integer()
    title = String()
    authors = String()
    pages = Integer(allow_none=True)
    rating = Integer(allow_none=True)
    number = Integer()


class MonthOut(Schema):
    """A month of a year in figures."""

    month = Integer()
    books = Integer()
    pages = Integer()
    minutes = Integer()


class YearOut(Schema):
    """A year in books."""

    year = Integer()
    books = List(Nested(FinishOut))
    months = List(Nested(MonthOut))
