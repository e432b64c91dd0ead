"""Materials as files that are sent in pieces."""

from io import BytesIO

from lms.config import MIB
from lms.materials import kinds
from lms.members.access import Action
from lms.uploads.purposes import Purpose


def _look(head: bytes, name: str) -> None:
    kinds.refuse_other_kinds(BytesIO(head))


PURPOSES = (Purpose("material", Action.MATERIAL_UPLOAD, lambda settings: settings.max_material_mib * MIB, _look),)
