"""Pasted registers as pages and the API take them: read in every language, matched, filled up with everybody else."""

from collections.abc import Sequence
from dataclasses import dataclass

from lms.activities import paste_rules, registering, rules, words
from lms.activities.models import Activity
from lms.activities.paste_rules import PastedMark
from lms.activities.registering import PastedProblem
from lms.web.i18n import in_every_language


@dataclass(frozen=True)
class FilledRegister:
    """A register made of a pasted list: a mark for everybody expected, who was named, what is wrong by row."""

    marks: tuple[rules.Mark, ...]
    named: frozenset[int]
    problems: Sequence[PastedProblem]


def fill(row: Activity, text: str, others: str) -> FilledRegister:
    """Read a pasted list and fill the register of a session; nothing is kept.

    ``others`` is how those stand who are not in the list, "" for leaving them out. Raises InvalidInput for nothing, or
    too much at once.
    """
    states = {name.lower(): key for key in rules.MARKS for name in in_every_language(words.MARK_NAMES[key])}
    spoke = frozenset(name.lower() for name in in_every_language(words.SPOKE))
    found, problems = registering.match_pasted(row, paste_rules.read_register(text, states, spoke))
    rest = PastedMark(0, "", others)
    marks = [(one.member, found.get(one.member, rest)) for one in registering.list_expected(row)]
    kept = tuple(rules.Mark(member, mark.state, mark.spoke) for member, mark in marks if mark.state)
    return FilledRegister(kept, frozenset(found), problems)
