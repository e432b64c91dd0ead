"""Activity records: entered, confirmed, corrected, withdrawn; sessions with leave, register and make-up."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image

from lms import clock, freezing
from lms.activities import deciding, evidence, queries, registering, service, takeaway, usage
from lms.activities.models import Activity
from lms.activities.rules import ActivityRefused, Draft, Mark
from lms.errors import Conflict, Forbidden, InvalidInput, NotFound
from lms.events import ActivityCounted, ActivityWithdrawn, _subscribers, subscribe
from lms.members.models import Member, Unit
from tests.factories import Make

NOW = datetime(2026, 11, 28, 2)  # ten in the morning in Shanghai
DAY = date(2026, 11, 20)


class Booked:
    """What counts after all that was published."""

    def __init__(self) -> None:
        self.live: dict[tuple[int, str], ActivityCounted] = {}
        self.seen: set[tuple[int, str]] = set()

    def count(self, event: ActivityCounted) -> None:
        assert (event.record, event.part) not in self.seen, "a part is counted once"
        self.seen.add((event.record, event.part))
        self.live[event.record, event.part] = event

    def withdraw(self, event: ActivityWithdrawn) -> None:
        del self.live[event.record, event.part]

    def of(self, measure: str, member: int | None = None) -> int:
        return sum(one.amount for one in self.live.values() if one.measure == measure and one.member == member)


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def booked(service: object) -> Iterator[Booked]:
    kept = Booked()
    subscribe(ActivityCounted, kept.count)
    subscribe(ActivityWithdrawn, kept.withdraw)
    yield kept
    _subscribers[ActivityCounted].remove(kept.count)
    _subscribers[ActivityWithdrawn].remove(kept.withdraw)


@pytest.fixture
def unit(make: Make) -> Unit:
    return make.unit("桂花社区第一支部", kind="branch")


@pytest.fixture
def liaison(make: Make, unit: Unit) -> Member:
    return make.member(unit, "liaison", name="刘敏")


@pytest.fixture
def member(make: Make, unit: Unit) -> Member:
    return make.member(unit, name="王淑兰")


def visit(**changes: object) -> Draft:
    values = {"kind": "field_research", "title": "独居老人用餐", "day": DAY, "amount": 10, "place": "桂花社区"}
    return Draft(**{**values, **changes})  # type: ignore[arg-type]


def study(**changes: object) -> Draft:
    return Draft(**{"kind": "group_study", "title": "学习条例", "day": DAY, "minutes": 120, **changes})  # type: ignore[arg-type]


def test_what_a_member_enters_counts_once_confirmed_and_moves_with_a_correction(
    make: Make, unit: Unit, liaison: Member, member: Member, booked: Booked
) -> None:
    mine, hers = make.actor(member), make.actor(liaison)
    made = service.enter(mine, visit())
    assert booked.live == {}
    with pytest.raises(Forbidden):
        deciding.decide(mine, made, 1, "confirmed")
    deciding.decide(hers, made, 1, "confirmed")
    assert booked.of("field_research_days", member.id) == 10
    with pytest.raises(Conflict):
        deciding.decide(hers, made, 2, "returned", "太晚")
    with pytest.raises(Forbidden):
        service.change(mine, made, 2, visit(amount=5))
    service.change(hers, made, 2, visit(amount=5))
    assert booked.of("field_research_days", member.id) == 5
    assert booked.of("took_part", member.id) == 1
    service.withdraw(hers, made)
    service.withdraw(hers, made)
    assert booked.live == {}
    assert [step.step for step in queries.list_steps(made)] == ["withdrawn", "corrected", "confirmed", "entered"]
    service.restore(mine, made)
    with pytest.raises(Conflict):
        service.restore(mine, made)
    assert booked.live == {}
    deciding.decide(hers, made, Activity.get_by_id(made).version, "confirmed")
    assert booked.of("field_research_days", member.id) == 5


def test_a_withdrawn_session_comes_back_with_its_register_and_counts_once_it_is_kept(
    make: Make, unit: Unit, liaison: Member, member: Member, booked: Booked
) -> None:
    hers = make.actor(liaison)
    made = service.hold(hers, unit.id, study(), [Mark(member.id), Mark(liaison.id, "absent")])
    service.withdraw(hers, made)
    service.restore(hers, made)
    assert booked.live == {}
    assert [line.state for line in queries.list_register(made)] == ["absent", "present"]
    registering.set_register(hers, made, 3, [Mark(member.id), Mark(liaison.id, "absent")])
    assert booked.of("group_study_attended", member.id) == 1
    assert (usage.bytes_of(liaison.id, False).scalar(), usage.bytes_of(unit.id, True).scalar()) == (0, 0)
    rows = {table.name: list(table.rows(make.actor(member))) for table in takeaway.TABLES}
    assert [row[:2] for row in rows["attendance"]] == [("group_study", "学习条例")]


def test_a_returned_record_is_mended_and_waits_again(
    make: Make, liaison: Member, member: Member, booked: Booked
) -> None:
    mine, hers = make.actor(member), make.actor(liaison)
    made = service.enter(mine, visit())
    with pytest.raises(InvalidInput):
        deciding.decide(hers, made, 1, "returned")
    deciding.decide(hers, made, 1, "returned", "请补充地点照片")
    assert queries.list_queue(hers, "waiting", "", 1, 20).total == 0
    service.change(mine, made, 2, visit(place="桂花社区老年食堂"))
    assert [row.place for row in queries.list_queue(hers, "waiting", "", 1, 20).items] == ["桂花社区老年食堂"]
    with pytest.raises(Conflict):
        service.change(mine, made, 2, visit())


def test_many_are_confirmed_at_once_but_not_those_of_strangers_or_the_own(
    make: Make, unit: Unit, liaison: Member, booked: Booked
) -> None:
    members = [make.member(unit) for _ in range(3)]
    made = [service.enter(make.actor(one), visit()) for one in members]
    own = service.enter(make.actor(liaison), visit())
    elsewhere = service.enter(make.actor(make.member(make.unit())), visit())
    assert deciding.decide_many(make.actor(liaison), [*made, own, elsewhere], "confirmed") == 3
    assert sum(one.measure == "field_research_days" for one in booked.live.values()) == 3
    assert {Activity.get_by_id(one).state for one in (own, elsewhere)} == {"waiting"}
    deciding.reopen(make.actor(liaison), made[0], "数字有误")
    assert booked.of("field_research_days", members[0].id) == 0


def test_a_liaison_enters_for_others_at_once_and_only_below_her_units(
    make: Make, liaison: Member, member: Member, booked: Booked
) -> None:
    service.enter(make.actor(liaison), visit(), member.id)
    assert booked.of("field_research_days", member.id) == 10
    with pytest.raises(Forbidden):
        service.enter(make.actor(liaison), visit(), make.member(make.unit()).id)
    with pytest.raises(Forbidden):
        service.enter(make.actor(member), visit(), liaison.id)
    with pytest.raises(ActivityRefused):
        service.enter(make.actor(member), study())
    with pytest.raises(ActivityRefused):
        service.enter(make.actor(member), visit(day=date(2019, 1, 1)))


def test_a_session_from_schedule_to_make_up(
    make: Make, unit: Unit, liaison: Member, member: Member, booked: Booked
) -> None:
    hers, others = make.actor(liaison), [make.member(unit) for _ in range(2)]
    day = NOW.date() + timedelta(days=3)
    made = service.plan(hers, unit.id, study(day=day, starts="19:00", minutes=None))
    assert [(row.id, mark) for row, mark in queries.list_coming(make.actor(member), 5)] == [(made, "")]
    assert registering.ask_leave(make.actor(member), made, "住院") is True
    with pytest.raises(Conflict, match="asked for leave already"):
        registering.ask_leave(make.actor(member), made, "还是住院")
    another = service.plan(hers, unit.id, study(day=day + timedelta(days=7), starts="19:00", minutes=None))
    assert registering.ask_leave(make.actor(member), another, "出差") is True
    service.withdraw(hers, another)
    with pytest.raises(Conflict):
        registering.set_register(hers, made, 1, [Mark(member.id)], 120)
    everybody = [liaison.id, *[one.id for one in others]]
    with clock.at(datetime(2026, 12, 1, 12)):
        assert registering.ask_leave(make.actor(others[0]), made, "忘了") is False
        late = [*[Mark(one, "present", spoke=True) for one in everybody[:1]], Mark(others[0].id, "leave")]
        with pytest.raises(InvalidInput):
            registering.set_register(hers, made, 1, late, 120)
        register = [
            Mark(liaison.id, spoke=True),
            Mark(member.id, "leave"),
            Mark(others[0].id, "absent"),
            Mark(others[1].id),
        ]
        registering.set_register(hers, made, 1, register, 120)
        assert booked.of("group_study_held") == 1
        assert booked.of("group_study_days") == 5
        assert next(one.size for one in booked.live.values() if one.measure == "group_study_held") == 120
        assert [booked.of("group_study_expected", one) for one in (*everybody, member.id)] == [1, 1, 1, 1]
        assert booked.of("group_study_attended", member.id) == 0
        with pytest.raises(InvalidInput):
            registering.make_up(hers, made, member.id, date(2026, 11, 1))
        registering.make_up(hers, made, member.id, date(2026, 12, 1))
        registering.make_up(hers, made, others[0].id, date(2026, 12, 1))
        assert booked.of("group_study_attended", member.id) == 1
        assert booked.of("group_study_attended", others[0].id) == 0, "absent without leave is not made good"
        found = queries.list_attendance(hers, unit.id, "group_study", date(2026, 1, 1), date(2026, 12, 31))
        assert {line.member: (line.counted, line.expected) for line in found.items}[member.id] == (1, 1)
        with pytest.raises(Conflict):
            registering.take_leave_back(make.actor(member), made)
    assert [row.id for row in queries.list_mine(make.actor(member), 1, 10).items] == [made]


def test_a_register_is_entered_afterwards_and_corrected(
    make: Make, unit: Unit, liaison: Member, member: Member, booked: Booked
) -> None:
    hers = make.actor(liaison)
    made = service.hold(hers, unit.id, study(), [Mark(member.id), Mark(liaison.id, "absent")])
    assert booked.of("group_study_attended", member.id) == 1
    registering.set_register(hers, made, 1, [Mark(member.id, "absent"), Mark(liaison.id)])
    assert booked.of("group_study_attended", member.id) == 0
    assert booked.of("group_study_attended", liaison.id) == 1
    with pytest.raises(Conflict):
        registering.set_register(hers, made, 1, [Mark(member.id)])
    stranger = make.member(make.unit())
    with pytest.raises(ActivityRefused, match="entered already"):
        service.hold(hers, unit.id, study(), [Mark(member.id)])
    with pytest.raises(InvalidInput):
        service.hold(hers, unit.id, study(title="学习办法"), [Mark(stranger.id)])
    assert booked.of("group_study_held") == 1
    with pytest.raises(InvalidInput):
        registering.set_register(hers, made, 2, [Mark(stranger.id)])
    with pytest.raises(NotFound):
        queries.get_activity(make.actor(stranger), made)
    with pytest.raises(Forbidden):
        registering.set_register(make.actor(member), made, 2, [Mark(member.id)])


def test_nothing_moves_in_a_frozen_period(
    make: Make, unit: Unit, liaison: Member, member: Member, booked: Booked
) -> None:
    hers = make.actor(liaison)
    waiting = service.enter(make.actor(member), visit())
    counted = service.hold(hers, unit.id, study(), [Mark(member.id)])
    half = freezing.Frozen("2026 年下半年", date(2026, 7, 1), date(2026, 12, 31))
    freezing.bind(lambda unit, day: half if half.since <= day <= half.until else None)
    try:
        for attempt in (
            lambda: service.enter(make.actor(member), visit()),
            lambda: service.hold(hers, unit.id, study()),
            lambda: deciding.decide(hers, waiting, 1, "confirmed"),
            lambda: service.withdraw(hers, counted),
            lambda: service.change(hers, counted, 1, study(day=date(2026, 6, 30))),
            lambda: registering.set_register(hers, counted, 1, []),
        ):
            with pytest.raises(Conflict, match="下半年"):
                attempt()
        service.enter(make.actor(member), visit(day=date(2026, 6, 30)))
    finally:
        freezing._checks.clear()
    assert booked.of("group_study_held") == 1


def test_evidence_is_judged_by_its_content(make: Make, liaison: Member, member: Member, service: object) -> None:
    from_member = make.actor(member)
    made = enter_visit(make, member)
    photo = BytesIO()
    Image.new("RGB", (2400, 1200), "white").save(photo, "JPEG")
    photo.seek(0)
    kept = evidence.add_file(from_member, made, photo, "../../现场.png")
    (file,) = evidence.list_files(made)
    assert (file.id, file.media_type, file.name) == (kept, "image/jpeg", "现场.jpg")
    assert evidence.get_file(make.actor(liaison), made, kept).file_key in set(evidence.used_keys())
    for content in (b"<html><script>", b"MZ\x90", b"just text", b""):
        with pytest.raises(InvalidInput):
            evidence.add_file(from_member, made, BytesIO(content), "证明.jpg")
    with pytest.raises(NotFound):
        evidence.get_file(make.actor(make.member()), made, kept)
    evidence.remove_file(from_member, made, kept)
    assert evidence.list_files(made) == []


def enter_visit(make: Make, member: Member) -> int:
    return service.enter(make.actor(member), visit())
