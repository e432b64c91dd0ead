"""Everything that can be found: one source for each kind, and how its rows become documents of the index."""

from collections.abc import Iterator

from lms.activities import documents as activities
from lms.catalogue import documents as catalogue
from lms.courses import documents as courses
from lms.lectures import documents as lectures
from lms.lists import documents as lists
from lms.materials import documents as materials
from lms.notes import documents as notes
from lms.questions import documents as questions
from lms.searchable import Searchable, Source
from search_index import Document

SOURCES: dict[str, Source] = {
    source.kind: source
    for source in (
        activities.SOURCE,
        catalogue.SOURCE,
        courses.SOURCE,
        lectures.SOURCE,
        lists.SOURCE,
        materials.SOURCE,
        notes.SOURCE,
        questions.SOURCE,
    )
}


def group_of(kind: str, ref: int) -> str:
    """Name the group that all places of one row share in the index."""
    return f"{kind}:{ref}"


def documents_of(kind: str, ref: int) -> Iterator[Document]:
    """Make the documents of one row as it is now; none when it is gone or hidden."""
    for place in SOURCES[kind].load(ref):
        yield to_document(place)


def all_documents() -> Iterator[Document]:
    """Make the documents of everything there is: what a rebuilt index holds."""
    for kind, source in SOURCES.items():
        for ref in source.all_refs():
            yield from documents_of(kind, ref)


def to_document(place: Searchable) -> Document:
    """Turn what a feature gives into a document of the index."""
    return Document(*place)
