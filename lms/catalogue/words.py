"""Words for what the catalogue keeps by keys."""

from lms.catalogue.names import ROLE_WORDS as ROLE_WORDS
from lms.errors import N_

SORT_WORDS = {"newest": N_("Newest first"), "title": N_("By title"), "year": N_("By year")}

SOURCE_NAMES = {
    "own": N_("Table of books"),
    "goodreads": N_("Export of Goodreads"),
    "douban": N_("Export of Douban"),
    "storygraph": N_("Export of StoryGraph"),
    "takeaway": N_("What was taken along from here"),
}

ACTION_NAMES = {
    "add": N_("Added"),
    "change": N_("Changed"),
    "same": N_("Unchanged"),
    "doubt": N_("To decide"),
    "error": N_("Not taken"),
}

CHOICE_NAMES = {
    "": N_("Leave out"),
    "add": N_("Add as another book"),
    "change": N_("It is this book"),
}
