"""The sheet by which libxslt writes a chapter as a stream of its blocks, for ``chapter_text`` to take apart.

Between blocks stands `BLOCK`; within one, `SIGN` and a letter say what stands there, with what belongs to it:

    t ID            a place that something may lead to     u             more text of the block
    h N WORDS       a heading of level N                   p TEXT        text whose spaces are kept
    l, o, e         a list begins (ul, ol), ends           m SRC ALT     a picture, its words after `LINE_END`
    s SRC           a picture framed by a drawing          T, r, c       a table, its rows, its cells
    x               what only a walk element by element understands

All marks are code points that are no characters; a chapter that holds one all the same is not for the sheet.
"""

from typing import Any

from lxml import etree

from .hypertext import BLOCKS, DEEPEST, HEADINGS, LISTS, SKIPPED

BLOCK, SIGN, LINE_END = "\ufdd0", "\ufdd1", "\ufdd2"
WORDS_ONLY = (
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "col", "colgroup", "data", "del", "dfn", "em",
    "font", "i", "ins", "kbd", "label", "mark", "param", "q", "rb", "rp", "rt", "rtc", "ruby", "s", "samp", "small",
    "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
)  # fmt: skip
# Of what lies deeper a walk leaves something out. It holds for all of the process, which uses no other sheets.
etree.XSLT.set_global_max_depth(DEEPEST - 10)
_SPACES = (
    'xmlns:h="http://www.w3.org/1999/xhtml" xmlns:v="http://www.w3.org/2000/svg" '
    'xmlns:m="http://www.w3.org/1998/Math/MathML" xmlns:k="http://www.w3.org/1999/xlink"'
)
_HEAD = (
    f'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" {_SPACES}>'
    '<xsl:output method="text" encoding="utf-8"/>'
)
_GO_ON = "<xsl:apply-templates/>"
_PLACE = '<xsl:apply-templates select="@*"/>'  # sooner done than to ask each element for the two
_TELL = f'{SIGN}t<xsl:value-of select="."/>{SIGN}u'
_PLACES = (
    '<xsl:template match="@*"/>'
    f'<xsl:template match="@id"><xsl:if test="string(.)">{_TELL}</xsl:if></xsl:template>'
    f'<xsl:template match="@name"><xsl:if test="string(.) and not(string(../@id))">{_TELL}</xsl:if></xsl:template>'
)
_TABLE = (
    f'<xsl:choose><xsl:when test=".//h:table|.//table">{SIGN}x</xsl:when><xsl:otherwise>{BLOCK}{SIGN}T<xsl:for-each '
    f'select=".//h:tr|.//tr">{SIGN}r<xsl:apply-templates select="*" mode="row"/></xsl:for-each>{BLOCK}</xsl:otherwise>'
    "</xsl:choose>"
)
_DRAWN = (
    '<xsl:for-each select=".//v:image|.//h:image|.//image"><xsl:choose>'
    f'<xsl:when test="string(@k:href)">{SIGN}s<xsl:value-of select="@k:href"/>{SIGN}u</xsl:when>'
    f'<xsl:otherwise>{SIGN}s<xsl:value-of select="@href"/>{SIGN}u</xsl:otherwise></xsl:choose></xsl:for-each>'
)


def _written(place: str) -> str:
    words = SKIPPED - {"svg", "math"}
    parts = [
        _HEAD,
        _rule("*", f"{SIGN}x"),
        _rule(_named(WORDS_ONLY), place + _GO_ON),
        _rule(_named({*BLOCKS, "li", "blockquote", "hr"}), f"{place}{BLOCK}{_GO_ON}{BLOCK}"),
        _rule(_named(name for name, ordered in LISTS.items() if not ordered), place + _list("l")),
        _rule(_named(name for name, ordered in LISTS.items() if ordered), place + _list("o")),
        *(
            _rule(_named([name]), f'{place}{BLOCK}{SIGN}h{level}<xsl:apply-templates mode="words"/>{BLOCK}')
            for name, level in HEADINGS.items()
        ),
        _rule(_named(["br"]), place + LINE_END),
        _rule(_named(["pre"]), f'{place}{BLOCK}{SIGN}p<xsl:value-of select="."/>{BLOCK}'),
        _rule(
            _named(["img"]),
            f'{place}{SIGN}m<xsl:value-of select="@src"/>{LINE_END}<xsl:value-of select="@alt"/>{SIGN}u',
        ),
        _rule(_named(["table"]), place + _TABLE),
        _rule(_named(words) + "|m:math|h:math|math", ""),
        _rule("v:svg|h:svg|svg", _DRAWN),
        _rule("*", f"{SIGN}x", "row"),
        _rule(_named(["td", "th"]), f'{SIGN}c<xsl:apply-templates mode="cell"/>', "row"),
        _rule("text()", '<xsl:value-of select="."/><xsl:text> </xsl:text>', "cell"),
    ]
    for mode in ("words", "cell"):
        parts.append(_rule(_named(words) + "|m:math|h:math|math|v:svg|h:svg|svg", "", mode))
        parts.append(_rule(_named(["br"]), "<xsl:text> </xsl:text>", mode))
    return "".join([*parts, _PLACES, "</xsl:stylesheet>"])


def _list(letter: str) -> str:
    return f"{BLOCK}{SIGN}{letter}{_GO_ON}{BLOCK}{SIGN}e"


def _named(names: Any) -> str:
    return "|".join(f"h:{name}|{name}" for name in sorted(names))


def _rule(match: str, put: str, mode: str = "") -> str:
    return f'<xsl:template match="{match}"{f" mode={mode!r}" if mode else ""}>{put}</xsl:template>'


SHEET, SHEET_WITH_PLACES = (etree.XSLT(etree.XML(_written(place))) for place in ("", _PLACE))
"""The sheet, and one that tells of places as well. Made here, in the process that waits, once for all files."""
