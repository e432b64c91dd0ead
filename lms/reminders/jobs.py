"""The daily reminders in the background."""

import logging

from lms.config import Settings
from lms.jobs import queue
from lms.reminders import service

log = logging.getLogger("lms.reminders")

_profiles: list[str] = ["community"]


def bind(settings: Settings) -> None:
    """Send reminders as the deployment's profile allows."""
    _profiles[:] = [settings.profile]


@queue.task("reminders.daily")
def remind_daily() -> None:
    """Send today's reminders if that was not done yet; asked every hour."""
    told = service.remind_daily(_profiles[0])
    if told:
        log.info("reminders sent", extra={"told": told})
