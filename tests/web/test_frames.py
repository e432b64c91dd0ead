"""What is filled into a frame is what the template would have shown; a frame belongs to nobody."""

from collections.abc import Iterator

import pytest
from apiflask import APIFlask
from flask import session
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader
from markupsafe import Markup

from lms.web.environment import PlainGlobals
from lms.web.frames import Filling, Frames
from lms.web.sessions import csrf_token

TEMPLATES = {
    "page.html": "{% if big %}<h1>{{ title }}</h1>{% endif %}<p>{{ text }}</p><i>{{ title }}</i>",
    "form.html": '<input name="csrf_token" value="{{ csrf_token() }}"><p>{{ text }}</p>',
}
TEXTS = st.text(st.one_of(st.characters(), st.sampled_from("&<>\"'")), max_size=20)


@pytest.fixture
def frames(app: APIFlask) -> Iterator[Frames]:
    environment = PlainGlobals(app, loader=DictLoader(TEMPLATES), autoescape=True)
    environment.globals["csrf_token"] = csrf_token
    with app.test_request_context("/"):
        yield Frames(environment, most=10)


def test_a_frame_filled_is_the_template_rendered(frames: Frames, app: APIFlask) -> None:
    template = app.jinja_env.from_string(TEMPLATES["page.html"])

    @given(TEXTS, st.one_of(TEXTS, TEXTS.map(lambda text: Markup("<b>%s</b>") % text)), st.sampled_from([0, 1, True]))
    def check(title: str, text: str, big: int) -> None:
        filling = Filling({"big": big}, {"title": title, "text": text})
        assert frames.filled("page.html", filling) == template.render(filling.values)
        assert frames.sent("page.html", filling).decode() == template.render(filling.values)

    check()


def test_what_is_filled_in_is_not_looked_through_for_places(frames: Frames) -> None:
    hole = frames.filled("page.html", Filling({"big": 0}, {"title": "a", "text": "b"}))
    twice = frames.filled("page.html", Filling({"big": 0}, {"title": "\ue000", "text": Markup(hole)}))
    assert twice == f"<p>{hole}</p><i>\ue000</i>"


def test_a_form_with_a_token_is_refused(frames: Frames) -> None:
    session["csrf_token"] = "of one session"
    with pytest.raises(ValueError, match="token of one session"):
        frames.filled("form.html", Filling({}, {"text": "b"}))
