"""Putting the web application together: configuration, rooms, and what happens around every request."""

from datetime import timedelta
from pathlib import Path

from apiflask import APIFlask
from flask import current_app, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from lms.config import MIB, Settings
from lms.web import (
    errors,
    fragments,
    frames,
    headers,
    i18n,
    jsonbody,
    kept_pages,
    packed_files,
    requestlog,
    rooms,
    sessions,
    signin,
    uploads,
    view,
)
from lms.web.apidocs import DescribedApplication
from lms.web.environment import PlainGlobals
from lms.web.one_day import OneDay
from lms.web.quick_files import QuickFiles
from lms.web.turns import Turns

ROOT = Path(__file__).resolve().parent.parent
FORM_BYTES = 4 * MIB


class WritingOnly(CSRFProtect):
    """Flask-WTF's protection, which asks first of all what is asked last: whether something may be changed at all."""

    def protect(self, apply_exemptions: bool = False) -> None:
        """Refuse a request that may change something and brings no valid token."""
        if request.method in current_app.config["WTF_CSRF_METHODS"]:
            super().protect(apply_exemptions)


csrf = WritingOnly()


def build(settings: Settings) -> APIFlask:
    """Build the application for settings whose database and storage are already bound."""
    app = DescribedApplication(
        "lms",
        title="Learning Garden",
        version="1",
        docs_path=None,
        spec_path="/api/openapi.json",
        json_errors=False,
        template_folder=str(ROOT.parent / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.openapi_version = "3.1.0"
    app.jinja_environment = PlainGlobals
    app.config.update(
        LMS=settings,
        METRICS_FOLDER=settings.prometheus_multiproc_dir,
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="lms_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.cookie_secure,
        PERMANENT_SESSION_LIFETIME=timedelta(days=settings.session_days),
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_HEADERS=["X-CSRFToken"],
        TEMPLATES_AUTO_RELOAD=False,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
    )
    quick = QuickFiles(app, Turns(OneDay(app.wsgi_app)))
    app.wsgi_app = quick  # type: ignore[method-assign]
    app.extensions["quick_files"] = quick  # for the worker's lane, which asks nothing else
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    headers.init_app(app)
    requestlog.init_app(app)
    errors.init_app(app)
    uploads.init_app(app)  # before the CSRF check, which reads the form
    csrf.init_app(app)
    sessions.init_app(app)
    jsonbody.init_app(app)
    i18n.init_app(app, settings)
    packed_files.init_app(app)
    signin.init_app(app)
    view.init_app(app)
    fragments.init_app(app)
    frames.init_app(app)
    kept_pages.init_app(app)
    rooms.register(app)
    return app
