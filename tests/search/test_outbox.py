"""The index follows the database through the outbox, whatever happens to the process that writes it."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lms import events
from lms.catalogue.models import Book
from lms.config import Settings
from lms.db import transactional
from lms.search import drain
from lms.search.models import OutboxRow
from lms.search.sources import all_documents
from search_index import Document, IndexWriter, WriterBusy, dump
from tests.factories import Make

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("LMS_TEST_KILLS", "8"))


@transactional
def add_book(make: Make, title: str) -> Book:
    book = make.book(title)
    events.publish(events.SearchableChanged("book", book.id))
    return book


def in_database() -> list[Document]:
    return sorted(all_documents(), key=lambda document: document.key)


def drain_all(path: Path) -> None:
    while drain.drain_once(path):
        pass


def test_a_change_and_its_outbox_row_stand_or_fall_together(make: Make) -> None:
    @transactional
    def fail() -> None:
        add_book(make, "未成之书")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert OutboxRow.select().count() == 0
    assert Book.select().count() == 0


def test_the_index_holds_what_the_database_holds_after_a_drain(make: Make, service: Settings) -> None:
    drain.ensure_index(service.index_path)
    first = add_book(make, "乡土中国")
    add_book(make, "平凡的世界")
    drain_all(service.index_path)
    first.title = "乡土中国（修订版）"
    first.save()
    events.publish(events.SearchableChanged("book", first.id))
    drain_all(service.index_path)
    assert [document.title for document in dump(service.index_path)] == ["乡土中国（修订版）", "平凡的世界"]
    assert drain.backlog() == 0


def test_what_is_gone_from_the_database_leaves_the_index(make: Make, service: Settings) -> None:
    drain.ensure_index(service.index_path)
    book = add_book(make, "昙花")
    drain_all(service.index_path)
    book.delete_instance()
    events.publish(events.SearchableChanged("book", book.id))
    drain_all(service.index_path)
    assert dump(service.index_path) == []


def test_a_rebuild_equals_what_draining_made(make: Make, service: Settings) -> None:
    drain.ensure_index(service.index_path)
    for number in range(30):
        add_book(make, f"第{number}本书")
    drain_all(service.index_path)
    drained = dump(service.index_path)
    assert drain.reindex(service.index_path) == 30
    assert dump(service.index_path) == drained == in_database()


def test_a_rebuild_takes_what_waited_off_the_outbox(make: Make, service: Settings) -> None:
    for number in range(3):
        add_book(make, f"第{number}本书")
    assert drain.reindex(service.index_path) == 3
    assert drain.backlog() == 0


def test_draining_waits_while_a_rebuild_holds_the_index(make: Make, service: Settings) -> None:
    drain.ensure_index(service.index_path)
    add_book(make, "等一等")
    with IndexWriter(service.index_path), pytest.raises(WriterBusy):
        drain.drain_once(service.index_path)
    assert drain.backlog() == 1
    drain_all(service.index_path)
    assert len(dump(service.index_path)) == 1


def test_a_damaged_index_is_rebuilt_at_the_next_start(make: Make, service: Settings) -> None:
    drain.ensure_index(service.index_path)
    add_book(make, "失而复得")
    drain_all(service.index_path)
    for path in service.index_path.rglob("*"):
        if path.is_file() and path.stat().st_size:
            path.write_bytes(b"damage")
    assert drain.ensure_index(service.index_path)
    assert dump(service.index_path) == in_database()


@pytest.mark.long
def test_kill_9_of_the_writer_at_random_points_loses_nothing(make: Make, service: Settings) -> None:
    chance = random.Random(20261123)
    drain.ensure_index(service.index_path)
    command = [sys.executable, "-m", "tests.search.draining", str(service.data), service.database]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writers:
        assert writers.stdin is not None and writers.stdout is not None
        for round_number in range(KILLS):
            for number in range(12):
                add_book(make, f"第{round_number}轮第{number}本")
            if round_number:
                book = Book.select().order_by(Book.id.desc()).offset(15).first()
                book.title += "改"
                book.save()
                events.publish(events.SearchableChanged("book", book.id))
            writers.stdin.write("\n")
            writers.stdin.flush()
            writer = int(writers.stdout.readline())
            time.sleep(chance.uniform(0, 0.08))
            os.kill(writer, signal.SIGKILL)
            assert writers.stdout.readline() == "gone\n"
    drain_all(service.index_path)
    drained = dump(service.index_path)
    assert drain.backlog() == 0
    assert len(drained) == KILLS * 12
    drain.reindex(service.index_path)
    assert drained == dump(service.index_path) == in_database()
