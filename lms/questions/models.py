"""Questions under a lecture, and their answers."""

from peewee import DateTimeField, ForeignKeyField, IntegerField, TextField

from lms import clock
from lms.db import BaseModel
from lms.lectures.models import Lecture, Recording
from lms.members.models import Member


class Post(BaseModel):
    """A question under a lecture, or, with ``question``, an answer to one.

    ``at_s`` is the second of ``recording`` that a question is about. ``answered_at`` is set when answered.
    What its writer deleted can be brought back; what is hidden only its writer and who manages the lecture see.
    """

    lecture = ForeignKeyField(Lecture, lazy_load=False, on_delete="CASCADE")
    question = ForeignKeyField("self", null=True, lazy_load=False, on_delete="CASCADE")
    recording = ForeignKeyField(Recording, null=True, lazy_load=False, on_delete="SET NULL")
    at_s = IntegerField(null=True)
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    text = TextField()
    created_at = DateTimeField(default=clock.now)
    edited_at = DateTimeField(null=True)
    answered_at = DateTimeField(null=True)
    deleted_at = DateTimeField(null=True)
    hidden_at = DateTimeField(null=True)

    class Meta:
        table_name = "lecture_post"
        indexes = ((("lecture", "created_at"), False),)
