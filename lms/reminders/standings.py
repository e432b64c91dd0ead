"""Who stands how, as a reminder needs it: members who stand alike together, and what of it is missing."""

from collections.abc import Iterator

import numpy as np

from lms.board.crowd import Flags
from lms.board.judging import CODE, PACES, Judged
from lms.notices.service import Item
from lms.progress.asked_rows import RequirementRow
from lms.progress.places import place_of
from lms.progress.rules import Pace, Standing


def standings_alike(judged: Judged, present: Flags) -> Iterator[tuple[Standing, list[int]]]:
    """Give the standings that may call for a reminder, each once, with the places of the members who stand so."""
    may = np.isin(judged.pace, [CODE[Pace.BEHIND], CODE[Pace.ON_TRACK]]) & present & (judged.total < judged.required)
    who = np.flatnonzero(may)
    columns = [column[who].astype(np.int64) for column in (judged.number, judged.done, judged.carried, judged.pace)]
    alike, which = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
    order = np.argsort(which.reshape(-1), kind="stable")
    groups = np.split(who[order], np.cumsum(np.bincount(which.reshape(-1), minlength=len(alike)))[:-1])
    for (number, done, carried, pace), whose in zip(alike.tolist(), groups if len(alike) else [], strict=True):
        asked, total = judged.demands[number], max(0, done) + carried
        yield (
            Standing(
                *(max(0, done), asked.required, PACES[pace], asked.expected, total - asked.expected),
                *(asked.elapsed, asked.deadline, asked.started, carried, asked.why),
            ),
            whose.tolist(),
        )


def item_of(row: RequirementRow, standing: Standing, judged: Judged) -> Item:
    """Give a requirement as a reminder names it: where it is done, until when, and what is missing."""
    until = standing.deadline or judged.span.until
    return Item(row.title, place_of(row.asked), until, (row.asked.measure, standing.remaining))
