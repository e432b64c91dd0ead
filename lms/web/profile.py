"""The profile of this deployment, for pages and API: what it allows is decided in ``lms.profiles``."""

from flask import current_app

from lms import profiles
from lms.web.i18n import lazy_gettext

PROFILE_NAMES = {
    profiles.COMMUNITY: lazy_gettext("community"),
    profiles.ENTERPRISE: lazy_gettext("enterprise"),
    profiles.GOVERNMENT: lazy_gettext("government"),
}


def profile() -> str:
    """Give the deployment's profile: community, enterprise or government."""
    return str(current_app.config["LMS"].profile)
