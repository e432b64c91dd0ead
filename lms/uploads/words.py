"""The words of uploads, for pages: what a file is for, where it stands, and where it is used."""

from flask_babel import gettext

from lms.errors import N_

PURPOSES = {"recording": N_("Recording"), "material": N_("Material")}
STATES = {
    "arriving": N_("Unfinished"),
    "finishing": N_("Being checked"),
    "ready": N_("Arrived, not used yet"),
    "used": N_("Used"),
}
PILLS = {"arriving": "draft", "finishing": "preparing", "ready": "ready", "used": "done"}
FORMS = {"recording": "lectures.upload_form", "material": "material_upload.new_material"}


def purpose_words(purpose: str) -> str:
    """Say what a file is for."""
    return str(gettext(PURPOSES.get(purpose, purpose)))


def state_words(state: str) -> str:
    """Say where an upload stands."""
    return str(gettext(STATES[state]))
