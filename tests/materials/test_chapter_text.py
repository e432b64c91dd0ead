"""The quick way to a book's words gives what the walk through its elements gives: the same sections, word for word."""

import io
from collections.abc import Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lms.materials.readers import chapter_text, epub, epub_text
from lms.materials.readers.flow import Flow, Section
from lms.materials.readers.hypertext import Walker
from lms.materials.readers.markup import parse_wellformed
from lms.materials.readers.plain_flow import PlainFlow
from tests.materials.office import chapter, make_epub

BLOCKS = ("p", "div", "section", "blockquote", "ul", "ol", "li", "h1", "h2", "h4", "pre", "dl", "dd")
INLINE = ("span", "a", "b", "em", "code", "sup", "ruby")
RARE = ("x-own", "tr", "td", "table", "script", "svg", "nav", "button", "hr", "br", "img")
NAMES = st.sampled_from([*BLOCKS, *INLINE, *BLOCKS, *INLINE, *BLOCKS, *INLINE, *RARE])
TEXTS = st.text(alphabet=" \n\t\xa0\u3000\u2003\r第一章学习AbZ.&<>\"'", max_size=8) | st.just("长" * 1500)
PLACES = {"a": "甲", "b": "乙"}


@st.composite
def elements(draw: st.DrawFn, depth: int = 4) -> str:
    name = draw(NAMES)
    ident = draw(st.sampled_from(["", "", "", ' id="a"', ' name="b"', ' id="c" class="x"']))
    if name == "img":
        address, words = draw(st.sampled_from(["in.png", "no.png"])), draw(st.sampled_from(["", " 图 "]))
        return f'<img{ident} src="{address}" alt="{words}"/>'
    if name in ("hr", "br"):
        return f"<{name}{ident}/>"
    if name == "table":
        return f"<table{ident}>{draw(rows())}</table>"
    inner = draw(st.lists(content(depth - 1), max_size=4)) if depth else []
    return f"<{name}{ident}>{''.join(inner)}</{name}>"


def content(depth: int) -> st.SearchStrategy[str]:
    return TEXTS.map(escaped) | elements(depth)


@st.composite
def rows(draw: st.DrawFn) -> str:
    cell = st.lists(content(1), max_size=3).map("".join)
    made = draw(st.lists(st.lists(st.tuples(st.sampled_from(["td", "th"]), cell), max_size=3), max_size=3))
    return "".join(f"<tr> {''.join(f'<{tag}>{words}</{tag}>' for tag, words in row)}</tr>\n" for row in made)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def walked(body: str, targets: Mapping[str, str], flow: Flow) -> list[tuple[str, str]]:
    Walker(flow, 0 if targets else 2, targets, shown).walk(parse_wellformed(body.encode()))
    return texts_of(flow.finish())


def shown(address: str) -> tuple[int, int, int] | None:
    return (1, 2, 3) if address == "in.png" else None


def texts_of(sections: list[Section]) -> list[tuple[str, str]]:
    return [(section.heading, "\n".join(section.lines)) for section in sections]


@settings(max_examples=150, deadline=None)
@given(st.lists(content(4), max_size=8).map("".join), st.sampled_from([{}, PLACES]))
@example("<p>一<br/>\n 二</p><ul><li>甲<ul><li>乙</li></ul>丙</li></ul>尾", {})
@example("<p>\n  一\n  二 </p><p>\u2003三</p><p>四\xa0</p><p>五</p>", {})
@example('<div id="a"><p>一</p></div><p>二<a id="b"/>三</p>', PLACES)
@example("<table><tr><th>甲</th><td> 乙<b>丙</b>\n</td></tr></table><p>丁</p>", {})
def test_the_words_of_any_chapter_are_those_of_the_walk_through_it(body: str, targets: Mapping[str, str]) -> None:
    whole = f'<body xmlns="http://www.w3.org/1999/xhtml">{body}</body>'
    expected = walked(whole, targets, Flow())
    flow = PlainFlow()
    try:
        chapter_text.put_words(parse_wellformed(whole.encode()), flow, 0 if targets else 2, targets, shown)
    except chapter_text.Unusual:
        assert not flow.finish(), "what is left to the walk has put nothing in"
        assert walked(whole, targets, PlainFlow()) == expected
    else:
        assert texts_of(flow.finish()) == expected


@pytest.mark.parametrize(
    ("body", "quick"),
    [
        ("<h1>题</h1><p>一<b>二</b></p><ul><li>三</li></ul><pre> 四\n</pre><table><tr><td>五</td></tr></table>", True),
        ("<svg><image href='a.png'/></svg><p>一<img src='b.png'/></p><script>x</script><nav>不</nav>", True),
        ("<table><tr><td><table><tr><td>里</td></tr></table></td></tr></table>", False),
        ("<o:p xmlns:o='urn:word'>一</o:p>", False),
        ("<div>" * 210 + "深" + "</div>" * 210, False),
        ("<p>没有闭合<br>的", False),
        ("<p>甲</p><p>乙\ufdd1h</p>", False),
        ("<p>甲</p><p>乙&#xFDD1;</p><p>&#064976;T</p>", False),
    ],
)
def test_ordinary_chapters_are_read_quickly_and_others_all_the_same(
    body: str, quick: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = make_epub([chapter(body)])
    ways: list[bool] = []
    put = epub_text.put_words

    def noted(*values: object) -> None:
        ways.append(False)
        put(*values)  # type: ignore[arg-type]
        ways[-1] = True

    monkeypatch.setattr(epub_text, "put_words", noted)
    monkeypatch.setattr(epub_text, "SMALL", 0)
    found = texts_of(epub_text.read(io.BytesIO(book))[0])
    assert found == texts_of(epub.read(io.BytesIO(book))[0])
    assert (ways == [True]) == quick
