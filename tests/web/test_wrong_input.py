"""Whatever is sent to whatever address, the answer is a fitting refusal or a page, never a failure of ours.

The fields are not listed here: an address is asked once as the table of access says, what it looks at is noted, and
then each of these fields is sent wrong while all others stay right.

Every wrong value meets many fields, but a field meets a share of the values only, chosen by its name, so that the suite
stays quick; the last test sees to it that no value is left out of all shares. LMS_TEST_WRONG=all tries each on each.
"""

import json
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from apiflask import APIFlask
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.test import TestResponse

from lms.db import database, is_sqlite
from lms.web.signin import REMEMBERED, ActorMemory
from tests.browser_like import SESSION
from tests.web.access_table import CONFLICT, FORM, OK, Row, all_rows
from tests.web.test_access_table import SAFE, address, place
from tests.web.world import World

__all__ = ["place"]

HUGE = "1" + "0" * 30
NOBODY = "987654"  # a row may have this number, but none has
LONG = "长" * 10_000
LONGEST_ASKED = (
    440  # characters of a query: each takes 9 bytes there, and gunicorn takes no longer line than 4,094 bytes
)
WRONG_TEXT = {
    "nothing": "",
    "space": " \u3000\t",
    "long": LONG,
    "word": "abc",
    "huge number": HUGE,
    "number of nothing": NOBODY,
    "negative": "-1",
    "nul": "a\x00b",
    "control": "a\x01\x0b\x1f\x7fb",
    "bidi": "a\u202e\u2066b",
    "line ends": "a\r\nX-Injected: 1\r\nb",
    "other digits": "\u0663\u0968",
    "superscript": "\u00b2",
    "day that is none": "0000-00-00",
    "last day": "9999-12-31",
    "first day": "0001-01-01",
    "paths": "../../../etc/passwd\\..\\x",
    "quotes": "'\"%_\\<script>{{7*7}}",
    "brackets": "//[",
    "bytes that are no UTF-8": b"\xff\xfe\x80",
}
WRONG_JSON = {
    **{name: text for name, text in WRONG_TEXT.items() if isinstance(text, str)},
    "null": None,
    "list": [],
    "list of lists": [[["x"]]],
    "object": {"a": {"b": 1}},
    "true": True,
    "huge": 10**30,
    "number of nothing": int(NOBODY),
    "list of numbers of nothing": [int(NOBODY)],
    "beyond a row": 2**31,
    "fraction": 1.5,
    "infinite": float("inf"),
    "not a number": float("nan"),
    "half a character": "\ud800",
    "list of huge": [10**30],
    "list of halves": ["\udfff"],
}
NOT_NUMBERS = (
    "0",
    "2147483647",
    "2147483648",
    HUGE,
    "-1",
    "1.5",
    "%00",
    "%ff%fe",
    "a",
    "1%0d%0aX",
    "\u0663",
    "9" * 5000,
)
NO_NUMBERS = {value: value for value in NOT_NUMBERS}
ROWS = all_rows()
ASKED_BY_FRAMEWORK = {"csrf_token", "_method"}
KEPT_ON_REFUSAL = {"sign_in_failure"}


class Listening(ImmutableMultiDict[str, Any]):
    """The values of a query or a form; notes which names are looked at."""

    looked_at: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.looked_at.add(key)
        return super().__getitem__(key)

    def get(self, key: str, *args: Any, **options: Any) -> Any:
        self.looked_at.add(key)
        return super().get(key, *args, **options)

    def getlist(self, key: str, *args: Any, **options: Any) -> list[Any]:
        self.looked_at.add(key)
        return super().getlist(key, *args, **options)

    def __contains__(self, key: object) -> bool:
        self.looked_at.add(str(key))
        return super().__contains__(key)


class Visit:
    """Sends what a row says, with changes, as somebody who may; everything is taken back.

    A role's session and its token are asked for once.
    """

    def __init__(self, app: APIFlask, world: World, row: Row) -> None:
        self.app, self.world, self.row = app, world, row
        able = [role for role, cell in row.expected.items() if cell in (OK, FORM, CONFLICT)]
        member = world.people.get((able or ["administrator"])[-1])
        app.extensions["actors"] = ActorMemory(REMEMBERED)
        self.token, self.session = world.session(member)
        self.client = app.test_client()

    def send(self, *, query: Any = None, form: Any = None, body: Any = None, **options: Any) -> TestResponse:
        """Send the row's own input with changes."""
        if body is not None:
            options |= {"data": body, "content_type": "application/json"}
        elif self.row.rule.startswith("/api/") and self.row.json is not None:
            if "data" not in options:
                options["json"] = self.row.json
        elif self.row.method not in SAFE and "data" not in options:
            options["data"] = self.row.sent_form(form)
        return self.open(
            address(self.row, self.world),
            self.row.method,
            query_string=dict(self.row.query if query is None else query),
            **options,
        )

    def open(self, path: str, method: str, **options: Any) -> TestResponse:
        """Ask, see that a refusal stored nothing, take all back."""
        self.client.set_cookie(SESSION, self.session)
        with database.atomic() as transaction:
            unwritten = written()
            response = self.client.open(path, method=method, headers={"X-CSRFToken": self.token}, **options)
            response.get_data()
            doubtful = response.status_code >= 400 and written() != unwritten
            left = stored() if doubtful else ""
            transaction.rollback()
        response.close()
        before = stored() if doubtful else ""
        assert left == before, f"{method} {path}: refused, but something was stored"
        return response


def written() -> object:
    """Give what changes with the first row that is written in this transaction, even if it was taken back since.

    To count all rows after every refusal, of which hardly one wrote anything, took a good part of the time.
    """
    if is_sqlite():
        return database.connection().total_changes
    return database.execute_sql("SELECT pg_current_xact_id_if_assigned()::text").fetchone()


@cache
def counting() -> str:
    """Give the statement that counts the rows of every table."""
    tables = sorted(set(database.get_tables()) - KEPT_ON_REFUSAL)
    return "SELECT " + ", ".join(f'(SELECT count(*) FROM "{table}")' for table in tables)


def stored() -> str:
    """Count the rows of every table."""
    return str(database.execute_sql(counting()).fetchone())


def check(response: TestResponse, what: str) -> None:
    """See that an answer is a page or a refusal in words, and that nothing was let into the headers."""
    assert response.status_code < 500, f"{what}: {response.status_code}"
    assert "X-Injected" not in response.headers, what
    if response.status_code >= 400 and response.request.path.startswith("/api/"):
        assert response.content_type == "application/problem+json", what
        assert "Traceback" not in response.text, what


@contextmanager
def listening(app: APIFlask) -> Iterator[set[str]]:
    """Note what a request looks at in its query and its form."""
    ordinary = app.request_class
    Listening.looked_at = set()
    app.request_class = type("ListeningRequest", (ordinary,), {"parameter_storage_class": Listening})
    yield Listening.looked_at
    app.request_class = ordinary


def fields_of(visit: Visit) -> set[str]:
    with listening(visit.app) as looked_at:
        visit.send()
    return looked_at - ASKED_BY_FRAMEWORK


def json_fields(app: APIFlask, row: Row) -> set[str]:
    """Give the fields that the description of the API names for an operation, and those of the table."""
    spec = app._get_spec("json")
    path = row.rule.replace("<", "{").replace(">", "}")
    for place_ in [part for part in path.split("/") if part.startswith("{")]:
        path = path.replace(place_, "{" + place_.strip("{}").rpartition(":")[2] + "}")
    operation = spec["paths"].get(path, {}).get(row.method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    named = set(spec["components"]["schemas"].get(name, {}).get("properties", {}))
    return named | set(row.json if isinstance(row.json, dict) else ())


def share(values: dict[str, Any], seed: str) -> list[tuple[str, Any]]:
    """Choose the values that a field meets: all of them on demand, else every sixth, beginning by the field's name."""
    step = 1 if os.environ.get("LMS_TEST_WRONG") == "all" else min(6, len(values))
    return list(values.items())[zlib.crc32(seed.encode()) % step :: step]


def first_of_each_address() -> list[Row]:
    seen: dict[str, Row] = {}
    for row in ROWS:
        seen.setdefault(row.name, row)
    return list(seen.values())


EACH = first_of_each_address()
NAMES = [row.name for row in EACH]


@pytest.mark.parametrize("row", EACH, ids=NAMES)
def test_a_field_that_is_wrong_is_refused_or_passed_over(place: tuple[APIFlask, World], row: Row) -> None:
    visit = Visit(*place, row)
    for field in sorted(fields_of(visit)):
        for name, value in share(WRONG_TEXT, f"{row.name}{field}"):
            what = f"{row.name}, {field}: {name}"
            asked = value[:LONGEST_ASKED]
            check(visit.send(query={**row.query, field: asked}, form={field: value}), what)
        if row.method not in SAFE and row.json is None:
            check(visit.send(form={field: ["1", "2", "x"]}), f"{row.name}, {field}: thrice")


@pytest.mark.parametrize("row", [r for r in EACH if r.rule.startswith("/api/") and r.method not in SAFE])
def test_a_value_in_json_that_is_wrong_is_refused_or_passed_over(place: tuple[APIFlask, World], row: Row) -> None:
    visit = Visit(*place, row)
    base = row.json if isinstance(row.json, dict) else {}
    for field in sorted(json_fields(visit.app, row)):
        for name, value in share(WRONG_JSON, f"{row.name}{field}"):
            check(visit.send(body=json.dumps({**base, field: value})), f"{row.name}, {field}: {name}")


BODIES = {
    "nothing": b"",
    "cut off": b'{"title": ',
    "a list": b"[]",
    "null": b"null",
    "a word": b'"abc"',
    "a number": b"1" * 5000,
    "not UTF-8": b'{"title": "\xff\xfe"}',
    "UTF-16": '{"title": "x"}'.encode("utf-16"),
    "deep": b"[" * 100_000,
    "deep object": b'{"a":' * 50_000,
    "twice": b'{"title": "a", "title": []}',
    "unknown": b'{"__proto__": {}, "nobody": 1}',
}


KINDS = ("application/json", "text/plain", "application/x-www-form-urlencoded", "nonsense", "")
PARTS = {
    "nothing": b"",
    "cut off": b"--x",
    "no head": b"--x\r\n\r\n",
    "no name": b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--\r\n",
    "noise": b"\xff" * 99,
}
PART_KINDS = (
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=" + "x" * 500,
)
WRONG_BODIES = {
    f"{name} as {kind[:40]}": (body, kind)
    for bodies, kinds in ((BODIES, KINDS), (PARTS, PART_KINDS))
    for name, body in bodies.items()
    for kind in kinds
}
CHANGING = [r for r in EACH if r.method not in SAFE]
NUMBERED = [r for r in EACH if "<" in r.rule]
WRONG_TOKENS = {token[:20]: token for token in ("x", "\u7684", "." * 3000, "IjEi.aaaa.bbbb")}
METHODS = {name: name for name in ("HEAD", "OPTIONS", "TRACE", "X" * 300, "get", "PUT", "DELETE")}


@pytest.mark.sqlite_only
@pytest.mark.parametrize("row", CHANGING, ids=lambda row: row.name)
def test_a_body_that_is_no_form_and_no_object_is_refused(place: tuple[APIFlask, World], row: Row) -> None:
    visit = Visit(*place, row)
    for name, (body, kind) in share(WRONG_BODIES, row.name):
        check(visit.send(data=body, content_type=kind), f"{row.name}: {name}")


@pytest.mark.sqlite_only
@pytest.mark.parametrize("row", NUMBERED, ids=lambda row: row.name)
def test_an_address_with_a_number_that_is_none_does_not_exist(place: tuple[APIFlask, World], row: Row) -> None:
    visit = Visit(*place, row)
    parts = row.rule.split("/")
    numbers = [n for n, part in enumerate(parts) if part.startswith("<int")]
    for _, value in share(NO_NUMBERS, row.name):
        path = "/".join(
            value if n in numbers else ("1" if part.startswith("<") else part) for n, part in enumerate(parts)
        )
        response = visit.open(path, row.method)
        check(response, f"{row.method} {path[:200]}")


@pytest.mark.sqlite_only
@pytest.mark.parametrize("row", CHANGING, ids=lambda row: row.name)
def test_without_the_token_of_the_session_nothing_is_done(place: tuple[APIFlask, World], row: Row) -> None:
    if row.rule == "/api/v1/session" and row.method == "POST":
        return
    visit = Visit(*place, row)
    for token in ("", *dict(share(WRONG_TOKENS, row.name)).values()):
        visit.token = ""
        options: dict[str, Any] = (
            {"json": row.json} if row.json is not None else {"data": row.sent_form({"csrf_token": token})}
        )
        response = visit.open(address(row, visit.world), row.method, **options)
        assert response.status_code == 400, f"{row.name} with token {token!r}: {response.status_code}"


@pytest.mark.sqlite_only
@pytest.mark.parametrize("row", EACH, ids=NAMES)
def test_a_method_that_an_address_does_not_know_is_refused(place: tuple[APIFlask, World], row: Row) -> None:
    visit = Visit(*place, row)
    for _, method in share(METHODS, row.name):
        check(visit.open(address(row, visit.world), method), f"{method} {row.rule}")


@pytest.mark.sqlite_only
def test_the_shares_of_all_addresses_together_hold_every_wrong_value() -> None:
    for values, rows in (
        (WRONG_BODIES, CHANGING),
        (WRONG_TOKENS, CHANGING),
        (NO_NUMBERS, NUMBERED),
        (METHODS, EACH),
    ):
        assert {name for row in rows for name, _ in share(values, row.name)} == set(values)
    fields = [f"{row.name}{field}" for row in CHANGING for field in (row.form or row.json or ())]
    for wrong in (WRONG_TEXT, WRONG_JSON):
        assert {name for field in fields for name, _ in share(wrong, field)} == set(wrong)
