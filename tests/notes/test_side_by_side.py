"""A writer and a liaison, or two devices of a writer, at the same moment."""

from functools import partial

import pytest

from lms.errors import Conflict
from lms.notes import drafting, images, reviewing, service
from lms.notes.drafting import Typed
from lms.notes.models import Note, NoteDraft, NoteImage
from lms.notes.service import NoteForm
from tests.factories import Make
from tests.notes.test_export import picture
from tests.side_by_side import side_by_side

pytestmark = pytest.mark.postgres_only

FORM = NoteForm("邻里之间", "田野。" * 30, "unit")


def kinds(failures: list[Exception]) -> list[type[Exception]]:
    return [type(error) for error in failures]


def test_a_note_that_is_accepted_while_its_writer_deletes_it_stays(make: Make) -> None:
    unit = make.unit()
    actor, liaison = (make.actor(make.member(unit, role)) for role in ("member", "liaison"))
    note = service.write_note(actor, FORM)
    reviewing.submit(actor, note, 1)
    accept = partial(reviewing.decide, liaison, note, 1, "accepted")
    assert kinds(side_by_side(accept, partial(service.delete_note, actor, note))) == [Conflict]
    assert (Note.get().state, Note.get().deleted_at) == ("accepted", None)


def test_a_note_that_is_handed_in_on_one_device_is_not_changed_on_the_other(make: Make) -> None:
    actor = make.actor(make.member())
    note = service.write_note(actor, FORM)
    change = partial(service.edit_note, actor, note, 1, NoteForm("邻里之间", "别的文字。" * 30, "unit"))
    assert kinds(side_by_side(partial(reviewing.submit, actor, note, 1), change)) == [Conflict]
    assert Note.get().body.startswith("田野")


def test_what_a_device_sends_twice_at_once_is_one_draft(make: Make) -> None:
    keep = partial(drafting.keep_draft, make.actor(make.member()), "new:", "phone", Typed("", "田野", "free", "unit"))
    assert side_by_side(keep, keep) == []
    assert NoteDraft.select().count() == 1


def test_a_picture_put_up_twice_at_once_is_one(make: Make) -> None:
    actor = make.actor(make.member())
    one, other = (partial(images.add_image, actor, picture()) for _ in range(2))
    assert side_by_side(one, other) == []
    assert NoteImage.select().count() == 1
