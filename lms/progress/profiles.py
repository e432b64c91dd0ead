"""The profile of this deployment, for the skins: what may be shown and asked under it is decided in ``measures``."""

from flask import current_app


def profile() -> str:
    """Give the deployment's profile: community, enterprise or government."""
    return str(current_app.config["LMS"].profile)
