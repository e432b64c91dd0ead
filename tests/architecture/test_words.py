"""Every sentence that a reader can see is translated."""

import pytest

from tests.architecture.missing_words import extracted, faults


@pytest.mark.sqlite_only
def test_every_sentence_has_its_chinese() -> None:
    assert len(extracted()) > 100
    assert faults() == []
