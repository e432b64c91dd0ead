"""Passwords: how they are kept (argon2id), made up for a newcomer, and judged.

First passwords made in bulk are kept otherwise: argon2id, which is slow on purpose because people choose weak words,
would take hours for a town. They are 56 random bits, so nobody can try them all; they are kept as an HMAC under the
server's key, so that a stolen database alone is good for no guess; and they open nothing but the page for a password of
one's own, which is kept by argon2id again.
"""

import hashlib
import hmac
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
CODE_GROUPS = 3
CODE_MARK = "code$"
NOT_ANOTHER = N_("The new password must differ from the old one.")

COMMON = frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="ascii").split())


class Keeper:
    """Hashes with one cost, and owns a hash of nothing for accounts that do not exist."""

    def __init__(self, time_cost: int, memory_kib: int) -> None:
        """Set the cost: ``time_cost`` passes over ``memory_kib`` KiB."""
        self.hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)
        self.stand_in = self.hasher.hash(secrets.token_hex(16))


_keeper = Keeper(1, 64)
_code_key = secrets.token_bytes(32)


def bind(settings: Settings) -> None:
    """Set the cost of hashing and the key of codes from the settings; called once when the service starts."""
    global _keeper, _code_key
    _keeper = Keeper(settings.password_time_cost, settings.password_memory_kib)
    _code_key = hmac.digest(settings.secret_key.encode(), b"first passwords", hashlib.sha256)


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
    if kept.startswith(CODE_MARK):
        _is_right(_keeper.stand_in, judged)
        salt = kept.removeprefix(CODE_MARK).partition("$")[0]
        return hmac.compare_digest(kept, _kept_code(salt, judged))
    return _is_right(kept or _keeper.stand_in, judged) and bool(kept) and judged == password


def _is_right(kept: str, judged: str) -> bool:
    try:
        _keeper.hasher.verify(kept or _keeper.stand_in, _bytes(judged))
    except (VerificationError, InvalidHashError):
        return False
    return True


def is_outdated(kept: str) -> bool:
    """Say whether a hash was made with another cost than the settings' and should be made anew."""
    return not kept.startswith(CODE_MARK) and _keeper.hasher.check_needs_rehash(kept)


def code_of(nonce: str) -> str:
    """Give the first password that a random nonce stands for under the server's key: three groups of four, 56 bits.

    So it need not be kept anywhere until its slip is shown: without the key the nonce says nothing.
    """
    number = int.from_bytes(hmac.digest(_code_key, b"code" + nonce.encode(), hashlib.sha256))
    letters = []
    for _ in range(CODE_GROUPS * GROUP):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "-".join("".join(letters[start : start + GROUP]) for start in range(0, len(letters), GROUP))


def make_code_hash(code: str) -> str:
    """Hash a first password made by ``code_of`` for keeping; only for those, never for what a person chose."""
    return _kept_code(secrets.token_hex(8), code)


def _kept_code(salt: str, code: str) -> str:
    plain = _bytes(code.strip().lower())
    return f"{CODE_MARK}{salt}${hmac.new(_code_key, salt.encode() + plain, hashlib.sha256).hexdigest()}"


def make_up() -> str:
    """Make up a first password: two groups of four easy letters and figures (37 bits, to be changed at once)."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(2))
    return "-".join(groups)


def as_on_slip(typed: str) -> str:
    """Give a first password as its slip shows it, however it was typed: without the hyphens, with spaces, in capitals.

    What cannot be one is given back as it is.
    """
    plain = unicodedata.normalize("NFKC", typed).lower()
    letters = "".join(letter for letter in plain if letter not in " -‐‑–—")
    if len(letters) not in (2 * GROUP, CODE_GROUPS * GROUP) or any(letter not in ALPHABET for letter in letters):
        return typed
    return "-".join(letters[start : start + GROUP] for start in range(0, len(letters), GROUP))


def check_new(password: str, *, name: str, phone: str | None, old: str = "", field: str = "new") -> None:
    """Raise InvalidInput unless a password can be taken: long enough, not easily guessed, not the old one."""
    plain = unicodedata.normalize("NFKC", password)
    if len(plain) < SHORTEST:
        raise InvalidInput(N_("Please choose at least %(n)s characters."), field=field, n=SHORTEST)
    if len(password) > LONGEST:
        raise InvalidInput(N_("Please choose at most %(n)s characters."), field=field, n=LONGEST)
    if old and plain == unicodedata.normalize("NFKC", old):
        raise InvalidInput(NOT_ANOTHER, field=field)
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
