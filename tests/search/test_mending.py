"""A damaged or missing index is noticed, said plainly, and built anew without anybody's doing."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lms.config import Settings
from lms.members.models import Member
from lms.search import drain, engine, mending
from search_index import IndexWriter
from tests.browser_like import Browser
from tests.factories import Make

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 150.0

Open = Callable[[Member | None], Browser]


def damage(index: Path) -> None:
    """Put something else in the place of the index's files, as a copy that went wrong would."""
    for path in index.rglob("*"):
        if path.is_file() and path.stat().st_size and path.name not in ("current", "format"):
            path.unlink()
            path.write_bytes(b"damage")


@pytest.fixture
def worker(service: Settings) -> Iterator[None]:
    """A worker process beside the test, ended with it."""
    environment = {**os.environ, "LMS_DATA": str(service.data), "LMS_DATABASE_URL": service.database_url}
    process = subprocess.Popen([sys.executable, "-m", "lms", "worker"], env=environment, cwd=ROOT)
    yield
    process.terminate()
    process.wait(PATIENCE)


def answers(reader: Browser, status: int) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if reader.get("/search?q=乡土").status_code == status:
            return True
        time.sleep(0.05)
    return False


def let_it_come_to_rest(index: Path) -> None:
    """Wait until the worker is through with what searches asked for before there was an index, and holds it no more."""
    end = time.monotonic() + PATIENCE
    while mending.reason(index):
        assert time.monotonic() < end, "what was asked for is not built"
        time.sleep(0.05)
    IndexWriter(index, timeout=PATIENCE).close()


@pytest.mark.sqlite_only
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Whoosh leaves a broken file open
@pytest.mark.parametrize("harm", [damage, shutil.rmtree])
def test_the_worker_rebuilds_what_a_search_found_damaged(
    make: Make, service: Settings, browser: Open, worker: None, harm: Callable[[Path], None]
) -> None:
    make.book("乡土中国")
    reader = browser(make.member())
    assert answers(reader, 200), "the worker builds the first index"
    let_it_come_to_rest(service.index_path)
    harm(service.index_path)
    engine.bind(service)  # as a web process that starts now
    refused = reader.get("/search?q=中国 -没有的")
    assert refused.status_code == 503
    assert "搜索正在准备中" in refused.get_data(as_text=True)
    assert answers(reader, 200)
    assert "<mark>乡土</mark>" in reader.get("/search?q=乡土").get_data(as_text=True)


def test_nothing_is_rebuilt_until_it_is_asked_for(make: Make, service: Settings) -> None:
    drain.ensure_index(service.index_path)
    make.book("后来的书")
    assert not drain.mend(service.index_path)
    mending.ask(service.index_path, "a test")
    assert drain.mend(service.index_path)
    assert mending.reason(service.index_path) == ""
    assert not drain.mend(service.index_path)


def test_asking_on_a_full_disk_does_no_harm(tmp_path: Path) -> None:
    mending.ask(tmp_path / "no" / "folder" / "index", "a test")
    assert mending.reason(tmp_path / "no" / "folder" / "index") == ""
