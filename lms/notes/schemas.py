"""What the API of notes takes and gives."""

from apiflask import Schema
from apiflask.fields import Boolean, DateTime, File, Float, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range

from lms.notes import queries, review_queries, rules
from lms.notes.reviewing import VERDICTS
from lms.web.paged import Paged

HIGHEST_ID = 2**31 - 1
KIND_TEXT = "reading, reflection, research, training (four parts) or free"
ABOUT_TEXT = "What it is about: material:3:12 (page 12), lecture:4:65 (second 65), book:5; empty for nothing."


class NoteIn(Schema):
    """A note to keep. A training summary takes ``parts`` in place of ``body``."""

    title = String(required=True)
    body = String(load_default="", metadata={"description": "Markdown, at most 100,000 characters."})
    parts = List(String(), load_default=None, allow_none=True, validate=Length(max=len(rules.TRAINING_PARTS)))
    kind = String(load_default="", validate=OneOf(("", *rules.KINDS)), metadata={"description": KIND_TEXT})
    audience = String(load_default="me", validate=OneOf(rules.AUDIENCES))
    book = Integer(load_default=None, allow_none=True, validate=Range(1, HIGHEST_ID))
    about = String(load_default="", validate=Length(max=40), metadata={"description": ABOUT_TEXT})


class NoteChange(Schema):
    """A note as it shall be, and the version it was seen in."""

    title = String(required=True)
    body = String(load_default="")
    parts = List(String(), load_default=None, allow_none=True, validate=Length(max=len(rules.TRAINING_PARTS)))
    kind = String(load_default="", validate=OneOf(("", *rules.KINDS)))
    audience = String(required=True, validate=OneOf(rules.AUDIENCES))
    version = Integer(required=True, validate=Range(1, HIGHEST_ID))


class NoteItem(Schema):
    """A note in a list."""

    id = Integer()
    title = String()
    excerpt = String()
    chars = Integer(metadata={"description": "The 字数: characters as a word processor counts them."})
    kind = String()
    audience = String()
    state = String(metadata={"description": "open, submitted, returned or accepted"})
    updated_at = DateTime()
    shown_at = DateTime(allow_none=True)
    member = Integer()
    member_name = String()
    book = Integer(allow_none=True)
    book_title = String(allow_none=True)


class NoteOut(Schema):
    """A note with its whole text."""

    id = Integer()
    title = String()
    body = String(attribute="text")
    parts = List(String(), metadata={"description": "The four parts of a training summary, else none."})
    kind = String()
    chars = Integer()
    audience = String()
    version = Integer()
    state = String()
    created_at = DateTime()
    updated_at = DateTime()
    submitted_at = DateTime(allow_none=True)
    decided_at = DateTime(allow_none=True)
    shown_at = DateTime(allow_none=True)
    member = Integer()
    member_name = String()
    book = Integer(allow_none=True)
    book_title = String(allow_none=True)
    about = String(attribute="subject")


class NotesQuery(Schema):
    """Which notes to list."""

    whose = String(load_default="mine", validate=OneOf(queries.SHELVES))
    book = Integer(load_default=None, validate=Range(1, HIGHEST_ID))
    kind = String(load_default="", validate=OneOf(("", *rules.KINDS)))
    page = Integer(load_default=1, validate=Range(1, 100_000))


class PageQuery(Schema):
    """Which page of a list."""

    page = Integer(load_default=1, validate=Range(1, 100_000))


class NotesPage(Paged):
    """A page of notes."""

    items = List(Nested(NoteItem))


class DraftIn(Schema):
    """What a device has typed so far."""

    key = String(required=True, validate=Length(max=80), metadata={"description": "note:12, new: or new:book:5"})
    device = String(required=True, validate=Length(1, 40))
    title = String(load_default="")
    body = String(load_default="")
    parts = List(String(), load_default=None, allow_none=True, validate=Length(max=len(rules.TRAINING_PARTS)))
    kind = String(load_default="free", validate=OneOf(rules.KINDS))
    audience = String(load_default="me", validate=OneOf(rules.AUDIENCES))
    version = Integer(load_default=0, validate=Range(0, HIGHEST_ID))


class DraftOut(Schema):
    """A draft."""

    id = Integer()
    key = String()
    device = String()
    note = Integer(allow_none=True)
    version = Integer()
    title = String()
    body = String()
    kind = String()
    audience = String()
    updated_at = DateTime()


class KeptOut(Schema):
    """That a draft is kept, and what other devices hold."""

    draft = Integer()
    at = DateTime()
    version = Integer(metadata={"description": "The version of the note that is stored now, 0 for a new one."})
    others = List(Nested(DraftOut))


class DraftsOut(Schema):
    """The drafts of the caller."""

    items = List(Nested(DraftOut))


class RevisionOut(Schema):
    """An earlier text."""

    id = Integer()
    version = Integer()
    how = String(metadata={"description": "saved, typed, refused or discarded"})
    title = String()
    kind = String()
    chars = Integer()
    made_at = DateTime()
    body = String()


class RevisionsPage(Paged):
    """A page of earlier texts."""

    items = List(Nested(RevisionOut))


class BinItem(Schema):
    """A deleted note."""

    id = Integer()
    title = String()
    chars = Integer()
    deleted_at = DateTime()


class BinPage(Paged):
    """A page of deleted notes."""

    items = List(Nested(BinItem))


class ImageIn(Schema):
    """An image to put into notes."""

    file = File(required=True)


class ImageOut(Schema):
    """An image that notes can show."""

    id = Integer()
    address = String()
    markdown = String()
    width = Integer()
    height = Integer()


class ExportQuery(Schema):
    """The format of an export."""

    format = String(load_default="docx", validate=OneOf(("docx", "md")))


class ExportMany(ExportQuery):
    """Which notes to export."""

    note = List(Integer(validate=Range(1, HIGHEST_ID)), required=True, validate=Length(1, 200))


class SubmitIn(Schema):
    """The version that is handed in."""

    version = Integer(required=True, validate=Range(1, HIGHEST_ID))


class DecisionIn(Schema):
    """A decision about a note that was handed in."""

    version = Integer(required=True, validate=Range(1, HIGHEST_ID))
    verdict = String(required=True, validate=OneOf(VERDICTS))
    remark = String(load_default="")


class RemarkIn(Schema):
    """Why an acceptance is taken back."""

    remark = String(required=True)


class QueueQuery(Schema):
    """Which notes of the queue."""

    shelf = String(load_default="waiting", validate=OneOf(review_queries.SHELVES))
    kind = String(load_default="", validate=OneOf(("", *rules.KINDS)))
    page = Integer(load_default=1, validate=Range(1, 100_000))


class QueueItem(Schema):
    """A note in the queue."""

    id = Integer()
    title = String()
    kind = String()
    chars = Integer()
    member_name = String()
    unit_name = String()
    submitted_at = DateTime(allow_none=True)
    decided_at = DateTime(allow_none=True)


class QueuePage(Paged):
    """A page of the queue, with the number of notes on each shelf."""

    items = List(Nested(QueueItem))
    waiting = Integer()
    returned = Integer()
    accepted = Integer()


class StepOut(Schema):
    """A step of a note on its way through review."""

    step = String()
    remark = String()
    at = DateTime()
    version = Integer()
    member = Integer(allow_none=True)
    member_name = String(allow_none=True)


class StepsOut(Schema):
    """The way of a note through review."""

    items = List(Nested(StepOut))


class BesideOut(Schema):
    """A passage in both texts."""

    mine = String()
    theirs = String()


class SourceOut(Schema):
    """A text that shares passages with the note; nothing but its kind when it may not be read."""

    kind = String()
    ref = Integer(allow_none=True)
    place = Integer()
    title = String()
    writer = String()
    own = Boolean(metadata={"description": "The writer's own earlier note."})
    open = Boolean()
    chars = Integer()
    passages = List(Nested(BesideOut))


class LikenessOut(Schema):
    """Which passages of a note stand elsewhere: a hint, not a verdict."""

    share = Float(metadata={"description": "Share of the note's characters, from 0 to 1."})
    sources = List(Nested(SourceOut))


class CommentIn(Schema):
    """Something said to a note."""

    comment = String(required=True)


class CommentOut(Schema):
    """A comment."""

    id = Integer()
    member = Integer()
    member_name = String()
    body = String()
    created_at = DateTime()
    edited_at = DateTime(allow_none=True)


class CommentsPage(Paged):
    """A page of comments."""

    items = List(Nested(CommentOut))


class ThanksOut(Schema):
    """How many said thanks."""

    thanks = Integer()
    thanked = Boolean()
