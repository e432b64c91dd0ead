"""Loading real text: every row arrives once, whatever happens in between."""

import json
import lzma
import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from lms import clock
from lms.config import Settings
from lms.demo import corpus, texts
from lms.demo.corpus import Row, Text
from lms.errors import Conflict, InvalidInput
from lms.materials.documents import SOURCE
from lms.materials.models import Material, MaterialPage
from lms.search.models import OutboxRow
from tests.factories import Make

CORPORA = os.environ.get("LMS_TEST_CORPORA", "")
HEAD = "# {title}\n\n2011年11月17日 市人大常委会通过\n\n<!-- INFO END -->\n\n## 第一章  总则"


def law(name: str, articles: int, day: str | None = "2020-05-14") -> list[dict[str, object]]:
    bodies = [HEAD.format(title=name), *(f"第{number}条 {name}的条文。" for number in range(1, articles))]
    return [{"id": f"{name}-{number}", "title": name, "date": day, "body": body} for number, body in enumerate(bodies)]


def write(path: Path, lines: Iterable[object]) -> Path:
    """Write rows as JSON lines; bytes stand as they are. Compressed when the name says so."""
    data = b"".join(
        (line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode()) + b"\n" for line in lines
    )
    path.write_bytes(lzma.compress(data) if path.suffix == ".xz" else data)
    return path


def stored() -> list[tuple[str, int]]:
    rows = Material.select(Material.title, Material.page_count).order_by(Material.id)
    for material in Material.select():
        assert MaterialPage.select().where(MaterialPage.material == material.id).count() == material.page_count
    return list(rows.tuples())


@pytest.fixture
def garden(service: Settings, make: Make) -> Settings:
    """A service with an administrator of the topmost unit."""
    make.member(make.unit(kind="agency"), "administrator")
    return service


@pytest.mark.parametrize("name", ["laws.jsonl", "laws.jsonl.xz"])
def test_each_text_becomes_a_material_and_each_row_a_page(garden: Settings, tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, [*law("养犬条例", 3), *law("绿化条例", 4)])
    assert texts.load(path, None) == 0
    assert stored() == [("养犬条例", 3), ("绿化条例", 4)]
    material = Material.get(Material.title == "养犬条例")
    assert (material.category, material.audience, material.state) == ("law", "everyone", "ready")
    assert material.summary == "2011年11月17日 市人大常委会通过"
    assert clock.local(material.created_at).date() == date(2020, 5, 14)
    pages = MaterialPage.select().where(MaterialPage.material == material.id).order_by(MaterialPage.number)
    assert [(page.heading, page.text) for page in pages] == [
        ("养犬条例", "2011年11月17日 市人大常委会通过"),
        ("第一章 总则 · 第1条", "养犬条例的条文。"),
        ("第2条", "养犬条例的条文。"),
    ]
    assert [place.place for place in SOURCE.load(material.id)] == ["", "1", "2", "3"]
    assert OutboxRow.select().where(OutboxRow.kind == "material").count() == 2


def test_a_second_run_adds_nothing(garden: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "laws.jsonl.xz", [*law("养犬条例", 3), *law("绿化条例", 4)])
    texts.load(path, None)
    capsys.readouterr()
    assert texts.load(path, None) == 0
    assert stored() == [("养犬条例", 3), ("绿化条例", 4)]
    assert capsys.readouterr().out == "7 rows read; 0 materials with 0 pages loaded, 2 were there already\n"
    assert OutboxRow.select().count() == 2


def test_an_interrupted_run_goes_on_where_it_stopped(
    garden: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "laws.jsonl.xz", [row for number in range(9) for row in law(f"条例{number}", 5)])
    monkeypatch.setattr(texts, "ROWS_AT_ONCE", 10)
    load = texts.load_text_material
    calls = []

    def interrupted(*arguments: object, **named: object) -> tuple[int, bool]:
        calls.append(arguments)
        if len(calls) == 6:
            raise KeyboardInterrupt
        return load(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(texts, "load_text_material", interrupted)
    with pytest.raises(KeyboardInterrupt):
        texts.load(path, None)
    assert capsys.readouterr().out == "20 rows read; 4 materials with 20 pages loaded\n"
    assert stored() == [(f"条例{number}", 5) for number in range(4)]
    assert texts.load(path, None) == 0
    assert stored() == [(f"条例{number}", 5) for number in range(9)]
    assert "5 materials with 25 pages loaded, 4 were there already" in capsys.readouterr().out


def test_damaged_lines_are_named_left_out_and_counted(
    garden: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, third = law("养犬条例", 3)
    lines = [
        first,
        b'{"id": "x", "title": "',
        second,
        "\u517b".encode("gb18030"),
        b"",
        [1, 2],
        {**third, "body": " "},
        {**third, "date": "14.5.2020"},
        {**third, "body": "a\0b"},
        b'{"id": "x", "title": "t", "body": "\\ud800"}',
        third,
    ]
    assert texts.load(write(tmp_path / "laws.jsonl.xz", lines), None) == 0
    said = capsys.readouterr()
    assert stored() == [("养犬条例", 3)]
    assert said.out == "3 rows read; 1 materials with 3 pages loaded; 7 damaged lines left out\n"
    assert [line.split(":")[0] for line in said.err.splitlines() if line.startswith("line ")] == [
        f"line {number} is left out" for number in (2, 4, 6, 7, 8, 9, 10)
    ]


def test_an_endless_line_is_left_out_without_holding_it(
    garden: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(corpus, "LONGEST_LINE", 1000)
    monkeypatch.setattr(corpus, "CHUNK", 100)
    path = write(tmp_path / "laws.jsonl", [b'"' + b"x" * 5000, *law("养犬条例", 3)])
    assert texts.load(path, None) == 0
    assert stored() == [("养犬条例", 3)]
    assert "line 1 is left out: longer than 1000 bytes" in capsys.readouterr().err


def test_a_file_without_one_good_row_is_a_failure(garden: Settings, tmp_path: Path) -> None:
    assert texts.load(write(tmp_path / "laws.jsonl", [b"nonsense", b"more"]), None) == 1
    assert stored() == []


def test_a_file_that_is_not_there_or_cut_off_is_refused_before_anything_is_stored(
    garden: Settings, tmp_path: Path
) -> None:
    path = write(tmp_path / "laws.jsonl.xz", law("养犬条例", 300))
    path.write_bytes(path.read_bytes()[:-40])
    for wrong in (path, tmp_path / "missing.jsonl", tmp_path):
        with pytest.raises(InvalidInput, match="cannot be read"):
            texts.load(wrong, None)
    assert stored() == []


def test_without_an_administrator_nothing_is_loaded(service: Settings, tmp_path: Path) -> None:
    with pytest.raises(Conflict):
        texts.load(write(tmp_path / "laws.jsonl", law("养犬条例", 3)), None)


def test_a_limit_never_cuts_a_text_and_the_rest_comes_later(
    garden: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "laws.jsonl.xz", [*law("养犬条例", 3), *law("绿化条例", 4), *law("消防条例", 2)])
    assert texts.load(path, 5) == 0
    assert stored() == [("养犬条例", 3)]
    assert texts.load(path, None) == 0
    assert stored() == [("养犬条例", 3), ("绿化条例", 4), ("消防条例", 2)]


def test_versions_of_a_law_with_one_title_stay_apart(garden: Settings, tmp_path: Path) -> None:
    old, new, same = law("公司法", 3, "2018-10-26"), law("公司法", 2, "2023-12-29"), law("公司法", 4, "2018-10-26")
    for number, row in enumerate(same):
        row["id"] = f"elsewhere-{number}"
    path = write(tmp_path / "laws.jsonl", [*old, *new, *law("票据法", 2), *same])
    texts.load(path, None)
    assert stored() == [("公司法", 3), ("公司法", 2), ("票据法", 2), ("公司法", 4)]


def test_a_text_of_very_many_rows_is_cut_into_several(
    garden: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "MOST_ROWS", 4)
    texts.load(write(tmp_path / "laws.jsonl", law("刑法", 10)), None)
    assert stored() == [("刑法", 4), ("刑法", 4), ("刑法", 2)]


@pytest.mark.parametrize(
    ("body", "heading", "text"),
    [
        ("第一条 为了规范", "第一条", "为了规范"),
        ("第一百二十条之一　资助恐怖活动的", "第一百二十条之一", "资助恐怖活动的"),
        ("第三条规定的情形", "", "第三条规定的情形"),
        ("# 拘留所条例\n\n2012年公布", "拘留所条例", "2012年公布"),
        ("In 1999 he wrote", "", "In 1999 he wrote"),
    ],
)
def test_the_heading_of_a_page_is_its_article_or_title(body: str, heading: str, text: str) -> None:
    assert corpus.sections(Text("t", None, [Row("1", "t", None, body)])) == [(heading, text)]


def test_the_chapter_at_the_end_of_a_row_leads_the_next_and_a_table_of_contents_stays() -> None:
    bodies = [
        "目录\n\n## 第一章 总则\n\n## 第二章 附则\n\n## 第一编 开端\n\n### 第一章 总则",
        "第一条 内容\n\n## 第二章 附则",
        "第二条 内容\n\n## 附录",
    ]
    pages = corpus.sections(Text("t", None, [Row(str(number), "t", None, body) for number, body in enumerate(bodies)]))
    assert pages == [
        ("", "目录\n\n## 第一章 总则\n\n## 第二章 附则"),
        ("第一编 开端 · 第一章 总则 · 第一条", "内容"),
        ("第二章 附则 · 第二条", "内容\n\n## 附录"),
    ]


def test_a_text_without_date_takes_the_last_day_its_head_names() -> None:
    row = Row("1", "t", None, "# t\n\n2001年3月30日 批准\n\n2010年9月29日 修正\n\n<!-- INFO END -->\n\n2020年1月1日")
    assert corpus.day_of(Text("t", None, [row])) == date(2010, 9, 29)
    assert corpus.day_of(Text("t", None, [Row("1", "t", None, "2020年1月1日")])) is None


@pytest.mark.skipif(not CORPORA, reason="LMS_TEST_CORPORA does not name the folder of the real texts")
def test_the_real_collection_of_laws_arrives_whole(garden: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert texts.load(Path(CORPORA) / "laws.jsonl.xz", None) == 0
    assert "150,795 rows read" in capsys.readouterr().out
    assert MaterialPage.select().count() == 150_795
    assert 3000 < Material.select().count() < 4000
