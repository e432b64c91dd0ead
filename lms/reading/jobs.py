"""Background work of reading: a shelf brought from elsewhere."""

from lms.jobs.queue import task
from lms.reading import shelf_import


@task(shelf_import.TAKE_IN)
def take_shelf(load_id: int) -> None:
    """Take a shelf in. Running it again goes on where it stopped."""
    shelf_import.carry_out(load_id)
