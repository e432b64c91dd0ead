"""What is given with a book: its cover, its files; and making two books one."""

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file
from werkzeug.wrappers import Response as AnyResponse

from lms.catalogue import attachments, covers, drawn, merging, queries, rules
from lms.config import MIB
from lms.errors import N_, InvalidInput, NotFound, TooLarge, Unavailable
from lms.members.access import Action, require
from lms.storage import files
from lms.uploads import fields
from lms.web import i18n, uploads
from lms.web.addresses import url_for
from lms.web.errors import status_of
from lms.web.i18n import gettext
from lms.web.signin import actor
from lms.web.view import whole_number

pages = Blueprint("book_files", __name__)

BOOK = "/books/<int(max=2147483647):book_id>"
FOREVER = 365 * 24 * 3600  # the address of a cover changes with its content
LARGEST_ID = 2_147_483_647
PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'; sandbox"

uploads.allow_upload("book_files.set_cover", lambda settings: covers.MOST_BYTES, Action.CATALOGUE_EDIT)
uploads.allow_upload(
    "book_files.add_file", lambda settings: settings.max_material_mib * MIB, Action.CATALOGUE_EDIT, attachments.kept_in
)


@pages.get(BOOK + "/cover")
def cover(book_id: int) -> Response:
    """Hand out a book's cover; a drawn one, as SVG, when it has no picture. ?size=thumb gives the small one."""
    book = queries.get_book(book_id)
    key = book.thumb_key if request.args.get("size") == "thumb" else book.cover_key
    if not key or not files().exists(key):
        drawing = drawn.svg(book.title, book.authors, drawn.cloth_of(rules.clc_class(book.clc)))
        made = Response(drawing, mimetype="image/svg+xml")
        made.headers["Cache-Control"] = "private, no-cache"
        return made
    answer = send_file(files().path(key), mimetype="image/jpeg", etag=key, conditional=True, max_age=FOREVER)
    answer.headers["Cache-Control"] = f"private, max-age={FOREVER}, immutable"
    return answer


@pages.get(BOOK + "/attachments")
def attached(book_id: int) -> str:
    """Show where the cover and the files of a book are given."""
    require(actor(), Action.CATALOGUE_EDIT)
    return _page(book_id, {})


def _page(book_id: int, errors: dict[str, str]) -> str:
    limit = uploads.upload_limit("book_files.add_file")
    return render_template(
        "catalogue/attachments.html",
        book=queries.get_book(book_id),
        files=queries.list_files(book_id),
        errors=errors,
        cover_mb=covers.MOST_BYTES // MIB,
        file_mb=limit // MIB,
        limits=fields.limits(None, limit),
    )


@pages.post(BOOK + "/cover")
def set_cover(book_id: int) -> AnyResponse | tuple[str, int]:
    """Take a picture as the cover of a book."""
    file = request.files.get("cover")
    try:
        if file is None or not file.filename:
            raise InvalidInput(N_("Please choose a file."), field="cover")
        attachments.set_cover(actor(), book_id, file.stream)
    except (InvalidInput, TooLarge, Unavailable) as error:
        return _page(book_id, {"cover": i18n.words(error)}), status_of(error)
    flash(gettext("The book has its cover."), "success")
    return redirect(url_for("catalogue.book", book_id=book_id), code=303)


@pages.post(BOOK + "/cover/remove")
def remove_cover(book_id: int) -> AnyResponse:
    """Take the cover away."""
    attachments.remove_cover(actor(), book_id)
    flash(gettext("The cover is gone; one is drawn from the title again."), "success")
    return redirect(url_for("book_files.attached", book_id=book_id), code=303)


@pages.post(BOOK + "/files")
def add_file(book_id: int) -> AnyResponse | tuple[str, int]:
    """Take an EPUB or a PDF for a book."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise InvalidInput(N_("Please choose a file."), field="file")
        limit = uploads.upload_limit("book_files.add_file")
        attachments.add_file(actor(), book_id, file.stream, file.filename, limit)
    except (InvalidInput, TooLarge, Unavailable) as error:
        return _page(book_id, {"file": i18n.words(error)}), status_of(error)
    flash(gettext("The file stands with the book."), "success")
    return redirect(url_for("book_files.attached", book_id=book_id), code=303)


@pages.post(BOOK + "/files/<int(max=2147483647):file_id>/remove")
def remove_file(book_id: int, file_id: int) -> AnyResponse:
    """Take a file off a book."""
    attachments.remove_file(actor(), book_id, file_id)
    flash(gettext("The file is gone."), "success")
    return redirect(url_for("book_files.attached", book_id=book_id), code=303)


@pages.get(BOOK + "/files/<int(max=2147483647):file_id>")
def file(book_id: int, file_id: int) -> Response:
    """Hand out a file of a book: a PDF opens in the browser (?download=1 saves it), an EPUB is saved."""
    found = attachments.get_file(book_id, file_id)
    path = files().path(found.file_key)
    if not path.is_file():
        raise NotFound(N_("This file is not there any more."))
    inline = found.kind == attachments.PDF and request.args.get("download") != "1"
    answer = send_file(
        path,
        mimetype=attachments.MEDIA_TYPES[found.kind],
        as_attachment=not inline,
        download_name=found.file_name,
        conditional=True,
        etag=found.file_key,
        max_age=0,
    )
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Content-Security-Policy"] = PDF_POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@pages.get(BOOK + "/merge")
def merge_form(book_id: int) -> str:
    """Show which book this one may be the same as, and how both would be one."""
    require(actor(), Action.CATALOGUE_EDIT)
    text = request.args.get("q", "").strip()[: queries.QUERY_CHARS]
    draft = queries.get_draft(book_id)
    twins = queries.find_twins(draft, book_id)
    found = [row for row in queries.search_titles(text, 10) if row.id != book_id] if text else []
    return render_template(
        "catalogue/merge.html",
        book=queries.get_book(book_id),
        twins=twins,
        found=found,
        text=text,
        merges=merging.list_merges(book_id),
    )


@pages.post(BOOK + "/merge")
def merge(book_id: int) -> AnyResponse:
    """Make another book one with this one, which is kept."""
    dropped = whole_number(request.form.get("dropped"), "dropped", 1, LARGEST_ID)
    if dropped is None:
        raise InvalidInput(N_("Please choose the other book."), field="dropped")
    merging.merge_books(actor(), book_id, dropped)
    flash(gettext("The two books are one now. Logs, notes and plans of the other one stand here."), "success")
    return redirect(url_for("book_files.merge_form", book_id=book_id), code=303)


@pages.post("/books/merges/<int(max=2147483647):merge_id>/undo")
def undo_merge(merge_id: int) -> AnyResponse:
    """Make two merged books two again and show the one that comes back."""
    back = merging.undo_merge(actor(), merge_id)
    flash(gettext("The two books are two again. What came from this one is back here."), "success")
    return redirect(url_for("catalogue.book", book_id=back), code=303)
