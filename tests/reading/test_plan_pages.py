"""Plans on pages, in the API and in calendars."""

from collections.abc import Callable

from playhouse.test_utils import count_queries

from lms.members.access import Actor
from lms.members.models import Member, Unit
from lms.reading import plan_service, service
from lms.reading.models import ReadingEntry
from lms.reading.plan_rules import PlannedItem, planned_book
from lms.reading.rules import Progress
from tests.browser_like import Browser
from tests.factories import Make
from tests.reading.planning import ago, material, text

Open = Callable[[Member | None], Browser]


def test_items_change_places_with_the_keyboard(make: Make, reader: Member, browser: Open) -> None:
    a, b = make.book("甲书").id, make.book("乙书").id
    form = {"title": "x", "since": "2026-11-01", "until": "2026-11-30", "item": [f"book-{a}", f"book-{b}"]}
    days = {f"due-book-{a}": "2026-11-10", f"due-book-{b}": "2026-11-20"}
    page = text(browser(reader).post("/plans/new", {**form, **days, "do": f"up-book-{b}"}))
    assert page.index("乙书") < page.index("甲书")
    assert f'name="due-book-{b}" value="2026-11-10"' in page
    assert f'name="due-book-{a}" value="2026-11-20"' in page


def unfolded(feed: str) -> list[str]:
    lines: list[str] = []
    for line in feed.split("\r\n"):
        if line.startswith(" "):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    return lines


def test_the_calendar_is_read_without_signing_in_until_its_address_is_closed(
    make: Make, reader: Member, actor: Actor, browser: Open
) -> None:
    title = "很长的书名；带逗号, 分号; 和\\反斜线" + "长" * 40
    book = make.book(title).id
    plan_service.make_plan(actor, "计划", ago(3), ago(-3), [planned_book(book, ago(-2))])
    window, stranger = browser(reader), browser(None)
    window.post("/plans/calendar")
    address = text(window.get("/plans/calendar")).partition('readonly value="http://localhost')[2].partition('"')[0]
    answer = stranger.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    feed = text(answer)
    assert max(len(line.encode()) for line in feed.split("\r\n")) <= 75
    lines = unfolded(feed)
    assert (lines[0], lines[-2]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    assert f"DTSTART;VALUE=DATE:{ago(-2):%Y%m%d}" in lines
    (summary,) = [line for line in lines if line.startswith("SUMMARY:")]
    plain = summary.removeprefix("SUMMARY:").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
    assert plain == title
    window.post("/plans/calendar")
    assert stranger.get(address).status_code == 404
    window.post("/plans/calendar/close")
    assert "生成订阅地址" in text(window.get("/plans/calendar"))


def test_plan_pages_ask_little_however_many_items(
    make: Make, unit: Unit, reader: Member, actor: Actor, liaison: Member, browser: Open
) -> None:
    items = [planned_book(make.book().id) for _ in range(12)]
    items += [PlannedItem("material", material(make, unit)), PlannedItem("count", 0, None, 12)]
    for number in range(3):
        plan_id = plan_service.make_plan(actor, f"计划{number}", ago(10), ago(-10), items)
        plan_service.submit_plan(actor, plan_id)
    mine, theirs = browser(reader), browser(liaison)
    for window, address in ((mine, f"/plans/{plan_id}"), (mine, "/plans"), (theirs, "/plans/review")):
        window.get(address)
        with count_queries() as counter:
            assert window.get(address).status_code == 200
        assert counter.count <= 12


def test_the_api_takes_a_plan_through_its_states(
    make: Make, unit: Unit, reader: Member, liaison: Member, browser: Open
) -> None:
    mine, theirs = browser(reader), browser(liaison)
    items = [{"book": make.book().id}, {"count": 5}]
    made = mine.api("POST", "/plans", {"title": "x", "since": str(ago(1)), "until": str(ago(-9)), "items": items})
    plan = made.get_json()
    assert (made.status_code, plan["total"], plan["state"]) == (201, 6, "draft")
    assert mine.api("POST", "/plans", {**plan, "items": [{}]}).status_code == 422
    path = f"/plans/{plan['id']}"
    assert mine.api("POST", f"{path}/submit").get_json()["state"] == "submitted"
    assert [row["id"] for row in theirs.api("GET", "/plans/review").get_json()["items"]] == [plan["id"]]
    decided = theirs.api("POST", f"{path}/decision", {"decision": "approve"})
    assert decided.get_json()["state"] == "approved"
    assert mine.api("POST", f"{path}/shift", {"days": -2}).status_code == 200
    assert mine.api("POST", f"{path}/copy").status_code == 201
    assert mine.api("GET", path).get_json()["changes"][0]["what"] == "changed"
    given = {"title": "y", "since": str(ago(1)), "until": str(ago(-9)), "items": items, "unit": unit.id}
    assert theirs.api("POST", "/unit-plans", given).get_json()["members"] == 2
    ident = theirs.api("GET", "/unit-plans").get_json()["items"][0]["id"]
    assert theirs.api("DELETE", f"/unit-plans/{ident}").status_code == 204
    address = mine.api("POST", "/plans/calendar").get_json()["address"]
    assert address == mine.api("GET", "/plans/calendar").get_json()["address"]
    assert mine.api("DELETE", "/plans/calendar").status_code == 204


def test_the_first_page_notes_with_one_tap_and_says_how_the_plan_stands(
    make: Make, reader: Member, actor: Actor, browser: Open
) -> None:
    book, late, also = make.book("围城", pages=300).id, make.book("边城").id, make.book("呐喊").id
    plan_service.make_plan(actor, "冬读", ago(10), ago(-10), [planned_book(late, ago(3)), planned_book(book, ago(-5))])
    service.note_progress(actor, also, Progress(percent=30))
    service.note_progress(actor, book, Progress(page=50))
    window = browser(reader)
    page = text(window.get("/"))
    assert 'name="page" value="60"' in page
    assert ("落后 1 项" in page, "本周待完成" in page, "呐喊" in page) == (True, True, True)
    answer = window.post(f"/books/{book}/sessions", {"page": "60", "seen": "p50", "next": "/"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert ReadingEntry.get(ReadingEntry.book == book).page == 60
    with count_queries() as counter:
        window.get("/")
    assert counter.count <= 12
