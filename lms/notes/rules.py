"""What holds for a note: its 字数, its parts, what can be stored, how long a deleted one can be brought back.

The 字数 is counted as a word processor does it, so that "at least 3,000 characters" means the same here and there:

* each Chinese character (also kana, hangul, full-width letters and digits) counts one;
* each Chinese or full-width punctuation mark counts one, the marks “ ” ‘ ’ … — · among them (an apostrophe within a
  Latin word does not);
* each run of anything else without a space in it counts one if it holds a letter or a digit: "3.14", "don't" and
  "https://example.org/a" are one each; half-width marks and symbols alone count nothing;
* Markdown counts nothing: heading, list and quote marks, emphasis, rules, the fences of code, the numbers of a numbered
  list, the bars of a table, the addresses behind links. The words of links, pictures and code count.

Every line is counted for itself. ``lms/static/js/note.js`` counts by the same rules while the writer types.

A training summary has four parts. They are one text, a paragraph separator (U+2029) alone on a line between them: it
counts nothing, nobody can type it, and whatever works on a note's text works on the parts as well.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from lms.errors import N_, InvalidInput

TITLE_LENGTH = 120
BODY_LENGTH = 100_000
AUDIENCES = ("me", "unit", "everyone")
KINDS = ("reading", "reflection", "research", "training", "free")
TRAINING_PARTS = ("content", "reflections", "effect", "gains")
PART_MARK = "\u2029"
UNDO_FOR = timedelta(days=30)
EXCERPT_LENGTH = 90
DRAFT_TITLE_LENGTH = 400
KEEP_FORMER_AFTER = timedelta(minutes=10)
MUCH_LOST = 0.2
LITTLE = 20
REMARK_LENGTH = 2000
COMMENT_LENGTH = 1000

_FENCE = re.compile(r"^[ \t>]*(?:```|~~~)")
_REFERENCE = re.compile(r"^[ \t]{0,3}\[[^\]]{1,200}\]:[ \t]*[^ \t]")
_NUMBERED = re.compile(r"^[ \t>*+-]*[0-9]{1,9}[.)](?=[ \t])")
_TARGET = re.compile(r"\]\((?:[^()]|\([^()]*\)){0,2000}\)")
_APOSTROPHE = re.compile(r"(?<=[A-Za-z])\u2019(?=[A-Za-z])")
_WIDE = re.compile(
    "[\u00b7\u2014\u2018\u2019\u201c\u201d\u2026\u2460-\u24ff\u2e80-\u2fff\u3001-\ua4cf\uac00-\ud7af\uf900-\ufaff"
    "\ufe30-\ufe4f\uff01-\uffee\U00020000-\U0003ffff]"
)
_SPACE = re.compile("[|\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]+")
_CONTROL = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u0084\u0086-\u009f]")
_LEADING = re.compile(r"^[ \t]*(?:(?:>|#{1,6}(?=[ \t])|[-+*](?=[ \t])|[0-9]{1,9}[.)](?=[ \t]))[ \t]*)+")
_PICTURE = re.compile(r"!\[[^\]\n]{0,200}\]\([^()\n]{0,2000}\)")
_INLINE = re.compile(r"\*+|`+|~~|!(?=\[)|\[|\]|(?<!\w)_+|_+(?!\w)")


def count_characters(text: str) -> int:
    """Count the 字数 of a text in Markdown, by the rules at the head of this module."""
    return sum(_count_line(line) for line in text.split("\n"))


def _count_line(line: str) -> int:
    if _FENCE.match(line) or _REFERENCE.match(line):
        return 0
    line = _TARGET.sub("]", _NUMBERED.sub("", line))
    rest, wide = _WIDE.subn(" ", _APOSTROPHE.sub("'", line))
    return wide + sum(any(map(str.isalnum, run)) for run in _SPACE.split(rest))


def excerpt(body: str, length: int = EXCERPT_LENGTH) -> str:
    """Give the beginning of a text without its Markdown and its pictures, on one line, for lists."""
    kept = (line for line in _PICTURE.sub("", body).split("\n") if _count_line(line))
    plain = " ".join(_INLINE.sub("", _TARGET.sub("]", _LEADING.sub("", line))).strip() for line in kept)
    plain = " ".join(_SPACE.sub(" ", plain).split())
    return plain if len(plain) <= length else plain[: length - 1].rstrip() + "…"


def tidy(text: str) -> str:
    """Give a text with plain line ends and nothing but blank space cut off its end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip()


def join_parts(parts: Sequence[str]) -> str:
    """Make one text of the parts of a training summary; parts that were not given are empty."""
    held = [tidy(part.replace(PART_MARK, "\n")) for part in parts[: len(TRAINING_PARTS)]]
    held += [""] * (len(TRAINING_PARTS) - len(held))
    return f"\n\n{PART_MARK}\n\n".join(held)


def split_parts(body: str) -> list[str]:
    """Give the four parts of a training summary; a text without parts is all in the first one."""
    parts = [part.strip("\n") for part in body.split(PART_MARK)]
    kept = parts[: len(TRAINING_PARTS) - 1]
    rest = "\n\n".join(parts[len(TRAINING_PARTS) - 1 :])
    return [*kept, rest] + [""] * (len(TRAINING_PARTS) - len(kept) - 1)


def as_kind(body: str, kind: str) -> str:
    """Give a text as a note of a kind keeps it: in parts for a training summary, in one piece for all others."""
    if kind == "training":
        return join_parts(split_parts(body))
    return (
        tidy("\n\n".join(part for part in map(str.strip, body.split(PART_MARK)) if part)) if PART_MARK in body else body
    )


def keeps_former(before: str, after: str, held_for: timedelta) -> bool:
    """Say whether a text typed before must be kept beside the one that replaces it.

    It is when it stood for a while, or when much of it is gone: text deleted by a slip must be there to bring back.
    """
    lost = len(before) - len(after)
    return held_for >= KEEP_FORMER_AFTER or (lost > LITTLE and lost > MUCH_LOST * len(before))


def check_note(title: str, body: str, audience: str, has_unit: bool, kind: str = "free") -> dict[str, InvalidInput]:
    """Give what is wrong with a note, by field; empty when it can be stored."""
    errors: dict[str, InvalidInput] = {}
    if kind not in KINDS:
        errors["kind"] = InvalidInput(N_("Please choose a kind of note."), field="kind")
    if not title.strip():
        errors["title"] = InvalidInput(N_("Please give the note a title."), field="title")
    elif len(title.strip()) > TITLE_LENGTH:
        errors["title"] = InvalidInput(
            N_("The title has %(have)s characters; at most %(most)s can be kept."),
            field="title",
            have=len(title.strip()),
            most=TITLE_LENGTH,
        )
    elif not title.strip().isprintable():
        errors["title"] = InvalidInput(N_("There are characters in it that cannot be shown."), field="title")
    if not body.replace(PART_MARK, "").strip():
        errors["body"] = InvalidInput(N_("Nothing is written yet."), field="body")
    elif len(body) > BODY_LENGTH:
        errors["body"] = InvalidInput(
            N_("The text has %(have)s characters; at most %(most)s can be kept."),
            field="body",
            have=len(body),
            most=BODY_LENGTH,
        )
    elif _CONTROL.search(body):
        errors["body"] = InvalidInput(N_("There are characters in it that cannot be shown."), field="body")
    if audience not in AUDIENCES:
        errors["audience"] = InvalidInput(N_("Please choose who may read it."), field="audience")
    elif audience == "unit" and not has_unit:
        errors["audience"] = InvalidInput(N_("You belong to no unit just now, so choose another."), field="audience")
    return errors


def can_be_restored(deleted_at: datetime | None, now: datetime) -> bool:
    """Say whether a deleted note can still be brought back."""
    return deleted_at is not None and now - deleted_at <= UNDO_FOR


def check_remark(remark: str) -> str:
    """Give a remark as it is kept. Raises InvalidInput when it is too long or cannot be shown."""
    return _check_words(remark, "remark", REMARK_LENGTH)


def check_comment(body: str) -> str:
    """Give a comment as it is kept. Raises InvalidInput when it is empty, too long or cannot be shown."""
    words = _check_words(body, "comment", COMMENT_LENGTH)
    if not words:
        raise InvalidInput(N_("Nothing is written yet."), field="comment")
    return words


def _check_words(typed: str, field: str, most: int) -> str:
    words = tidy(typed).strip()
    if len(words) > most:
        raise InvalidInput(
            N_("The text has %(have)s characters; at most %(most)s can be kept."),
            field=field,
            have=len(words),
            most=most,
        )
    if _CONTROL.search(words):
        raise InvalidInput(N_("There are characters in it that cannot be shown."), field=field)
    return words
