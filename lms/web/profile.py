"""The profile of this deployment, for pages and API: what it allows is decided in ``lms.profiles``."""

from flask import current_app
from flask_babel import lazy_gettext

from lms import profiles

PROFILE_NAMES = {
    profiles.COMMUNITY: lazy_gettext("community"),
    profiles.ENTERPRISE: lazy_gettext("enterprise"),
    profiles.GOVERNMENT: lazy_gettext("government"),
}


def profile() -> str:
    """Give the deployment's profile: community, enterprise or government."""
    return str(current_app.config["LMS"].profile)
