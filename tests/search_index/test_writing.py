"""One writer, many readers, and what a reader makes of an index that is not as it should be."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from search_index import (
    Document,
    Index,
    IndexDamaged,
    IndexMissing,
    IndexOutdated,
    SearchIndexError,
    WriterBusy,
    dump,
    layout,
    rebuild,
)
from search_index import index as reading
from search_index.segments import SegmentReader
from tests.search_index.asking import found, make, search

Fill = Callable[[Iterable[Document]], Index]


def test_a_written_document_replaces_the_one_of_its_key(fill: Fill, path: Path) -> None:
    index = fill([make("a", body="旧的文字"), make("b", body="别的文字")])
    with Index.writer(path) as writer:
        writer.apply([make("a", body="新的文字")])
    assert found(index, "旧的") == []
    assert found(index, "新的") == ["a"]
    assert index.count() == 2


def test_of_two_documents_of_one_key_in_a_batch_the_later_stays(fill: Fill, path: Path) -> None:
    fill([])
    with Index.writer(path) as writer:
        writer.apply([make("a", body="早"), make("a", body="晚")], deletes=["a"])
    assert [document.body for document in dump(path)] == ["晚"]


def test_a_deleted_document_is_neither_found_nor_counted(fill: Fill, path: Path) -> None:
    index = fill([make("a", body="学习"), make("b", body="学习")])
    with Index.writer(path) as writer:
        writer.apply(deletes=["a", "unknown"])
    results = search(index, "学习")
    assert ([hit.key for hit in results.hits], results.total, results.counts["kind"]) == (["b"], 1, {"book": 1})
    assert [document.key for document in dump(path)] == ["b"]


def test_a_group_is_replaced_by_what_it_holds_now(fill: Fill, path: Path) -> None:
    fill([make("p1", group="m:1"), make("p2", group="m:1"), make("p3", group="m:2"), make("p4", group="m:10")])
    with Index.writer(path) as writer:
        writer.apply([make("p1", "新", group="m:1"), make("p9", group="m:1")], groups=["m:1", "m:2", "m:3"])
    assert [(document.key, document.title) for document in dump(path)] == [("p1", "新"), ("p4", ""), ("p9", "")]


def test_a_batch_applied_twice_changes_nothing_more(fill: Fill, path: Path) -> None:
    fill([make("old")])
    batch = [make("a", body="学习"), make("b", body="组织")]
    with Index.writer(path) as writer:
        writer.apply(batch, deletes=["old"])
        once = dump(path)
        writer.apply(batch, deletes=["old"])
    assert dump(path) == once == batch


def test_a_reader_follows_every_commit_and_every_rebuild(fill: Fill, path: Path) -> None:
    index = fill([make("a", body="学习")])
    generations = [index.generation]
    with Index.writer(path) as writer:
        for number in range(12):
            written = writer.apply([make(f"n{number}", body="学习")])
            assert search(index, "学习").generation == index.generation == written
            generations.append(written)
    assert not index.refresh()
    generations.append(rebuild(path, [make("only", body="学习")]))
    assert index.refresh()
    assert found(index, "学习") == ["only"]
    assert [*generations] == sorted(set(generations))
    assert index.generation == generations[-1]


def test_an_empty_batch_makes_no_generation(fill: Fill, path: Path) -> None:
    index = fill([make("a")])
    with Index.writer(path) as writer:
        assert writer.apply() == index.generation


def test_a_second_writer_is_refused_while_the_first_is_open(fill: Fill, path: Path) -> None:
    fill([])
    with Index.writer(path):
        with pytest.raises(WriterBusy):
            Index.writer(path)
        with pytest.raises(WriterBusy):
            rebuild(path, [])
    Index.writer(path).close()


def test_a_writer_can_wait_for_another_to_finish(fill: Fill, path: Path) -> None:
    fill([])
    first = Index.writer(path)
    threading.Timer(0.2, first.close).start()
    with Index.writer(path, timeout=150) as second:
        second.apply([make("a")])
    assert [document.key for document in dump(path)] == ["a"]


def test_a_lock_file_left_behind_stops_nobody(fill: Fill, path: Path) -> None:
    fill([])
    (path / layout.LOCK).write_text("left by a dead process")
    with Index.writer(path) as writer:
        writer.apply([make("a")])


def test_segments_stay_few_over_many_commits_and_one_after_a_merge(fill: Fill, path: Path) -> None:
    fill([])
    expected: dict[str, Document] = {}
    with Index.writer(path) as writer:
        for number in range(80):
            document = make(f"d{number % 60}", body=f"第{number}次")
            expected[document.key] = document
            writer.apply([document])
        assert writer.segments < 20
        writer.merge()
        assert writer.segments == 1
    assert dump(path) == sorted(expected.values(), key=lambda document: document.key)
    assert found(Index.open(path), "“第79次”") == ["d19"]


def test_what_is_new_is_found_before_small_segments_are_merged(fill: Fill, path: Path) -> None:
    index = fill([])
    with Index.writer(path) as writer:
        for number in range(9):
            deletes = ["d0"] if number == 8 else []
            written = writer.apply([make(f"d{number}", body="学习")], deletes=deletes, merging=False)
            assert writer.segments == (number + 1 if number < 8 else 8), "one that is empty goes, none is merged"
            assert search(index, "学习", limit=99).generation == written
        merged = writer.merge_small()
        assert merged > written and writer.segments == 1
        assert writer.merge_small() == merged, "there is nothing to do any more"
    assert sorted(found(index, "学习", limit=99)) == [f"d{number}" for number in range(1, 9)]


def test_tidying_merges_small_segments_and_leaves_large_ones(
    fill: Fill, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search_index.writer.TIDY_MERGE_LIMIT", 30)
    index = fill([make(f"large{number}", body="学习") for number in range(40)])
    with Index.writer(path) as writer:
        for number in range(3):
            writer.apply([make(f"small{number}", body="学习")], deletes=["large0", "small0"])
        assert writer.segments > 2
        writer.tidy()
        assert writer.segments == 2
        assert writer.tidy() == index.generation or writer.segments == 2
    assert search(index, "学习", limit=99).total == index.count() == 41


def test_a_rebuild_that_fails_leaves_the_index_as_it_was(fill: Fill, path: Path) -> None:
    index = fill([make("a", body="学习")])

    def broken() -> Iterator[Document]:
        yield make("b", body="学习")
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        rebuild(path, broken())
    assert found(index, "学习") == ["a"]
    assert found(Index.open(path), "学习") == ["a"]


def test_two_documents_of_one_key_are_refused_by_a_rebuild(path: Path) -> None:
    with pytest.raises(ValueError, match="'a'"):
        rebuild(path, [make("a"), make("a")])


@pytest.mark.parametrize("nameless", [make("", body="学习"), make("b", body="学习", kind="")])
def test_what_has_no_key_or_no_kind_is_refused_with_all_that_came_with_it(
    fill: Fill, path: Path, nameless: Document
) -> None:
    index = fill([make("a", body="学习")])
    with Index.writer(path) as writer, pytest.raises(ValueError, match="a key and a kind"):
        writer.apply([make("c", body="学习"), nameless])
    assert found(index, "学习") == ["a"]


def test_a_rebuild_keeps_only_the_directory_before_it(fill: Fill, path: Path) -> None:
    fill([])
    for _ in range(4):
        rebuild(path, [make("a")])
    assert sorted(entry.name for entry in path.iterdir() if entry.is_dir()) == ["000004", "000005"]


def test_a_reader_opened_before_goes_on_while_files_are_replaced(fill: Fill, path: Path) -> None:
    index = fill([make(f"d{number}", body="学习") for number in range(20)])
    failures: list[SearchIndexError] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                assert search(index, "学习").total == 20
            except SearchIndexError as error:
                failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(6):
        with Index.writer(path) as writer:
            writer.apply([make(f"d{number}", body="学习 新")])
            writer.merge()
        rebuild(path, [make(f"d{again}", body="学习") for again in range(20)])
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_reader_that_the_writer_overtakes_again_and_again_opens_at_last(
    fill: Fill, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill([make("a", body="学习")])
    others = iter(range(1, 10))

    def overtaken(*opening: Any) -> SegmentReader:
        if number := next(others, 0):
            if number % 3:
                with Index.writer(path) as writer:
                    writer.apply([make("a", body=f"学习 {number}")])
            else:
                for _ in range(2):
                    rebuild(path, [make("a", body=f"学习 {number}")])
        return SegmentReader(*opening)

    monkeypatch.setattr(reading, "SegmentReader", overtaken)
    assert found(Index.open(path), "9 学习") == ["a"]


def test_a_forked_child_reads_with_files_of_its_own(fill: Fill) -> None:
    index = fill([make(f"d{number}", body=f"学习 第{number}条") for number in range(50)])
    child = os.fork()
    if child == 0:
        right = all(found(index, f"第{number}条 学习")[0] == f"d{number}" for number in range(10, 50))
        os._exit(0 if right else 1)
    assert all(found(index, f"第{number}条 学习")[0] == f"d{number}" for number in range(10, 50))
    assert os.waitpid(child, 0)[1] == 0


def test_a_missing_index_is_called_missing(path: Path) -> None:
    with pytest.raises(IndexMissing):
        Index.open(path)
    with pytest.raises(IndexMissing):
        Index.writer(path)


def test_an_index_of_another_format_is_called_outdated(fill: Fill, path: Path) -> None:
    fill([])
    (path / "000001" / layout.FORMAT_FILE).write_text("0.0")
    for open_index in (Index.open, Index.writer):
        with pytest.raises(IndexOutdated):
            open_index(path)


# Whoosh leaves a table of contents that it cannot read to the garbage collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("damage", ["truncate", "zeros", "noise", "remove"])
@pytest.mark.parametrize("pattern", ["current", "*/*.toc", "*/format", "*/main_*.*"])
def test_damaged_files_are_called_damaged(fill: Fill, path: Path, pattern: str, damage: str) -> None:
    fill([make(f"d{number}", f"题目{number}", "学习型组织 " * number) for number in range(30)])
    for file in list(path.glob(pattern)):
        content = file.read_bytes()
        if damage == "remove":
            file.unlink()
        elif damage == "truncate":
            file.write_bytes(content[: len(content) // 3])
        else:
            file.write_bytes(bytes(len(content)) if damage == "zeros" else os.urandom(len(content)))
    with pytest.raises((IndexDamaged, IndexMissing, IndexOutdated)):
        search(Index.open(path), "学习型组织")
    rebuild(path, [make("a", body="学习")])
    assert found(Index.open(path), "学习") == ["a"]


def test_an_open_reader_notices_that_the_index_is_gone_and_that_it_is_back(fill: Fill, path: Path) -> None:
    index = fill([make("a", body="学习")])
    shutil.rmtree(path)
    with pytest.raises(IndexMissing):
        search(index, "学习")
    rebuild(path, [make("b", body="学习")])
    assert found(index, "学习") == ["b"]


def test_what_is_kept_in_memory_is_bounded(path: Path) -> None:
    rebuild(
        path,
        [make(f"d{number}", body="".join(chr(0x4E00 + number * 7 + k) for k in range(60))) for number in range(200)],
    )
    index = Index.open(path, cache_bytes=20_000)
    for number in range(200):
        start = 0x4E00 + number * 7
        assert f"d{number}" in found(index, chr(start) + chr(start + 1), limit=100)
        assert index._cache.held <= 20_000
