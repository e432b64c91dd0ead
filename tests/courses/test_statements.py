"""Lists and pages of courses, lectures and materials ask few statements, whose SQL is made once in a process."""

from collections.abc import Callable
from typing import Any

import peewee
import pytest
from playhouse.test_utils import count_queries

from lms.lectures.models import Chapter, Cue, Lecture, Recording, Transcript
from lms.materials.models import MaterialPage
from lms.members.models import Member
from lms.questions.models import Post
from tests.browser_like import Browser
from tests.courses.conftest import School

Open = Callable[[Member | None], Browser]


def furnish(school: School, lecture: Lecture) -> None:
    """Give a lecture all that its page can show: words, chapters, questions with answers, more courses."""
    recording = Recording.get(Recording.lecture == lecture)
    words = Transcript.create(recording=recording, language="zh")
    Cue.create(transcript=words, start_ms=0, end_ms=900, text="开场白")
    Chapter.create(recording=recording, start_ms=0, title="开场")
    for number in range(3):
        asked = Post.create(lecture=lecture, recording=recording, member=school.member, text=f"问{number}")
        Post.create(lecture=lecture, question=asked, member=school.lecturer, text="答")
        school.course(lecture, school.material())


@pytest.mark.parametrize("who", ["member", "lecturer", "liaison"])
def test_pages_that_are_asked_often_ask_few_and_prepared_statements(
    school: School, browser: Open, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lecture, material = school.lecture(), school.material()
    MaterialPage.create(material=material, number=1, text="甲")
    course = school.course(lecture, material)
    furnish(school, lecture)
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
        f"/lectures/{lecture.id}", f"/lectures/{lecture.id}/questions",
    ]  # fmt: skip
    if who == "lecturer":
        pages += ["/studio", "/studio?kind=lecture&sort=begun", f"/studio/lectures/{lecture.id}", "/uploads"]
    for page in pages:
        assert window.get(page).status_code == 200
        made.clear()
        with monkeypatch.context() as patch, count_queries() as counted:
            patch.setattr(peewee.BaseQuery, "execute", noted)
            window.get(page)
        assert made == [], page
        most = 9 if page == f"/lectures/{lecture.id}" else 12
        assert counted.count <= most, page
