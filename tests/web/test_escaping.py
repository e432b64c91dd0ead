"""What is put into HTML in a quick way is what the thorough way puts there; figures are written in one way."""

from apiflask import APIFlask
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from lms.amounts import figure, figures, number
from lms.web.escaping import escaped
from lms.web.fragments import chip_row, marked

TEXTS = st.text(st.one_of(st.characters(), st.sampled_from("&<>\"'")), max_size=20)


@given(st.one_of(TEXTS, TEXTS.map(escape), st.integers(), st.none()))
def test_a_value_is_escaped_as_markupsafe_does_it(value: object) -> None:
    assert escaped(value) == escape(value)


@given(st.lists(st.tuples(TEXTS, st.booleans()), max_size=4))
def test_marked_parts_hold_their_texts_and_no_tags_of_their_own(parts: list[tuple[str, bool]]) -> None:
    shown = [(Markup("<mark>{}</mark>") if hit else Markup("{}")).format(text) for text, hit in parts]
    assert marked(parts) == Markup().join(shown)


def test_choices_say_what_is_chosen_and_how_many_there_are() -> None:
    row = chip_row("种类", [("全部", "/search?q=a&b", True), ("<书>", "/search", False, 3), ("讲座", "/", False, None)])
    assert row == (
        '<nav class="chips" aria-label="种类"><ul>\n'
        '<li><a href="/search?q=a&amp;b" aria-current="true">全部</a></li>\n'
        '<li><a href="/search">&lt;书&gt; <span class="count">3</span></a></li>\n'
        '<li><a href="/">讲座</a></li>\n'
        "</ul></nav>"
    )


def test_a_template_says_how_many_there_are_in_the_readers_language_and_escapes_what_it_names(app: APIFlask) -> None:
    template = app.jinja_env.from_string(
        '{{ ngettext("%(num)s page", "%(num)s pages", n) }}{{ _("“%(title)s”", title=n) }}'
    )
    said = {}
    for locale in ("zh_CN", "en"):
        with app.test_request_context(headers={"Cookie": f"lms_locale={locale}"}):
            said[locale] = [template.render(n=n) for n in (1, 2)]
    assert said == {"zh_CN": ["1 页《1》", "2 页《2》"], "en": ["1 page“1”", "2 pages“2”"]}
    with app.test_request_context():
        naming = app.jinja_env.from_string('{{ ngettext("%(n)s: one", "%(n)s: many", 2, n="<b>") }}')
        assert naming.render() == "&lt;b&gt;: many"


@given(st.integers(-(10**9), 10**9))
def test_a_figure_is_written_in_groups_a_year_and_a_bound_are_not(value: int) -> None:
    sentence = "%(n)s of %(n)d, %(low)s"
    said = sentence % figures({"n": value, "low": value})
    assert said == f"{number(value)} of {value}, {value}"
    assert [figure(one) for one in (value, "4321", True, None)] == [number(value), "4321", True, None]
    assert number(value).replace("\N{NARROW NO-BREAK SPACE}", "") == str(value)
