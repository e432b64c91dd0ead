"""What builder and readers of a lexicon agree on."""

FORM = 1
"""Raise it with any change of what the file holds or how it folds: older files are then refused and built anew."""

TEXT_DEPTH = 12
"""Characters by which the orders by text and by sound are sorted."""

LETTER_DEPTH = 24
"""Letters by which the orders by pinyin and by initials are sorted."""

HEAD = 256
"""How many of the best places are kept for a prefix that very many follow."""
