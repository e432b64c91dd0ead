"""Rows of the table of access for the catalogue."""

from tests.web.access_table import FORBIDDEN, OK, SIGN_IN, everyone, liaisons, row

BOOK = "<int(max=2147483647):book_id>"
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
    liaisons("PATCH", f"/api/v1/books/{BOOK}", json={"title": "江村经济"}),
]
