"""Files on their way in, in pieces: an upload that a lost line, a restart or a closed browser cannot undo."""
