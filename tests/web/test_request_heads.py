"""Which requests the lane of players takes: what can be understood in one way, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.web.request_heads import Head, read_head

PLAIN = (
    b"GET /recordings/7/media?a=b HTTP/1.1\r\nHost: garden.example\r\nRange: bytes=0-99 \r\nCookie: a=b; c=d\r\n"
    b'If-Range: "abc"\r\nConnection: keep-alive\r\n\r\n'
)


def read(seen: bytes) -> Head | None:
    return read_head(seen, lambda path: path.endswith("/media"))


def test_a_plain_request_is_read_and_what_follows_it_is_not_taken() -> None:
    head = read(PLAIN + b"GET / HTTP/1.1\r\n")
    assert head is not None and head.length == len(PLAIN)
    told = {name: value for name, value in head.environ.items() if name.startswith("HTTP_")}
    assert told == {
        "HTTP_HOST": "garden.example",
        "HTTP_RANGE": "bytes=0-99",
        "HTTP_COOKIE": "a=b; c=d",
        "HTTP_IF_RANGE": '"abc"',
        "HTTP_CONNECTION": "keep-alive",
    }
    assert (head.environ["PATH_INFO"], head.environ["QUERY_STRING"]) == ("/recordings/7/media", "a=b")


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        (b"GET ", b"POST "),
        (b"HTTP/1.1", b"HTTP/1.0"),
        (b"/media", b"/other"),
        (b"/recordings", b"http://x/recordings"),
        (b"GET /", b"GET  /"),
        (b"Host: garden.example\r\n", b""),
        (b"Cookie:", b"Host:"),
        (b"Cookie:", b"range:"),
        (b"Cookie:", b"Content-Length: 5\r\nCookie:"),
        (b"Cookie:", b"Transfer-Encoding: chunked\r\nCookie:"),
        (b"Cookie:", b"Expect: 100-continue\r\nCookie:"),
        (b"Cookie:", b"Cookie :"),
        (b"Cookie:", b" Cookie:"),
        (b"Cookie:", b"Co_okie:"),
        (b"keep-alive", b"close"),
        (b"; c=d\r\n", b"; c=d\n"),
        (b"; c=d", b"; c=\rd"),
        (b"; c=d", b"; c=\0d"),
        (b"\r\n\r\n", b"\r\n"),
    ],
)
def test_what_is_not_plain_is_left_to_gunicorn(there: bytes, instead: bytes) -> None:
    assert there in PLAIN
    assert read(PLAIN.replace(there, instead, 1)) is None


@given(st.binary(max_size=300), st.integers(0, len(PLAIN)), st.integers(0, 12))
def test_whatever_comes_is_read_as_one_head_or_left_alone(noise: bytes, at: int, cut: int) -> None:
    for seen in (noise, PLAIN[:at] + noise + PLAIN[at + cut :]):
        head = read(seen)
        if head is not None:
            assert seen[: head.length].endswith(b"\r\n\r\n")
            assert not any(set("\r\n\0") & set(value) for value in head.environ.values())
