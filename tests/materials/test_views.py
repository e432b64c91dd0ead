"""A book is found by its words at once; what it looks like comes a moment later, and nothing is lost between."""

from collections.abc import Callable

import pytest

from lms.errors import InvalidInput
from lms.jobs.models import Job
from lms.jobs.queue import ATTEMPTS, forget_leases, run, try_again
from lms.materials import extraction, jobs, queries, rules, versions
from lms.materials.extraction import Taken, TakenPage
from lms.materials.kinds import REASONS
from lms.materials.models import Material, MaterialPage, MaterialPicture
from lms.materials.uploading import EXTRACT, VIEW
from lms.members.access import Actor
from lms.members.models import Member
from lms.search.models import OutboxRow
from tests.materials.office import chapter, make_epub
from tests.materials.test_formats import Open, Send
from tests.materials.test_pictures import photo

BODY = "<h1>议事</h1><p>人人<b>可以</b>说话。</p><p><img src='../art/a.jpg' alt='会场'/></p>"


@pytest.fixture
def book(upload: Send) -> Material:
    """A book of which the text has been taken out, and no more."""
    art = {"OEBPS__art__a.jpg": photo()}
    material = upload(make_epub([chapter(BODY), chapter("<p><img src='../art/a.jpg'/></p>")], **art), done=False)
    run(Job.get(Job.task == EXTRACT).id)
    found: Material = Material.get_by_id(material.id)
    return found


def view_job() -> int:
    return int(Job.get(Job.task == VIEW, Job.state == "waiting").id)


def test_its_words_are_there_before_its_looks_and_are_not_written_to_the_index_twice(
    book: Material, browser: Open
) -> None:
    assert (book.state, book.plain, book.page_count) == ("ready", True, 2)
    reader = browser(Member.get_by_id(book.uploader))
    first = reader.get(f"/materials/{book.id}/pages/1").text
    assert "人人可以说话。" in first
    assert "稍后即可看到" in first
    assert "稍后即可看到" in reader.get(f"/materials/{book.id}/pages/2").text
    assert (reader.get(f"/api/v1/materials/{book.id}").json or {})["plain"] is True
    told = OutboxRow.select().count()
    job = view_job()
    run(job)
    jobs.view(book.id, 1)
    page = reader.get(f"/materials/{book.id}/pages/1").text
    assert "人人<strong>可以</strong>说话。" in page
    assert f'<img src="/materials/{book.id}/pictures/1"' in page
    assert "稍后即可看到" not in page
    assert MaterialPicture.select().count() == 1
    assert OutboxRow.select().count() == told
    assert (reader.get(f"/api/v1/materials/{book.id}").json or {})["plain"] is False


def test_a_worker_that_dies_between_the_two_leaves_the_work_to_the_next(book: Material) -> None:
    job = view_job()
    Job.update(state="running", attempts=1).where(Job.id == job).execute()  # as a worker that was killed leaves it
    Job.update(state="waiting").where(Job.id == job).execute()  # as the next one finds it
    run(job)
    assert not Material.get_by_id(book.id).plain
    assert Job.get_by_id(job).state == "done"


def test_what_it_looks_like_belongs_to_the_version_in_force(book: Material) -> None:
    versions.keep_pages(book.id, 1, Taken([TakenPage("", "另一份")]))
    jobs.view(book.id, 1)
    assert [page.text for page in MaterialPage.select()] == ["另一份"]
    Material.update(plain=True, version=2).execute()
    jobs.view(book.id, 1)
    assert Material.get_by_id(book.id).plain


def test_where_the_looks_cannot_be_taken_out_the_words_stay_and_readers_are_told(
    book: Material, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def heavy(*_: object) -> Taken:
        raise InvalidInput(REASONS["heavy"])

    monkeypatch.setattr(jobs, "take_view", heavy)
    run(view_job())
    found = queries.get_material(actor, book.id)
    assert (found.state, found.plain, found.failure) == ("ready", False, rules.NO_VIEW)
    assert MaterialPage.get(MaterialPage.number == 1).text == "人人可以说话。\n[会场]"


def test_a_book_whose_looks_were_given_up_says_so_and_its_owner_or_an_administrator_tries_again(
    book: Material, browser: Open, monkeypatch: pytest.MonkeyPatch, work: Callable[[], None]
) -> None:
    job = view_job()
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "take_view", _falls_over)
        Job.update(attempts=ATTEMPTS - 1).where(Job.id == job).execute()
        work()
    assert (Job.get_by_id(job).state, Material.get_by_id(book.id).plain) == ("dead", False)
    owner = browser(Member.get_by_id(book.uploader))
    for page in (f"/materials/{book.id}", f"/materials/{book.id}/pages/1"):
        shown = owner.get(page).text
        assert "这本书只取出了文字" in shown
        assert f'action="/materials/{book.id}/retry"' in shown
        assert "稍后即可看到" not in shown
    assert "正在重新取出版面和图片" in owner.post(f"/materials/{book.id}/retry", follow_redirects=True).text
    assert "稍后即可看到" in owner.get(f"/materials/{book.id}/pages/1").text
    again = view_job()
    jobs.unseen(book.id, 1)  # the news of another try that died come late: it harms nothing
    run(again)
    found = Material.get_by_id(book.id)
    assert (found.plain, found.failure, MaterialPicture.select().count()) == (False, "", 1)
    jobs.unseen(book.id, 1)
    assert Material.get_by_id(book.id).failure == ""
    assert Job.get_by_id(job).state == "done", "what had died is done by the one that came after it"
    Job.update(state="dead").where(Job.id == job).execute()
    Material.update(failure=rules.NO_VIEW).execute()
    MaterialPicture.delete().execute()
    try_again(job)  # as an administrator does, who sees the dead job
    run(job)
    assert (Material.get_by_id(book.id).failure, MaterialPicture.select().count()) == ("", 1)


def test_a_file_whose_text_was_given_up_with_the_worker_has_failed_and_waits_for_no_one(
    upload: Send, work: Callable[[], None]
) -> None:
    material = upload(make_epub([chapter(BODY)]), done=False)
    Job.update(state="running", attempts=ATTEMPTS).where(Job.task == EXTRACT).execute()
    forget_leases()
    work()
    found = Material.get_by_id(material.id)
    assert (found.state, found.failure) == ("failed", rules.GAVE_UP)


def _falls_over(*_: object) -> Taken:
    raise OSError("the disk went away")


def test_a_book_that_is_cut_otherwise_when_it_is_shown_is_written_anew_and_found_anew(
    book: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [TakenPage("议事", "人人可以说话。", "<p>人人可以说话。</p>")]
    monkeypatch.setattr(jobs, "take_view", lambda *_: Taken(pages))
    told = OutboxRow.select().count()
    run(view_job())
    assert [page.markup for page in MaterialPage.select()] == ["<p>人人可以说话。</p>"]
    assert (Material.get_by_id(book.id).page_count, OutboxRow.select().count()) == (1, told + 1)
    assert extraction.TEXT_FIRST
