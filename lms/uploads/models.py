"""Tables of uploads: files that arrive in pieces, and how much a member or a unit may keep."""

from peewee import BigIntegerField, CharField, DateTimeField, ForeignKeyField, IntegerField

from lms import clock
from lms.db import BaseModel
from lms.members.models import Member, Unit

STATES = ("arriving", "finishing", "ready", "used")


class Upload(BaseModel):
    """A file that arrives in pieces, known outside by its ``token``.

    ``received`` bytes of ``length`` are durably on disk; ``name`` and ``fingerprint`` are what the sender said, for
    showing and for knowing the same file again, never for a path. "finishing" is whole and being hashed, "ready" waits
    in the store under ``file_key`` for the form it belongs to, "used" has been taken by it. ``page`` is the address of
    that form, where the file is for something that is there already.
    """

    token = CharField(max_length=16, unique=True)
    member = ForeignKeyField(Member, lazy_load=False, on_delete="CASCADE")
    unit = ForeignKeyField(Unit, null=True, lazy_load=False, on_delete="SET NULL")
    purpose = CharField(max_length=20)
    page = CharField(max_length=100, default="")
    name = CharField(max_length=200)
    fingerprint = CharField(max_length=80, default="")
    length = BigIntegerField()
    received = BigIntegerField(default=0)
    state = CharField(max_length=12, default="arriving")
    file_key = CharField(max_length=64, default="")
    created_at = DateTimeField(default=clock.now)
    updated_at = DateTimeField(default=clock.now)
    expires_at = DateTimeField(index=True)

    class Meta:
        indexes = ((("member", "state"), False),)


class Quota(BaseModel):
    """How much one member or one unit may keep, where it differs from the settings, in MiB; 0 is without a bound."""

    member = ForeignKeyField(Member, null=True, unique=True, lazy_load=False, on_delete="CASCADE")
    unit = ForeignKeyField(Unit, null=True, unique=True, lazy_load=False, on_delete="CASCADE")
    mib = IntegerField()

    class Meta:
        table_name = "upload_quota"


class QuotaChange(BaseModel):
    """A share that was changed: from what to what in MiB (None as the settings say), by whom and when."""

    member = ForeignKeyField(Member, null=True, lazy_load=False, on_delete="CASCADE")
    unit = ForeignKeyField(Unit, null=True, lazy_load=False, on_delete="CASCADE")
    before = IntegerField(null=True)
    after = IntegerField(null=True)
    made_by = ForeignKeyField(Member, null=True, lazy_load=False, backref="+", on_delete="SET NULL")
    at = DateTimeField(default=clock.now)

    class Meta:
        table_name = "upload_quota_change"
