"""Notes to take along: Word as handed in on paper, Markdown, and everything as one ZIP; images judged and guarded."""

import csv
import json
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from docx import Document
from PIL import Image

from lms import clock
from lms.errors import NotFound
from lms.jobs.models import Job
from lms.members.models import Member
from lms.notes import archive as archiving
from lms.notes import images, jobs, service
from lms.notes.export import FACTS, Printed, file_name, neutral
from lms.notes.models import NoteArchive, NoteImage
from lms.notes.pictures import MOST_PIXELS
from lms.notes.rules import join_parts
from lms.notes.service import NoteForm
from lms.reading.models import ReadingEntry
from lms.storage import files
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]
PRINTED = Printed({name: name for name in FACTS}, {"free": "free"}, {}, "%(number)s", "%(time)s")
TEXT = """# 三点体会

第一段有**重点**和*轻点*。

- 一条
- 两条

1. 先
2. 后

> 民为邦本
>
> —— 第 12 页

| 词 | 义 |
|---|---|
| 仁 | 爱人 |
"""


def picture(width: int = 40, height: int = 20, form: str = "JPEG", **options: Any) -> BytesIO:
    """Make a picture file."""
    made = BytesIO()
    Image.new("RGB", (width, height), (180, 60, 40)).save(made, form, **options)
    made.seek(0)
    return made


def send(browser: Browser, content: BytesIO, name: str = "photo.jpg") -> Any:
    """Send a picture as the toolbar does."""
    return browser.client.post(
        "/api/v1/notes/images", data={"file": (content, name)}, headers={"X-CSRFToken": browser.token()}
    )


def fetch(browser: Browser, address: str) -> tuple[int, str, bytes]:
    """Give status, type and bytes of a file, and let go of it."""
    with browser.get(address) as answer:
        return answer.status_code, answer.mimetype, answer.data


def words_of(word: Any) -> list[str]:
    return [paragraph.text for paragraph in word.paragraphs if paragraph.text.strip()]


def test_a_word_file_has_the_title_block_and_the_text_as_it_is_shaped(make: Make, browser: Open) -> None:
    unit = make.unit("桂花社区")
    member = make.member(unit, name="王淑兰")
    book = make.book("论语译注")
    note = service.write_note(make.actor(member), NoteForm("仁者爱人", TEXT, "me"), book.id)
    answer = browser(member).get(f"/notes/{note}/export")
    assert "filename*=UTF-8''%E4%BB%81" in answer.headers["Content-Disposition"]
    word = Document(BytesIO(answer.data))
    cells = [cell.text for row in word.tables[0].rows for cell in row.cells]
    for expected in ("姓名", "王淑兰", "所属单位", "桂花社区", "字数", "读书笔记", "论语译注"):
        assert expected in cells
    paragraphs = {paragraph.text: paragraph for paragraph in word.paragraphs}
    assert paragraphs["三点体会"].style.name == "Heading 1"
    assert paragraphs["一条"].style.name == "List Bullet"
    assert paragraphs["先"].style.name == "List Number"
    assert paragraphs["民为邦本"].paragraph_format.left_indent
    assert [run.text for run in paragraphs["第一段有重点和轻点。"].runs if run.bold] == ["重点"]
    assert [cell.text for cell in word.tables[1].rows[1].cells] == ["仁", "爱人"]


def test_a_training_summary_has_its_four_headings_on_paper(make: Make, browser: Open) -> None:
    member = make.member()
    form = NoteForm("培训", join_parts(["甲", "乙", "丙", "丁"]), "me", "training")
    note = service.write_note(make.actor(member), form)
    word = Document(BytesIO(browser(member).get(f"/notes/{note}/export").data))
    heads = [paragraph.text for paragraph in word.paragraphs if paragraph.style.name == "Heading 1"]
    assert heads == ["培训内容", "心得体会", "培训效果", "主要收获"]


def test_many_ticked_notes_become_one_file_of_the_own_ones_only(make: Make, browser: Open) -> None:
    member, other = make.member(), make.member()
    ids = [service.write_note(make.actor(member), NoteForm(f"第{n}篇", "文", "me")) for n in (1, 2)]
    foreign = service.write_note(make.actor(other), NoteForm("别人的", "文", "everyone"))
    query = "&".join(f"note={ident}" for ident in [*ids, foreign])
    texts = words_of(Document(BytesIO(browser(member).get(f"/notes/export?{query}").data)))
    assert "第1篇" in texts
    assert "第2篇" in texts
    assert "别人的" not in texts
    assert browser(member).get("/notes/export").status_code == 422
    assert browser(member).get(f"/notes/export?{query}&format=pdf").status_code == 422


def test_markdown_comes_with_the_facts(make: Make, browser: Open) -> None:
    member = make.member(name="王淑兰")
    note = service.write_note(make.actor(member), NoteForm("题目", "**文**", "me"))
    text = browser(member).get(f"/notes/{note}/export?format=md").get_data(as_text=True)
    assert text.startswith("# 题目\n")
    assert "- 姓名: 王淑兰" in text
    assert text.rstrip().endswith("**文**")


def test_the_zip_holds_everything_i_wrote_and_read_and_nothing_of_others(make: Make, browser: Open) -> None:
    member, other = make.member(), make.member()
    writer = browser(member)
    address = send(writer, picture()).get_json()["address"]
    service.write_note(make.actor(member), NoteForm("=1+1", f"有图 ![图]({address})", "me"))
    service.write_note(make.actor(other), NoteForm("别人的", "文", "everyone"))
    ReadingEntry.create(member=member, book=make.book("活着"), state="finished", finished_on=date(2026, 11, 1))
    assert writer.post("/notes/takeaway").status_code == 303
    assert "正在打包" in writer.get("/notes/takeaway").get_data(as_text=True)
    assert writer.post("/notes/takeaway").status_code == 303
    (job,) = Job.select().where(Job.task == archiving.PACK)
    jobs.pack_archive(*json.loads(job.args))
    assert "打包完成" in writer.get("/notes/takeaway").get_data(as_text=True)
    assert writer.api("GET", "/notes/takeaway").get_json()["state"] == "ready"
    assert fetch(browser(other), "/notes/takeaway/file")[0] == 404
    archive = ZipFile(BytesIO(fetch(writer, "/notes/takeaway/file")[2]))
    names = archive.namelist()
    (note,) = [name for name in names if name.endswith(".md")]
    assert "![图](images/" in archive.read(note).decode()
    assert any(name.startswith("notes/images/") and name.endswith(".jpg") for name in names)
    table = archive.read("notes.csv")
    assert table.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(StringIO(table.decode("utf-8-sig")))
    assert row["title"] == "'=1+1"
    assert json.loads(archive.read("notes.json"))[0]["title"] == "=1+1"
    (read,) = json.loads(archive.read("books.json"))
    assert (read["title"], read["state"], read["finished_on"]) == ("活着", "finished", "2026-11-01")
    assert "reading.csv" in names
    assert not any("别人的" in archive.read(name).decode(errors="ignore") for name in names)


def test_the_packed_file_stays_for_a_day_and_can_be_packed_anew(make: Make) -> None:
    actor = make.actor(make.member())
    service.write_note(actor, NoteForm("题", "文", "me"))
    archiving.ask(actor, Printed({}, {}, {}, "", ""))
    first = NoteArchive.get()
    with pytest.raises(KeyError):  # words that are not there: the job fails, and is tried again
        archiving.pack(first.id)
    archiving.ask(actor, PRINTED)
    assert NoteArchive.get().asked_at == first.asked_at
    NoteArchive.update(words=json.dumps(PRINTED._asdict())).execute()
    archiving.pack(first.id)
    assert archiving.used_keys() == [archiving.get_ready(actor).file_key]
    archiving.ask(actor, PRINTED)
    assert archiving.used_keys() == []
    archiving.pack(first.id)
    with clock.at(clock.now() + timedelta(days=2)):
        assert archiving.find(actor) is None
        with pytest.raises(NotFound):
            archiving.get_ready(actor)
        archiving.sweep()
    assert NoteArchive.select().count() == 0


@pytest.mark.parametrize("cell", ["=SUM(A1)", "+1", "-1", "@x", "\tx"])
def test_a_cell_that_a_table_program_would_run_is_neutralised(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"


def test_a_number_stays_a_number() -> None:
    assert (neutral(-5), neutral(None), neutral("文")) == ("-5", "", "文")


@pytest.mark.parametrize("title", ["a/b:c*?", "...", "\x00", "长" * 300, "CON."])
def test_any_title_makes_a_name_that_every_system_keeps(title: str) -> None:
    name = file_name(title, "md")
    assert name.endswith(".md")
    assert 3 < len(name) < 80
    assert not set(name) & set('\\/:*?"<>|\x00')


def test_a_picture_is_judged_by_content_turned_upright_and_loses_its_place(make: Make, browser: Open) -> None:
    writer = browser(make.member())
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Camera of mine"
    made = send(writer, picture(3000, 1000, exif=exif), "whatever.exe").get_json()
    assert (made["width"], made["height"]) == (533, 1600)
    _, media_type, content = fetch(writer, made["address"])
    assert media_type == "image/jpeg"
    assert b"Camera of mine" not in content
    assert send(writer, picture(3000, 1000, exif=exif)).get_json()["id"] == made["id"]
    assert NoteImage.select().count() == 1


@pytest.mark.parametrize(
    "content", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\xff\xd8\xff\xe0 broken", b"GIF89a"]
)
def test_what_is_no_picture_is_refused_whatever_it_is_called(make: Make, browser: Open, content: bytes) -> None:
    answer = send(browser(make.member()), BytesIO(content), "photo.jpg")
    assert answer.status_code == 422
    assert NoteImage.select().count() == 0


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_opened(make: Make, browser: Open) -> None:
    bomb = BytesIO()
    Image.new("1", (10_000, MOST_PIXELS // 10_000 + 1)).save(bomb, "PNG")
    bomb.seek(0)
    assert send(browser(make.member()), bomb).status_code == 422
    assert list(files().keys()) == []


def test_a_picture_is_shown_to_who_may_see_a_note_that_holds_it_and_to_nobody_else(make: Make, browser: Open) -> None:
    unit = make.unit()
    member, neighbour, stranger = make.member(unit), make.member(unit), make.member()
    writer = browser(member)
    address = send(writer, picture()).get_json()["address"]
    assert fetch(browser(neighbour), address)[0] == 404
    note = service.write_note(make.actor(member), NoteForm("题", f"![图]({address})", "unit"))
    assert f'<img src="{address}"' in writer.get(f"/notes/{note}").get_data(as_text=True)
    assert fetch(browser(neighbour), address)[0] == 200
    assert fetch(browser(stranger), address)[0] == 404
    # Naming another's picture in an own note must not open it.
    service.write_note(make.actor(stranger), NoteForm("偷看", f"![图]({address})", "me"))
    assert fetch(browser(stranger), address)[0] == 404
    service.edit_note(make.actor(member), note, 1, NoteForm("题", "图拿掉了", "unit"))
    assert fetch(browser(neighbour), address)[0] == 404


def test_pictures_of_other_places_stay_words(make: Make, browser: Open) -> None:
    member = make.member()
    body = "![外面的](https://evil.example/1.png) ![绕路](/notes/images/1/../../sign-out) ![内](//notes/images/1)"
    note = service.write_note(make.actor(member), NoteForm("题", body, "me"))
    assert "<img" not in browser(member).get(f"/notes/{note}").get_data(as_text=True)


def test_a_picture_is_in_the_word_file(make: Make, browser: Open) -> None:
    member = make.member()
    writer = browser(member)
    address = send(writer, picture()).get_json()["address"]
    note = service.write_note(make.actor(member), NoteForm("题", f"看：![图]({address})", "me"))
    word = Document(BytesIO(writer.get(f"/notes/{note}/export").data))
    assert len(word.inline_shapes) == 1


def test_an_unused_picture_is_forgotten_after_two_months_but_not_one_that_a_draft_names(
    make: Make, browser: Open
) -> None:
    writer = browser(make.member())
    unused = send(writer, picture(10, 10)).get_json()
    named = send(writer, picture(20, 20)).get_json()
    writer.api("PUT", "/notes/drafts", {"key": "new:", "device": "phone", "body": named["markdown"]})
    NoteImage.update(created_at="2026-01-01 00:00:00").execute()
    assert images.forget_unused() == 1
    assert [image.id for image in NoteImage.select()] == [named["id"]]
    assert unused["id"] != named["id"]
    assert len(list(images.used_keys())) == 1


def test_the_sweep_runs_on_an_empty_house(make: Make) -> None:
    jobs.sweep()
    assert NoteImage.select().count() == 0
