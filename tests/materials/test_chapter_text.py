"""The quick way to a book's words gives what the walk through its elements gives: the same sections, word for word."""

import io
import re
from collections.abc import Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lms.materials.readers import epub, epub_text
from lms.materials.readers.chapter_tags import Tags, Unusual, text_of
from lms.materials.readers.chapter_text import take_apart
from lms.materials.readers.flow import Flow, Section, tidy
from lms.materials.readers.hypertext import Walker
from lms.materials.readers.markup import parse_wellformed
from lms.materials.readers.plain_flow import PlainFlow, spaced_once
from tests.materials.office import chapter, make_epub

BLOCKS = ("p", "div", "section", "blockquote", "ul", "ol", "li", "h1", "h2", "h4", "pre", "dl", "dd")
INLINE = ("span", "a", "b", "em", "code", "sup", "ruby")
RARE = ("x-own", "tr", "td", "table", "script", "svg", "nav", "button", "hr", "br", "img")
NAMES = st.sampled_from([*BLOCKS, *INLINE, *BLOCKS, *INLINE, *BLOCKS, *INLINE, *RARE])
TEXTS = st.text(alphabet=" \n\t\xa0\u3000\u2003\r第一章学习AbZ.&<>\"'", max_size=8) | st.just("长" * 1500)
PLACES = {"a": "甲", "b": "乙"}
IDENTS = (
    "", "", "", "", ' id="a"', ' name="b"', ' id="c" class="x"', " id='a'", '\n\tid = "b"', ' title="1>0" id="a"',
    ' title="it\'s" name="a"', ' class="a" id="&#97;"', ' id="" name="b"',
)  # fmt: skip


@st.composite
def elements(draw: st.DrawFn, depth: int = 4) -> str:
    name = draw(NAMES)
    ident = draw(st.sampled_from(IDENTS))
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
        chapter = take_apart(whole.encode(), Tags((), targets), 0 if targets else 2, targets, shown)
    except Unusual:
        assert walked(whole, targets, PlainFlow()) == expected
    else:
        chapter.put(flow)
        assert texts_of(flow.finish()) == expected


@given(st.text(alphabet="<>&;#x1'\"a\xa0长\U0001f600", max_size=12))
def test_references_are_resolved_as_the_parser_does(text: str) -> None:
    written = "".join(f"&#{ord(letter)};" if letter in "#长" else f"&#x{ord(letter):X};" for letter in text[:4])
    written += escaped(text[4:]).replace("'", "&apos;").replace("\xa0", "&nbsp;")
    parsed = parse_wellformed(f"<a>{written}</a>".encode())
    assert text_of(written.encode()) == (parsed.text or "")


@given(st.text(alphabet=" \t\n\r\f\v\xa0\u3000\u2003\x85长a.", max_size=20))
def test_white_space_is_put_together_as_it_is_in_a_line(text: str) -> None:
    spaced = spaced_once(text.encode())
    assert tidy(spaced) == tidy(text)
    assert not re.search("[\t\r\n\f\v\xa0\u3000]|  ", spaced)


@pytest.mark.parametrize(
    ("body", "quick"),
    [
        ("<h1>题</h1><p>一<b>二</b></p><ul><li>三</li></ul><pre> 四\n</pre><table><tr><td>五</td></tr></table>", True),
        ("<svg><image href='a.png'/></svg><p>一<img src='b.png'/></p><script>x</script><nav>不</nav>", True),
        ("<!-- <p id='1'> --><p>一<!-- 不 -->二</p><!-- </body> -->", True),
        ("<p title='1>0'>一 > 二</p><p\nclass='x'>三&nbsp;四&#8212;五&unknown;</p >", True),
        ("<p>一</p><![CDATA[二<p>]]><p>三</p>", False),
        ("<p>一</p><?x y?><p>二</p>", False),
        ("<p>一<b>二</p></b>", False),
        ("<p>一 & 二</p>", False),
        ("<p>甲</p><p>乙\x01丙</p>", False),
        ("<h1><nav>不</nav>题</h1><p>一</p>", False),
        ("<table><caption>题</caption><tr><td>一<b>二</b></td></tr></table><p>三</p>", True),
        ("<br></br><p>一<br/>二</p><img src='x'></img>", True),
        ("<p>一<br>不</br>二</p>", False),
        ("<table><tr><td><table><tr><td>里</td></tr></table></td></tr></table>", False),
        ("<o:p xmlns:o='urn:word'>一</o:p>", False),
        ("<div>" * 210 + "深" + "</div>" * 210, False),
        ("<p>没有闭合<br>的", False),
        ("<p>甲</p><p>乙\ufdd1h</p>", True),
        ("<p>甲</p><p>乙&#xFDD1;</p><p>&#064976;T</p>", True),
    ],
)
def test_ordinary_chapters_are_read_quickly_and_others_all_the_same(
    body: str, quick: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = make_epub([chapter(body)])
    walked_through: list[object] = []
    walk = Walker.walk

    def noted(walker: Walker, root: object) -> None:
        walked_through.append(root)
        walk(walker, root)

    expected = texts_of(epub.read(io.BytesIO(book))[0])
    monkeypatch.setattr(Walker, "walk", noted)
    assert texts_of(epub_text.read(io.BytesIO(book))[0]) == expected
    assert (not walked_through) == quick
