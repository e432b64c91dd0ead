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
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from lms.chinese_markdown import WIDE, emphasis

MAX_CHARS = 100_000
MAX_NESTING = 20
DEEPEST = 6
TAGS = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


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
        return "" if WIDE.match(before) and WIDE.match(after) else "\n"


def _make(line_breaks: bool) -> MarkdownIt:
    made = MarkdownIt(
        "commonmark", {"html": False, "breaks": line_breaks, "maxNesting": MAX_NESTING}, renderer_cls=_Renderer
    )
    made.enable(["table", "strikethrough"])
    made.inline.ruler.at("emphasis", emphasis)
    return made


_WRITTEN = _make(line_breaks=False)
_TYPED = _make(line_breaks=True)
