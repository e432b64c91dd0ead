"""Passwords: how they are kept (argon2id), made up for a newcomer, and judged."""

import secrets
import unicodedata
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lms.config import Settings
from lms.errors import N_, InvalidInput

SHORTEST = 8
LONGEST = 200
# No 0/o, 1/l/i, 5/s, 2/z, u/v: a first password is read from paper and typed by someone who may be 68.
ALPHABET = "abcdefghjkmnpqrtwxy346789"
GROUP = 4

COMMON = frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="ascii").split())


class Keeper:
    """Hashes with one cost, and owns a hash of nothing for accounts that do not exist."""

    def __init__(self, time_cost: int, memory_kib: int) -> None:
        """Set the cost: ``time_cost`` passes over ``memory_kib`` KiB."""
        self.hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)
        self.stand_in = self.hasher.hash(secrets.token_hex(16))


_keeper = Keeper(1, 64)


def bind(settings: Settings) -> None:
    """Set the cost of hashing from the settings; called once when the service starts."""
    global _keeper
    _keeper = Keeper(settings.password_time_cost, settings.password_memory_kib)


def _bytes(password: str) -> bytes:
    # NFKC: an input method left on full-width letters types the same password.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def make_hash(password: str) -> str:
    """Hash a password for keeping."""
    return _keeper.hasher.hash(_bytes(password))


def matches(kept: str, password: str) -> bool:
    """Say whether a password is the one kept.

    An account without one (``kept`` empty) takes the same work, so that the time tells nobody which names exist.
    """
    judged = password if len(password) <= LONGEST else ""
    try:
        _keeper.hasher.verify(kept or _keeper.stand_in, _bytes(judged))
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept) and judged == password


def is_outdated(kept: str) -> bool:
    """Say whether a hash was made with another cost than the settings' and should be made anew."""
    return _keeper.hasher.check_needs_rehash(kept)


def make_up() -> str:
    """Make up a first password: two groups of four easy letters and figures (37 bits, to be changed at once)."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(2))
    return "-".join(groups)


def check_new(password: str, *, name: str, phone: str | None, old: str = "", field: str = "new") -> None:
    """Raise InvalidInput unless a password can be taken: long enough, not easily guessed, not the old one."""
    plain = unicodedata.normalize("NFKC", password)
    if len(plain) < SHORTEST:
        raise InvalidInput(N_("Please choose at least %(n)s characters."), field=field, n=SHORTEST)
    if len(password) > LONGEST:
        raise InvalidInput(N_("Please choose at most %(n)s characters."), field=field, n=LONGEST)
    if old and plain == unicodedata.normalize("NFKC", old):
        raise InvalidInput(N_("The new password must differ from the old one."), field=field)
    folded = plain.casefold()
    if _is_own(folded, name, phone):
        raise InvalidInput(N_("A password made of your name or phone number is easy to guess."), field=field)
    if folded in COMMON or _is_pattern(folded):
        raise InvalidInput(
            N_("This password is one of the first that anyone tries. Please choose another."), field=field
        )


def _is_own(folded: str, name: str, phone: str | None) -> bool:
    own = [text.casefold() for text in (name, phone or "") if text]
    rest = folded
    for text in own:
        rest = rest.replace(text, "")
    # What is left beside the name and the number must itself be something.
    return rest != folded and len(rest) < SHORTEST // 2


def _is_pattern(folded: str) -> bool:
    steps = {ord(after) - ord(before) for before, after in pairwise(folded)}
    if steps in ({0}, {1}, {-1}):
        return True
    half = len(folded) // 2
    return any(folded == (folded[:n] * len(folded))[: len(folded)] for n in range(1, min(half, 3) + 1))
