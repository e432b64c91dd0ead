"""The words of uploads, for pages: what a file is for, where it stands, where it is used, how much may be kept."""

from lms.errors import N_
from lms.uploads.rules import MIB
from lms.uploads.share_queries import Use
from lms.web.addresses import url_for
from lms.web.dates import file_size
from lms.web.i18n import gettext, lazy_gettext

GIB = 1024 * MIB

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


def form_address(purpose: str, page: str, token: str) -> str:
    """Give the page of the form that takes an upload, "" where there is none."""
    if page:
        return f"{page}{'&' if '?' in page else '?'}upload={token}"
    return str(url_for(FORMS[purpose], upload=token)) if purpose in FORMS else ""


def state_words(state: str) -> str:
    """Say where an upload stands."""
    return str(gettext(STATES[state]))


SHARE_KINDS = {"people": lazy_gettext("People"), "units": lazy_gettext("Units")}
SHARE_WHICH = {
    "using": lazy_gettext("Using it"),
    "own": lazy_gettext("With a share of their own"),
    "all": lazy_gettext("All"),
}
SHARE_SORTS = {
    "used": lazy_gettext("Most used first"),
    "full": lazy_gettext("Fullest first"),
    "share": lazy_gettext("Largest share first"),
    "name": lazy_gettext("By name"),
}


def allowed_words(allowed: int) -> str:
    """Say how much may be kept, given in bytes; 0 is without a bound."""
    if not allowed:
        return str(gettext("any amount"))
    return file_size(allowed) if allowed % GIB else f"{allowed // GIB} GB"


def change_words(mib: int | None) -> str:
    """Say a share that was changed: None as the settings say."""
    return str(gettext("as the settings say")) if mib is None else allowed_words(mib * MIB)


def share_cells(use: Use, *, people: bool) -> list[str]:
    """Write a row of the list as a table to take along."""
    cells = [use.name, str(use.used), str(use.allowed // GIB or ""), str(gettext("yes") if use.own else "")]
    if people:
        cells.insert(1, ", ".join(use.units))
    return cells
