"""JSON that is sent: refused at the door when it cannot be read, or holds what no table can keep."""

import json
from typing import NoReturn

from apiflask import APIFlask
from flask import request
from werkzeug.exceptions import BadRequest


def init_app(app: APIFlask) -> None:
    """Look at each JSON body before anybody else does."""
    app.before_request(_refuse_unreadable)


def _refuse_unreadable() -> None:
    """Raise BadRequest for a body that is no JSON, too deep, has endless numbers, or half of a surrogate pair."""
    if not request.environ.get("CONTENT_TYPE") or not request.is_json:
        return
    sent = request.get_data(cache=True)
    if not sent:
        return
    try:
        value = json.loads(sent, parse_constant=_no_number)
        if b"\\ud" in sent.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadRequest from error


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
