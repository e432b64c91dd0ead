"""What the API of courses takes and gives."""

from datetime import UTC

from apiflask import Schema
from apiflask.fields import AwareDateTime, Boolean, Date, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range

from lms.courses import people_queries, queries, rules
from lms.web.paged import Paged
from lms.web.view import LAST_PAGE

LARGEST_ID = 2_147_483_647


class CourseQuery(Schema):
    """What a list of courses is narrowed to."""

    which = String(load_default="all", validate=OneOf(queries.WHICH))
    mine = String(load_default="", validate=OneOf(queries.MINE))
    category = String(load_default="", validate=Length(max=20))
    lecturer = String(load_default="", validate=Length(max=rules.NAME_CHARS))
    q = String(load_default="", validate=Length(max=100))
    sort = String(load_default="newest", validate=OneOf(queries.SORTS))
    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class CourseIn(Schema):
    """What is said of a course; class hours in tenths, ``amount`` a number of items or a percentage."""

    title = String(required=True)
    summary = String(load_default="")
    lecturer = Integer(load_default=None, allow_none=True, strict=True, validate=Range(1, LARGEST_ID))
    lecturer_name = String(load_default="")
    category = String(load_default="other")
    class_hour_tenths = Integer(load_default=0, strict=True, validate=Range(0, rules.MOST_CLASS_HOUR_TENTHS))
    unit = Integer(required=True, strict=True, validate=Range(1, LARGEST_ID))
    audience = String(load_default="everyone", validate=OneOf(rules.AUDIENCES))
    since = Date(load_default=None, allow_none=True)
    until = Date(load_default=None, allow_none=True)
    late_counts = Boolean(load_default=True, metadata={"description": "What is finished after the last day counts."})
    rule = String(load_default="all", validate=OneOf(rules.RULES))
    amount = Integer(load_default=0, strict=True, validate=Range(0, 999))


class ItemIn(Schema):
    """An item of a course."""

    kind = String(required=True, validate=OneOf(rules.KINDS))
    ref = Integer(required=True, strict=True, validate=Range(1, LARGEST_ID))
    required = Boolean(load_default=True)
    remark = String(load_default="", validate=Length(max=rules.REMARK_CHARS))


class ItemsIn(Schema):
    """All items of a course; their order is that of the course."""

    items = List(Nested(ItemIn), required=True, validate=Length(max=rules.MOST_ITEMS))


class CourseBrief(Schema):
    """A course in a list, with how many of its items I have done."""

    id = Integer()
    title = String()
    lecturer_name = String()
    category = String()
    class_hour_tenths = Integer()
    unit_name = String()
    since = Date(allow_none=True)
    until = Date(allow_none=True)
    published_at = AwareDateTime(default_timezone=UTC, allow_none=True)
    archived_at = AwareDateTime(default_timezone=UTC, allow_none=True)
    completed_on = Date(allow_none=True)
    items = Integer()
    done = Integer()
    state = String(metadata={"description": "open, begun or done"})


class CoursePage(Paged):
    """A page of courses."""

    items = List(Nested(CourseBrief))


class ItemOut(Schema):
    """An item of a course; ``title`` is empty for one that I may not see."""

    kind = String()
    ref = Integer()
    title = String()
    by = String()
    required = Boolean()
    remark = String()
    open = Boolean(metadata={"description": "Can be studied now by those for whom it is."})
    seen = Boolean(metadata={"description": "I may open it."})
    done_on = Date(allow_none=True)


class CourseOut(Schema):
    """A course with its items and where I stand; ``done`` of ``needed`` by the rule of completion."""

    id = Integer()
    title = String()
    summary = String()
    lecturer = Integer(allow_none=True)
    lecturer_name = String()
    category = String()
    class_hour_tenths = Integer()
    unit = Integer()
    unit_name = String()
    audience = String()
    since = Date(allow_none=True)
    until = Date(allow_none=True)
    late_counts = Boolean()
    rule = String()
    amount = Integer()
    published_at = AwareDateTime(default_timezone=UTC, allow_none=True)
    archived_at = AwareDateTime(default_timezone=UTC, allow_none=True)
    manageable = Boolean()
    completed_on = Date(allow_none=True)
    done = Integer()
    needed = Integer()
    items = List(Nested(ItemOut))


class PeopleQuery(Schema):
    """Which members, in which order; ``q`` is a part of the name."""

    q = String(load_default="", validate=Length(max=100))
    state = String(load_default="", validate=OneOf(people_queries.STATES))
    sort = String(load_default="unit", validate=OneOf(people_queries.SORTS))
    unit = Integer(load_default=None, allow_none=True, validate=Range(1, LARGEST_ID))
    page = Integer(load_default=1, validate=Range(1, LAST_PAGE))


class PersonOut(Schema):
    """A member and how far."""

    member = Integer()
    name = String()
    unit_name = String()
    done = Integer()
    last_day = Date(allow_none=True)
    completed_on = Date(allow_none=True)
    withdrawn = Boolean()
    state = String()


class PeopleOut(Paged):
    """Who is how far: figures over all that I may see, and a page of members."""

    members = Integer()
    begun = Integer()
    done = Integer()
    items = List(Nested(PersonOut))
