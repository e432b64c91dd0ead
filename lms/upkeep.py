"""Upkeep in the quiet: what is finished and old goes, so that tables and disk do not grow for nothing."""

from datetime import timedelta

from lms import clock
from lms.courses import jobs as courses
from lms.jobs import queue
from lms.jobs.models import Job, WorkerBeat
from lms.materials import required
from lms.members.models import SignInFailure
from lms.notes import jobs as notes
from lms.notices import service as notices
from lms.reading import shelf_import
from lms.reminders import nudging, telling
from lms.roster import jobs as roster
from lms.storage import sweep
from lms.uploads import jobs as uploads

DONE_KEPT = timedelta(days=7)
FAILURES_KEPT = timedelta(days=1)
BEATS_KEPT = timedelta(hours=1)


@queue.task("upkeep.sweep")
def sweep_all() -> None:
    """Remove what is finished and old of jobs, sign-in failures, workers, binned notes, uploads and files of nobody."""
    moment = clock.now()
    Job.delete().where(Job.state == "done", Job.updated_at < moment - DONE_KEPT).execute()
    SignInFailure.delete().where(SignInFailure.at < moment - FAILURES_KEPT).execute()
    WorkerBeat.delete().where(WorkerBeat.beat_at < moment - BEATS_KEPT).execute()
    notes.sweep()
    shelf_import.sweep()
    notices.purge()
    nudging.purge()
    telling.purge()
    uploads.sweep()
    roster.sweep()
    courses.open_courses()
    queue.ask("lectures.mend")
    required.announce_due()
    sweep.sweep()
