"""Lists and pages of courses, lectures and materials ask few statements, whose SQL is made once in a process."""

from collections.abc import Callable
from typing import Any

import peewee
import pytest
from playhouse.test_utils import count_queries

from lms.materials.models import MaterialPage
from lms.members.models import Member
from tests.browser_like import Browser
from tests.courses.conftest import School

Open = Callable[[Member | None], Browser]


@pytest.mark.parametrize("who", ["member", "lecturer", "liaison"])
def test_pages_that_are_asked_often_ask_few_and_prepared_statements(
    school: School, browser: Open, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lecture, material = school.lecture(), school.material()
    MaterialPage.create(material=material, number=1, text="甲")
    course = school.course(lecture, material)
    school.see(school.member, lecture)
    window = browser(getattr(school, who))
    made: list[str] = []
    send = peewee.BaseQuery.execute

    def noted(self: Any, *args: Any, **more: Any) -> Any:
        made.append(str(self))
        return send(self, *args, **more)

    pages = [
        "/materials", "/materials?read=no&kind=text&sort=title", f"/materials/{material.id}/pages/1",
        "/courses", "/courses?mine=begun&sort=ends", f"/courses/{course}", "/lectures", f"/materials/{material.id}",
    ]  # fmt: skip
    for page in pages:
        assert window.get(page).status_code == 200
        made.clear()
        with monkeypatch.context() as patch, count_queries() as counted:
            patch.setattr(peewee.BaseQuery, "execute", noted)
            window.get(page)
        assert made == [], page
        most = 13 if page == f"/materials/{material.id}" else 12  # that of a liaison says what units ask, besides
        assert counted.count <= most, page
