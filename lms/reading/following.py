"""What reading does when other rooms report something, inside their transaction."""

from lms import events
from lms.reading import calendar_service, merging, unit_plans, unmerging


def connect() -> None:
    """Have plans and log follow what the other rooms report."""
    events.subscribe(events.MembershipsBegan, unit_plans.memberships_began)
    events.subscribe(events.LectureCompleted, calendar_service.lecture_completed)
    events.subscribe(events.MaterialReadThrough, calendar_service.material_read)
    events.subscribe(events.MaterialReadUndone, calendar_service.material_unread)
    events.subscribe(events.BooksMerged, merging.books_merged)
    events.subscribe(events.BookMergeUndone, unmerging.merge_undone)
