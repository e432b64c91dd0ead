"""What two do at once: a form that is sent twice by one tap, and registers that have people in common."""

from collections.abc import Callable
from functools import partial
from itertools import count

import pytest

from lms import clock
from lms.activities import deciding, pasting, registering, service
from lms.activities.models import Activity
from lms.activities.paste_rules import PastedRow
from lms.activities.rules import ActivityRefused, Draft, Mark
from lms.notices.service import Telling, tell_each
from lms.progress.booking import book
from tests.factories import Make
from tests.side_by_side import side_by_side


@pytest.mark.postgres_only
def test_one_record_sent_twice_at_once_is_entered_once(make: Make) -> None:
    actor = make.actor(make.member())
    enter = partial(service.enter, actor, Draft("research_topic", "老年食堂怎样办好", clock.today()))
    failures = side_by_side(enter, enter)
    assert [type(error) for error in failures] == [ActivityRefused]
    assert Activity.select().count() == 1


@pytest.mark.postgres_only
def test_what_counts_for_several_members_is_counted_beside_other_such_whatever_order_they_stand_in(make: Make) -> None:
    unit = make.unit("社区")
    liaison = make.actor(make.member(unit, "liaison"))
    low, high = make.member(unit, name="甲"), make.member(unit, name="乙")
    day, evidence = clock.today(), ("test", 1)
    facts, topics = count(), iter(("甲题", "乙题", "丙题", "丁题", "戊题"))

    def of(member: int, topic: str) -> PastedRow:
        return PastedRow(1, "", "甲" if member == low.id else "乙", Draft("research_topic", topic, day))

    def beside(command: Callable[[], object]) -> list[Exception]:
        """Count something for one while the command is about to, then for the other: it may not hold that one yet."""
        first = partial(book, low.id, "study_minutes", 1, day, f"fact:{next(facts)}", evidence)
        then = partial(book, high.id, "study_minutes", 1, day, f"fact:{next(facts)}", evidence)
        return side_by_side(first, command, then)

    session = service.hold(liaison, unit.id, Draft("group_study", "学习", day, minutes=60), [Mark(high.id)])
    turned = [Mark(high.id, "absent"), Mark(low.id)]
    assert beside(partial(registering.set_register, liaison, session, 1, turned)) == []
    again = [Mark(high.id), Mark(low.id)]
    assert beside(partial(service.hold, liaison, unit.id, Draft("group_study", "再学", day, minutes=60), again)) == []
    waiting = [service.enter(make.actor(member), Draft("research_topic", next(topics), day)) for member in (high, low)]
    assert beside(partial(deciding.decide_many, liaison, waiting, "confirmed")) == []
    assert beside(partial(pasting.carry_out, liaison, [of(high.id, next(topics)), of(low.id, next(topics))])) == []
    assert Activity.select().where(Activity.state == "confirmed").count() == 6


@pytest.mark.postgres_only
def test_two_who_tell_the_same_members_different_things_both_do(make: Make) -> None:
    low, high = make.member(), make.member()

    def told(member: int, key: str) -> Telling:
        return Telling(member, key, {"title": "读书"}, "/notices")

    def tell(*tellings: Telling) -> int:
        return tell_each("activity", "“%(title)s” is confirmed.", tellings)

    twice = partial(tell, told(high.id, "a"), told(low.id, "b"), told(low.id, "c"))
    assert side_by_side(partial(tell, told(low.id, "d")), twice, partial(tell, told(high.id, "e"))) == []
