"""What an operator may do to the running service."""

from lms.config import Settings
from lms.jobs import queue
from lms.members.access import Action, Actor, require
from lms.operating.checks import Check, all_checks
from lms.operating.work import DeadJob, dead_jobs

DEAD_SHOWN = 100


def look(actor: Actor, settings: Settings) -> tuple[list[Check], list[DeadJob]]:
    """Give the state of each part and the dead jobs, the latest first."""
    require(actor, Action.OPERATE)
    return all_checks(settings), dead_jobs(DEAD_SHOWN)


def retry_job(actor: Actor, job_id: int) -> None:
    """Give a dead job its tries again. Raises NotFound when it is not dead."""
    require(actor, Action.OPERATE)
    queue.try_again(job_id)


def dismiss_job(actor: Actor, job_id: int) -> None:
    """Remove a dead job for good. Raises NotFound when it is not dead."""
    require(actor, Action.OPERATE)
    queue.dismiss(job_id)
