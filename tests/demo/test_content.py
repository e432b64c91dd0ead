"""The demo organisation's content files are complete, consistent and true to form."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pysubs2
import pytest

from lms.categories.rules import PRESET_NAMES as CATEGORIES

CONTENT = Path(__file__).parents[2] / "lms" / "demo" / "content"
CLC_LETTERS = frozenset("ABCDEFGHIJKNOPQRSTUVXZ")
CLC_CODE = re.compile(r"(?:T[BDEFGHJKLMNPQSUV]|[A-SU-Z])[\d\-][\d.\-]*")
UNIT_KINDS = {"agency", "community", "village", "enterprise", "school", "branch", "group", "family"}
ROLES = {"member", "lecturer", "liaison", "administrator"}
GUIDES = sorted((CONTENT / "guides").glob("*.md"))

Row = dict[str, Any]


def read(name: str, key: str) -> list[Row]:
    rows: list[Row] = tomllib.loads((CONTENT / name).read_text(encoding="utf-8"))[key]
    return rows


def books() -> list[Row]:
    return read("books.toml", "books")


def members() -> list[Row]:
    return read("members.toml", "members")


def lectures() -> list[Row]:
    return read("lectures/lectures.toml", "lectures")


def titles() -> set[str]:
    return {row["title"] for row in books()}


def unit_keys() -> set[str]:
    return {row["key"] for row in read("units.toml", "units")}


def member_names() -> set[str]:
    return {row["name"] for row in members()}


def members_with(role: str) -> list[Row]:
    return [row for row in members() if any(held["role"] == role for held in row["roles"])]


def chinese_length(text: str) -> int:
    """Count characters without white space, as Chinese word processors count 字数."""
    return len(re.sub(r"\s", "", text))


def is_valid_isbn13(isbn: str) -> bool:
    if not re.fullmatch(r"97[89]\d{10}", isbn):
        return False
    return sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(isbn)) % 10 == 0


def split_guide(path: Path) -> tuple[Row, str]:
    opening, front, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    assert opening == ""
    return tomllib.loads(front), body


def test_the_catalogue_has_exactly_eighty_books() -> None:
    assert len(books()) == 80


def test_no_two_books_share_title_and_authors_or_an_isbn() -> None:
    identities = [(book["title"], tuple(book["authors"])) for book in books()]
    isbns = [book["isbn"] for book in books() if "isbn" in book]
    assert len(set(identities)) == len(identities)
    assert len(set(isbns)) == len(isbns)


def test_book_titles_are_unique_because_notes_and_plans_refer_to_them() -> None:
    assert len(titles()) == 80


def test_every_isbn_given_has_a_right_check_digit() -> None:
    given = {book["title"]: book["isbn"] for book in books() if "isbn" in book}
    assert len(given) >= 20
    assert {title: isbn for title, isbn in given.items() if not is_valid_isbn13(isbn)} == {}


@pytest.mark.parametrize("isbn", ["9787108009822", "9777108009821", "7108009821", "978710800982X"])
def test_the_isbn_check_refuses_a_wrong_number(isbn: str) -> None:
    assert not is_valid_isbn13(isbn)


def test_every_class_code_stands_in_a_class_of_the_chinese_library_classification() -> None:
    for book in books():
        assert book["clc"][0] in CLC_LETTERS, book["title"]
        assert CLC_CODE.fullmatch(book["clc"]), book["title"]


def test_every_book_is_fully_described() -> None:
    allowed = {
        *("title", "subtitle", "original_title", "authors", "translators", "publisher", "year", "language"),
        *("clc", "subjects", "pages", "isbn", "summary"),
    }
    for book in books():
        assert set(book) <= allowed, book["title"]
        assert book["authors"] and all(book["authors"]), book["title"]
        assert book["publisher"], book["title"]
        assert book["language"] in {"zh", "en"}, book["title"]
        assert 2 <= len(book["subjects"]) <= 4, book["title"]
        assert 40 <= len(book["summary"]) <= 90, book["title"]
        assert 1900 < book.get("year", 2000) < 2026, book["title"]


def test_units_form_one_tree_with_parents_before_children() -> None:
    units = read("units.toml", "units")
    assert len({unit["key"] for unit in units}) == len(units)
    assert len({unit["name"] for unit in units}) == len(units)
    assert "parent" not in units[0] and units[0]["kind"] == "agency"
    seen = {units[0]["key"]}
    for unit in units[1:]:
        assert unit["parent"] in seen, unit["name"]
        seen.add(unit["key"])


def test_every_kind_of_unit_occurs() -> None:
    assert {unit["kind"] for unit in read("units.toml", "units")} == UNIT_KINDS


def test_sixty_members_have_distinct_names_and_distinct_unassigned_phones() -> None:
    people = members()
    assert len(people) == 60
    assert len({person["name"] for person in people}) == 60
    assert len({person["phone"] for person in people}) == 60
    assert all(re.fullmatch(r"100\d{8}", person["phone"]) for person in people)


def test_members_are_adults_of_every_age_with_a_zeal_between_nothing_and_all() -> None:
    born = [person["birth_year"] for person in members()]
    assert min(born) < 1955 and max(born) > 2000
    assert all(1930 <= year <= 2008 for year in born)
    assert all(0 <= person["zeal"] <= 1 for person in members())


def test_members_belong_to_and_hold_roles_on_units_that_exist() -> None:
    keys = unit_keys()
    for person in members():
        assert person["unit"] in keys, person["name"]
        assert {"role": "member", "unit": person["unit"]} in person["roles"], person["name"]
        for held in person["roles"]:
            assert held["unit"] in keys and held["role"] in ROLES, person["name"]


def test_every_unit_below_the_root_reaches_at_least_one_member() -> None:
    units = read("units.toml", "units")
    parents = {unit["key"]: unit.get("parent") for unit in units}
    reached: set[str] = set()
    for person in members():
        key: str | None = person["unit"]
        while key is not None:
            reached.add(key)
            key = parents[key]
    assert reached == set(parents)


def test_one_administrator_two_liaisons_and_three_lecturers_are_named() -> None:
    assert [row["name"] for row in members_with("administrator")] == ["周正"]
    assert len(members_with("liaison")) == 2
    assert len({row["unit"] for row in members_with("liaison")}) == 2
    assert len(members_with("lecturer")) == 3


def test_the_printed_demo_accounts_come_first_with_their_roles() -> None:
    printed = {row["name"]: {held["role"] for held in row["roles"]} for row in members()[:4]}
    assert printed == {
        "周正": {"member", "administrator"},
        "刘敏": {"member", "liaison"},
        "陈志远": {"member", "lecturer"},
        "王淑兰": {"member"},
    }
    assert next(row["birth_year"] for row in members() if row["name"] == "王淑兰") == 1958


def test_there_are_six_guides() -> None:
    assert len(GUIDES) == 6


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_a_guide_has_its_front_matter_and_a_sensible_length(path: Path) -> None:
    front, body = split_guide(path)
    assert set(front) == {"title", "category", "summary", "lecturer", "unit"}
    assert front["title"] and front["summary"]
    assert front["category"] in CATEGORIES
    assert front["lecturer"] in {row["name"] for row in members_with("lecturer")}
    assert front["unit"] in unit_keys()
    assert 1500 <= chinese_length(body) <= 3000
    assert len(re.findall(r"^## ", body, flags=re.MULTILINE)) >= 4


def test_lectures_refer_to_lecturers_units_and_books_that_exist() -> None:
    assert len(lectures()) == 2
    for lecture in lectures():
        assert lecture["title"] and lecture["summary"]
        assert lecture["media"] in {"video", "audio"}
        assert lecture["lecturer"] in {row["name"] for row in members_with("lecturer")}
        assert lecture["unit"] in unit_keys()
        assert set(lecture["books"]) <= titles()


@pytest.mark.parametrize("lecture", lectures(), ids=lambda lecture: lecture["key"])
def test_a_transcript_is_ordered_webvtt_as_long_as_its_lecture(lecture: Row) -> None:
    path = CONTENT / "lectures" / lecture["transcript"]
    assert path.read_text(encoding="utf-8").startswith("WEBVTT\n\n")
    cues = pysubs2.load(str(path), encoding="utf-8", format_="vtt").events
    assert 40 <= len(cues) <= 60
    assert cues[0].start == 0
    for cue in cues:
        assert 4000 <= cue.end - cue.start <= 8000
        assert cue.plaintext.strip()
    for before, after in pairwise(cues):
        assert before.end == after.start
    assert 300 <= lecture["seconds"] <= 360
    assert 0 <= lecture["seconds"] * 1000 - cues[-1].end < 1000


def test_notes_are_by_members_about_catalogued_books_and_of_a_readable_length() -> None:
    notes = read("notes.toml", "notes")
    assert 20 <= len(notes) <= 30
    assert len({(note["member"], note["book"]) for note in notes}) == len(notes)
    for note in notes:
        assert note["member"] in member_names(), note["title"]
        assert note["book"] in titles(), note["title"]
        assert note["audience"] in {"me", "unit", "everyone"}, note["title"]
        assert 80 <= chinese_length(note["body"]) <= 400, note["title"]


def test_plans_hold_catalogued_books_due_within_their_span() -> None:
    plans = read("plans.toml", "plans")
    assert len(plans) == 4
    for plan in plans:
        assert plan["member"] in member_names()
        assert {entry["title"] for entry in plan["books"]} <= titles()
        days = [entry["due"] for entry in plan["books"]]
        assert days == sorted(days)
        assert plan["starts"] <= days[0] and days[-1] <= plan["ends"]


def test_the_texts_hold_no_placeholder_and_no_foreign_line_ending() -> None:
    for path in sorted(CONTENT.rglob("*")):
        if path.is_file():
            text = path.read_bytes().decode("utf-8")
            assert not re.search(r"TODO|FIXME|XXX|lorem|\r|\ufffd", text), path.name


def test_every_list_names_books_of_the_catalogue_and_says_why() -> None:
    titles = {book["title"] for book in books()}
    units = {unit["key"] for unit in read("units.toml", "units")}
    for row in read("lists.toml", "lists"):
        assert row["unit"] in units
        assert row["starts"] < row["ends"]
        assert {book["title"] for book in row["books"]} <= titles, row["title"]
        assert all(0 < len(book["reason"]) <= 300 for book in row["books"])
