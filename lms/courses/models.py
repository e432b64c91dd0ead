"""Tables of courses: what they consist of, what members did of it, and who completed them."""

from peewee import BooleanField, CharField, DateField, DateTimeField, ForeignKeyField, IntegerField, TextField

from lms import clock
from lms.db import BaseModel
from lms.members.models import Member, Unit


class Course(BaseModel):
    """Lectures and materials in an order, with class hours for whoever meets the rule of completion.

    The lecturer is ``lecturer``, a member, or somebody from outside; ``lecturer_name`` is what is shown in both cases.
    ``rule`` is "all", "required", "count" (``amount`` items) or "share" (``amount`` percent); see ``rules.Rule``.
    ``late_counts`` says whether what is finished after ``until`` still counts.
    ``class_hour_tenths`` are class hours in tenths. It is a draft until ``published_at`` is set.
    """

    title = CharField(max_length=120)
    summary = TextField(default="")
    lecturer = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    lecturer_name = CharField(max_length=80)
    category = CharField(max_length=20, default="other", index=True)
    class_hour_tenths = IntegerField(default=0)
    unit = ForeignKeyField(Unit, lazy_load=False, on_delete="RESTRICT")
    audience = CharField(max_length=12, default="everyone")
    since = DateField(null=True)
    until = DateField(null=True)
    late_counts = BooleanField(default=True)
    rule = CharField(max_length=12, default="all")
    amount = IntegerField(default=0)
    made_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    created_at = DateTimeField(default=clock.now, index=True)
    updated_at = DateTimeField(default=clock.now)
    published_at = DateTimeField(null=True)
    archived_at = DateTimeField(null=True)


class CourseItem(BaseModel):
    """A lecture or material of a course, ``kind`` and ``ref``, at a place counted from 0."""

    course = ForeignKeyField(Course, lazy_load=False, on_delete="CASCADE")
    kind = CharField(max_length=12)
    ref = IntegerField()
    position = IntegerField()
    required = BooleanField(default=True)
    remark = CharField(max_length=200, default="")

    class Meta:
        indexes = ((("course", "kind", "ref"), True), (("kind", "ref"), False))


class ItemDone(BaseModel):
    """That a member has seen a lecture or read a material through, in a course or not, and since which day."""

    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    kind = CharField(max_length=12)
    ref = IntegerField()
    day = DateField()

    class Meta:
        indexes = ((("member", "kind", "ref"), True), (("kind", "ref"), False))


class CourseCompletion(BaseModel):
    """That a member met the rule of a course, once: what changes in the course later takes nothing away.

    ``times`` counts how often it was booked; ``withdrawn_at`` is set while it is taken back, by ``withdrawn_by`` or,
    without one, because something it rested on was taken back.
    """

    course = ForeignKeyField(Course, lazy_load=False, on_delete="CASCADE")
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    day = DateField()
    class_hour_tenths = IntegerField()
    times = IntegerField(default=1)
    withdrawn_at = DateTimeField(null=True)
    withdrawn_by = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="SET NULL")
    created_at = DateTimeField(default=clock.now)

    class Meta:
        indexes = ((("course", "member"), True),)
