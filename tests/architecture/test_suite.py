"""The suite itself: tests are shared out among processes without loss, and what is about the database says so."""

import subprocess
import sys
from pathlib import Path

import pytest

from lms import runtime
from lms.db import database
from tests.conftest import make_settings, without_database
from tests.in_processes import BUNCH, POSTGRESQL, SQLITE, belongs

ROOT = Path(__file__).resolve().parents[2]
TESTS = f"""
import os, signal, time, pytest

@pytest.fixture(scope="module")
def dear(tmp_path_factory):
    yield os.getpid()
    tmp_path_factory.getbasetemp().parent.joinpath(f"cleaned-{{os.getpid()}}").touch()

@pytest.mark.parametrize("number", range({2 * BUNCH + 1}))
def test_good(dear, number):
    print("said in a good one")
    assert dear == os.getpid()

def test_bad():
    print("said in the bad one")
    assert 1 == 2

def test_deadly():
    os.kill(os.getpid(), signal.SIGKILL)

def test_after_the_deadly_one(dear):
    pass

@pytest.mark.skip(reason="not today")
def test_skipped():
    pass
"""

SHORT = """
import sys, pytest
from tests import in_processes

def settle(config, link, name, postgres, settle=in_processes._settle):
    assert name != "sqlite-1"
    settle(config, link, name, postgres)

in_processes._settle = settle
in_processes.LONGEST_S, in_processes.LAST_WORDS_S, in_processes.LOOK_S = 2.0, 4.0, 0.1
sys.exit(pytest.main(sys.argv[1:]))
"""


def test_every_test_is_told_of_once_also_when_its_process_dies(tmp_path: Path) -> None:
    file = tmp_path / "test_some.py"
    file.write_text(TESTS)
    options = ["-p", "tests.in_processes", "-p", "no:cacheprovider", "--processes", "2", "--basetemp", tmp_path / "run"]
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", tmp_path, *options, file]
    run = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stdout + run.stderr
    assert f"2 failed, {2 * BUNCH + 2} passed, 1 skipped" in run.stdout
    assert "said in the bad one" in run.stdout and "said in a good one" not in run.stdout
    assert "the process died in this test, with status -9" in run.stdout
    assert f"SQLite: {2 * BUNCH + 5} tests" in run.stdout
    assert list((tmp_path / "run").glob("cleaned-*")), "what a module made is cleaned up in its process"


def test_an_interrupted_run_leaves_no_process_and_cleans_up(tmp_path: Path) -> None:
    file = tmp_path / "test_slow.py"
    file.write_text(TESTS + "\ndef test_slow(dear):\n    raise KeyboardInterrupt\n")
    options = ["-p", "tests.in_processes", "-p", "no:cacheprovider", "--processes", "1", "--basetemp", tmp_path / "run"]
    command = [sys.executable, "-m", "pytest", "-q", "-k", "slow or after", "--rootdir", tmp_path, *options, file]
    run = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert list((tmp_path / "run").glob("cleaned-*"))


HANGING = """
import os, signal, subprocess

def test_is_given_to_a_process_that_cannot_begin():
    pass

def test_waits_for_good(tmp_path):
    child = subprocess.Popen(["sleep", "100"])
    (tmp_path / "child").write_text(str(child.pid))
    child.wait()

def test_is_stopped():
    os.kill(os.getpid(), signal.SIGSTOP)
"""


def test_a_test_that_hangs_fails_with_the_stacks_and_ends_with_all_it_began(tmp_path: Path) -> None:
    (tmp_path / "test_hanging.py").write_text(HANGING)
    options = ["-p", "tests.in_processes", "-p", "no:cacheprovider", "--processes", "2", "--basetemp", tmp_path / "run"]
    # No summary, which repeats the whole reason where a variable CI is set, and a part of it where not.
    command = [sys.executable, "-c", SHORT, "-q", "-rN", "--rootdir", tmp_path, *options, tmp_path / "test_hanging.py"]
    run = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "3 failed" in run.stdout
    assert "the process died in this test, with status 1" in run.stdout
    # By which of the two signals: the machine may be so slow that the first comes before a test has begun to hang.
    assert run.stdout.count("took longer than 2 s, so the process died in this test, with status -") == 2
    assert "(most recent call first)" in run.stderr
    for child in (tmp_path / "run").rglob("child"):
        if number := child.read_text():  # it may have been ended before it wrote
            assert not _is_at_work(int(number))


def _is_at_work(pid: int) -> bool:
    """Say whether a process runs; one that was ended stands in the list until who inherited it looks."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_a_test_that_uses_a_database_unasked_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="ask for `service`"), without_database():
        runtime.start(make_settings(tmp_path, database_url=f"sqlite:///{tmp_path / 'unasked.sqlite3'}"))
    with pytest.raises(AttributeError), without_database():
        database.get_tables()


@pytest.mark.sqlite_only
def test_what_is_about_one_database_runs_on_that_only(request: pytest.FixtureRequest, migrated: Path) -> None:
    assert belongs(request.node, SQLITE) and not belongs(request.node, POSTGRESQL)
