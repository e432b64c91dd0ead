"""Handing out the file of a material: whole or in part, and never as something a browser would run."""

from typing import Any

from flask import request, send_file
from werkzeug.wrappers import Response

from lms.errors import N_, NotFound
from lms.materials.rules import IMAGES, PDF, TEXTS
from lms.storage import files

POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'; sandbox"
# The viewer that a browser has for PDFs is a part of the browser, and shows nothing within a sandbox.
PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"


def material_file(material: Any) -> Response:
    """Answer with the file of a material, or of a version of one, that was looked up for the actor before.

    A PDF or a picture opens in the browser (``?download=1`` saves it), anything else is saved. Byte ranges and
    ``If-None-Match`` are honoured; the tag is the content's sha256. Raises NotFound for a web link and when the file is
    missing in the store.
    """
    if not material.file_key:
        raise NotFound(N_("A web link has no file."))
    path = files().path(material.file_key)
    if not path.is_file():
        raise NotFound(N_("The file of this material is missing in the store. Please upload it again."))
    shown = material.media_type == PDF or material.media_type in IMAGES
    is_text = material.media_type in TEXTS
    response = send_file(
        path,
        mimetype=f"text/plain; charset={material.charset}" if is_text else material.media_type,
        as_attachment=not shown or request.args.get("download") == "1",
        download_name=material.file_name,
        conditional=True,
        etag=material.file_key,
        max_age=0,
    )
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = PDF_POLICY if material.media_type == PDF else POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def picture_file(key: str) -> Response:
    """Answer with a picture within a material, by its key, looked up for the actor before. Raises NotFound."""
    path = files().path(key)
    if not path.is_file():
        raise NotFound(N_("The file of this material is missing in the store. Please upload it again."))
    with path.open("rb") as file:
        png = file.read(4) == b"\x89PNG"
    response = send_file(path, mimetype="image/png" if png else "image/jpeg", conditional=True, etag=key, max_age=0)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
