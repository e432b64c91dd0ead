"""Background work of imports of people and units, and what upkeep does with them."""

from datetime import timedelta

from lms import clock
from lms.jobs.queue import task
from lms.roster import service
from lms.roster.models import RosterImport, RosterRow

KEPT = timedelta(days=90)
SLIPS_KEPT = timedelta(days=30)


@task(service.CHECK)
def check(load_id: int) -> None:
    """Look through a table. Running it again begins anew."""
    service.look_through(load_id)


@task(service.CARRY_OUT)
def carry_out(load_id: int) -> None:
    """Carry a table out. Running it again goes on where it stopped."""
    service.carry_out(load_id)


def sweep() -> None:
    """Forget imports after a season, and slips that nobody printed in a month: those members get a new password."""
    moment = clock.now()
    old = RosterImport.select(RosterImport.id).where(RosterImport.created_at < moment - SLIPS_KEPT)
    RosterRow.update(nonce="").where(RosterRow.nonce != "", RosterRow.load.in_(old)).execute()
    RosterImport.delete().where(RosterImport.created_at < moment - KEPT, RosterImport.state != "importing").execute()
