"""Pages of the guides: open to everybody, for who cannot sign in needs help most."""

from flask import Blueprint, render_template

from lms.guides import queries
from lms.web import markdown
from lms.web.i18n import lazy_gettext, reader_locale
from lms.web.signin import SignedIn, who_asks

pages = Blueprint("guides", __name__)

FOR_WHOM = {
    "member": lazy_gettext("Reading, plans, lectures, materials, notes, searching, your progress: for everybody."),
    "lecturer": lazy_gettext("Uploading recordings and materials, transcripts, courses, questions."),
    "liaison": lazy_gettext("Books and lists, requirements, how units stand, the report, activities, notes to review."),
    "administrator": lazy_gettext("Beginning from nothing, units, members, roles, looking after the service."),
}


@pages.get("/help")
def guides() -> str:
    """Show which guides there are; those for the reader's own roles are marked."""
    user = who_asks()
    roles = {grant.role for grant in user.actor.grants} | {"member"} if isinstance(user, SignedIn) else set()
    found = queries.list_guides(reader_locale())
    return render_template("guides/guides.html", guides=found, for_whom=FOR_WHOM, roles=roles)


@pages.get("/help/<string(maxlength=20):name>")
def guide(name: str) -> str:
    """Show a guide: its contents first, each part to be reached in one tap."""
    found = queries.get_guide(name, reader_locale())
    return render_template(
        "guides/guide.html",
        guide=found,
        opening=markdown.render(found.opening, top=1),
        parts=[(part, markdown.render(part.text, top=1)) for part in found.sections],
    )
