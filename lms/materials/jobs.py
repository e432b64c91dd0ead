"""Background work on materials: taking the text out of their files, and saying so where that was given up."""

from lms.errors import N_, InvalidInput
from lms.jobs.queue import task
from lms.materials.extraction import take_out, take_view
from lms.materials.models import Material, MaterialVersion
from lms.materials.rules import GAVE_UP, NO_VIEW
from lms.materials.uploading import EXTRACT, VIEW
from lms.materials.versions import find_version, keep_taken, keep_view, leave_plain, note_failure
from lms.storage import files

UNREAD, UNSEEN = "materials.unread", "materials.unseen"
NO_FILE = N_("The file of this material is missing in the store. Please upload it again.")


@task(EXTRACT, given_up=UNREAD)
def extract(material_id: int, number: int = 0) -> None:
    """Take the text out of a version's file (0: the one in force), page by page. Running it again replaces the pages.

    A file that cannot be read is no failure of the work: the version says why, and what its uploader can do.
    """
    number = number or Material.select(Material.version).where(Material.id == material_id).scalar() or 0
    version = find_version(material_id, number)
    if version is None:
        return
    try:
        taken = take_out(files().path(version.file_key), version.media_type, version.charset)
    except InvalidInput as error:
        note_failure(material_id, number, error.message)
    except FileNotFoundError:
        note_failure(material_id, number, NO_FILE)
    else:
        keep_taken(material_id, number, taken)


@task(VIEW, given_up=UNSEEN)
def view(material_id: int, number: int) -> None:
    """Take out what a book looks like, markup and pictures, once its text can be found. Again, it changes nothing.

    Where it cannot be taken out the text stays as it is, and its readers are told.
    """
    material = Material.get_or_none(Material.id == material_id, Material.version == number)
    if material is None or not (material.plain or material.failure == NO_VIEW):
        return
    try:
        taken = take_view(files().path(material.file_key), material.media_type)
    except (InvalidInput, FileNotFoundError):
        leave_plain(material_id, number)
    else:
        keep_view(material_id, number, taken)


@task(UNREAD)
def unread(material_id: int, number: int) -> None:
    """Say of a version whose text was given up that it failed, so that its uploader need not wait for ever."""
    version = MaterialVersion.get_or_none(
        MaterialVersion.material == material_id, MaterialVersion.number == number, MaterialVersion.state == "preparing"
    )
    if version is not None:
        note_failure(material_id, number, GAVE_UP)


@task(UNSEEN)
def unseen(material_id: int, number: int) -> None:
    """Say of a book whose looks were given up that its words are all there is."""
    leave_plain(material_id, number)
