"""Pages are kept while what they are made of is the same: one made anew never says anything else."""

import re
from collections.abc import Callable

import pytest
from apiflask import APIFlask

from lms import clock
from lms.catalogue.models import Book
from lms.lists.models import BookList, ListedBook
from lms.members.models import Member
from lms.notes.models import Note
from lms.reading import service as reading
from lms.reading.rules import Progress, State
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]
ONCE = re.compile(r'name="once" value="\w+')


def changes(make: Make, member: Member, book: Book) -> dict[str, Callable[[], object]]:
    actor, other = make.actor(member), make.member(make.unit())
    today, unit = clock.today(), actor.home
    return {
        "it is begun": lambda: reading.set_state(actor, book.id, State.READING, today),
        "a page is noted": lambda: reading.note_progress(actor, book.id, Progress(30, 212, today)),
        "it is finished": lambda: reading.set_state(actor, book.id, State.FINISHED, today),
        "it is rated": lambda: reading.rate(actor, book.id, 4),
        "its title is corrected": lambda: Book.update(title="平凡的世界（一）").where(Book.id == book.id).execute(),
        "another writes about it": lambda: Note.create(
            member=other, unit=unit, title="读后", body="记。", book=book, audience="everyone"
        ),
        "it is recommended": lambda: ListedBook.create(
            book=book,
            position=1,
            list=BookList.create(title="必读", unit=unit, since=today, until=today, issued_at=clock.now()),
        ),
        "it is withdrawn": lambda: Book.update(withdrawn_at=clock.now()).where(Book.id == book.id).execute(),
    }


@pytest.mark.parametrize("address", ["/books", "/books/{}"])
def test_a_page_of_books_never_shows_what_was(app: APIFlask, browser: Open, make: Make, address: str) -> None:
    member, book = make.member(), make.book("平凡的世界", pages=480)
    mine = browser(member)

    def page() -> str:
        response = mine.get(address.format(book.id))
        assert response.status_code == 200
        return ONCE.sub("", response.get_data(as_text=True))

    seen = [page()]
    for name, change in changes(make, member, book).items():
        change()
        kept = page()
        app.extensions["kept_pages"].forget()
        assert page() == kept, name
        seen.append(kept)
    assert len(set(seen)) >= (5 if address == "/books" else 9)


def test_a_page_is_kept_for_its_reader_address_and_settings_only(browser: Open, make: Make) -> None:
    book = make.book("平凡的世界")
    member, editor = browser(make.member()), browser(make.member(role="liaison"))
    address = f"/books/{book.id}"
    assert f"{address}/edit" not in member.get(address).get_data(as_text=True)
    assert f"{address}/edit" in editor.get(address).get_data(as_text=True)
    member.client.set_cookie("lms_text_size", "large")
    assert 'data-text="large"' in member.get(address).get_data(as_text=True)
    member.client.set_cookie("lms_text_size", "normal")
    assert 'data-text="normal"' in member.get(address).get_data(as_text=True)
    assert "没有" in member.get("/books?q=xyz").get_data(as_text=True)
    assert "平凡的世界" in member.get("/books?q=平凡").get_data(as_text=True)


def test_a_form_on_a_kept_page_carries_the_token_of_its_own_session(browser: Open, make: Make) -> None:
    member, book = make.member(), make.book("平凡的世界")
    phone, desk = browser(member), browser(member)
    for device in (phone, desk, phone):
        token = re.search(r'name="csrf_token" value="([^"]+)"', device.get(f"/books/{book.id}").get_data(as_text=True))
        assert token
        form = {"csrf_token": token[1], "state": "want"}
        assert device.client.post(f"/books/{book.id}/reading", data=form).status_code == 303
