"""The pure decisions about people."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import Conflict, InvalidInput
from lms.members import passwords, rules

NOON = datetime(2026, 5, 1, 12)
moments = st.lists(st.integers(0, 3600).map(lambda s: NOON - timedelta(seconds=s)), max_size=60)


@given(moments, st.integers(1, 10))
def test_guessing_pauses_exactly_while_as_many_failures_as_allowed_lie_in_the_window(
    failures: list[datetime], limit: int
) -> None:
    within = [at for at in failures if NOON - at < rules.TRIES_WINDOW]
    assert (rules.wait_minutes(failures, limit, NOON) > 0) == (len(within) >= limit)


@given(moments, st.integers(1, 10))
def test_after_the_minutes_named_one_may_guess_again_and_a_minute_earlier_not(
    failures: list[datetime], limit: int
) -> None:
    minutes = rules.wait_minutes(failures, limit, NOON)
    if minutes:
        assert rules.wait_minutes(failures, limit, NOON + timedelta(minutes=minutes)) == 0
        assert 1 <= minutes <= 15
        almost = NOON + timedelta(minutes=minutes - 1)
        assert rules.wait_minutes(failures, limit, almost) > 0 or minutes == 1


@given(moments, st.integers(1, 10), st.randoms())
def test_the_order_in_which_failures_are_handed_over_does_not_matter(failures: list, limit: int, random) -> None:  # type: ignore[no-untyped-def]
    mixed = failures.copy()
    random.shuffle(mixed)
    assert rules.wait_minutes(mixed, limit, NOON) == rules.wait_minutes(failures, limit, NOON)


@given(st.text(max_size=60))
def test_a_line_is_either_refused_or_can_be_kept_by_every_database(raw: str) -> None:
    try:
        text = rules.clean_line(raw, "name", 40)
    except InvalidInput:
        return
    assert len(text) <= 40
    assert "\x00" not in text
    assert text == text.strip()
    text.encode("utf-8")
    assert rules.clean_line(text, "name", 40) == text


@pytest.mark.parametrize(
    ("raw", "kept"),
    [("  王　淑兰 ", "王 淑兰"), ("a\t b\n c", "a b c"), ("王\u200b淑兰", "王淑兰"), ("\u202e兰", "兰"), ("", "")],
)
def test_spaces_are_put_right_and_invisible_marks_taken_out(raw: str, kept: str) -> None:
    assert rules.clean_line(raw, "name", 40) == kept


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (" 王　芳 ", "王芳"),
        ("欧 阳 明", "欧阳明"),
        ("王 芳 A", "王芳 A"),
        ("Anna  Li", "Anna Li"),
        ("李 Anna", "李 Anna"),
        ("买买提·艾力", "买买提·艾力"),
    ],
)
def test_a_name_set_apart_to_align_a_list_is_the_name_itself(raw: str, kept: str) -> None:
    assert rules.person_name(raw, "name", 40) == kept


@pytest.mark.parametrize(
    "raw", ["1958-03-12", "1958/3/12", "1958.3.12", "1958年3月12日", "19580312", "１９５８－０３－１２"]
)
def test_a_day_is_read_as_tables_hold_it(raw: str) -> None:
    assert rules.read_day(raw) == date(1958, 3, 12)
    assert rules.read_born(raw) == (1958, date(1958, 3, 12))


@pytest.mark.parametrize("raw", ["", "1958", "1958-03", "58-3-12", "19581312", "1958-02-30", "1958-03/"])
def test_what_is_no_whole_day_is_none(raw: str) -> None:
    assert rules.read_day(raw) is None


@pytest.mark.parametrize(
    ("raw", "kept"), [("1966", True), ("1966年12月", True), ("1966-9", True), ("1966年13月", False)]
)
def test_of_a_year_and_a_month_the_year_is_kept_where_there_is_such_a_month(raw: str, kept: bool) -> None:
    assert rules.read_born(raw) == ((1966, None) if kept else None)


@pytest.mark.parametrize("raw", ["a\x00b", "a\x1bb", "\ud800", "x" * 41])
def test_what_cannot_be_kept_is_refused(raw: str) -> None:
    with pytest.raises(InvalidInput):
        rules.clean_line(raw, "name", 40)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("138 0013 8000", "13800138000"),
        ("+86-138-0013-8000", "13800138000"),
        ("（０１０）６６６６８８８８", "01066668888"),
        ("  ", None),
    ],
)
def test_a_phone_number_is_kept_as_its_digits(raw: str, kept: str | None) -> None:
    assert rules.clean_phone(raw) == kept


@pytest.mark.parametrize("raw", ["1234", "1" * 21, "abc12345", "138001380o0", "+", "٠١٢٣٤٥"])
def test_what_is_no_phone_number_is_refused(raw: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        rules.clean_phone(raw)
    assert caught.value.field == "phone"


@given(st.dates(), st.one_of(st.none(), st.integers(0, 500)), st.dates(), st.one_of(st.none(), st.integers(0, 500)))
def test_two_spans_overlap_when_some_day_lies_in_both(
    since: date, days: int | None, other: date, other_days: int | None
) -> None:
    until = None if days is None else date.fromordinal(min(since.toordinal() + days, date.max.toordinal()))
    until2 = None if other_days is None else date.fromordinal(min(other.toordinal() + other_days, date.max.toordinal()))
    latest_start = max(since, other)
    share = latest_start <= (until or date.max) and latest_start <= (until2 or date.max)
    assert rules.overlaps(since, until, other, until2) is share
    assert rules.overlaps(other, until2, since, until) is share


def test_a_unit_cannot_hang_below_itself_but_below_one_whose_number_begins_alike() -> None:
    with pytest.raises(Conflict):
        rules.check_move("/1/4/", "/1/4/", 5)
    with pytest.raises(Conflict):
        rules.check_move("/1/4/", "/1/4/9/", 5)
    rules.check_move("/1/4/", "/1/40/", 5)


def test_a_tree_that_would_outgrow_its_column_is_refused() -> None:
    deep = "/" + "1/" * 120
    with pytest.raises(Conflict):
        rules.check_move("/1/4/", deep, 30)


@pytest.mark.parametrize(
    ("held", "role", "path", "may"),
    [
        ([("administrator", "/1/")], "administrator", "/1/", True),
        ([("administrator", "/1/")], "liaison", "/1/2/", True),
        ([("administrator", "/1/2/")], "lecturer", "/1/", False),
        ([("administrator", "/1/2/")], "lecturer", "/1/20/", False),
        ([("liaison", "/1/")], "lecturer", "/1/2/", False),
        ([("lecturer", "/1/")], "lecturer", "/1/", False),
        ([], "member", "/1/", False),
    ],
)
def test_roles_are_given_only_by_an_administrator_and_only_below(
    held: list[tuple[str, str]], role: str, path: str, may: bool
) -> None:
    assert rules.may_grant(held, role, path) is may


def test_a_member_with_a_role_beyond_the_administrators_reach_outranks_them() -> None:
    assert rules.outranked(["/1/2/"], ["/1/2/5/", "/1/"])
    assert not rules.outranked(["/1/2/"], ["/1/2/", "/1/2/5/"])
    assert not rules.outranked(["/1/2/"], [])


def test_passwords_made_up_differ_can_be_taken_and_hold_no_letters_that_look_alike() -> None:
    made = {passwords.make_up() for _ in range(300)}
    assert len(made) == 300
    for password in made:
        assert not set(password) & set("0o1li5s2zuv")
        passwords.check_new(password, name="王淑兰", phone="10012345678")


@given(st.text(max_size=220))
def test_whatever_is_typed_as_a_password_is_judged_without_a_failure(typed: str) -> None:
    kept = passwords.make_hash("the one that counts")
    assert passwords.matches(kept, typed) is False
    assert passwords.matches("", typed) is False


def test_a_damaged_hash_lets_nobody_in() -> None:
    assert passwords.matches("$argon2id$damaged", "anything") is False


def test_a_password_is_cut_nowhere() -> None:
    long = "长" * 200
    kept = passwords.make_hash(long)
    assert passwords.matches(kept, long)
    assert not passwords.matches(kept, long + "长")
    assert not passwords.matches(kept, long[:-1])
