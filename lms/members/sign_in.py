"""Signing in and the own password: who may come in, and how often one may guess.

A try is written down before the password is looked at and crossed out when it was right, in a transaction of its own:
guesses sent all at once to all workers are counted like guesses sent one after the other.
"""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime

from peewee import DoesNotExist

from lms import clock
from lms.db import one_at_a_time, transactional
from lms.errors import N_, Conflict, Faults, InvalidInput, NotSignedIn, TooManyTries
from lms.members import passwords, rules
from lms.members.access import Actor
from lms.members.models import Member, SignInFailure

LONGEST_LOGIN = 80
WRONG = N_(
    "The name or the password is not right. If someone else has the same name as you, sign in with your phone number."
)
NOT_THE_SAME = N_("The two new passwords are not the same. Please type them once more.")
WAIT = N_("Too many wrong tries. Please wait %(minutes)s minutes and try again.")


@dataclass(frozen=True)
class Account:
    """What a typed name or number leads to; ``member`` is None when it leads to nobody, or to more than one.

    ``first``: the password is still the one from the slip.
    """

    key: str
    member: int | None
    kept: str
    first: bool = False


def authenticate(login: str, password: str, address: str) -> Member:
    """Give the member with this name or phone number and password.

    Raises InvalidInput for an empty field, NotSignedIn when it is not right (without saying what), TooManyTries when
    the account or the address has to wait.
    """
    faults = Faults()
    if not login.strip():
        faults.add(InvalidInput(N_("Please enter your name or phone number."), field="login"))
    if not password:
        faults.add(InvalidInput(N_("Please enter your password."), field="password"))
    if faults:
        raise faults.gathered()
    account = _find_account(login)
    tries = _write_try_down(account.key, address)
    given = passwords.as_on_slip(password) if account.first else password
    if not passwords.matches(account.kept, given) or account.member is None:
        raise NotSignedIn(WRONG)
    return _admit(account, tries, password)


def _find_account(login: str) -> Account:
    try:
        text = rules.person_name(login, "login", LONGEST_LOGIN)
    except InvalidInput:
        return Account(_unknown_key(login), None, "")
    try:
        phone = rules.clean_phone(text)
    except InvalidInput:
        phone = None
    wanted = (Member.name == text) | (Member.phone == phone) if phone else Member.name == text
    found = list(
        Member.select(Member.id, Member.password_hash, Member.must_change_password)
        .where(wanted, Member.deactivated_at.is_null())
        .limit(2)
        .tuples()
    )
    if len(found) != 1:
        return Account(_unknown_key(text), None, "")
    return Account(_key(found[0][0]), *found[0])


def _key(member: int) -> str:
    return f"m:{member}"


def _unknown_key(text: str) -> str:
    # Hashed: people type their password into the wrong field.
    return "n:" + hashlib.sha256(text.casefold().encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _address_key(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "a:unknown"
    if ip.version == 6:
        # One household or firm holds a whole /64.
        return f"a:{ipaddress.ip_network((ip, 64), strict=False).network_address}"
    return f"a:{ip}"


@transactional
def _write_try_down(account_key: str, address: str) -> list[int]:
    now = clock.now()
    keys = ((account_key, rules.ACCOUNT_TRIES), (_address_key(address), rules.ADDRESS_TRIES))
    one_at_a_time(*(f"sign-in:{key}" for key, _ in keys))
    SignInFailure.delete().where(SignInFailure.at <= now - rules.TRIES_WINDOW).execute()
    minutes = max(rules.wait_minutes(_failures(key, limit), limit, now) for key, limit in keys)
    if minutes:
        raise TooManyTries(WAIT, minutes=minutes)
    return [SignInFailure.create(key=key, at=now).id for key, _ in keys]


def _failures(key: str, limit: int) -> list[datetime]:
    newest = SignInFailure.select(SignInFailure.at).where(SignInFailure.key == key)
    return [at for (at,) in newest.order_by(SignInFailure.at.desc()).limit(limit).tuples()]


@transactional
def _admit(account: Account, tries: list[int], password: str) -> Member:
    SignInFailure.delete().where((SignInFailure.key == account.key) | SignInFailure.id.in_(tries)).execute()
    try:
        member: Member = Member.get(Member.id == account.member, Member.deactivated_at.is_null())
    except DoesNotExist as error:
        raise NotSignedIn(WRONG) from error
    if passwords.is_outdated(member.password_hash):
        member.password_hash = passwords.make_hash(password)
        member.save()
    return member


def change_password(actor: Actor, old: str | None, new: str, address: str, *, before: Faults | None = None) -> Member:
    """Change the own password and end every session that was begun with the old one.

    ``old`` is None for who came in with a first password a moment ago: it is not asked for twice. Gives the member
    with the new session version, for the session that goes on. Raises InvalidInput (field "old" or "new"),
    TooManyTries after too many wrong guesses at the old one, Conflict when it was changed meanwhile.
    """
    member: Member = Member.get_by_id(actor.id)
    faults = Faults(before)
    if old == "":
        faults.add(InvalidInput(N_("Please enter your current password."), field="old"))
    faults.check(lambda: passwords.check_new(new, name=member.name, phone=member.phone, old=old or ""))
    if faults:
        raise faults.gathered()
    if old is None:
        if passwords.matches(member.password_hash, passwords.as_on_slip(new)):
            raise InvalidInput(passwords.NOT_ANOTHER, field="new")
        return _keep_new(member, passwords.make_hash(new), [])
    tries = _write_try_down(_key(member.id), address)
    given = passwords.as_on_slip(old) if member.must_change_password else old
    if not passwords.matches(member.password_hash, given):
        raise InvalidInput(N_("This is not your current password."), field="old")
    return _keep_new(member, passwords.make_hash(new), tries)


@transactional
def _keep_new(member: Member, made: str, tries: list[int]) -> Member:
    changed = (
        Member.update(
            password_hash=made,
            must_change_password=False,
            session_version=Member.session_version + 1,
        )
        .where(
            Member.id == member.id,
            Member.session_version == member.session_version,
            Member.deactivated_at.is_null(),
        )
        .execute()
    )
    if not changed:
        raise Conflict(N_("Your password was changed elsewhere in the meantime. Please sign in again."))
    SignInFailure.delete().where((SignInFailure.key == _key(member.id)) | SignInFailure.id.in_(tries)).execute()
    changed_member: Member = Member.get_by_id(member.id)
    return changed_member
