"""How the members of a unit would stand with a requirement that is not kept yet: judged as a board judges them."""

from collections import Counter
from datetime import date

import numpy as np

from lms.board.belongings import belongings_of
from lms.board.coverage import Around
from lms.board.crowd import Flags
from lms.board.evaluating import Evaluation, evaluate
from lms.board.judging import CODE, PACES, Judged
from lms.periods import Span
from lms.progress import previewing
from lms.progress.asked_rows import RequirementRow
from lms.progress.asking import Each
from lms.progress.previewing import Ahead
from lms.progress.rules import Pace


def ahead_of(row: RequirementRow, span: Span, today: date) -> Ahead:
    """Count how those who belong to the requirement's unit today would stand in a period: a handful of statements."""
    evaluation = evaluate(row.unit_path, [(row, [span])], today, today, today)
    crowd, (judged,) = evaluation.crowd, evaluation.rules[0].periods
    present = Around.of(crowd, row.unit_path).presence(Span(today, today), today).now
    asked = present & _asked(row, evaluation, judged)
    paces = Counter(PACES[code] for code in judged.pace[asked].tolist())
    return Ahead(
        dict(paces),
        tuple(crowd.ids[asked][: previewing.FEW_NAMES].tolist()),
        int(np.count_nonzero(present)) - int(np.count_nonzero(asked)),
    )


def _asked(row: RequirementRow, evaluation: Evaluation, judged: Judged) -> Flags:
    """Say of whom something is asked. What waits for an event asks it of everybody it reaches, before there is one."""
    idle = judged.pace == CODE[Pace.NOT_ASKED]
    crowd = evaluation.crowd
    exempt = evaluation.exempt.get(row.series, {})
    reached = belongings_of(crowd).patterns(row.asked.who, row.unit_path, judged.span, exempt).number > 0
    if row.asked.each is Each.EVENT:
        return reached & ((judged.required > 0) | idle)
    waiting = np.array([not why for why in judged.demands.whys], bool)
    asked: Flags = (judged.required > 0) | (idle & reached & waiting[judged.number])
    return asked


def connect() -> None:
    """Have the form for requirements look ahead this way."""
    previewing.bind(ahead_of)
