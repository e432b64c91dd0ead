"""Every sentence that a reader can see is translated."""

import ast
from pathlib import Path

import pytest

from tests.architecture.missing_words import extracted, faults


@pytest.mark.sqlite_only
def test_every_sentence_has_its_chinese() -> None:
    assert len(extracted()) > 100
    assert faults() == []


@pytest.mark.sqlite_only
def test_no_error_is_given_a_day_as_text() -> None:
    sources = {path: path.read_text("utf-8") for path in Path("lms").rglob("*.py")}
    given = [
        f"{path}:{call.lineno}"
        for path, source in sources.items()
        if "isoformat(" in source and "N_(" in source
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and any(ast.unparse(value).startswith("N_(") for value in call.args)
        if any("isoformat(" in ast.unparse(value) for value in call.keywords)
    ]
    assert given == []
