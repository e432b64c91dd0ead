"""Rows of people as pure rules: any cell is taken or refused by name, and a decision never does harm."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from lms.roster import columns, people_rules
from lms.roster.people_rules import Draft, Known, Stay

TODAY = date(2026, 11, 28)
FIELDS = columns.FIELDS["people"]
LAYOUT = columns.understand("people", columns.headings_of("people", "zh_CN"))
DAYS = st.dates(date(2020, 1, 1), date(2027, 1, 1))
STAYS = st.lists(
    st.builds(Stay, st.integers(1, 9), st.integers(1, 3), DAYS, st.none() | DAYS, st.booleans()), max_size=3
).map(tuple)
KNOWN = st.builds(
    Known,
    id=st.integers(1, 5),
    name=st.sampled_from(["甲", "乙"]),
    phone=st.none() | st.sampled_from(["13900000001", "13900000002"]),
    birth_year=st.none() | st.integers(1950, 1960),
    birth_date=st.none(),
    stays=STAYS,
    tags=st.frozensets(st.sampled_from(["leader", "officer"])),
    leaves=st.just(frozenset()),
    reached=st.booleans(),
    manageable=st.booleans(),
    closed=st.booleans(),
)
DRAFTS = st.builds(
    Draft,
    id=st.none() | st.integers(1, 5),
    name=st.none() | st.sampled_from(["甲", "乙"]),
    phone=st.sampled_from([None, "", "13900000001"]),
    unit=st.none() | st.integers(1, 3),
    born=st.none() | st.tuples(st.integers(1950, 1960), st.none()),
    tags=st.none() | st.frozensets(st.sampled_from(["leader"])),
    since=st.none() | DAYS,
    until=st.none() | DAYS,
)


@given(st.dictionaries(st.sampled_from(FIELDS), st.text(min_size=1, max_size=60)))
def test_any_cell_is_read_or_refused_with_its_column(values: dict[str, str]) -> None:
    draft, notes = people_rules.read(LAYOUT, values, TODAY)
    assert all(note.column in LAYOUT.headings for note in notes)
    for field, kept in (("id", draft.id), ("birth_year", draft.born), ("since", draft.since), ("until", draft.until)):
        refused = LAYOUT.heading(field) in [note.column for note in notes]
        assert field not in values or refused or kept is not None


@given(DRAFTS, st.none() | KNOWN, st.lists(KNOWN, max_size=2))
def test_a_decision_never_touches_who_is_beyond_reach_and_never_makes_somebody_twice(
    draft: Draft, found: Known | None, namesakes: list[Known]
) -> None:
    decision = people_rules.decide(LAYOUT, draft, (), found, namesakes, TODAY)
    if decision.action == "add":
        assert found is None and draft.id is None and decision.draft.name and decision.draft.unit
    elif decision.action == "refused":
        assert decision.notes
    else:
        known = found or namesakes[0]
        assert decision.member == known.id
        assert known.reached and known.manageable and not known.closed
    if decision.action == "move" and decision.stay is not None:
        assert decision.stay.mine
        assert people_rules.begins(decision.draft, decision.stay, TODAY) > decision.stay.since
    if decision.action == "same" and (found or namesakes):
        assert people_rules.changes(decision.draft, found or namesakes[0]) == {}


@given(st.sampled_from(["people", "units"]), st.sampled_from(["zh_CN", "en"]), st.randoms())
def test_headings_mean_the_same_in_any_order_width_and_case(kind: str, locale: str, dice: object) -> None:
    headings = columns.headings_of(kind, locale)
    dice.shuffle(headings)  # type: ignore[attr-defined]
    changed = [f" {heading.upper()}* " for heading in headings]
    layout = columns.understand(kind, changed)
    assert sorted(layout.fields) == sorted(columns.FIELDS[kind])
    assert layout.unknown == ()
