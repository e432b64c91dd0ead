"""Background work on materials: taking the text out of their files."""

from lms.errors import N_, InvalidInput
from lms.jobs.queue import task
from lms.materials import pdf, rules, text
from lms.materials.models import Material
from lms.materials.service import EXTRACT, keep_pages, note_failure
from lms.storage import files

NO_FILE = N_("The file of this material is missing in the store. Please upload it again.")
NO_TEXT = N_("No text was found in this PDF: its pages are pictures. It can be read, but its words cannot be searched.")


@task(EXTRACT)
def extract(material_id: int) -> None:
    """Take a material's text out of its file, page by page. Running it again replaces the pages.

    A file that cannot be read is no failure of the work: the material says why, and what its uploader can do.
    """
    material = Material.get_or_none(Material.id == material_id)
    if material is None:
        return
    try:
        sections = _sections(material)
    except InvalidInput as error:
        note_failure(material_id, error.message)
        return
    except FileNotFoundError:
        note_failure(material_id, NO_FILE)
        return
    without_text = material.media_type == rules.PDF and not any(body for _, body in sections)
    keep_pages(material_id, sections, NO_TEXT if without_text else "")


def _sections(material: Material) -> list[text.Section]:
    path = files().path(material.file_key)
    if material.media_type == rules.PDF:
        path.stat()
        return text.printed_pages(pdf.read_pages(path))
    content = text.decode(path.read_bytes(), material.charset)
    if material.media_type == rules.MARKDOWN:
        return text.markdown_sections(content)
    return text.plain_stretches(content)
