"""A requirement read back in words, as its members may read it: one sentence, and one more for each finer point."""

from collections.abc import Mapping

from lms.amounts import number
from lms.errors import N_
from lms.members.words import KINDS
from lms.progress.asked_rows import RequirementRow
from lms.progress.asking import Asked, Each, Joining, Lasting, Leave, Subject, Where, Who
from lms.progress.measures import measure_of
from lms.progress.wording import every_words
from lms.progress.words import amount_words, category_words, does_words, either, measure_words, tag_words
from lms.web.dates import day_words, minutes_words
from lms.web.i18n import gettext

NO_TITLES: Mapping[str, str] = {}
EVENTS = {
    "training_attended": N_("the end of a training"),
    "lecture_completed": N_("a recorded lecture"),
    "lecture_attended": N_("a lecture or class"),
    "group_study_attended": N_("a group study"),
    "book_finished": N_("a finished book"),
    "course_completed": N_("a completed course"),
    "material_read": N_("a material read through"),
}


def sentence(row: RequirementRow, titles: Mapping[str, str] = NO_TITLES) -> str:
    """Say a requirement in words. ``titles`` name what it refers to: "book:12", "series:3"."""
    return read_back(row.asked, row.unit_name, titles)


def read_back(asked: Asked, unit: str, titles: Mapping[str, str] = NO_TITLES) -> str:
    """Say what a unit asks: who, from when, how often, how much; then what else was decided."""
    values = {
        "since": day_words(asked.since),
        "until": day_words(asked.until),
        "who": who_words(asked, unit),
        "does": what_words(asked, titles),
        "every": every_words(asked.period),
    }
    if asked.period is None:
        text = gettext("Between %(since)s and %(until)s %(who)s %(does)s.")
    elif asked.each is not Each.PERIOD and asked.until:
        text = gettext("From %(since)s to %(until)s %(who)s %(does)s.")
    elif asked.each is not Each.PERIOD:
        text = gettext("From %(since)s on %(who)s %(does)s.")
    elif asked.until:
        text = gettext("From %(since)s to %(until)s %(who)s %(does)s %(every)s.")
    else:
        text = gettext("From %(since)s on %(who)s %(does)s %(every)s.")
    said = str(text % values)
    for more in finer_points(asked):
        said = str(gettext("%(first)s %(second)s", first=said, second=more))
    return said


def short(asked: Asked, unit: str, titles: Mapping[str, str] = NO_TITLES) -> str:
    """Say who does what how often, without days: for a list to choose from."""
    values = {"who": who_words(asked, unit), "does": what_words(asked, titles), "every": every_words(asked.period)}
    if asked.period is None or asked.each is not Each.PERIOD:
        return str(gettext("%(who)s %(does)s") % values)
    return str(gettext("%(who)s %(does)s %(every)s") % values)


def who_words(asked: Asked, unit: str) -> str:
    """Name those it is asked of."""
    who = asked.who
    if asked.subject is not Subject.MEMBER:
        kinds = either([str(gettext(KINDS[kind])).lower() for kind in who.kinds]) if who.kinds else ""
        return str(gettext("every %(kind)s below %(unit)s", kind=kinds, unit=unit)) if kinds else unit
    if who.tags:
        said = gettext("every %(tag)s of %(unit)s", tag=either([tag_words(tag) for tag in who.tags]), unit=unit)
    else:
        said = gettext("every member of %(unit)s", unit=unit)
    limits = [limit for limit in (_kinds_words(who), _age_words(who), _without_words(who)) if limit]
    if limits:
        said = gettext("%(who)s (%(limit)s)", who=said, limit=gettext("; ").join(limits))
    return str(said)


def _kinds_words(who: Who) -> str:
    if not who.kinds:
        return ""
    kinds = either([str(gettext(KINDS[kind])).lower() for kind in who.kinds])
    return str(gettext("in units of the kind %(kinds)s", kinds=kinds))


def _age_words(who: Who) -> str:
    if who.age_from is not None and who.age_to is not None:
        return str(gettext("aged %(low)s to %(high)s", low=who.age_from, high=who.age_to))
    if who.age_from is not None:
        return str(gettext("aged %(low)s and over", low=who.age_from))
    return str(gettext("aged %(high)s and under", high=who.age_to)) if who.age_to is not None else ""


def _without_words(who: Who) -> str:
    return str(gettext("without %(tags)s", tags=either([tag_words(tag) for tag in who.without]))) if who.without else ""


def what_words(asked: Asked, titles: Mapping[str, str] = NO_TITLES) -> str:
    """Say what is done: hands in 1 note of at least 3,000 characters."""
    amount = amount_words(asked.measure, asked.amount)
    if asked.per_head:
        amount = str(gettext("%(amount)s for each resident", amount=amount))
    if asked.each is Each.SESSION:
        return str(gettext("attends every group study that is held for them, or is away with leave and makes it up"))
    said = does_words(asked.measure, amount)
    limits = _limits(asked, titles)
    if limits:
        said = str(gettext("%(does)s (%(limit)s)", does=said, limit=gettext("; ").join(limits)))
    if asked.each is Each.EVENT:
        event = str(gettext(EVENTS[asked.after])) if asked.after in EVENTS else measure_words(asked.after)
        return str(gettext("%(does)s within %(days)s days of %(event)s", does=said, days=asked.within, event=event))
    return said


def _limits(asked: Asked, titles: Mapping[str, str]) -> list[str]:
    measure = measure_of(asked.measure)
    found = []
    if asked.categories:
        found.append(either([category_words(asked.measure, category) for category in asked.categories]))
    if asked.least and measure.size == "minutes":
        found.append(str(gettext("at least %(least)s each", least=minutes_words(asked.least))))
    elif asked.least and measure.size == "pages":
        found.append(str(gettext("of at least %(least)s pages", least=number(asked.least))))
    elif asked.least:
        found.append(str(gettext("at least %(least)s characters each", least=asked.least)))
    if asked.subjects:
        named = [titles.get(subject, subject) for subject in asked.subjects]
        found.append(str(gettext("about %(titles)s", titles=either([f"“{title}”" for title in named]))))
    if asked.also:
        found.append(str(gettext("counting also: %(more)s", more=either([measure_words(one) for one in asked.also]))))
    if asked.parts:
        found.append(_parts_words(asked, titles))
    return found


def _parts_words(asked: Asked, titles: Mapping[str, str]) -> str:
    said = []
    for part in asked.parts:
        title = titles.get(f"series:{part.series}", str(part.series))
        if asked.subject is Subject.INDEX:
            said.append(str(gettext("“%(title)s” × %(weight)s", title=title, weight=part.weight)))
        else:
            said.append(str(gettext("“%(requirement)s”", requirement=title)))
    return str(gettext(", ")).join(said)


def finer_points(asked: Asked) -> list[str]:
    """Say, a sentence each, what was decided beyond the plain case."""
    said = []
    if asked.coverage:
        said.append(gettext("At least %(percent)s%% of those asked shall fulfil it.", percent=asked.coverage))
    if asked.most_per_day:
        most = amount_words(asked.measure, asked.most_per_day)
        said.append(gettext("At most %(amount)s count for one day.", amount=most))
    if asked.carry:
        said.append(_carry_words(asked))
    if asked.where is Where.INSIDE and asked.subject is Subject.MEMBER:
        said.append(gettext("Only what is done while belonging to the unit counts."))
    said += _absence_words(asked)
    return [str(one) for one in said]


def _carry_words(asked: Asked) -> str:
    most = amount_words(asked.measure, asked.carry)
    if asked.lasting is Lasting.YEAR:
        return str(gettext("A surplus counts until the end of the year, at most %(amount)s at a time.", amount=most))
    if asked.lasting is Lasting.ALWAYS:
        return str(gettext("A surplus counts without end, at most %(amount)s at a time.", amount=most))
    if asked.carry_periods == 1:
        return str(gettext("Of a surplus at most %(amount)s count in the next period.", amount=most))
    return str(
        gettext(
            "A surplus counts in the %(periods)s periods that follow, at most %(amount)s at a time.",
            periods=asked.carry_periods,
            amount=most,
        )
    )


def _absence_words(asked: Asked) -> list[str]:
    said: list[str] = []
    if asked.subject is not Subject.MEMBER:
        return said
    if asked.joining is Joining.EXEMPT:
        said.append(str(gettext("Who joins within a period is asked from the next one on.")))
    elif asked.joining is Joining.FULL:
        said.append(str(gettext("Who joins within a period is asked for the whole.")))
    if asked.leave is Leave.EXEMPT:
        said.append(str(gettext("Who is on leave within a period is not asked in it.")))
    elif asked.leave is Leave.NONE:
        said.append(str(gettext("A leave of absence changes nothing.")))
    return said
