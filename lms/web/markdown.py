"""Markdown as safe HTML: CommonMark with tables, made for Chinese, cleaned before anybody sees it.

What a member writes is shown to others, so nothing of theirs reaches the page as HTML: raw tags come out as text,
pictures as their description unless they are the service's own, links lead only to the web, to mail or within this
service.
"""

import re
from collections.abc import Sequence
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

MAX_CHARS = 100_000
MAX_NESTING = 20
DEEPEST = 6
TAGS = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_WIDE = re.compile(
    r"[\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)


def render(text: str, *, line_breaks: bool = False, top: int = 2, images: str = "") -> Markup:
    """Render Markdown as HTML that is safe to show.

    ``images`` is the beginning of the addresses, followed by a number, under which this service keeps pictures of its
    own; all others come out as their description, for asking another server would tell it who reads.

    ``line_breaks`` keeps every typed line end, as people expect who do not know Markdown. The highest heading becomes
    ``<h{top}>``, because the page has an h1 already. More than ``MAX_CHARS`` characters are shown as they were typed.
    """
    if len(text) > MAX_CHARS:
        return Markup('<p class="plain-text">{}</p>').format(text)
    parser = _TYPED if line_breaks else _WRITTEN
    html = parser.render(text, {"shift": top - 1, "images": images})
    cleaned = nh3.clean(
        html,
        tags=TAGS | {"img"} if images else TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}, "img": {"src", "alt", "loading"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )
    return Markup(cleaned)  # noqa: S704 cleaned in the line above


class _Renderer(RendererHTML):
    """Headings moved down, pictures as words, and no gap where a line ends between two Chinese characters."""

    def heading_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<{self._heading(tokens[idx], env)}>"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"</{self._heading(tokens[idx], env)}>\n"

    def _heading(self, token: Token, env: Any) -> str:
        return f"h{min(DEEPEST, int(token.tag[1:]) + env['shift'])}"

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        words = escape(self.renderInlineAsText(tokens[idx].children or [], options, env))
        source = str(tokens[idx].attrs.get("src", ""))
        if env["images"] and re.fullmatch(re.escape(env["images"]) + "[1-9][0-9]{0,9}", source):
            return f'<img src="{source}" alt="{words}" loading="lazy">'
        return str(words)

    def softbreak(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        if options.breaks:
            return "<br>\n"
        # The marks of emphasis are tokens without content: the character beside the line end stands beyond them.
        before = next((token.content[-1] for token in reversed(tokens[:idx]) if token.content), "")
        after = next((token.content[0] for token in tokens[idx + 1 :] if token.content), "")
        return "" if _WIDE.match(before) and _WIDE.match(after) else "\n"


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Take * and _ as markers.

    CommonMark asks for spaces where Chinese has none: ``**重点：**内容`` would stay as typed, because a mark after
    punctuation may only close before a space. A wide character beside the mark counts as such a space here.
    """
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    end = state.pos
    while end < state.posMax and state.src[end] == marker:
        end += 1
    can_open, can_close = _sides(
        state.src[state.pos - 1] if state.pos else " ", state.src[end] if end < state.posMax else " ", marker == "*"
    )
    length = end - state.pos
    for _ in range(length):
        state.push("text", "", 0).content = marker
        state.delimiters.append(
            Delimiter(
                marker=ord(marker),
                length=length,
                token=len(state.tokens) - 1,
                end=-1,
                open=can_open,
                close=can_close,
            )
        )
    state.pos = end
    return True


def _sides(before: str, after: str, within_words: bool) -> tuple[bool, bool]:
    space_before, space_after = isWhiteSpace(ord(before)), isWhiteSpace(ord(after))
    mark_before, mark_after = _is_punctuation(before), _is_punctuation(after)
    wide_before, wide_after = bool(_WIDE.match(before)), bool(_WIDE.match(after))
    left = not space_after and (not mark_after or space_before or mark_before or wide_before)
    right = not space_before and (not mark_before or space_after or mark_after or wide_after)
    if within_words:
        return left, right
    return left and (not right or mark_before), right and (not left or mark_after)


def _is_punctuation(character: str) -> bool:
    return isMdAsciiPunct(ord(character)) or isPunctChar(character)


def _make(line_breaks: bool) -> MarkdownIt:
    made = MarkdownIt(
        "commonmark", {"html": False, "breaks": line_breaks, "maxNesting": MAX_NESTING}, renderer_cls=_Renderer
    )
    made.enable(["table", "strikethrough"])
    made.inline.ruler.at("emphasis", _emphasis)
    return made


_WRITTEN = _make(line_breaks=False)
_TYPED = _make(line_breaks=True)
