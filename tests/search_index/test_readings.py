"""The file of readings says what pypinyin's tables say."""

from search_index import pinyin
from tests.search_index import readings


def test_the_file_of_readings_is_the_one_that_is_made_of_the_dictionaries() -> None:
    """Whoever raises pypinyin's version or the list of common characters makes it anew."""
    assert readings.FILE.read_text(encoding="utf-8") == readings.made()
    assert pinyin.syllable("园") == "yuan"
    assert pinyin.in_phrase("重庆银行", 0) == "chong"
    assert pinyin.in_phrase("重庆银行", 3) == "hang"
    assert pinyin.in_phrase("行", 0) == ""
