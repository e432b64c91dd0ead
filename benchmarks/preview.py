"""How long the look ahead of the form for requirements takes: whom it would reach and how they would stand today.

    python benchmarks/preview.py [--members 50000] [--units 200] [--rows 1000000] [--json FILE]

The peer is the same sum in bare SQL in the same run: how many members of the subtree reached the amount in the period.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import coverage_data
from coverage_data import YEAR, Size
from figures import Figure, add_json_option, show, write

from lms import clock, runtime
from lms.config import Settings
from lms.db import database, ensure_open
from lms.members.access import load_actor
from lms.members.models import Member, Membership, MemberTag, RoleGrant
from lms.migrations import migrate
from lms.progress import packs, previewing
from lms.progress.asking import span_on, spec_of
from lms.progress.presets import find_preset
from lms.progress.service import RequirementForm

NOW = datetime(YEAR, 11, 26, 2)
PRESETS = ("Q01", "Q04", "Q05", "Q07", "Q10", "Q16", "Q18", "U09", "U12", "U13")
BARE = """
    SELECT COUNT(*), SUM(COALESCE(done, 0) >= ?) FROM membership m LEFT JOIN (
        SELECT member_id, SUM(amount) AS done FROM ledger_entry
        WHERE measure = ? AND day BETWEEN ? AND ? GROUP BY member_id
    ) AS e ON e.member_id = m.member_id WHERE m.since <= ? AND (m.until IS NULL OR m.until >= ?)
"""


def timed(step: Callable[[], object]) -> float:
    """Give the processor's seconds of a step: the best of three."""
    found = []
    for _ in range(3):
        start = time.process_time()
        step()
        found.append(time.process_time() - start)
    return min(found)


def form_of(ident: str) -> RequirementForm:
    """Fill in the form as the preset does."""
    preset = find_preset(ident)
    assert preset is not None
    asked = preset.asked(clock.today(), until=clock.today().replace(month=12, day=31))
    period = asked.period.value if asked.period else "dates"
    return RequirementForm(ident, asked.measure, asked.amount, period, asked.since, asked.until, spec_of(asked), ident)


def measure(size: Size) -> list[Figure]:
    """Look ahead with several presets."""
    with tempfile.TemporaryDirectory(prefix="lms-preview-") as folder, clock.at(NOW):
        runtime.start(Settings(data=Path(folder), secret_key="not used", min_free_mib=1))
        migrate()
        ensure_open()
        root = coverage_data.fill(size)
        packs.rebuild()
        chief = Member.create(name="周正", password_hash="")
        Membership.create(member=chief, unit=root, since="2020-01-01")
        RoleGrant.create(member=chief, unit=root, role="administrator")
        tagged = Member.select(Member.id).where(Member.id.bin_and(15) == 0).tuples()
        MemberTag.insert_many(
            [{"member": member, "tag": "leader", "since": "2020-01-01"} for (member,) in tagged]
        ).execute()
        actor, figures = load_actor(chief.id), []
        case = f"{size.members} members, {size.units} units, {size.rows} rows"
        today = clock.today()
        for ident in PRESETS:
            form = form_of(ident)
            asked = form.asked()
            span = span_on(asked, today)
            values = (asked.amount, asked.measure, span.since, span.until, today, today)
            plain = [str(value) if hasattr(value, "isoformat") else value for value in values]
            bare = timed(lambda plain=plain: database.execute_sql(BARE, plain).fetchall())
            ours = timed(lambda form=form: previewing.preview(actor, root, form))
            found = previewing.preview(actor, root, form)
            name = f"{ident}: reaches {found.touched}, {found.met} done, {found.late} behind"
            figures.append(Figure(case, name, "ms processor", ours * 1000, "bare SQL", bare * 1000))
        return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=50_000)
    parser.add_argument("--units", type=int, default=200)
    parser.add_argument("--rows", type=int, default=1_000_000)
    add_json_option(parser)
    options = parser.parse_args()
    figures = measure(Size(options.members, options.units, options.rows))
    show(figures)
    write(figures, options.json)


if __name__ == "__main__":
    main()
