"""The README shows what works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import search_index


def test_the_lines_of_use_in_the_readme_run_and_find(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (Path(search_index.__file__).parent / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})
    assert "1 {'material_page': 1} 1" in capsys.readouterr().out
