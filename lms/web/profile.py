"""The profile of this deployment, for pages and API: what it allows is decided in ``lms.profiles``."""

from flask import current_app


def profile() -> str:
    """Give the deployment's profile: community, enterprise or government."""
    return str(current_app.config["LMS"].profile)
