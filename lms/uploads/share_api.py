"""The JSON API of the shares of the store."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range

from lms.uploads import share_queries, shares
from lms.uploads.api import Instant, PageQuery
from lms.uploads.share_queries import Filter
from lms.web.paged import Paged, paged
from lms.web.signin import actor

api = APIBlueprint("shares_api", __name__, url_prefix="/api/v1", tag="Uploads")

HIGHEST = 2**31 - 1


class WhoseShare(Schema):
    """Whose share of the store: a member's or a unit's."""

    member = Integer(load_default=None, allow_none=True, validate=Range(1, HIGHEST))
    unit = Integer(load_default=None, allow_none=True, validate=Range(1, HIGHEST))


class ShareIn(WhoseShare):
    """Whose share of the store, and how much in GiB: 0 is without a bound, null goes back to the settings."""

    gib = Integer(required=True, allow_none=True, validate=Range(0, shares.MOST_GIB))


class UseQuery(PageQuery):
    """Whose use is wanted, and in which order."""

    of = String(load_default="people", validate=OneOf(share_queries.KINDS))
    q = String(load_default="", validate=Length(max=share_queries.LONGEST_TEXT))
    which = String(load_default="using", validate=OneOf(share_queries.WHICH))
    sort = String(load_default="used", validate=OneOf(share_queries.SORTS))


class UseOut(Schema):
    """How much a member or a unit keeps, in bytes; ``allowed`` 0 is without a bound."""

    id = Integer()
    name = String()
    units = List(String())
    used = Integer()
    allowed = Integer()
    own = Boolean(metadata={"description": "Other than by the settings."})


class UseList(Paged):
    """Who keeps how much."""

    items = List(Nested(UseOut))
    used = Integer(metadata={"description": "Bytes that all in the list keep together."})


class ShareChange(Schema):
    """A share that was changed, in MiB: null as the settings say, 0 without a bound."""

    id = Integer()
    before = Integer(allow_none=True)
    after = Integer(allow_none=True)
    made_by = String(allow_none=True)
    at = Instant()


class ShareChanges(Schema):
    """The latest changes of a share, the last first."""

    items = List(Nested(ShareChange))


@api.get("/upload-shares")
@api.input(UseQuery, location="query", arg_name="wanted")
@api.output(UseList)
@api.doc(summary="List who keeps how much in the store")
def list_uses(wanted: dict[str, Any]) -> dict[str, Any]:
    """List what people or units keep, of those with any or with a share of their own, only the latter, or all."""
    found = Filter(wanted["of"], wanted["q"], wanted["which"], wanted["sort"])
    page, together = share_queries.list_uses(actor(), found, wanted["page"], wanted["per_page"])
    return {**paged(page), "used": together}


@api.put("/upload-shares")
@api.input(ShareIn, location="json", arg_name="share")
@api.output({}, status_code=204)
@api.doc(summary="Give a member or a unit a share of the store of its own")
def set_share(share: dict[str, Any]) -> str:
    """Set how much a member or a unit may keep."""
    shares.set_share(actor(), share["member"], share["unit"], share["gib"])
    return ""


@api.get("/upload-shares/changes")
@api.input(WhoseShare, location="query", arg_name="whose")
@api.output(ShareChanges)
@api.doc(summary="List the latest changes of a share of the store")
def list_changes(whose: dict[str, Any]) -> dict[str, Any]:
    """List how the share of a member or a unit was changed, by whom and when."""
    shares.check_reach(actor(), whose["member"], whose["unit"])
    return {"items": [change._asdict() for change in share_queries.list_changes(whose["member"], whose["unit"])]}


@api.post("/upload-shares/changes/<int(max=2147483647):change>/take-back")
@api.output({}, status_code=204)
@api.doc(summary="Take the change of a share back", responses=[409])
def take_back(change: int) -> str:
    """Let a share be what it was before a change; 409 when it was changed again since."""
    shares.take_back(actor(), change)
    return ""
