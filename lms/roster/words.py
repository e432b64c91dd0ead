"""The words of imports of people and units."""

from lms.errors import N_

KINDS = {"people": N_("People"), "units": N_("Units")}
ACTIONS = {
    "refused": N_("refused"),
    "add": N_("created"),
    "change": N_("changed"),
    "move": N_("moved"),
    "leave": N_("leaves"),
    "same": N_("unchanged"),
}
