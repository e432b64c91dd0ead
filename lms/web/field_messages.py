"""What the API's schemas say of a wrong value, in the reader's language.

marshmallow writes its sentences in English, with the values already in them: each is known here by its form.
"""

import re
from typing import Any

from lms.errors import N_
from lms.web.i18n import gettext

FORMS = tuple(
    (re.compile(pattern), msgid)
    for pattern, msgid in (
        (r"Missing data for required field\.", N_("This has to be given.")),
        (r"Field may not be null\.", N_("This may not be empty.")),
        (r"Unknown field\.", N_("There is no such field.")),
        (r"Not a valid (integer|number)\.", N_("This must be a number.")),
        (r"Not a valid string\.", N_("This must be text.")),
        (r"Not a valid boolean\.", N_("This must be true or false.")),
        (r"Not a valid list\.", N_("This must be a list.")),
        (r"Not a valid (date|datetime|time)\.", N_("This must be a date or time in ISO 8601 form.")),
        (r"(Invalid input type|Not a valid mapping type)\.", N_("This must be an object.")),
        (r"Must be one of: (?P<choices>.*)\.", N_("This must be one of: %(choices)s.")),
        (r"Length must be between (?P<low>\d+) and (?P<high>\d+)\.", N_("The length must be %(low)s to %(high)s.")),
        (r"Longer than maximum length (?P<high>\d+)\.", N_("The length may be %(high)s at most.")),
        (r"Shorter than minimum length (?P<low>\d+)\.", N_("The length must be %(low)s at least.")),
        (
            r"Must be greater than or equal to (?P<low>[-\d.]+) and less than or equal to (?P<high>[-\d.]+)\.",
            N_("This must be from %(low)s to %(high)s."),
        ),
        (r"Must be greater than or equal to (?P<low>[-\d.]+)\.", N_("This must be %(low)s at least.")),
    )
)


def translated(errors: Any) -> Any:
    """Translate every sentence in marshmallow's errors, however deep; one of unknown form is left as it is."""
    if isinstance(errors, dict):
        return {key: translated(value) for key, value in errors.items()}
    if isinstance(errors, list):
        return [translated(value) for value in errors]
    for pattern, msgid in FORMS:
        if isinstance(errors, str) and (found := pattern.fullmatch(errors)):
            return gettext(msgid) % found.groupdict()
    return errors
