"""What a reader may use up, and how it says that a file cannot be read."""

import resource

MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 300
MAX_SECTIONS = 5000
ALL_CHARS = 30_000_000


class Refused(Exception):
    """The file cannot be read; the text is a word for why.

    encrypted, broken, pages (too many), heavy, bomb, climbs (a name that leads out of its folder), entities.
    """


def limit_resources() -> None:
    """Let the process neither grow without bound nor write any file nor run for ever."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
