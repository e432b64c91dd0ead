"""The application for a WSGI server: ``gunicorn wsgi:app``."""

from lms.application import create_app

app = create_app()
