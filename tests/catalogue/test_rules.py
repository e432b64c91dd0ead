"""ISBNs, classes and fields of a book."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.catalogue import numbers, rules
from lms.catalogue.rules import BookDraft, BookRefused, Twin
from lms.errors import InvalidInput

TODAY = date(2026, 6, 1)
NINE = st.text("0123456789", min_size=9, max_size=9)
TWELVE = st.tuples(st.sampled_from(["978", "979"]), st.text("0123456789", min_size=9, max_size=9)).map("".join)
SEPARATORS = st.sampled_from(["", "-", " ", "‐", "–", "－", "\u3000", "\u00ad", "−"])
FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("978-7-02-000872-8", "9787020008728"),
        ("ISBN 978 7 02 000872 8", "9787020008728"),
        ("ISBN-13: 9787020008728", "9787020008728"),
        ("７－０２－０００８７２－0", "9787020008728"),
        ("0-306-40615-2", "9780306406157"),
        ("ISBN-10: 0306406152", "9780306406157"),
        ("080442957x", "9780804429573"),
        ("９７８０３０６４０６１５７", "9780306406157"),
        ("", None),
        ("   ", None),
        (None, None),
    ],
)
def test_an_isbn_is_read_as_people_write_it(typed: str | None, stored: str | None) -> None:
    assert numbers.parse_isbn(typed) == stored


@pytest.mark.parametrize(
    "typed", ["978702000872", "97870200087281", "1234567890123", "9787020008729", "ISBN", "abc", "0306406153", "²³⁴"]
)
def test_what_is_no_isbn_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        numbers.parse_isbn(typed)
    assert caught.value.field == "isbn"


@given(NINE, st.lists(SEPARATORS, min_size=10, max_size=10), st.booleans())
def test_an_isbn_10_written_in_any_way_becomes_the_isbn_13_of_the_same_book(
    nine: str, between: list[str], wide: bool
) -> None:
    ten = nine + numbers.isbn10_check_digit(nine)
    thirteen = numbers.isbn13_of(ten)
    written = "".join(digit + gap for digit, gap in zip(ten, between, strict=True))
    assert numbers.parse_isbn(written.translate(FULL_WIDTH) if wide else written) == thirteen
    assert numbers.parse_isbn(thirteen) == thirteen
    assert thirteen[3:12] == nine


@given(TWELVE, st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_never_passes_for_an_isbn(twelve: str, place: int, by: int) -> None:
    right = twelve + numbers.isbn13_check_digit(twelve)
    wrong = right[:place] + str((int(right[place]) + by) % 10) + right[place + 1 :]
    assert numbers.parse_isbn(right) == right
    with pytest.raises(InvalidInput):
        numbers.parse_isbn(wrong)


@given(NINE, st.integers(0, 8))
def test_two_neighbouring_digits_of_an_isbn_10_changed_over_are_noticed(nine: str, place: int) -> None:
    ten = nine + numbers.isbn10_check_digit(nine)
    swapped = ten[:place] + ten[place + 1] + ten[place] + ten[place + 2 :]
    if swapped != ten:
        with pytest.raises(InvalidInput):
            numbers.parse_isbn(swapped)


def test_the_classification_has_its_22_main_classes() -> None:
    assert "".join(rules.CLC_CLASSES) == "ABCDEFGHIJKNOPQRSTUVXZ"


@pytest.mark.parametrize(
    ("typed", "stored", "letter"),
    [
        ("i247.5", "I247.5", "I"),
        (" D2-0 ", "D2-0", "D"),
        ("ＴＰ３１２", "TP312", "T"),
        ("K825.6=76", "K825.6=76", "K"),
        ("", "", ""),
    ],
)
def test_a_clc_number_is_read_with_its_class(typed: str, stored: str, letter: str) -> None:
    assert rules.parse_clc(typed) == stored
    assert rules.clc_class(stored) == letter


@pytest.mark.parametrize("typed", ["L247", "247.5", "文学", "I<script>;", "WW1"])
def test_a_clc_number_of_no_class_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        rules.parse_clc(typed)


def refused_fields(**values: object) -> set[str | None]:
    with pytest.raises(BookRefused) as caught:
        rules.check_book(BookDraft(**{"title": "活着", "authors": "余华", **values}), TODAY)  # type: ignore[arg-type]
    return {problem.field for problem in caught.value.problems}


def test_everything_wrong_with_a_book_is_said_at_once() -> None:
    assert refused_fields(title=" ", authors="", year=2028, isbn="1", clc="?", pages=0, language="xx") == {
        "title",
        "authors",
        "year",
        "isbn",
        "clc",
        "pages",
        "language",
    }


def test_a_nul_and_an_over_long_value_are_refused() -> None:
    assert refused_fields(publisher="作家\0出版社") == {"publisher"}
    assert refused_fields(summary="a\x1bb") == {"summary"}
    assert refused_fields(title="长" * 201) == {"title"}
    assert refused_fields(summary="长" * 4001) == {"summary"}


def test_the_year_lies_between_the_oldest_printed_book_and_next_year() -> None:
    for year in (868, 1982, 2027):
        assert rules.check_book(BookDraft(title="书", authors="人", year=year), TODAY).year == year
    assert refused_fields(year=867) == {"year"}
    assert refused_fields(year=2028) == {"year"}


def test_title_marks_around_the_whole_title_are_left_off_and_those_inside_stay() -> None:
    assert rules.clean_title("《活着》") == "活着"
    assert rules.clean_title("《论语》与《孟子》") == "《论语》与《孟子》"
    assert rules.clean_title("读《资本论》") == "读《资本论》"


def twin(title: str, authors: str) -> Twin:
    return Twin(1, title, authors, "", None)


def test_the_same_title_by_the_same_first_author_is_a_likely_duplicate_however_it_is_written() -> None:
    draft = BookDraft(title="乡土中国 ", authors="费孝通")
    assert rules.twins_of(draft, [(twin("乡土中国", "费孝通 著，某某 编"), None)])
    assert not rules.twins_of(draft, [(twin("乡土中国", "李强"), None), (twin("江村经济", "费孝通"), None)])
    assert rules.twins_of(draft, [(twin("《乡土中国》", "费孝通、李强"), None)])
    english = BookDraft(title="The Fifth Discipline", authors="Peter M. Senge")
    assert rules.twins_of(english, [(twin("the fifth discipline", "PETER M SENGE"), None)])
    foreign = BookDraft(title="活法", authors="［日］稻盛和夫")
    assert rules.twins_of(foreign, [(twin("活法", "稻盛和夫"), None)])


def test_a_blank_isbn_never_makes_two_books_the_same() -> None:
    draft = BookDraft(title="活着", authors="余华", isbn=None)
    assert rules.twins_of(draft, [(twin("边城", "沈从文"), None), (twin("围城", "钱锺书"), "")]) == []
    numbered = BookDraft(title="活着", authors="余华", isbn="9787020008728")
    assert rules.twins_of(numbered, [(twin("别的书名", "别人"), "9787020008728")])


def test_titles_sort_latin_first_then_by_pinyin() -> None:
    titles = ["中国", "活着", "Sapiens", "边城", "1984", "艾青诗选"]
    assert sorted(titles, key=rules.sort_key) == ["1984", "Sapiens", "艾青诗选", "边城", "活着", "中国"]


@given(st.text(max_size=200))
def test_a_sort_key_fits_its_column_and_is_plain_ascii(title: str) -> None:
    key = rules.sort_key(title)
    assert len(key) <= 200
    assert key.isascii()


@given(st.text(max_size=60))
def test_a_line_that_is_taken_holds_no_control_characters_and_no_loose_spaces(text: str) -> None:
    try:
        taken = rules.line(text, "title", 200)
    except InvalidInput:
        return
    assert taken == taken.strip()
    assert not any(unicodedata.category(c) == "Cc" for c in taken)
