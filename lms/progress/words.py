"""The words for measures, amounts, tags and kinds: what a requirement speaks of, in the reader's language."""

from collections.abc import Callable, Mapping, Sequence

from lms.amounts import number
from lms.errors import N_
from lms.members.tags import KNOWN_TAGS, ROLE_TAGS
from lms.notes.words import KIND_WORDS as NOTE_KINDS
from lms.progress.measures import Amount, measure_of
from lms.web.dates import clock_minutes, minutes_words
from lms.web.i18n import gettext, ngettext

MEASURE_WORDS: Mapping[str, str] = {
    "book_finished": N_("Books finished"),
    "study_minutes": N_("Self-study time"),
    "note_submitted": N_("Notes submitted"),
    "note_accepted": N_("Notes accepted"),
    "lecture_completed": N_("Recorded lectures heard to the end"),
    "lecture_attended": N_("Lectures and classes attended"),
    "course_completed": N_("Courses completed"),
    "material_read": N_("Materials read through"),
    "plan_approved": N_("Plans approved"),
    "class_hours": N_("Class hours"),
    "training_attended": N_("Trainings attended"),
    "group_study_attended": N_("Group study attended"),
    "group_study_expected": N_("Group study held for the member"),
    "group_study_spoke": N_("Group study with a contribution of one's own"),
    "business_study_attended": N_("Business study attended"),
    "field_research_days": N_("Days of field research"),
    "research_topic_opened": N_("Research topics opened"),
    "lecture_given": N_("Lectures given to others"),
    "took_part": N_("Activities taken part in"),
    "group_study_held": N_("Group study held"),
    "group_study_days": N_("Days of group study"),
    "public_lecture_held": N_("Public lectures held"),
    "unit_plan_made": N_("Plans of the unit made"),
    "funds_set_aside": N_("Funds set aside"),
    "rate_index": N_("Index of weighted rates"),
    "units_reached": N_("Share of units that reached a goal"),
}
TRAINING_KINDS: Mapping[str, str] = {
    "before_job": N_("before the job"),
    "on_job": N_("on the job"),
    "transfer": N_("on transfer"),
    "half_time": N_("half-time"),
    "away": N_("away"),
    "rotation": N_("rotation"),
}
# What somebody does who fulfils a requirement, with the amount: the verb of its sentence.
DOES: Mapping[str, str] = {
    "book_finished": N_("finishes %(amount)s"),
    "study_minutes": N_("spends %(amount)s on self-study"),
    "note_submitted": N_("hands in %(amount)s"),
    "note_accepted": N_("has %(amount)s accepted"),
    "lecture_completed": N_("hears a recorded lecture to the end %(amount)s"),
    "lecture_attended": N_("attends a lecture or class %(amount)s"),
    "course_completed": N_("completes a course %(amount)s"),
    "material_read": N_("reads a material through %(amount)s"),
    "plan_approved": N_("makes %(amount)s and has it approved"),
    "class_hours": N_("completes %(amount)s"),
    "training_attended": N_("takes part in a training %(amount)s"),
    "group_study_attended": N_("attends group study %(amount)s"),
    "group_study_spoke": N_("attends group study and takes part in the discussion %(amount)s"),
    "business_study_attended": N_("attends business study %(amount)s"),
    "field_research_days": N_("spends %(amount)s on field research"),
    "research_topic_opened": N_("opens a research topic %(amount)s"),
    "lecture_given": N_("gives a lecture to others %(amount)s"),
    "took_part": N_("takes part in an activity %(amount)s"),
    "group_study_held": N_("holds group study %(amount)s"),
    "group_study_days": N_("holds %(amount)s of group study"),
    "public_lecture_held": N_("holds a public lecture %(amount)s"),
    "unit_plan_made": N_("makes %(amount)s for its members"),
    "funds_set_aside": N_("sets aside %(amount)s"),
    "rate_index": N_("reaches an index of %(amount)s"),
    "units_reached": N_("brings %(amount)s of its units to the goal"),
}
MINUS = "\N{MINUS SIGN}"
TOPICS = frozenset({"activity", "plan", "unit_plan"})  # evidence of these kinds is no work with a title


def measure_words(measure: str) -> str:
    """Name what is counted."""
    return str(gettext(MEASURE_WORDS.get(measure, measure)))


def does_words(measure: str, amount: str) -> str:
    """Say what somebody does who does so much."""
    return str(gettext(DOES.get(measure, "%(amount)s")) % {"amount": amount})


def amount_words(measure: str, amount: int) -> str:
    """Say an amount with its unit: 2 books, 40 minutes, 7.5 days."""
    return _AMOUNTS[measure_of(measure).amount](amount)


def _books(amount: int) -> str:
    return str(ngettext("%(num)s book", "%(num)s books", amount))


def _notes(amount: int) -> str:
    return str(ngettext("%(num)s note", "%(num)s notes", amount))


def _times(amount: int) -> str:
    return str(ngettext("%(num)s time", "%(num)s times", amount))


def _plans(amount: int) -> str:
    return str(ngettext("%(num)s plan", "%(num)s plans", amount))


def _number(tenths: int) -> int:
    """Say whether there is one of it or several, also in parts: one and a half are several."""
    return 1 if tenths == 10 else 2


def _hours(amount: int) -> str:
    return str(ngettext("%(hours)s class hour", "%(hours)s class hours", _number(amount), hours=parts_of(amount, 10)))


def _days(amount: int) -> str:
    return str(ngettext("%(days)s day", "%(days)s days", _number(amount), days=parts_of(amount, 10)))


def _yuan(amount: int) -> str:
    return str(gettext("%(number)s yuan", number=parts_of(amount, 100)))


_AMOUNTS: Mapping[Amount, Callable[[int], str]] = {
    Amount.BOOKS: _books,
    Amount.MINUTES: minutes_words,
    Amount.NOTES: _notes,
    Amount.TIMES: _times,
    Amount.TENTH_HOURS: _hours,
    Amount.TENTH_DAYS: _days,
    Amount.PLANS: _plans,
    Amount.FEN: _yuan,
    Amount.PERCENT: lambda amount: f"{amount}%",
}
WHOLE: Mapping[Amount, int] = {Amount.TENTH_HOURS: 10, Amount.TENTH_DAYS: 10, Amount.FEN: 100}


def parts_of(amount: int, whole: int) -> str:
    """Write an amount that is kept in tenths or hundredths: 75 tenths are 7.5."""
    full, rest = divmod(abs(amount), whole)
    shown = number(full)
    if rest:
        shown += "." + str(rest).rjust(len(str(whole)) - 1, "0").rstrip("0")
    return (MINUS if amount < 0 else "") + shown


def figure_words(measure: str, amount: int) -> str:
    """Write an amount as a bare figure: 2, 2:20, 7.5."""
    of = measure_of(measure).amount
    if of is Amount.MINUTES:
        return (MINUS if amount < 0 else "") + clock_minutes(abs(amount))
    return parts_of(amount, WHOLE.get(of, 1))


def evidence_title(kind: str, title: str) -> str:
    """Name what evidence points at: a work in its marks, what somebody held or planned by its topic alone."""
    return title if kind in TOPICS else str(gettext("“%(title)s”", title=title))


def plain_number(measure: str, amount: int) -> float | int:
    """Give an amount as a number for a spreadsheet: hours for minutes, days for tenths, yuan for fen."""
    of = measure_of(measure).amount
    if of is Amount.MINUTES:
        return round(amount / 60, 2)
    return amount / WHOLE[of] if of in WHOLE else amount


def unit_of_amount(measure: str) -> str:
    """Name what a spreadsheet's number counts."""
    names = {
        Amount.BOOKS: gettext("books"),
        Amount.MINUTES: gettext("hours"),
        Amount.NOTES: gettext("notes"),
        Amount.TIMES: gettext("times"),
        Amount.TENTH_HOURS: gettext("class hours"),
        Amount.TENTH_DAYS: gettext("days"),
        Amount.PLANS: gettext("plans"),
        Amount.FEN: gettext("yuan"),
        Amount.PERCENT: "%",
    }
    return str(names[measure_of(measure).amount])


def tag_words(tag: str) -> str:
    """Name a tag; a unit's own words stand as they were typed."""
    known = KNOWN_TAGS.get(tag) or ROLE_TAGS.get(tag)
    return str(gettext(known)) if known else tag


def category_words(measure: str, category: str) -> str:
    """Name a kind of what is counted."""
    of = measure_of(measure).category
    if of == "note" and category in NOTE_KINDS:
        return str(NOTE_KINDS[category])
    return str(gettext(TRAINING_KINDS[category])) if category in TRAINING_KINDS else category


def either(words: Sequence[str]) -> str:
    """Join alternatives: leaders or officers."""
    found = words[0]
    for word in words[1:]:
        found = str(gettext("%(first)s or %(second)s", first=found, second=word))
    return found
