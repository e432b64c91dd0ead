"""Pages of courses: finding one, going on with it, making one, seeing who is how far."""

from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook
from playhouse.test_utils import count_queries

from lms import clock
from lms.courses import documents, people_queries, queries, service
from lms.courses.models import Course, CourseItem
from lms.courses.queries import Filter
from lms.errors import Conflict, Forbidden, InvalidInput, NotFound
from lms.lectures.models import Recording
from lms.members.models import Accreditation, Member
from lms.search.models import OutboxRow
from tests.browser_like import Browser
from tests.courses.conftest import DAY, School, item

Open = Callable[[Member | None], Browser]


def test_the_course_page_leads_to_the_next_thing_until_it_is_completed(school: School, browser: Open) -> None:
    first, second, extra = school.lecture("第一讲"), school.material("讲义"), school.lecture("选听一讲")
    course = school.course(first, second, extra, rule="required")
    marked = [item(first), item(second), item(extra, required=False, remark="有空再听")]
    service.set_items(school.actor(school.liaison), course, marked)
    reader = browser(school.member)
    page = reader.get(f"/courses/{course}").text
    assert "从这里开始：第一讲" in page and "必修内容全部学完即算完成。" in page and "有空再听" in page
    school.see(school.member, first)
    page = reader.get(f"/courses/{course}").text
    assert "继续学习：讲义" in page and "已学完 1 / 2 项。" in page
    assert f'href="/courses/{course}"' in reader.get(f"/lectures/{first.id}").text
    assert "基层治理十讲" in reader.get("/lectures").text and "基层治理十讲" in reader.get("/").text
    school.see(school.member, second)
    page = reader.get(f"/courses/{course}").text
    assert "已学完" in page and "已计入 2 学时。" in page


def test_courses_are_narrowed_sorted_and_shown_by_how_far_one_is(school: School) -> None:
    lecture, other = school.lecture(), school.lecture()
    begun = school.course(lecture, other, title="乙课", until=date(2026, 12, 1), category="law")
    Accreditation.create(name="丁海涛", inside=False, unit=school.unit, since=DAY)
    school.course(other, title="甲课", lecturer_name="丁海涛", class_hour_tenths=50)
    school.course(school.lecture(), title="草稿课", published=False)
    school.see(school.member, lecture)
    reader = school.actor(school.member)

    def titles(**wanted: str) -> list[str]:
        found, first = (queries.list_courses(reader, Filter(**wanted), 1, size) for size in (10, 1))
        assert found.total == first.total == len(found.items), "all that are found are counted, not those of one page"
        return [row.title for row in found.items]

    assert titles(sort="newest") == ["甲课", "乙课"]
    assert titles(sort="ends") == ["乙课", "甲课"]
    assert titles(sort="hours") == ["甲课", "乙课"]
    assert titles(mine="begun") == ["乙课"]
    assert titles(mine="open") == ["甲课"]
    assert titles(category="law") == ["乙课"]
    assert titles(lecturer="丁海涛") == ["甲课"]
    assert titles(text="乙 陈志远") == ["乙课"]
    assert [(row.id, row.items, row.done) for row in queries.list_running(reader, 3)] == [(begun, 2, 1)]
    school.see(school.member, other)
    assert sorted(titles(mine="done")) == sorted(["甲课", "乙课"])
    keeper = school.actor(school.liaison)
    assert queries.list_courses(keeper, Filter(which="kept"), 1, 10).total == 3


def test_a_course_is_made_on_pages_without_scripts(school: School, browser: Open) -> None:
    lecture, material = school.lecture("带着问题读书"), school.material("读书笔记")
    desk = browser(school.lecturer)
    said = {"title": "读书入门", "lecturer": str(school.lecturer.id), "category": "culture", "class_hours": "1.5"}
    said |= {"rule": "count", "count": "1", "unit": str(school.unit.id), "audience": "unit"}
    refused = desk.post("/courses/new", {**said, "class_hours": "一点五", "count": "0", "title": ""})
    assert refused.status_code == 422
    assert all(text in refused.text for text in ("请填写标题", "一点五", "0 到 500 之间的学时", "需要学完几项"))
    made = desk.post("/courses/new", said)
    course = Course.get()
    assert (course.lecturer_name, course.class_hour_tenths, course.rule, course.amount) == ("陈志远", 15, "count", 1)
    assert "带着问题读书" in desk.get(f"{made.location}?q=问题").text
    assert "读书笔记" not in desk.get(f"/courses/{course.id}/candidates?q=问题").text
    Recording.update(state="failed").where(Recording.lecture == school.lecture("坏了的问题")).execute()
    offered = desk.get(f"/courses/{course.id}/candidates?q=问题").text
    assert "坏了的" not in offered and "带着问题读书" in offered
    for kind, ref in (("lecture", lecture.id), ("material", material.id)):
        desk.post(f"/courses/{course.id}/add", {"item": f"{kind}-{ref}"})
    keys = [f"lecture-{lecture.id}", f"material-{material.id}"]
    form = {"item": keys, f"required-{keys[0]}": "1", f"remark-{keys[1]}": "听完再读", "move": f"up-{keys[1]}"}
    desk.post(f"/courses/{course.id}/items", form)
    rows = list(CourseItem.select().order_by(CourseItem.position))
    assert [(row.kind, row.required, row.remark) for row in rows] == [
        ("material", False, "听完再读"),
        ("lecture", True, ""),
    ]
    OutboxRow.delete().execute()
    desk.post(f"/courses/{course.id}/publish", {})
    assert [(row.kind, row.ref) for row in OutboxRow.select()] == [("course", course.id)]
    assert "学完 1 项即算完成。 其中必修内容须全部学完。" in browser(school.member).get(f"/courses/{course.id}").text


def test_what_cannot_be_seen_is_not_put_into_a_course_and_its_title_is_told_to_nobody(
    school: School, browser: Open
) -> None:
    elsewhere = school.make.unit(parent=school.root)
    secret = school.lecture("内部讲座", unit=elsewhere, audience="unit", uploader=None)
    course = school.course(school.lecture())
    with pytest.raises(InvalidInput):
        service.add_item(school.actor(school.liaison), course, item(secret))
    head = school.make.member(school.root, "administrator")
    service.add_item(school.actor(head), course, item(secret))
    answer = browser(school.member).get(f"/courses/{course}").text
    assert "内部讲座" not in answer and "未对您开放" in answer
    (place,) = documents.load(course)
    assert "内部讲座" not in place.body
    api = browser(school.member).get(f"/api/v1/courses/{course}").json
    assert api is not None and [one["title"] for one in api["items"]][1] == ""


def test_a_copy_is_a_draft_a_year_on_and_a_published_course_is_put_away_not_deleted(school: School) -> None:
    keeper = school.actor(school.liaison)
    course = school.course(school.lecture(), since=date(2026, 9, 1), until=date(2026, 12, 31))
    copy = Course.get_by_id(service.copy_course(keeper, course))
    assert (copy.since, copy.until, copy.published_at) == (date(2027, 9, 1), date(2027, 12, 31), None)
    assert CourseItem.select().where(CourseItem.course == copy.id).count() == 1
    with pytest.raises(Conflict):
        service.delete_course(keeper, course)
    service.archive_course(keeper, course)
    with pytest.raises(NotFound):
        queries.get_course(school.actor(school.member), course)
    assert list(documents.load(course)) == []
    service.restore_course(keeper, course)
    assert documents.SOURCE.visible(school.actor(school.member), [course]) == {course}
    service.delete_course(keeper, copy.id)
    assert Course.select().count() == 1


def test_liaisons_see_their_units_and_a_lecturer_who_has_begun(school: School) -> None:
    lecture = school.lecture(audience="everyone")
    course = school.course(lecture, who=school.lecturer)
    stranger = school.make.member(school.make.unit(parent=school.root), name="彭敏")
    school.see(school.member, lecture)
    school.see(stranger, lecture)
    liaison = people_queries.get_people(school.actor(school.liaison), course, "", "far", 1, 10)
    assert next((row.name, row.state) for row in liaison.page.items) == ("王淑兰", "done")
    assert (liaison.counts.members, liaison.counts.begun, liaison.counts.done) == (3, 1, 1)
    lecturer = people_queries.get_people(school.actor(school.lecturer), course, "", "name", 1, 10)
    assert {row.name for row in lecturer.page.items} == {"王淑兰", "彭敏"}
    for words, shown in ((school.member.name, 1), ("没有这个人", 0)):
        found = people_queries.get_people(school.actor(school.liaison), course, "", "far", 1, 10, text=words)
        assert (len(found.page.items), found.counts.members) == (shown, liaison.counts.members)
    undone = people_queries.get_people(school.actor(school.liaison), course, "open", "unit", 1, 10)
    assert {row.name for row in undone.page.items} == {"刘敏", "陈志远"}
    with pytest.raises(Forbidden):
        people_queries.get_people(school.actor(school.member), course, "", "unit", 1, 10)


def test_the_tables_hold_no_formula_and_everybody(school: School, browser: Open) -> None:
    lecture = school.lecture()
    course = school.course(lecture)
    school.make.member(school.unit, name='=HYPERLINK("x")')
    desk = browser(school.liaison)
    for address in (f"/courses/{course}/members", f"/courses/{course}/edit", f"/api/v1/courses/{course}/members"):
        assert desk.get(f"{address}?q=%00a%00").status_code == 200  # no database takes a NUL
    text = desk.get(f"/courses/{course}/members.csv").get_data().decode("utf-8-sig")
    assert "'=HYPERLINK" in text
    assert len(text.strip().splitlines()) == 5
    sheet = load_workbook(BytesIO(desk.get(f"/courses/{course}/members.xlsx").get_data())).active
    assert sheet is not None and sheet.max_row == 5
    assert all(cell.data_type == "s" for row in sheet.iter_rows(max_col=2) for cell in row)
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} <= {"s", "n", "d"}


def test_lists_need_no_more_statements_however_long_they_are(school: School, browser: Open) -> None:
    for number in range(4):
        school.course(school.lecture(), school.material(), title=f"第{number}课")
    reader = browser(school.member)
    reader.get("/courses")
    with count_queries() as counted:
        reader.get("/courses")
    assert counted.count <= 7
    with count_queries() as counted:
        reader.get("/courses/1")
    assert counted.count <= 9
    with clock.at(datetime(2026, 10, 10)), count_queries() as counted:
        people_queries.get_people(school.actor(school.liaison), 1, "", "unit", 1, 20)
    assert counted.count <= 8
