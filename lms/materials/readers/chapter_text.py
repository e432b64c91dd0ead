"""The words of a chapter without their looks: what ``hypertext`` takes out of it, in a fraction of the time.

No tree is built. The markup is split at its tags; in place of each stands a mark or nothing,
and all of it is put together again: a stream of blocks. What is more than a block (a heading, a table, where a list
begins) is taken out on the way. What is out of the ordinary is left to ``hypertext``.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from .chapter_pieces import Pieces, split, without_comments
from .chapter_tags import (
    BLOCK,
    BLOCK_MARK,
    LINE_END_MARK,
    NOTHING,
    SHOWN,
    SIGN,
    Tag,
    Tags,
    Unusual,
    attributes_of,
    resolved,
    seen_by_name,
    usual_mark,
)
from .flow import ALT_CHARS, tidy
from .hypertext import DEEPEST, HEADINGS, LISTS, SKIPPED
from .plain_flow import PlainFlow, spaced_once

Thing = Callable[[PlainFlow], object]
Shown = Callable[[str], object]
_STRIDE = 64
_BLANK = f" {BLOCK}"
_SIGN_MARK, _SHOWN_MARK = SIGN.encode(), SHOWN.encode()


class List(NamedTuple):
    """A list begins, "ul" or "ol", or one ends, ""."""

    tag: str


class Chapter(NamedTuple):
    """The words of a chapter: runs of blocks, and between each two of them what is put in by itself."""

    runs: list[str]
    things: list[Thing | List]

    def put(self, flow: PlainFlow) -> None:
        """Put it all into a flow."""
        lists: list[str] = []
        for run, thing in zip(self.runs, [*self.things, List("")], strict=True):
            if not run.strip(_BLANK):
                pass
            elif lists:
                flow.put_items(run, len(lists), lists[-1])
            else:
                flow.put_texts(run)
            if not isinstance(thing, List):
                thing(flow)
            elif thing.tag:
                lists.append(thing.tag)
            elif lists:
                lists.pop()
                if not lists:
                    flow.close_lists()


def take_apart(markup: bytes, tags: Tags, cut: int, targets: Mapping[str, str], shown: Shown) -> Chapter:
    """Take the words out of an element in UTF-8.

    ``cut`` and ``targets`` are those of ``hypertext.Walker``; ``shown`` says whether a picture at an address is.
    Raises Unusual.
    """
    try:
        return _Reader(split(markup), tags, cut, targets, shown).chapter()
    except Unusual:
        bare = without_comments(markup)
        if bare is markup:
            raise
        return _Reader(split(bare), tags, cut, targets, shown).chapter()


class _Reader:
    """Looks at those tags of a chapter that are more than nothing or the end of a block."""

    def __init__(self, pieces: Pieces, tags: Tags, cut: int, targets: Mapping[str, str], shown: Shown) -> None:
        self._pieces = pieces
        self._marks: list[bytes | None] = list(map(tags.__getitem__, pieces.tags))
        self._special, self._elements = tags.special, tags.elements
        self._cut = cut
        self._targets = targets
        self._shown = shown
        self._things: list[Thing | List] = []
        self._taken = -1

    def chapter(self) -> Chapter:
        """Give the chapter. Raises Unusual."""
        self._check_nesting()
        marks = self._marks
        for at in [at for at, mark in enumerate(marks) if mark is None]:
            if at > self._taken:
                marks[at] = self._look_at(at)
        parts: list[bytes | None] = [NOTHING] * (2 * len(marks) + 1)
        parts[::2], parts[1::2] = self._pieces.texts, marks
        stream = resolved(b"".join(parts))  # type: ignore[arg-type]  # each None has been looked at
        try:
            return Chapter(spaced_once(stream).split(SIGN), self._things)
        except UnicodeDecodeError as error:
            raise Unusual from error

    def _check_nesting(self) -> None:
        """Raise Unusual where tags do not belong together, or are as deep as a walk leaves something out.

        How deep they are is asked at every 64th tag.
        """
        opened: list[int] = []
        push, pop, tags, elements = opened.append, opened.pop, self._pieces.tags, self._elements.__getitem__
        try:
            for at in range(0, len(tags), _STRIDE):
                if len(opened) + _STRIDE > DEEPEST:
                    raise Unusual
                for element in map(elements, tags[at : at + _STRIDE]):
                    if element > 0:
                        push(element)
                    elif element and pop() != -element:
                        raise Unusual
        except IndexError as error:
            raise Unusual from error
        if opened:
            raise Unusual

    def _look_at(self, at: int) -> bytes:
        tag = self._special[self._pieces.tags[at]]
        name = tag.name
        if name in SKIPPED:
            return self._leave_out(at, name)
        place = self._place(tag.ident) if tag.ident else NOTHING
        if name in LISTS:
            return place + self._list(tag)
        if name in HEADINGS:
            return place + self._heading(at, HEADINGS[name])
        if name == "pre":
            text = self._take(at).text()
            return place + self._put(lambda flow: flow.put_as_it_is(text))
        if name == "table":
            rows = self._take(at).rows()
            return place + self._put(lambda flow: flow.put_table(rows))
        if name in ("img", "br"):
            return place + self._inline(at, name)
        if name == "body" and at:
            raise Unusual  # a second one, or not where it should be
        return place + usual_mark(name)

    def _put(self, thing: Thing | List) -> bytes:
        self._things.append(thing)
        return _SIGN_MARK

    def _place(self, ident: str) -> bytes:
        heading = self._targets.get(ident)
        return NOTHING if heading is None else self._put(lambda flow: flow.begin(heading))

    def _list(self, tag: Tag) -> bytes:
        if tag.whole:
            return BLOCK_MARK
        return self._put(List("" if tag.closes else "ol" if LISTS[tag.name] else "ul"))

    def _heading(self, at: int, level: int) -> bytes:
        inner = self._take(at)
        words = inner.words() if inner.tags else tidy(inner.text())
        if not words:
            raise Unusual
        begins = level <= self._cut
        return self._put(lambda flow: flow.begin(words) if begins else flow.put_heading(words))

    def _inline(self, at: int, name: str) -> bytes:
        if any(self._take(at).texts):
            raise Unusual
        if name == "br":
            return LINE_END_MARK
        attributes = attributes_of(self._pieces.tags[at])
        words = tidy(attributes.get("alt", ""))[:ALT_CHARS]
        shows = _SHOWN_MARK if self._shown(attributes.get("src", "")) else NOTHING
        return f" [{words}] ".replace("&", "&amp;").encode() + shows if words else shows

    def _leave_out(self, at: int, name: str) -> bytes:
        """Leave an element out, but for the pictures that a drawing only frames."""
        tags = self._take(at).tags
        if name != "svg":
            return NOTHING
        framed = [attributes_of(tag) for tag in tags if seen_by_name(tag)[:2] == ("image", False)]
        addresses = [image.get("xlink:href") or image.get("href") or "" for image in framed]
        return b"".join([_SHOWN_MARK for address in addresses if self._shown(address)])

    def _take(self, at: int) -> Pieces:
        """Take what stands in an element out of the stream, and give it."""
        end = self._taken = self._pieces.end_of(at)
        inner = self._pieces.between(at, end)
        if end - at > 1:
            nothing = [NOTHING] * (end - at)
            self._pieces.texts[at + 1 : end + 1] = nothing
            self._marks[at + 1 : end + 1] = nothing
        elif end > at:
            self._pieces.texts[end] = NOTHING
        return inner
