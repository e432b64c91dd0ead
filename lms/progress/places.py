"""Where a requirement is fulfilled: the page on which somebody does what is asked. Pure."""

from lms.progress.asking import Asked
from lms.progress.measures import measure_of

ACTIVITY_KINDS = {
    "field_research_days": "field_research",
    "research_topic_opened": "research_topic",
    "lecture_given": "lecture_given",
    "training_attended": "training",
    "class_hours": "class_attended",
    "lecture_attended": "class_attended",
    "business_study_attended": "business_study",
}
OF_STEPS = {"books": "/reading", "lectures": "/lectures", "materials": "/materials", "plans": "/plans/new"}


def place_of(asked: Asked) -> str:
    """Give the address at which a requirement is gone on with, whoever it is and whatever they have in hand."""
    step = measure_of(asked.measure).step
    if step == "notes":
        about = f"about={asked.subjects[0]}&" if asked.subjects else ""
        return f"/notes/new?{about}kind={note_kind(asked)}"
    if asked.subjects:
        kind, _, ref = asked.subjects[0].partition(":")
        return f"/{kind}s/{ref}"
    if "lecture_completed" in asked.also:
        return "/lectures"
    if asked.measure == "course_completed":
        return "/courses"
    return OF_STEPS.get(step) or activity_place(asked)


def note_kind(asked: Asked) -> str:
    """Give the kind of note that is asked for."""
    return asked.categories[0] if asked.categories else "reflection"


def activity_place(asked: Asked) -> str:
    """Give where an activity is entered, or where those planned are listed."""
    kind = ACTIVITY_KINDS.get(asked.measure)
    return f"/activities/new?kind={kind}" if kind else "/activities"
