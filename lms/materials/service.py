"""Commands on materials: edit, put away and bring back, read anew."""

from typing import Any

from lms import clock
from lms.categories import queries as categories
from lms.db import transactional
from lms.errors import N_, Conflict, Forbidden
from lms.events import SearchableChanged, publish
from lms.jobs.queue import ask
from lms.materials import rules
from lms.materials.models import Material, MaterialVersion
from lms.materials.queries import get_material, may_manage
from lms.materials.uploading import EXTRACT, VIEW
from lms.members.access import Action, Actor, require_publish


def get_managed(actor: Actor, material_id: int) -> Any:
    """Give a material that the actor may change. Raises NotFound, Forbidden."""
    row = get_material(actor, material_id)
    if not may_manage(actor, row.uploader_id, row.unit_path):
        raise Forbidden(N_("Only who uploaded this material, or who manages those of its unit, can change it."))
    return row


def _change(material_id: int, **values: object) -> None:
    Material.update(updated_at=clock.now(), **values).where(Material.id == material_id).execute()
    publish(SearchableChanged("material", material_id))


@transactional
def edit_material(actor: Actor, material_id: int, facts: rules.Facts, url: str | None = None) -> None:
    """Change what is said about a material, and where a web link leads. Raises NotFound, Forbidden, InvalidInput."""
    row = get_managed(actor, material_id)
    is_link = row.media_type == rules.LINK
    values: dict[str, object] = {"url": rules.check_url(url)} if is_link and url is not None else {}
    _change(
        material_id,
        title=rules.check_title(facts.title),
        summary=rules.check_summary(facts.summary, required=is_link),
        category=categories.check(facts.category, row.unit_path, row.category),
        audience=rules.check_audience(facts.audience),
        **values,
    )


@transactional
def publish_material(actor: Actor, material_id: int) -> None:
    """Let members see a material. Doing it twice is fine.

    Raises NotFound, Forbidden also for a lecturer whom the unit has not accredited, saying what to do.
    """
    row = get_managed(actor, material_id)
    require_publish(actor, Action.MATERIAL_MANAGE, row.unit_path)
    if row.published_at is None:
        _change(material_id, published_at=clock.now())


@transactional
def archive_material(actor: Actor, material_id: int) -> None:
    """Put a material away: nobody finds it any more, but it can be brought back. Doing it twice is fine."""
    row = get_managed(actor, material_id)
    if row.archived_at is None:
        _change(material_id, archived_at=clock.now())


@transactional
def restore_material(actor: Actor, material_id: int) -> None:
    """Bring an archived material back to where it was. Doing it twice is fine."""
    get_managed(actor, material_id)
    _change(material_id, archived_at=None)


@transactional
def retry_material(actor: Actor, material_id: int) -> bool:
    """Ask again for the text of a material that failed, or for the looks of a book of which only the words came.

    Gives whether it is the text that is taken out again. Raises Conflict when there is nothing to try again.
    """
    row = get_managed(actor, material_id)
    if row.state == "ready" and row.failure == rules.NO_VIEW:
        _look_again(row)
        return False
    if row.state != "failed":
        raise Conflict(N_("This material has not failed, so there is nothing to try again."))
    _prepare(row)
    return True


def _look_again(row: Any) -> None:
    """Ask for the looks of a book once more; its words stay in force meanwhile."""
    Material.update(plain=True, failure="", updated_at=clock.now()).where(Material.id == row.id).execute()
    MaterialVersion.update(failure="").where(
        MaterialVersion.material == row.id, MaterialVersion.number == row.version
    ).execute()
    ask(VIEW, row.id, row.version)


@transactional
def read_as(actor: Actor, material_id: int, charset: str) -> None:
    """Read a text file in another encoding than the guessed one. Raises InvalidInput, Conflict for other files."""
    row = get_managed(actor, material_id)
    if row.media_type not in rules.TEXTS:
        raise Conflict(N_("Only plain text and Markdown have an encoding to choose."))
    _prepare(row, charset=rules.check_charset(charset))


def _prepare(row: Any, **values: object) -> None:
    _change(row.id, state="preparing", failure="", **values)
    MaterialVersion.update(state="preparing", failure="", **values).where(
        MaterialVersion.material == row.id, MaterialVersion.number == row.version
    ).execute()
    ask(EXTRACT, row.id, row.version)
