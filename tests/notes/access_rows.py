"""Rows of the table of access: notes.

``note`` belongs to the member and is shared with the unit; ``handed_in`` is the member's own, handed in; ``accepted``
is the member's, shared with everyone and accepted.
"""

from lms import clock
from lms.notes.models import LikenessText, Note, NoteComment, NoteDraft, NoteImage, NoteRevision
from tests.web.access_table import CONFLICT, FORBIDDEN, FORM, MISSING, OK, SIGN_IN, Row, everyone, liaisons, row
from tests.web.world import World

NOTE = "<int(max=2147483647):note_id>"
COMMENT = "<int(max=2147483647):comment_id>"
DRAFT = "<int(max=2147483647):draft_id>"
REVISION = "<int(max=2147483647):revision_id>"
WRITTEN = {"title": "读后", "body": "田野里的差序格局。", "audience": "me"}
CHANGED = {**WRITTEN, "version": 1}
TYPED = {"key": "new:", "device": "phone", "body": "写到一半"}
HANDED_IN = {"note_id": "handed_in"}
ACCEPTED = {"note_id": "accepted"}


def furnish(world: World) -> None:
    """Write notes for the unit and what hangs on them."""
    mine = {"member": world.ids["member"], "unit": world.ids["unit"], "body": "一段话。", "chars": 4}
    note = Note.create(**mine, title="读后", audience="unit")
    waiting = Note.create(**mine, title="交了", audience="me", state="submitted", submitted_at=clock.now())
    accepted = Note.create(
        **mine, title="好的", audience="everyone", state="accepted", submitted_at=clock.now(), times=1
    )
    world.ids.update(note=note.id, handed_in=waiting.id, accepted=accepted.id)
    said = NoteComment.create(note=note, member=world.ids["member"], body="说一句")
    draft = NoteDraft.create(member=world.ids["member"], key=f"note:{note.id}", device="phone", note=note, body="半句")
    revision = NoteRevision.create(
        member=world.ids["member"], key=f"note:{note.id}", note=note, version=1, how="saved", body="旧稿"
    )
    image = NoteImage.create(
        member=world.ids["member"], file_key="0" * 64, media_type="image/png", width=1, height=1, size=1
    )
    world.ids.update(comment=said.id, draft=draft.id, revision=revision.id, note_image=image.id)
    LikenessText.create(kind="note", ref=note.id)


def of_the_writer(method: str, rule: str, **sent: object) -> Row:
    """Open to the writer only; to everybody else the note is not there to change."""
    cells = {"member": OK, **{key: sent.pop(key) for key in ("member",) if key in sent}}
    return row(
        method,
        rule,
        signed_out=SIGN_IN,
        lecturer=MISSING,
        liaison=MISSING,
        other_liaison=MISSING,
        administrator=MISSING,
        **cells,
        **sent,
    )


def of_reviewers(method: str, rule: str, **sent: object) -> Row:
    """Open to those who review the unit's notes; the writer and others meet what the row says."""
    cells = {"member": MISSING, "lecturer": MISSING}
    cells.update({key: sent.pop(key) for key in ("member", "lecturer") if key in sent})
    return row(method, rule, signed_out=SIGN_IN, liaison=OK, other_liaison=MISSING, administrator=OK, **cells, **sent)


def of_readers(method: str, rule: str, **sent: object) -> Row:
    """Open to those whom the audience of the unit's note takes in."""
    return everyone(method, rule, other_liaison=MISSING, **sent)


ACCEPT = {"version": 1, "verdict": "accepted"}
WHY = {"remark": "数字有误"}

NOT_PACKED = dict.fromkeys(("member", "lecturer", "liaison", "other_liaison", "administrator"), MISSING)

ROWS = [
    everyone("GET", "/notes"),
    everyone("GET", "/notes/new"),
    everyone("POST", "/notes/new", form=WRITTEN),
    of_readers("GET", f"/notes/{NOTE}"),
    of_the_writer("GET", f"/notes/{NOTE}/edit"),
    of_the_writer("POST", f"/notes/{NOTE}/edit", form=CHANGED),
    of_the_writer("POST", f"/notes/{NOTE}/delete"),
    of_the_writer("POST", f"/notes/{NOTE}/restore"),
    of_the_writer("GET", f"/notes/{NOTE}/history"),
    of_the_writer("GET", f"/notes/{NOTE}/history/{REVISION}"),
    of_the_writer("GET", f"/notes/drafts/{DRAFT}"),
    of_the_writer("POST", f"/notes/drafts/{DRAFT}/discard"),
    everyone("GET", "/notes/bin"),
    of_the_writer("POST", f"/notes/{NOTE}/submit", form={"version": 1}),
    of_the_writer("POST", f"/notes/{NOTE}/withdraw", params=HANDED_IN),
    liaisons("GET", "/notes/review"),
    of_reviewers("GET", f"/notes/{NOTE}/review", params=HANDED_IN),
    of_reviewers("POST", f"/notes/{NOTE}/review", params=HANDED_IN, form=ACCEPT),
    of_reviewers("POST", f"/notes/{NOTE}/reopen", params=ACCEPTED, form=WHY),
    everyone("GET", "/notes/showcase"),
    liaisons("POST", f"/notes/{NOTE}/show", params=ACCEPTED, other_liaison=FORBIDDEN),
    liaisons("POST", f"/notes/{NOTE}/unshow", params=ACCEPTED, other_liaison=FORBIDDEN),
    of_readers("POST", f"/notes/{NOTE}/thanks", member=FORBIDDEN),
    of_readers("POST", f"/notes/{NOTE}/unthank"),
    of_readers("POST", f"/notes/{NOTE}/comments", form={"comment": "写得好"}),
    of_the_writer("POST", f"/notes/{NOTE}/comments/{COMMENT}", form={"comment": "改一句"}),
    of_reviewers("POST", f"/notes/{NOTE}/comments/{COMMENT}/delete", member=OK),
    of_the_writer(
        "GET", "/notes/images/<int(max=2147483647):image_id>", params={"image_id": "note_image"}, member=MISSING
    ),
    everyone("GET", "/notes/export", member=OK, query={"note": "1"}, other_liaison=MISSING),
    of_readers("GET", f"/notes/{NOTE}/export"),
    everyone("GET", "/notes/takeaway"),
    everyone("POST", "/notes/takeaway"),
    everyone("GET", "/notes/takeaway/file", **NOT_PACKED),
    everyone("GET", "/api/v1/notes"),
    everyone("POST", "/api/v1/notes", json=WRITTEN),
    of_readers("GET", f"/api/v1/notes/{NOTE}"),
    of_the_writer("PUT", f"/api/v1/notes/{NOTE}", json=CHANGED),
    of_the_writer("DELETE", f"/api/v1/notes/{NOTE}"),
    of_the_writer("POST", f"/api/v1/notes/{NOTE}/restore"),
    everyone("GET", "/api/v1/notes/bin"),
    everyone("PUT", "/api/v1/notes/drafts", json=TYPED),
    everyone("GET", "/api/v1/notes/drafts"),
    of_the_writer("GET", f"/api/v1/notes/drafts/{DRAFT}"),
    of_the_writer("DELETE", f"/api/v1/notes/drafts/{DRAFT}"),
    of_the_writer("GET", f"/api/v1/notes/{NOTE}/history"),
    of_the_writer("GET", f"/api/v1/notes/{NOTE}/history/{REVISION}"),
    of_the_writer("POST", f"/api/v1/notes/{NOTE}/submit", json={"version": 1}),
    of_the_writer("POST", f"/api/v1/notes/{NOTE}/withdraw", params=HANDED_IN),
    liaisons("GET", "/api/v1/notes/queue"),
    of_reviewers("POST", f"/api/v1/notes/{NOTE}/decision", params=HANDED_IN, json=ACCEPT, member=FORBIDDEN),
    liaisons(
        "POST",
        f"/api/v1/notes/{NOTE}/decision",
        params=ACCEPTED,
        json=ACCEPT,
        liaison=CONFLICT,
        other_liaison=FORBIDDEN,
        administrator=CONFLICT,
    ),
    liaisons("POST", f"/api/v1/notes/{NOTE}/reopen", params=ACCEPTED, json=WHY, other_liaison=FORBIDDEN),
    of_reviewers("GET", f"/api/v1/notes/{NOTE}/steps", params=HANDED_IN, member=OK),
    of_reviewers("GET", f"/api/v1/notes/{NOTE}/likeness", params=HANDED_IN, member=FORBIDDEN),
    of_readers("GET", f"/api/v1/notes/{NOTE}/comments"),
    of_readers("POST", f"/api/v1/notes/{NOTE}/comments", json={"comment": "写得好"}),
    of_the_writer("PUT", f"/api/v1/notes/{NOTE}/comments/{COMMENT}", json={"comment": "改一句"}),
    of_reviewers("DELETE", f"/api/v1/notes/{NOTE}/comments/{COMMENT}", member=OK),
    of_readers("PUT", f"/api/v1/notes/{NOTE}/thanks", member=FORBIDDEN),
    of_readers("DELETE", f"/api/v1/notes/{NOTE}/thanks"),
    everyone("GET", "/api/v1/notes/showcase"),
    liaisons("PUT", f"/api/v1/notes/{NOTE}/shown", params=ACCEPTED, other_liaison=FORBIDDEN),
    liaisons("DELETE", f"/api/v1/notes/{NOTE}/shown", params=ACCEPTED, other_liaison=FORBIDDEN),
    everyone(
        "POST",
        "/api/v1/notes/images",
        **dict.fromkeys(("member", "lecturer", "liaison", "other_liaison", "administrator"), FORM),
    ),
    of_the_writer(
        "GET", "/api/v1/notes/images/<int(max=2147483647):image_id>", params={"image_id": "note_image"}, member=MISSING
    ),
    of_readers("GET", f"/api/v1/notes/{NOTE}/export"),
    everyone("GET", "/api/v1/notes/export", query={"note": "1"}, other_liaison=MISSING),
    everyone("GET", "/api/v1/notes/takeaway"),
    everyone("POST", "/api/v1/notes/takeaway"),
    everyone("GET", "/api/v1/notes/takeaway/file", **NOT_PACKED),
]
