"""Writing to the outbox: which documents the worker must bring up to date."""

from lms import events
from lms.jobs import wake
from lms.search.models import OutboxRow


def connect() -> None:
    """Have every change of something searchable noted in the transaction of the change itself."""
    events.subscribe(events.SearchableChanged, note_change)


def note_change(event: events.SearchableChanged) -> None:
    """Add the changed thing to the outbox."""
    OutboxRow.create(kind=event.kind, ref=event.ref)
    wake.after_commit()
