"""How a page of a material is shown, and the token that says when it was."""

from datetime import UTC, datetime
from typing import Any

import nh3
from flask import current_app
from itsdangerous import BadSignature, Signer
from markupsafe import Markup

from lms import clock
from lms.errors import N_, InvalidInput
from lms.materials.rules import MARKDOWN
from lms.web import markdown

TAGS = {
    "p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "tr", "td", "th", "em", "strong", "blockquote", "pre",
    "br", "img",
}  # fmt: skip
NO_TOKEN = N_("This page was opened too long ago. Please open it again.")


def body_of(material: Any, page: Any) -> Markup | None:
    """Give what stands on a page as HTML that is safe to show; None for plain text, which is shown as it was typed."""
    if material.media_type == MARKDOWN:
        return markdown.render(page.text, top=3 if page.heading else 2)
    if page.markup:
        return _cleaned(material.id, page.markup)
    return None


def _cleaned(material: int, markup: str) -> Markup:
    """Clean markup; a picture is named by its number within the material, any other address is dropped."""

    def address(tag: str, name: str, value: str) -> str | None:
        if name == "src":
            known = value.isascii() and value.isdigit() and len(value) < 6
            return f"/materials/{material}/pictures/{value}" if known else None
        return value if name in ("alt", "loading") or (value.isascii() and value.isdigit() and len(value) < 6) else None

    return Markup(  # noqa: S704 cleaned in this very line
        nh3.clean(
            markup,
            tags=TAGS,
            attributes={"img": {"src", "alt", "width", "height"}},
            attribute_filter=address,
            set_tag_attribute_values={"img": {"loading": "lazy"}},
        )
    )


def _signer() -> Signer:
    return Signer(current_app.secret_key or "", salt="material page")


def page_token(member: int, material: int, page: int) -> str:
    """Make a token that says who opened which page, and when: the reader's own clock is never asked."""
    opened = int(clock.now().replace(tzinfo=UTC).timestamp() * 1000)
    return _signer().sign(f"{member}-{material}-{page}-{opened}").decode()


def opened_at(token: str, member: int, material: int, page: int) -> datetime:
    """Give the instant at which a token says that a page was opened. Raises InvalidInput for any other token."""
    try:
        *whose, opened = _signer().unsign(token).decode().split("-")
    except BadSignature as error:
        raise InvalidInput(NO_TOKEN, field="token") from error
    if whose != [str(member), str(material), str(page)]:
        raise InvalidInput(NO_TOKEN, field="token")
    return datetime.fromtimestamp(int(opened) / 1000, UTC).replace(tzinfo=None)
