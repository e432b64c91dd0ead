"""The worker: the only writer of the index, and the one who carries out background work."""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from importlib import import_module

from huey.consumer import Consumer
from peewee import InterfaceError, OperationalError

from lms import clock, logs, runtime
from lms.activities import evidence
from lms.board import year_files
from lms.catalogue import queries as catalogue
from lms.config import Settings, load_settings
from lms.db import drop_broken_connection, ensure_open
from lms.errors import LmsError
from lms.failures import EXPECTED, in_one_line
from lms.jobs import queue
from lms.jobs.models import WorkerBeat
from lms.jobs.wake import Bell
from lms.lectures import queries as lectures
from lms.lectures import transcript_queries
from lms.materials import queries as materials
from lms.notes import archive, images
from lms.progress.packs import MEND
from lms.reading import shelf_import
from lms.roster import queries as roster
from lms.search import drain
from lms.search.lexicon import Keeper
from lms.storage import sweep
from lms.uploads import queries as uploads
from search_index import IndexDamaged, IndexMissing, IndexOutdated, SearchIndexError, WriterBusy

log = logging.getLogger("lms.worker")

TASK_ROOMS = (
    "lms.uploads.jobs",
    "lms.roster.jobs",
    "lms.catalogue.jobs",
    "lms.materials.jobs",
    "lms.lectures.jobs",
    "lms.lectures.recognising",
    "lms.courses.jobs",
    "lms.notes.jobs",
    "lms.reading.jobs",
    "lms.reminders.jobs",
    "lms.board.jobs",
    "lms.upkeep",
)
BEAT_SECONDS = 10.0
POLL_SECONDS = 0.3
UPKEEP_SECONDS = 3600.0
GATHER_SECONDS = 0.02
DRAIN_APART_SECONDS = 0.15
PATIENCE_SECONDS = 30
QUIET_SECONDS = 20.0
LEXICON_SECONDS = 2.0
REGISTER_TRIES = 20  # when the database is away as a job begins; the job's own tries are counted in its row


class Worker:
    """Four loops: huey's threads run jobs, one drains the outbox, one keeps the lexicon, the main one beats."""

    def __init__(self, settings: Settings, threads: int = 2) -> None:
        """Prepare; nothing is opened before ``run``."""
        self._settings = settings
        # Preparing recordings never takes the last thread: mail, text and the rest must go on meanwhile.
        self._threads = max(threads, settings.media_processes + 1)
        self._stop = threading.Event()
        self._changed = threading.Event()
        self._parent = os.getppid()
        self._beside_web = settings.beside_web
        self._drained = 0.0

    def run(self) -> None:
        """Work until SIGTERM or SIGINT, then finish what is being done and leave."""
        runtime.start(self._settings)
        keys = (
            uploads.used_keys,
            archive.used_keys,
            shelf_import.used_keys,
            catalogue.used_keys,
            lectures.used_keys,
            transcript_queries.used_keys,
        )
        sweep.bind((*keys, roster.used_keys, materials.used_keys, images.used_keys, evidence.used_keys))
        for room in TASK_ROOMS:
            import_module(room)
        huey = queue.make_huey()
        run_job = huey.task(name="lms.run", retries=REGISTER_TRIES, retry_delay=5)(queue.run)
        consumer = Consumer(huey, workers=self._threads, periodic=False, check_worker_health=True)
        consumer.shutdown_timeout = PATIENCE_SECONDS
        ensure_open()
        self._beat()
        if not self._settings.redis_url:
            queue.forget_leases()
        consumer.start()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_stop)
        drainer = threading.Thread(target=self._drain, name="drain")
        drainer.start()
        keeper = threading.Thread(target=self._keep_lexicon, name="lexicon")
        keeper.start()
        log.info("worker started", extra={"pid": os.getpid()})
        self._look_after(consumer, run_job)
        self._ask_to_stop()
        consumer.stop(graceful=True)
        drainer.join(PATIENCE_SECONDS)
        keeper.join(PATIENCE_SECONDS)
        self._careful(lambda: WorkerBeat.delete().where(WorkerBeat.name == worker_name()).execute())
        log.info("worker stopped")

    def _ask_to_stop(self, *_: object) -> None:
        self._stop.set()
        self._changed.set()

    def _look_after(self, consumer: Consumer, run_job: Callable[[int], object]) -> None:
        beat_due = upkeep_due = 0.0
        bell = Bell(self._settings.wake_path)
        while not self._stop.is_set():
            if bell.wait(POLL_SECONDS):
                self._changed.set()
                self._stop.wait(GATHER_SECONDS)
            if self._beside_web and os.getppid() != self._parent:
                log.warning("the web server is gone, stopping")
                return
            if year_files.take_wanted():
                self._careful(lambda: queue.ask("board.keep_years"))
            self._careful(lambda: queue.hand_over(run_job))
            moment = time.monotonic()
            if moment >= beat_due and self._careful(self._beat):
                beat_due = moment + BEAT_SECONDS
                consumer.check_worker_health()
            if moment >= upkeep_due and self._careful(self._ask_upkeep):
                upkeep_due = moment + UPKEEP_SECONDS

    def _ask_upkeep(self) -> None:
        queue.ask("upkeep.sweep")
        queue.ask("reminders.daily")
        queue.ask(MEND)
        queue.ask("board.keep_years")

    def _beat(self) -> None:
        WorkerBeat.insert(name=worker_name(), beat_at=clock.now()).on_conflict(
            conflict_target=[WorkerBeat.name], update={WorkerBeat.beat_at: clock.now()}
        ).execute()

    def _drain(self) -> None:
        path = self._settings.index_path
        self._careful(lambda: drain.ensure_index(path))
        pause = POLL_SECONDS
        while not self._stop.is_set():
            # What changes after a quiet moment is taken in at once; further changes are gathered for one commit.
            self._changed.wait(pause)
            self._changed.clear()
            pause = POLL_SECONDS if self._careful(self._drain_all) else 2.0
            self._stop.wait(DRAIN_APART_SECONDS)

    def _keep_lexicon(self) -> None:
        keeper = Keeper(self._settings.lexicon_path)
        pause = 0.0
        while not self._stop.wait(pause):
            self._careful(keeper.look)
            pause = LEXICON_SECONDS

    def _drain_all(self) -> None:
        path = self._settings.index_path
        try:
            drain.mend(path)
            while not self._stop.is_set() and drain.drain_once(path):
                self._drained = time.monotonic()
                drain.merge_small(path)
            if self._drained and time.monotonic() - self._drained > QUIET_SECONDS:
                self._drained = 0.0
                drain.merge_if_scattered(path)
        except WriterBusy:
            log.info("a rebuild holds the index, waiting")
        except (IndexMissing, IndexDamaged, IndexOutdated):
            drain.ensure_index(path)

    def _careful(self, step: Callable[[], object]) -> bool:
        """Do one step; a database or index that fails for the moment is noted and the step comes again."""
        try:
            ensure_open()
            step()
        except (OperationalError, InterfaceError, LmsError, SearchIndexError, OSError) as error:
            log.error("worker step failed, will be repeated", exc_info=error)
            drop_broken_connection()
            return False
        return True


def main(arguments: Sequence[str] = ()) -> int:
    """Run as the worker, alone in this process; ``python -m lms worker`` begins here. Gives the exit status."""
    try:
        settings = load_settings()
        logs.set_up(settings.log_level)
        Worker(settings).run()
    except EXPECTED as error:
        log.error("the worker cannot start: %s", in_one_line(error))
        return 1
    return 0


def worker_name() -> str:
    """Name this process as it appears in the register of workers."""
    return f"{socket.gethostname()}:{os.getpid()}"
