"""What the API of activity records takes and gives."""

from apiflask import Schema
from apiflask.fields import Boolean, Date, DateTime, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range

from lms.activities import deciding, rules
from lms.web.paged import Paged
from lms.web.view import LAST_PAGE

LARGEST_ID = 2_147_483_647


class ActivityQuery(Schema):
    """Which records: mine, those of my units, or those waiting for me."""

    which = String(load_default="mine", validate=OneOf(["mine", "units", "waiting"]))
    kind = String(load_default="", validate=OneOf(["", *rules.KINDS]))
    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class DraftIn(Schema):
    """What is said of a record. ``amount`` is in tenths of days or class hours, or in fen."""

    kind = String(required=True, validate=OneOf(list(rules.KINDS)))
    title = String(required=True, validate=Length(max=rules.TITLE_CHARS))
    day = Date(required=True)
    until = Date(load_default=None, allow_none=True)
    starts = String(load_default="", validate=Length(max=5))
    place = String(load_default="", validate=Length(max=rules.PLACE_CHARS))
    minutes = Integer(load_default=None, allow_none=True, strict=True)
    amount = Integer(load_default=None, allow_none=True, strict=True)
    category = String(load_default="", validate=OneOf(["", *rules.TRAININGS]))
    text = String(load_default="", validate=Length(max=rules.TEXT_CHARS))
    link = String(load_default="", validate=Length(max=rules.LINK_CHARS))


class EnterIn(DraftIn):
    """A record about a member: about me without one."""

    member = Integer(load_default=None, allow_none=True, strict=True, validate=Range(1, LARGEST_ID))


class MarkIn(Schema):
    """How a member stands in a register."""

    member = Integer(required=True, strict=True, validate=Range(1, LARGEST_ID))
    state = String(load_default="present", validate=OneOf(rules.MARKS))
    spoke = Boolean(load_default=False)
    made_up_on = Date(load_default=None, allow_none=True)


class SessionIn(DraftIn):
    """Something that a unit holds: scheduled with ``planned``, else held, with its register."""

    unit = Integer(required=True, strict=True, validate=Range(1, LARGEST_ID))
    planned = Boolean(load_default=False)
    register = List(Nested(MarkIn), load_default=list, validate=Length(max=5000))


class ChangeIn(DraftIn):
    """What a record is to say; ``version`` is the one that was seen."""

    version = Integer(required=True, strict=True, validate=Range(1, LARGEST_ID))


class DecisionIn(Schema):
    """A decision about a record as it was seen."""

    version = Integer(required=True, strict=True, validate=Range(1, LARGEST_ID))
    verdict = String(required=True, validate=OneOf(deciding.VERDICTS))
    remark = String(load_default="", validate=Length(max=rules.REMARK_CHARS))


class DecisionsIn(Schema):
    """One decision about many waiting records."""

    activities = List(
        Integer(strict=True, validate=Range(1, LARGEST_ID)), required=True, validate=Length(1, deciding.MOST_AT_ONCE)
    )
    verdict = String(required=True, validate=OneOf(deciding.VERDICTS))
    remark = String(load_default="", validate=Length(max=rules.REMARK_CHARS))


class DecidedOut(Schema):
    """How many were decided; those decided before are not counted."""

    decided = Integer()


class RemarkIn(Schema):
    """Why."""

    remark = String(required=True, validate=Length(1, rules.REMARK_CHARS))


class LeaveIn(Schema):
    """Why I cannot come."""

    reason = String(required=True, validate=Length(1, rules.REASON_CHARS))


class LeaveOut(Schema):
    """Whether leave was asked before the session began."""

    beforehand = Boolean()


class RegisterIn(Schema):
    """A whole register; ``version`` is the one that was seen."""

    version = Integer(required=True, strict=True, validate=Range(1, LARGEST_ID))
    minutes = Integer(load_default=None, allow_none=True, strict=True)
    register = List(Nested(MarkIn), required=True, validate=Length(max=5000))


class MakeUpIn(Schema):
    """Who made a session up, and when; without a day it is taken back."""

    member = Integer(required=True, strict=True, validate=Range(1, LARGEST_ID))
    day = Date(load_default=None, allow_none=True)


class PastedIn(Schema):
    """Rows with tabs between their cells; without ``carry_out`` they are only looked through."""

    rows = String(required=True, validate=Length(max=500_000))
    usual = String(load_default="", validate=OneOf(["", *rules.PERSONAL]))
    usual_category = String(
        load_default="",
        validate=OneOf(["", *rules.TRAININGS]),
        metadata={"description": "The kind of training where a row names none."},
    )
    carry_out = Boolean(load_default=False)


class PastedRegisterIn(Schema):
    """A register pasted from a sheet; without ``carry_out`` it is only looked through. ``version`` is what was seen."""

    rows = String(
        required=True,
        validate=Length(max=500_000),
        metadata={"description": "In each row with tabs between: name or phone, state (nothing: present), spoke."},
    )
    others = String(
        load_default="absent",
        validate=OneOf([*rules.MARKS, ""]),
        metadata={"description": "How those stand who are not in the list; empty: they are left out."},
    )
    minutes = Integer(load_default=None, allow_none=True, strict=True)
    version = Integer(load_default=None, allow_none=True, strict=True, validate=Range(1, LARGEST_ID))
    carry_out = Boolean(load_default=False)


class PastedRegisterOut(Schema):
    """The register as it was understood, and what is wrong by row and column; ``kept`` when it was carried out."""

    register = List(
        Nested(
            Schema.from_dict(
                {"member": Integer(), "state": String(), "spoke": Boolean(), "named": Boolean()}, name="PastedMark"
            )
        )
    )
    problems = List(
        Nested(Schema.from_dict({"row": Integer(), "column": String(), "text": String()}, name="PastedRegisterProblem"))
    )
    kept = Boolean()


class TableQuery(Schema):
    """Whose records, and of which days, this year by default."""

    whose = String(load_default="mine", validate=OneOf(["mine", "units"]))
    since = Date(load_default=None)
    until = Date(load_default=None)


class PastedRowOut(Schema):
    """A pasted row, whom it means, and what is wrong with it by column."""

    row = Integer()
    member = Integer(allow_none=True)
    sound = Boolean()
    problems = List(Nested(Schema.from_dict({"column": String(), "text": String()}, name="PastedProblem")))


class PastedOut(Schema):
    """The rows as they were understood; after carrying out only those that were left out."""

    rows = List(Nested(PastedRowOut))
    entered = Integer()


class FileOut(Schema):
    """A file of evidence."""

    id = Integer()
    name = String()
    media_type = String()
    size = Integer()


class ActivityBrief(Schema):
    """A record in a list."""

    id = Integer()
    kind = String()
    title = String()
    day = Date()
    until = Date(allow_none=True)
    starts = String()
    place = String()
    minutes = Integer(allow_none=True)
    amount = Integer(allow_none=True)
    category = String()
    state = String()
    version = Integer()
    unit = Integer()
    unit_name = String()
    member = Integer(allow_none=True)
    member_name = String(allow_none=True)


class MarkOut(Schema):
    """A line of a register."""

    member = Integer()
    name = String()
    state = String()
    spoke = Boolean()
    leave_at = DateTime(allow_none=True)
    leave_late = Boolean()
    leave_reason = String()
    made_up_on = Date(allow_none=True)


class ActivityOut(ActivityBrief):
    """A record; the whole register for those who look after it, for others their own line."""

    text = String()
    link = String()
    files = List(Nested(FileOut))
    register = List(Nested(MarkOut))


class ActivityPage(Paged):
    """A page of records."""

    items = List(Nested(ActivityBrief))


class AttendanceTableQuery(Schema):
    """Whose attendance: of a unit and those below, in some days, this year by default."""

    unit = Integer(required=True, validate=Range(1, LARGEST_ID))
    kind = String(load_default="group_study", validate=OneOf(rules.HELD))
    since = Date(load_default=None)
    until = Date(load_default=None)


class AttendanceQuery(AttendanceTableQuery):
    """The same, page by page."""

    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class AttendanceRow(Schema):
    """How a member attended."""

    member = Integer()
    name = String()
    expected = Integer()
    counted = Integer()
    present = Integer()
    leave = Integer()
    made_up = Integer()
    absent = Integer()
    spoke = Integer()


class AttendancePage(Paged):
    """A page of members by name."""

    items = List(Nested(AttendanceRow))
