"""Programs in benchmarks/ are run seldom: what they take from the service must still be there when they are."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = sorted((ROOT / "benchmarks").glob("*.py"))
OURS = ("lms", "search_index")


def taken_by(program: Path) -> Iterator[tuple[str, str]]:
    """Give each module of ours that a program names, with what it imports from it."""
    for node in ast.walk(ast.parse(program.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in OURS:
            yield from ((node.module, alias.name) for alias in node.names)


def is_there(module: str, name: str) -> bool:
    loaded = import_module(module)
    if hasattr(loaded, name):
        return True
    try:
        import_module(f"{module}.{name}")
    except ModuleNotFoundError:
        return False
    return True


@pytest.mark.parametrize("program", PROGRAMS, ids=[program.name for program in PROGRAMS])
def test_what_a_benchmark_takes_from_the_service_is_there(program: Path) -> None:
    assert [wanted for wanted in taken_by(program) if not is_there(*wanted)] == []
