"""Two who do something at the same moment, where the database lets them: the second comes while the first is at it."""

import threading
from collections.abc import Callable

from peewee import PeeweeException

from lms.db import database, transactional
from lms.errors import LmsError
from tests import emptying

PATIENCE = 150.0
WAITS = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def side_by_side(
    first: Callable[[], object], second: Callable[[], object], then: Callable[[], object] | None = None
) -> list[Exception]:
    """Let ``second`` go as far as it can while the transaction of ``first`` is open, then end that; give what failed.

    ``second`` has ended or waits for ``first`` when ``first`` goes on with ``then``. Only for PostgreSQL: on SQLite
    nobody writes while another does.
    """
    failures: list[Exception] = []

    def run(task: Callable[[], object]) -> None:
        try:
            transactional(task)()
        except (LmsError, PeeweeException) as error:
            failures.append(error)

    def other() -> None:
        run(second)
        database.close()

    thread = threading.Thread(target=other)

    def begin() -> None:
        first()
        thread.start()
        look = emptying.line_of(database.obj.database)
        for _ in range(int(PATIENCE / 0.01)):
            thread.join(0.01)
            if not thread.is_alive() or look.execute_sql(WAITS).fetchone()[0]:
                break
        if then:
            then()

    run(begin)
    if thread.ident is not None:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    return failures
