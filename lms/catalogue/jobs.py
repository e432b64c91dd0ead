"""Background work of the catalogue: tables of books."""

from lms.catalogue import imports
from lms.jobs.queue import task


@task(imports.CHECK)
def check_import(load_id: int) -> None:
    """Look through a table. Running it again begins anew."""
    imports.look_through(load_id)


@task(imports.CARRY_OUT)
def carry_out_import(load_id: int) -> None:
    """Take a table into the catalogue. Running it again goes on where it stopped."""
    imports.carry_out(load_id)
