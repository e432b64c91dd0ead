"""docs/api.md tells of every operation of the API, of no other, and of what each of them takes."""

import re
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "api.md"
ROW = re.compile(r"^\| ([A-Z]+) `(/api/v1/[^`]+)` \|([^|]*)\|([^|]*)\|([^|]*)\|$", re.MULTILINE)
NAME = re.compile(r"`(\w+)`(\\\*)?")
LIKE_ANOTHER = "as above"

Operation = tuple[str, str]


@pytest.fixture(scope="module")
def written() -> dict[Operation, str]:
    """What each operation takes, as the document has it."""
    rows = ROW.findall(DOCUMENT.read_text(encoding="utf-8"))
    assert len({row[:2] for row in rows}) == len(rows), "an operation stands in the document twice"
    return {(method, path): takes for method, path, _, takes, _ in rows}


@pytest.fixture
def spec(app: APIFlask) -> dict[str, Any]:
    """What the application says of its API."""
    found: dict[str, Any] = app.test_client().get("/api/openapi.json").get_json()
    return found


@pytest.fixture
def described(spec: dict[str, Any]) -> dict[Operation, dict[str, Any]]:
    """Every operation as the application describes it."""
    return {
        (method.upper(), path): operation
        for path, item in spec["paths"].items()
        if path.startswith("/api/v1/")
        for method, operation in item.items()
        if method != "parameters"
    }


@pytest.mark.sqlite_only
def test_every_operation_stands_in_the_document_and_no_other(
    written: dict[Operation, str], described: dict[Operation, dict[str, Any]]
) -> None:
    assert sorted(set(described) - set(written)) == []
    assert sorted(set(written) - set(described)) == []
    assert len(written) > 60


@pytest.mark.sqlite_only
def test_the_document_names_what_each_operation_takes_and_marks_what_must_be_sent(
    spec: dict[str, Any], written: dict[Operation, str], described: dict[Operation, dict[str, Any]]
) -> None:
    for operation, takes in written.items():
        if LIKE_ANOTHER in takes:
            continue
        # What stands in brackets are the values of a field, or the fields of its rows.
        outside = re.sub(r"\([^)]*\)", "", takes)
        named = {name: bool(star) for name, star in NAME.findall(outside)}
        assert named == _taken(spec, described[operation]), operation


def _taken(spec: dict[str, Any], operation: dict[str, Any]) -> dict[str, bool]:
    taken: dict[str, bool] = {
        place["name"]: place.get("required", False)
        for place in operation.get("parameters", [])
        if place["in"] == "query"
    }
    for media in operation.get("requestBody", {}).get("content", {}).values():
        schema = spec["components"]["schemas"][media["schema"]["$ref"].rpartition("/")[2]]
        taken |= {name: name in schema.get("required", []) for name in schema["properties"]}
    return taken
