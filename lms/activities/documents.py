"""Activity records as the search index takes them."""

from collections.abc import Iterable

from lms.activities import queries
from lms.activities.models import Activity
from lms.members.access import Action, Actor, audience_tokens, care_token
from lms.members.models import Member
from lms.searchable import Searchable, Source

KIND = "activity"


def load(ref: int) -> Iterable[Searchable]:
    """Give the one place of a record; none when it is withdrawn or gone.

    What a unit held is for the unit; what is about a member is for that member and those who look after the unit.
    """
    row = Activity.get_or_none(Activity.id == ref, Activity.state != "withdrawn")
    if row is None:
        return ()
    if row.member is None:
        audience = audience_tokens("unit", row.unit, row.entered_by)
    else:
        own = {*audience_tokens("me", None, row.member), *audience_tokens("me", None, row.entered_by)}
        audience = (*sorted(own), care_token(row.unit))
    name = Member.select(Member.name).where(Member.id == row.member).scalar() if row.member else ""
    key = f"{KIND}:{ref}"
    place = Searchable(
        key=key,
        kind=KIND,
        ref=ref,
        group=key,
        title=row.title,
        body="\n".join(part for part in (row.place, row.text) if part),
        audience=audience,
        day=row.day,
        extra={"by": name} if name else {},
        authors=name or "",
        facets={"unit": str(row.unit)},
    )
    return (place,)


def visible(actor: Actor, refs: list[int]) -> set[int]:
    """Give the records that the actor may see now."""
    return queries.seen(actor, refs)


SOURCE = Source(KIND, load, queries.all_ids, visible, queries.seen_among, Action.ACTIVITY_CARE)
