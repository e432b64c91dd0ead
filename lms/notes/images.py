"""Images in notes: stored by content, used by notes, shown to who may see a note that uses them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import IO, NamedTuple

from peewee import fn

from lms import clock
from lms.db import one_at_a_time, transactional
from lms.errors import N_, InvalidInput, NotFound, TooLarge
from lms.members.access import Actor
from lms.notes import pictures, reach
from lms.notes.models import Note, NoteDraft, NoteImage, NoteImageUse, NoteRevision
from lms.notes.pictures import Picture
from lms.storage import files
from lms.uploads import service as uploads
from lms.uploads.rules import Destination

MOST_IMAGES = 2000
PREFIX = "/notes/images/"
UNUSED_KEPT = timedelta(days=60)
SWEPT_AT_ONCE = 200
_IMAGE = re.compile(r"\]\(<?/notes/images/([1-9][0-9]{0,9})(?=[\s)>])")


class ImageFile(NamedTuple):
    """An image in the store."""

    id: int
    file_key: str
    media_type: str
    width: int
    height: int


def add_image(actor: Actor, stream: IO[bytes]) -> ImageFile:
    """Store an image for the actor's notes; the same one again is the one that is there.

    It counts in the actor's share of the store. Raises InvalidInput for what is no picture or one too many, TooLarge
    when the share is full, Unavailable when the disk is.
    """
    picture = pictures.prepare(stream)
    stored = files().put(BytesIO(picture.content), len(picture.content))
    try:
        return _note_down(actor, picture, stored.key)
    except (InvalidInput, TooLarge):
        files().take_back(stored)
        raise


@transactional
def _note_down(actor: Actor, picture: Picture, key: str) -> ImageFile:
    one_at_a_time(f"images of member:{actor.id}")
    mine = NoteImage.member == actor.id
    found = NoteImage.get_or_none(mine, NoteImage.file_key == key)
    if found is None:
        if NoteImage.select(fn.COUNT(NoteImage.id)).where(mine).scalar() >= MOST_IMAGES:
            raise InvalidInput(
                N_("You have %(most)s images in your notes already. No more can be added."),
                field="file",
                most=MOST_IMAGES,
            )
        uploads.require_room(actor, Destination(None), len(picture.content))
        found = NoteImage.create(
            member=actor.id,
            file_key=key,
            media_type=picture.media_type,
            width=picture.width,
            height=picture.height,
            size=len(picture.content),
        )
    return ImageFile(found.id, key, found.media_type, found.width, found.height)


def get_image(actor: Actor, image: int) -> ImageFile:
    """Give an image that the actor put up, or that a note uses which the actor may open. Raises NotFound."""
    columns = [getattr(NoteImage, name) for name in ImageFile._fields]
    row = NoteImage.select(*columns).where(NoteImage.id == image, NoteImage.member == actor.id).tuples().first()
    if row is None:
        row = (
            NoteImage.select(*columns)
            .join(NoteImageUse)
            .join(Note)
            .where(NoteImage.id == image, reach.may_open(actor))
            .tuples()
            .first()
        )
    if row is None:
        raise NotFound(N_("This image is not there, or you may not see it."))
    return ImageFile._make(row)


def named_in(body: str) -> set[int]:
    """Give the ids of the images that a text shows."""
    return {int(ident) for ident in _IMAGE.findall(body) if int(ident) < 2**31}


def use(actor: Actor, note: int, body: str) -> None:
    """Note down which images a note shows: only its writer's own, or naming another's image would open it."""
    named = named_in(body)
    own = {
        ident
        for (ident,) in NoteImage.select(NoteImage.id)
        .where(NoteImage.member == actor.id, NoteImage.id.in_(sorted(named)))
        .tuples()
    } if named else set()  # fmt: skip
    NoteImageUse.delete().where(NoteImageUse.note == note).execute()
    if own:
        NoteImageUse.insert_many([{"note": note, "image": ident} for ident in sorted(own)]).execute()


def list_images_of(note: int) -> list[ImageFile]:
    """Give the images of a note that was looked up for the actor before."""
    columns = [getattr(NoteImage, name) for name in ImageFile._fields]
    rows = NoteImage.select(*columns).join(NoteImageUse).where(NoteImageUse.note == note).order_by(NoteImage.id)
    return [ImageFile._make(row) for row in rows.tuples()]


def used_keys() -> Iterator[str]:
    """Walk over the storage keys of all images, those of deleted notes and of drafts as well."""
    for (key,) in NoteImage.select(NoteImage.file_key).tuples().iterator():
        yield key


@transactional
def forget_unused() -> int:
    """Forget images that no note, draft or earlier text has shown for two months, and give their number."""
    used = NoteImageUse.select(NoteImageUse.image)
    old = NoteImage.created_at < clock.now() - UNUSED_KEPT
    rows = NoteImage.select(NoteImage.id, NoteImage.member).where(old, NoteImage.id.not_in(used))
    idle = [ident for ident, member in rows.limit(SWEPT_AT_ONCE).tuples() if not _still_named(member, ident)]
    if not idle:
        return 0
    # Looked at again: one of them may stand in a note that has been saved meanwhile.
    return int(NoteImage.delete().where(NoteImage.id.in_(idle), NoteImage.id.not_in(used)).execute())


def _still_named(member: int, image: int) -> bool:
    words = f"{PREFIX}{image}"
    return any(
        model.select().where(model.member == member, model.body.contains(words)).exists()
        for model in (NoteDraft, NoteRevision)
    )
