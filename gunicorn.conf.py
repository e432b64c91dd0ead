"""How gunicorn serves 学习园地: threads that keep connections alive, the worker beside the web, clean stops."""

import gc
import hashlib
import logging
import os
import shutil
import signal
import stat
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

gc.disable()  # while all is loaded, nothing of which goes away: see when_ready
MEMORY = Path("/dev/shm")  # noqa: S108 what is made there is looked at


def _metrics_folder():
    """Find where the processes share their figures: in memory, where the system has files there.

    Each writes into files it has mapped. On a disk that is full such a write ends the process (SIGBUS), so that
    nobody would be left to say that the disk is full. The name is the same each time: gunicorn reads this file again
    when it is asked to reload. A folder of that name that is not ours is left alone.
    """
    data = Path(os.environ.get("LMS_DATA") or "var").expanduser().resolve()
    port = os.environ.get("LMS_PORT") or os.environ.get("PORT") or ""
    name = hashlib.sha256(os.fsencode(f"{data}:{port}")).hexdigest()[:16]
    folder = MEMORY / f"lms-metrics-{os.getuid()}-{name}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return data / "metrics"
    return folder if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() else data / "metrics"


# prometheus_client decides when it is imported whether figures are shared by several processes
metrics_folder = _metrics_folder()
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics_folder)

from gunicorn.glogging import Logger  # noqa: E402
from prometheus_client import multiprocess  # noqa: E402

from lms import logs  # noqa: E402
from lms.config import load_settings  # noqa: E402
from lms.worker import Worker  # noqa: E402

ROOT = Path(__file__).resolve().parent
WORKER_NAME = "lms-worker"
AGAIN_AFTER = 2.0
settings = load_settings()

bind = settings.address
worker_class = "lms.web.gunicorn_worker.StreamingWorker"  # gthread; files are sent beside its threads
workers = settings.web_workers
threads = settings.web_threads
keepalive = 15
limit_request_line = 8190  # the most it takes; from 4096 on the service itself says that it is too long
timeout = 120
graceful_timeout = 20
preload_app = True  # one copy of the code and the translations, shared after the fork; nothing is opened before it
chdir = str(ROOT)
control_socket_disable = True
worker_tmp_dir = str(MEMORY) if MEMORY.is_dir() else None  # gunicorn's heartbeat files
logconfig_dict = logs.config(settings.log_level)


class ErrorsOnly(Logger):
    """gunicorn's own log without its line for each request: the service writes one itself, with more in it."""

    def access(self, *args, **kwargs):
        """Write nothing."""


logger_class = ErrorsOnly


class WorkerBeside:
    """The worker process, started with the web server, started again if it dies, stopped with it.

    Forked the first time, before there is any web process: so it shares the memory of all that is loaded. Spawned
    after that: a fork of a web worker in the same moment would keep the pipe open over which ``subprocess`` waits for
    its child to start, and so block it for good.
    """

    def __init__(self):
        self._stopping = threading.Event()
        self._pid = None
        self._thread = threading.Thread(target=self._keep_running, name="worker-beside", daemon=True)

    def start(self, server):
        """Start it and watch over it. Call it while this process has no other thread."""
        self._pid = os.fork()
        if self._pid == 0:
            _be_the_worker(server)
        self._thread.start()

    def _keep_running(self):
        environment = {**os.environ, "LMS_BESIDE_WEB": "1"}
        environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
        while True:
            with suppress(ChildProcessError):  # gunicorn reaps every child of this process and may be first
                os.waitpid(self._pid, 0)
            self._pid = None
            if self._stopping.wait(AGAIN_AFTER):
                return
            self._pid = os.posix_spawn(sys.executable, [sys.executable, "-m", "lms", "worker"], environment)

    def stop(self):
        """Ask it to finish what it is doing, and wait."""
        self._stopping.set()
        self._tell(signal.SIGTERM)
        self._thread.join(40)
        self._tell(signal.SIGKILL)

    def _tell(self, number):
        pid = self._pid
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def _be_the_worker(server):
    """Be the worker in a process that was forked off: without gunicorn's signals and sockets. Does not return."""
    status = 1
    try:
        for listener in server.LISTENERS:
            listener.close()
        for number in (*server.SIGNALS, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        with suppress(OSError):  # how it is called in lists of processes, where the system keeps names so
            Path("/proc/self/comm").write_text(WORKER_NAME)
        Worker(replace(settings, beside_web=True)).run()
        status = 0
    except Exception:  # whatever it is, nothing of the web server may go on in this process
        logging.getLogger("lms.worker").exception("the worker ended")
    finally:
        os._exit(status)


def when_ready(server):
    # Only now the address is ours: who starts in vain beside a service that runs leaves alone what that one counts.
    shutil.rmtree(metrics_folder, ignore_errors=True)
    metrics_folder.mkdir(mode=0o700, parents=True)
    server.holds_address = True
    gc.freeze()  # the code is left alone by the web processes, which so go on sharing its memory
    gc.enable()
    server.worker_beside = WorkerBeside() if settings.web_starts_worker else None  # kept there over a reload of this
    if server.worker_beside:
        server.worker_beside.start(server)
    print(f"\n  学习园地 is at http://{settings.address}\n", flush=True)
    accounts = settings.data / "demo-accounts.txt"
    if accounts.exists():
        print(accounts.read_text(encoding="utf-8"), flush=True)


def child_exit(server, worker):
    multiprocess.mark_process_dead(worker.pid, path=str(metrics_folder))


def on_exit(server):
    if not getattr(server, "holds_address", False):
        return
    shutil.rmtree(metrics_folder, ignore_errors=True)
    if server.worker_beside:
        server.worker_beside.stop()
