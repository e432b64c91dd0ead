"""The bare view that the service's permission for a recording is measured against: it only names the file to nginx."""

import os

from flask import Flask, Response

app = Flask(__name__)
LOCATION = os.environ["ACCEL_LOCATION"]


@app.get("/media")
def media() -> Response:
    """Have nginx send the file."""
    response = Response(content_type="video/mp4")
    response.headers["X-Accel-Redirect"] = LOCATION
    return response


@app.get("/healthz")
def healthz() -> str:
    """Answer as soon as requests are taken."""
    return "ok"
