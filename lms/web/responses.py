"""Answers as this service gives them: what stands beside every one of them is added once, as it is sent."""

from typing import TYPE_CHECKING, Any

from flask import Response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import WSGIEnvironment

OK = 200


class Answer(Response):
    """A response. ``beside`` are headers that it is sent with unless it has its own of these names.

    To put each of them into ``headers`` would look through all that stand there, and werkzeug copies these once more.
    """

    beside: tuple[tuple[str, str], ...] = ()

    def get_wsgi_response(self, environ: "WSGIEnvironment") -> "tuple[Iterable[bytes], str, list[tuple[str, str]]]":
        """Give what is sent. A page or a piece of JSON, whose length is known, has nothing to be made good."""
        plain = self.status_code == OK and self.is_sequence and "Content-Length" in self.headers
        headers: Any = self.headers if plain else self.get_wsgi_headers(environ)
        own = headers.to_wsgi_list()
        names = {name.lower() for name, _ in own}
        return (
            self.get_app_iter(environ),
            self.status,
            [*own, *[header for header in self.beside if header[0].lower() not in names]],
        )
