"""Rows of the table of access for the catalogue."""

import base64
import json
from dataclasses import asdict
from io import BytesIO

from lms.catalogue import columns, merging
from lms.catalogue.models import BookFile, BookImport, ImportRow
from lms.members.access import load_actor
from lms.storage import MIB, files
from tests.web.access_table import FORBIDDEN, MISSING, OK, SIGN_IN, everyone, liaisons, row
from tests.web.world import World

BOOK = "<int(max=2147483647):book_id>"
IMPORT = "/books/import/<int(max=2147483647):load_id>"
API_IMPORT = "/api/v1/book-imports/<int(max=2147483647):load_id>"
ROW = "/rows/<int(max=2147483647):row_id>"
MINE = {"load_id": "book_import", "row_id": "import_row"}
OTHERS = {"liaison": MISSING, "administrator": MISSING}
TABLE = (b"title,author\nbook,somebody\n", "books.csv")
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PDF = b"%PDF-1.4\n%%EOF\n"
FILE = {"file_id": "book_file"}
MERGE = {"merge_id": "merge"}
UNDO = "/books/merges/<int(max=2147483647):merge_id>/undo"
API_UNDO = "/api/v1/merges/<int(max=2147483647):merge_id>/undo"


def furnish(world: World) -> None:
    """Give the book a file, add one to merge it with, and an import of the other liaison's with a row in doubt."""
    stored = files().put(BytesIO(PDF), MIB)
    book, other = world.ids["book"], world.make.book("平凡的世界（下）").id
    world.ids["other_book"] = other
    world.ids["book_file"] = BookFile.create(
        book=book, kind="pdf", file_key=stored.key, file_name="book.pdf", file_size=stored.size
    ).id
    liaison = load_actor(world.ids["liaison"])
    world.ids["merge"] = merging.merge_books(liaison, other, world.make.book("平凡的世界（旧）").id)
    layout = columns.understand(["title", "author"])
    load = BookImport.create(
        member=world.ids["other_liaison"],
        file_key=stored.key,
        file_name="books.csv",
        source="own",
        state="checked",
        columns=json.dumps(asdict(layout)),
    )
    world.ids["book_import"] = load.id
    world.ids["import_row"] = ImportRow.create(load=load, number=2, action="doubt", title="book", book=book).id


DRAFT = {"title": "乡土中国", "authors": "费孝通", "language": "zh"}

ROWS = [
    everyone("GET", "/books"),
    row(
        "GET",
        "/books",
        query={"withdrawn": "1"},
        signed_out=SIGN_IN,
        member=FORBIDDEN,
        lecturer=FORBIDDEN,
        liaison=OK,
        other_liaison=OK,
        administrator=OK,
    ),
    everyone("GET", f"/books/{BOOK}"),
    liaisons("GET", "/books/new"),
    liaisons("POST", "/books/new", form=DRAFT),
    liaisons("GET", f"/books/{BOOK}/edit"),
    liaisons("POST", f"/books/{BOOK}/edit", form=DRAFT),
    liaisons("POST", f"/books/{BOOK}/withdraw"),
    liaisons("POST", f"/books/{BOOK}/restore"),
    everyone("GET", "/api/v1/books"),
    liaisons("GET", "/api/v1/books", query={"withdrawn": "true"}),
    everyone("GET", f"/api/v1/books/{BOOK}"),
    liaisons("POST", "/api/v1/books", json=DRAFT),
    everyone("GET", "/books/classes"),
    everyone("GET", "/books/authors"),
    everyone("GET", "/books/subjects"),
    everyone("GET", "/books/years"),
    everyone("GET", "/books/export.csv"),
    everyone("GET", "/books/export.xlsx"),
    liaisons("GET", "/books/template.csv"),
    liaisons("GET", "/books/template.xlsx"),
    everyone("GET", f"/books/{BOOK}/cover"),
    liaisons("GET", f"/books/{BOOK}/attachments"),
    liaisons("POST", f"/books/{BOOK}/cover", form={"cover": (PNG, "cover.png")}),
    liaisons("POST", f"/books/{BOOK}/cover/remove"),
    liaisons("POST", f"/books/{BOOK}/files", form={"file": (PDF, "book.pdf")}),
    everyone("GET", f"/books/{BOOK}/files/<int(max=2147483647):file_id>", params=FILE),
    liaisons("POST", f"/books/{BOOK}/files/<int(max=2147483647):file_id>/remove", params=FILE),
    liaisons("GET", f"/books/{BOOK}/merge"),
    liaisons("POST", UNDO, params=MERGE),
    liaisons("POST", f"/books/{BOOK}/merge", form={"dropped": "2"}),
    liaisons("POST", f"/api/v1/books/{BOOK}/cover", form={"cover": (PNG, "cover.png")}),
    liaisons("DELETE", f"/api/v1/books/{BOOK}/cover"),
    liaisons("POST", f"/api/v1/books/{BOOK}/files", form={"file": (PDF, "book.pdf")}),
    liaisons("DELETE", f"/api/v1/books/{BOOK}/files/<int(max=2147483647):file_id>", params=FILE),
    liaisons("GET", "/books/import"),
    liaisons("POST", "/books/import", form={"file": TABLE}),
    liaisons("GET", IMPORT, params=MINE, **OTHERS),
    liaisons("POST", IMPORT + ROW, params=MINE, form={"choice": "add"}, **OTHERS),
    liaisons("POST", IMPORT + "/start", params=MINE, **OTHERS),
    liaisons("POST", IMPORT + "/discard", params=MINE, **OTHERS),
    liaisons("POST", "/api/v1/book-imports", form={"file": TABLE}),
    liaisons("GET", API_IMPORT, params=MINE, **OTHERS),
    liaisons("GET", API_IMPORT + "/rows", params=MINE, **OTHERS),
    liaisons("PUT", API_IMPORT + ROW, params=MINE, json={"choice": "add"}, **OTHERS),
    liaisons("POST", API_IMPORT + "/start", params=MINE, **OTHERS),
    liaisons("DELETE", API_IMPORT, params=MINE, **OTHERS),
    liaisons("POST", f"/api/v1/books/{BOOK}/merge", json={"dropped": 2}),
    liaisons("GET", f"/api/v1/books/{BOOK}/merges"),
    liaisons("POST", API_UNDO, params=MERGE),
    liaisons("PATCH", f"/api/v1/books/{BOOK}", json={"title": "江村经济"}),
]
