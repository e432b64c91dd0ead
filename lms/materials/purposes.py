"""Materials as files that are sent in pieces."""

from lms.config import MIB
from lms.materials import kinds, uploading
from lms.members.access import Action
from lms.uploads.purposes import Purpose

TARGETS = {"material": uploading.version_destination}
PURPOSES = (
    Purpose(
        uploading.PURPOSE,
        Action.MATERIAL_UPLOAD,
        lambda settings: settings.max_material_mib * MIB,
        kinds.look,
        TARGETS,
    ),
)
