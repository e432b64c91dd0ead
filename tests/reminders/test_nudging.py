"""The liaison's own reminders: looked at first, told once in a period, taken back for some minutes."""

from collections.abc import Callable
from datetime import date, timedelta
from html import unescape

import pytest

from lms import clock
from lms.errors import Forbidden, NotFound
from lms.members.models import Member, Unit
from lms.notices import queries, words
from lms.progress import booking
from lms.progress.models import Requirement
from lms.reminders import nudging
from lms.reminders.models import NudgeSending
from tests.browser_like import Browser
from tests.factories import Make
from tests.reminders.seen import at, listed, told

Open = Callable[[Member | None], Browser]
SINCE = date(2026, 1, 1)


def test_the_liaison_reminds_those_behind_once_in_a_period_in_own_words(
    make: Make, unit: Unit, member: Member, liaison: Member, books: Requirement, browser: Open
) -> None:
    done = make.member(unit, name="李建国")
    booking.book(done.id, "book_finished", 1, date(2026, 11, 3), "finish:1:1", ("reading_entry", 1))
    hers = browser(liaison)
    address = f"/reminders/{books.id}/{unit.id}"
    with clock.at(at(date(2026, 11, 28))):
        page = unescape(hers.get(address).get_data(as_text=True))
        assert "王淑兰" in page
        assert "李建国" not in page
        assert "勾选的每人收到一条通知" in page
        assert "刘敏提醒您，以下还需抓紧：" in page
        assert "还差 1 本，截止十一月三十日" in page
        looked = unescape(hers.post(address, {"words": "还来得及", "step": "look"}).get_data(as_text=True))
        assert "刘敏提醒您：“还来得及”。以下还需抓紧：" in looked
        assert told(member, make) == []
        assert hers.post(address, {"words": "长" * 300}).status_code == 422
        assert hers.post(address, {"words": "还来得及"}).status_code == 303
        hers.post(address, {"words": "又一次"})
        assert told(member, make) == ["nudge"]
        assert told(liaison, make) == []
        (notice,) = queries.list_notices(make.actor(member), 1, 10).items
        with hers.client.application.test_request_context():
            said = "刘敏提醒您：“还来得及”。以下还需抓紧： “每月读一本好书”（还差 1 本，截止十一月三十日）"
            assert words.sentence(notice) == said
        page = unescape(hers.get(address).get_data(as_text=True))
        assert "本期该提醒的人都已提醒过" in page
        assert "刘敏已于 11 月 28 日提醒：“每月读一本好书”" in page
        (one,) = hers.api("GET", address).get_json()["people"]
        assert (one["member"], one["tells"], one["behind"][0]["reminded_by"]) == (member.id, False, "刘敏")
    with clock.at(at(date(2026, 11, 29))):
        assert hers.api("POST", address, {"words": ""}).get_json()["told"] == 0
    with clock.at(at(date(2026, 12, 28))):
        assert hers.api("POST", address, {"words": ""}).get_json()["told"] == 2, "in December also who read in November"
        with pytest.raises(Forbidden):
            nudging.nudge(make.actor(member), unit.id, "", "community", books.id)
        stranger = make.member(make.unit(), "liaison")
        with pytest.raises(Forbidden):
            nudging.nudge(make.actor(stranger), unit.id, "", "community", books.id)
        elsewhere = make.actor(stranger)
        with pytest.raises(NotFound):
            nudging.nudge(elsewhere, next(iter(elsewhere.units)), "", "community", books.id)


def test_a_reminder_is_taken_back_for_some_minutes_from_whom_has_not_read_it(
    make: Make, unit: Unit, member: Member, liaison: Member, books: Requirement, browser: Open
) -> None:
    reader = make.member(unit, name="李建国")
    hers, address = browser(liaison), f"/reminders/units/{unit.id}"
    with clock.at(at(date(2026, 11, 27))):
        assert hers.post(f"{address}?next=/board", {"next": "/board"}).headers["Location"] == "/board"
        page = unescape(hers.get("/board", follow_redirects=True).get_data(as_text=True))
        (sent,) = NudgeSending.select()
        assert f'已提醒 2 人。 <a href="/reminders/sent/{sent.id}?next=/board">撤销</a>' in page
        assert f"/reminders/sent/{sent.id}" in hers.get(address).get_data(as_text=True), "and where it was sent"
        (his,) = listed(reader, make)
        browser(reader).post(f"/notices/{his.id}", {})
    with clock.at(at(date(2026, 11, 27)) + timedelta(minutes=9)):
        shown = unescape(hers.get(f"/reminders/sent/{sent.id}").get_data(as_text=True))
        assert "撤回 1 人的提醒" in shown
        told_ = hers.get(f"/api/v1/reminders/sent/{sent.id}").get_json()["told"]
        assert {one["name"]: one["read"] for one in told_} == {"李建国": True, "王淑兰": False}
        other = browser(make.member(unit, "liaison"))
        assert other.api("DELETE", f"/reminders/sent/{sent.id}").status_code == 404, "only who sent it"
        assert hers.post(f"/reminders/sent/{sent.id}", {"next": "/board"}).status_code == 303
        assert hers.api("DELETE", f"/reminders/sent/{sent.id}").status_code == 409
        assert (told(member, make), told(reader, make)) == ([], ["nudge"])
        assert Member.get_by_id(member.id).unread_notices == 0
        assert "提醒已撤回" in hers.get(f"/reminders/sent/{sent.id}").get_data(as_text=True)
        again = hers.api("POST", address, {"words": "加油"}).get_json()
        assert again["told"] == 2, "whom it was taken back from, and the liaison who came since; not who had read it"
        assert (told(member, make), told(reader, make)) == (["nudge"], ["nudge"])
    with clock.at(at(date(2026, 11, 27)) + timedelta(minutes=20)):
        late = hers.api("DELETE", f"/reminders/sent/{again['sending']}")
        assert (late.status_code, "10 分钟" in late.get_json()["detail"]) == (409, True)
        assert told(member, make) == ["nudge"]
        assert nudging.nudge(make.actor(liaison), unit.id, "", "community") == (None, 0)


def test_one_person_or_all_who_are_behind_are_reminded_from_the_board(
    make: Make, unit: Unit, member: Member, liaison: Member, books: Requirement, browser: Open
) -> None:
    study = Requirement.create(
        title="每周自学三小时", unit=unit, measure="study_minutes", amount=180, period="week", since=SINCE
    )
    Requirement.update(series=Requirement.id).execute()
    others = [make.member(unit, name=f"成员{number}") for number in range(2)]
    hers = browser(liaison)
    with clock.at(at(date(2026, 11, 27))):
        board = unescape(hers.get(f"/board/{unit.id}").get_data(as_text=True))
        assert f"/reminders/units/{unit.id}" in board
        names = unescape(hers.get(f"/board/{unit.id}/people?group=late&rule={books.id}").get_data(as_text=True))
        assert f"/reminders/{books.id}/{unit.id}?member={member.id}" in names
        assert hers.post(f"/reminders/{books.id}/{unit.id}", {"member": member.id}).status_code == 303
        assert (told(member, make), told(others[0], make)) == (["nudge"], [])
        every = f"/reminders/units/{unit.id}"
        page = unescape(hers.get(f"{every}?next=/board/{unit.id}").get_data(as_text=True))
        assert f'<a class="btn quiet" href="/board/{unit.id}">返回' in page, "back to where one came from"
        assert page.count('name="who"') == page.count(" checked data-tick") == 3, "all are ticked"
        assert "落后：“每周自学三小时”" in page
        assert "刘敏已于 11 月 27 日提醒：“每月读一本好书”" in page
        found = hers.api("GET", every).get_json()
        assert (found["tells"], [len(one["behind"]) for one in found["people"]]) == (3, [2, 2, 2])
        listed = ",".join(str(one.id) for one in (member, *others))
        form = {"listed": listed, "words": "加油"}
        nobody = hers.post(every, form)
        assert nobody.status_code == 422
        assert "请至少勾选一人" in nobody.get_data(as_text=True)
        looked = hers.post(every, form | {"who": [member.id], "step": "look"}).get_data(as_text=True)
        assert looked.count(" checked data-tick") == 1
        assert hers.post(every, form | {"who": [member.id, others[0].id]}).status_code == 303
        assert (told(member, make), told(others[0], make)) == (["nudge", "nudge"], ["nudge"]), "one notice each"
        assert told(others[1], make) == []
        (notice,) = queries.list_notices(make.actor(others[0]), 1, 10).items
        with hers.client.application.test_request_context():
            assert words.headline(notice) == "刘敏提醒您：“加油”。以下还需抓紧："
        assert [one.title for one in notice.items] == ["每周自学三小时", "每月读一本好书"], "the soonest first"
        assert hers.api("POST", every, {"but": [others[1].id]}).get_json()["told"] == 0
        assert hers.api("POST", every, {"members": [member.id]}).get_json()["told"] == 0
        assert hers.api("POST", every, {"words": "加油"}).get_json()["told"] == 1
        assert hers.api("POST", every, {"words": "加油"}).get_json()["told"] == 0
        unread = Member.select(Member.unread_notices).where(Member.id == member.id).scalar()
        assert unread == 2
    with clock.at(at(date(2026, 12, 4))):
        closed = hers.get(f"/board/{unit.id}?period=month&day=2026-11-20").get_data(as_text=True)
        assert "/reminders/units/" not in closed, "what is over cannot be caught up"
        assert study.id
