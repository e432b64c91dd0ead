"""Pages to browse by: the tree of classes, authors, subjects, years."""

from collections.abc import Callable

from flask import Blueprint, render_template, request

from lms.catalogue import browsing, classification, queries
from lms.catalogue.browsing import Heading
from lms.catalogue.queries import BookFilter
from lms.paging import Page
from lms.web.i18n import reader_locale
from lms.web.view import page_number

pages = Blueprint("book_browsing", __name__)

NAMES_SHOWN = 120


def wanted_books() -> BookFilter:
    """Read which books a list is to show from the address; what means nothing is passed over."""
    args = request.args
    code = args.get("class", "")[: queries.QUERY_CHARS].upper()
    return BookFilter(
        q=args.get("q", "").strip()[: queries.QUERY_CHARS],
        clc=code if code in classification.CLASSES else "",
        language=args.get("language", ""),
        author=args.get("author", "").strip()[: queries.QUERY_CHARS],
        subject=args.get("subject", "").strip()[: queries.QUERY_CHARS],
        year=_year(args.get("year", "")),
        sort=args["sort"] if args.get("sort") in queries.SORTS else "newest",
        withdrawn=args.get("withdrawn") == "1",
    )


def _year(raw: str) -> int | None:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 4 else None


@pages.get("/books/classes")
def classes() -> str:
    """Show the tree of classes with the books in each."""
    counts = browsing.counts_by_class()
    return render_template(
        "catalogue/classes.html",
        tree=[(top, classification.below(top.code)) for top in classification.below("")],
        counts=counts,
        below=classification.below,
        locale_name=reader_locale(),
    )


@pages.get("/books/authors")
def authors() -> str:
    """Show the authors and translators with the number of their books."""
    return _names("catalogue/authors.html", browsing.list_authors)


@pages.get("/books/subjects")
def subjects() -> str:
    """Show the subjects with the number of their books."""
    return _names("catalogue/subjects.html", browsing.list_subjects)


@pages.get("/books/years")
def years() -> str:
    """Show the years of publication with the number of books of each."""
    return render_template("catalogue/years.html", decades=browsing.years_by_decade())


def _names(template: str, load: Callable[[str, int, int], Page[Heading]]) -> str:
    text = request.args.get("q", "").strip()[: queries.QUERY_CHARS]
    return render_template(template, page=load(text, page_number(), NAMES_SHOWN), text=text)
