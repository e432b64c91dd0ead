"""The API's own description as a page: made from the specification of the running application, loads nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apiflask import APIFlask
from apispec import APISpec
from apispec.ext.marshmallow.common import make_schema_key
from flask import Blueprint, Request, Response, current_app, render_template
from werkzeug.routing import MapAdapter

from lms.web.requests import Hosts
from lms.web.responses import Answer

pages = Blueprint("apidocs", __name__)

METHODS = ("get", "post", "put", "patch", "delete")
PAGE = "text/html; charset=utf-8"


class DescribedApplication(APIFlask):
    """An APIFlask whose schemas are named after their room, and described once though used inside others, too."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Begin with no host known."""
        super().__init__(*args, **options)
        self._hosts = Hosts()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Give a view as it is: none of ours is asynchronous, and flask would ask so twenty times a request."""
        return func

    def make_response(self, rv: Any) -> Response:
        """Give the answer that a view has made. Bytes are a page: that need not be found out and written down anew."""
        return super().make_response(Answer(rv, content_type=PAGE) if type(rv) is bytes else rv)

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Give what matches and builds addresses: for another request of the same host, by what is known of it."""
        known = self._hosts.adapter(request, self.url_map) if request is not None else None
        if known is not None:
            return known
        made = super().create_url_adapter(request)
        if request is not None and made is not None:
            self._hosts.remember(request, made)
        return made

    @staticmethod
    def _schema_name_resolver(schema: Any) -> str:
        # Two rooms may each have a "MemberOut": "members.MemberOut", "progress.MemberOut".
        name: str = APIFlask._schema_name_resolver(schema)
        where = (schema if isinstance(schema, type) else type(schema)).__module__.split(".")
        return f"{where[1]}.{name}" if where[0] == "lms" else name

    def _register_schema_and_get_ref(
        self, spec: APISpec, registered_schema_classes: dict[int, str], schema_obj: Any
    ) -> dict[str, str]:
        # APIFlask looks only at what it registered itself and would add a twin ("UnitOut1") with a warning.
        if not isinstance(schema_obj, type):
            known = self._ma_plugin.converter.refs.get(make_schema_key(schema_obj))  # type: ignore[union-attr]
            if known:
                return {"$ref": f"#/components/schemas/{known}"}
        return super()._register_schema_and_get_ref(spec, registered_schema_classes, schema_obj)


@dataclass(frozen=True)
class Place:
    """A parameter or a field: its name, what goes there, whether it must be there, what it means."""

    name: str
    kind: str
    required: bool
    text: str
    where: str = ""


@dataclass(frozen=True)
class Operation:
    """One thing the API does."""

    method: str
    path: str
    anchor: str
    summary: str
    text: str
    parameters: list[Place]
    sends: str
    answers: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Group:
    """The operations of a room."""

    name: str
    operations: list[Operation]


@dataclass(frozen=True)
class Shape:
    """A schema: what is sent or answered."""

    name: str
    fields: list[Place]


@pages.get("/api/docs")
def page() -> str:
    """Show every operation of the API with its parameters and shapes."""
    spec = specification()
    return render_template("web/apidocs.html", info=spec["info"], groups=groups(spec), shapes=shapes(spec))


def specification() -> dict[str, Any]:
    """Give the OpenAPI specification of the running application."""
    app: Any = current_app
    made: dict[str, Any] = app._get_spec("json")
    return made


def groups(spec: dict[str, Any]) -> list[Group]:
    """Put the operations of a specification into groups by their first tag, both in order of the alphabet."""
    found: dict[str, list[Operation]] = {}
    for path, item in sorted(spec.get("paths", {}).items()):
        for method in METHODS:
            if method in item:
                operation = item[method]
                tag = (operation.get("tags") or ["General"])[0]
                found.setdefault(tag, []).append(_operation(method, path, item, operation))
    return [Group(name, operations) for name, operations in sorted(found.items())]


def _operation(method: str, path: str, item: dict[str, Any], operation: dict[str, Any]) -> Operation:
    places = [*item.get("parameters", []), *operation.get("parameters", [])]
    return Operation(
        method=method.upper(),
        path=path,
        anchor=f"{method}{path}".replace("/", "-").replace("{", "").replace("}", ""),
        summary=operation.get("summary", ""),
        text=operation.get("description", ""),
        parameters=[
            Place(p["name"], kind_of(p.get("schema", {})), p.get("required", False), meaning(p), p.get("in", ""))
            for p in places
        ],
        sends=_content(operation.get("requestBody", {})),
        answers=[
            (str(status), answer.get("description", ""), _content(answer))
            for status, answer in sorted(operation.get("responses", {}).items())
        ],
    )


def _content(body: dict[str, Any]) -> str:
    media: dict[str, Any] = next(iter(body.get("content", {}).values()), {})
    return kind_of(media.get("schema", {})) if media else ""


def shapes(spec: dict[str, Any]) -> list[Shape]:
    """Give the schemas of a specification with their fields."""
    found = []
    for name, schema in sorted(spec.get("components", {}).get("schemas", {}).items()):
        required = set(schema.get("required", []))
        fields = [
            Place(field, kind_of(inner), field in required, meaning(inner))
            for field, inner in schema.get("properties", {}).items()
        ]
        found.append(Shape(name, fields))
    return found


def kind_of(schema: dict[str, Any]) -> str:
    """Say in a word what a schema takes: integer, string (date), list of UnitOut, UnitOut."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    for joined in ("anyOf", "oneOf", "allOf"):
        if joined in schema:
            return " | ".join(kind_of(inner) for inner in schema[joined])
    kinds = schema.get("type", "object")
    names = [str(kind) for kind in (kinds if isinstance(kinds, list) else [kinds])]
    if "array" in names:
        names[names.index("array")] = f"list of {kind_of(schema.get('items', {}))}"
    text = " | ".join(names)
    return f"{text} ({schema['format']})" if "format" in schema else text


def meaning(schema: dict[str, Any]) -> str:
    """Say what a schema means and which values it takes."""
    inner = {**schema, **schema.get("schema", {})}
    parts = [str(schema.get("description", ""))]
    if inner.get("enum"):
        parts.append(", ".join(str(value) for value in inner["enum"]))
    for key, sign in (("minimum", "≥"), ("maximum", "≤"), ("minLength", "length ≥"), ("maxLength", "length ≤")):
        if key in inner:
            parts.append(f"{sign} {inner[key]}")
    return " · ".join(part for part in parts if part)
