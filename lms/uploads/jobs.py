"""Background work of uploads: finishing large files, and sweeping those that nobody finished or used."""

from datetime import timedelta

from lms import clock
from lms.jobs.queue import task
from lms.uploads import partial, service
from lms.uploads.models import Upload

USED_KEPT = timedelta(days=7)


@task(service.FINISH)
def finish(upload_id: int) -> None:
    """Hash a whole upload and move it into the store, unless it is there already or was thrown away."""
    token = Upload.select(Upload.token).where(Upload.id == upload_id).scalar()
    if token is not None:
        service.finish(token)


def sweep() -> None:
    """Remove uploads past their day, those used a week ago, and pieces on disk that belong to none.

    The files are listed before the rows, so that an upload begun meanwhile is not taken for an orphan. What a removed
    upload left in the store goes with the sweep of the store.
    """
    moment = clock.now()
    lying = partial.tokens()
    Upload.delete().where(
        ((Upload.state != "used") & (Upload.expires_at <= moment))
        | ((Upload.state == "used") & (Upload.updated_at < moment - USED_KEPT))
    ).execute()
    known = {
        token for (token,) in Upload.select(Upload.token).where(Upload.state.in_(("arriving", "finishing"))).tuples()
    }
    for token in lying:
        if token not in known:
            partial.remove(token)
