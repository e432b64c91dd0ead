"""The contracts of import really fail when they are broken: each is broken once, on a copy."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

BREAKS = {
    "search_index knows nothing of the service": ("search_index/layout.py", "import lms.clock"),
    "Only lms.search (and those who run it) use search_index": ("lms/notes/queries.py", "import search_index"),
    "Nobody but search_index uses whoosh": ("lms/search/queries.py", "import whoosh"),
    "Business code knows no HTTP": ("lms/reading/service.py", "import flask"),
    "Only lms.web.i18n asks flask_babel": ("lms/notes/pages.py", "import flask_babel"),
    "Rules know no database": ("lms/reading/rules.py", "import peewee"),
    "Features point one way": ("lms/catalogue/queries.py", "import lms.reading.log_queries"),
    "The ground knows no feature": ("lms/clock.py", "import lms.members.rules"),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code and its contracts."""
    target = tmp_path_factory.mktemp("house")
    for name in ("lms", "search_index"):
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("*.pyc", "static", "content"))
    shutil.copy(ROOT / ".importlinter", target)
    return target


def lint(folder: Path) -> str:
    """Check the contracts in a folder and give what was printed."""
    program = Path(sys.executable).with_name("lint-imports")
    command = [str(program), "--no-cache", "--config", ".importlinter"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


@pytest.mark.sqlite_only
def test_every_contract_is_kept_and_has_a_break_that_proves_it(copy: Path) -> None:
    printed = lint(copy)
    assert f"{len(BREAKS)} kept, 0 broken" in printed, printed


@pytest.mark.sqlite_only
@pytest.mark.parametrize("contract", BREAKS)
def test_a_contract_fails_when_it_is_broken(copy: Path, contract: str) -> None:
    name, line = BREAKS[contract]
    path = copy / name
    whole = path.read_text(encoding="utf-8")
    try:
        path.write_text(f"{whole}\n{line}\n", encoding="utf-8")
        assert f"{contract} BROKEN" in lint(copy)
    finally:
        path.write_text(whole, encoding="utf-8")
