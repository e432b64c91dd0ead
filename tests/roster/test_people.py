"""People in bulk: what a table's rows do, what is refused and why, and that what was written out changes nothing."""

from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from urllib.parse import quote

import pytest

from lms import clock
from lms.errors import Conflict, Forbidden, InvalidInput, NotFound
from lms.members import sign_in
from lms.members.access import Actor, load_actor
from lms.members.models import LeaveOfAbsence, Member, Membership, MemberTag, Unit
from lms.roster import export, queries, service, slips
from lms.roster.models import RosterImport, RosterRow
from tests.browser_like import Browser
from tests.factories import Make
from tests.roster.tables import actions, carry_out, csv_of, look, take, units_of, work, xlsx_of

TODAY = datetime(2026, 11, 28, 4)
Open = Callable[[Member | None], Browser]


@pytest.fixture
def town(make: Make) -> dict[str, Unit]:
    root = make.unit("青禾街道", kind="agency")
    return {
        "root": root,
        "osmanthus": make.unit("桂花社区", root),
        "river": make.unit("临江社区", root),
    }


@pytest.fixture
def admin(make: Make, town: dict[str, Unit]) -> Actor:
    return make.actor(make.member(town["root"], "administrator", name="周正"))


def places(actor: Actor, load: int) -> list[str]:
    """Give where each row of an import leads, as it is shown."""
    rows = queries.list_rows(actor, load, "", 1, 100).items
    return [" > ".join(filter(None, (row.unit_before_name, row.unit_name))) for row in rows]


def test_new_people_come_with_units_tags_leaves_and_a_slip_shown_once(admin: Actor, town: dict[str, Unit]) -> None:
    content = csv_of(
        "手机, 姓 名 ,所属单位,出生日期,身份,加入日期,请假,星座",
        "138 0000 0001,李梅,桂花社区,1958-03-01,党员；志愿者,2026-03-01,2026-05-01~2026-05-31,白羊",
        ",王小明,青禾街道/临江社区,,,,,",
        encoding="gb18030",
    )
    with clock.at(TODAY):
        load = look(admin, content)
        assert queries.get_import(admin, load).counts == {"add": 2}
        assert queries.get_import(admin, load).unknown == ("星座",)
        assert not Member.select().where(Member.name == "李梅").exists()
        assert carry_out(admin, load) == {"add": 2}
        plum = Member.get(Member.name == "李梅")
        assert (plum.phone, plum.birth_year, plum.must_change_password) == ("13800000001", 1958, True)
        assert units_of(plum) == [(town["osmanthus"].id, "2026-03-01", "")]
        assert units_of(Member.get(Member.name == "王小明")) == [(town["river"].id, "2026-11-28", "")]
        assert {row.tag for row in MemberTag.select()} == {"party_member", "志愿者"}
        assert (LeaveOfAbsence.get().since, LeaveOfAbsence.get().until) == (date(2026, 5, 1), date(2026, 5, 31))
        printed = slips.show_slips(admin, load)
        assert [(slip.name, slip.login, slip.unit) for slip in printed] == [
            ("李梅", "13800000001", "桂花社区"),
            ("王小明", "王小明", "临江社区"),
        ]
        assert slips.show_slips(admin, load) == []
        assert not RosterRow.select().where(RosterRow.nonce != "").exists()
        assert printed[0].password not in plum.password_hash
        assert sign_in.authenticate("李梅", printed[0].password, "::1").id == plum.id
        changed = sign_in.change_password(load_actor(plum.id), printed[0].password, "a garden in autumn", "::1")
        assert changed.password_hash.startswith("$argon2id$") and not changed.must_change_password
        with pytest.raises(sign_in.NotSignedIn):
            sign_in.authenticate("李梅", printed[0].password, "::1")


def test_what_was_written_out_changes_nothing_when_taken_in_again(
    admin: Actor, make: Make, town: dict[str, Unit]
) -> None:
    with clock.at(TODAY):
        plum = make.member(town["osmanthus"], name="=cmd|' /C calc'!A0", birth_year=1958)
        Membership.update(until=date(2027, 1, 31)).where(Membership.member == plum.id).execute()
        both = make.member(town["river"], name="-1+1")
        Membership.create(member=both, unit=town["osmanthus"], since=date(2025, 1, 1))
        MemberTag.create(member=plum, tag="leader", since=date(2026, 1, 1))
        MemberTag.create(member=plum, tag="@work", since=date(2026, 1, 1))
        LeaveOfAbsence.create(member=plum, since=date(2026, 11, 1))
        make.member(town["river"], "liaison", name="刘敏", phone=None)
        for locale in ("zh_CN", "en"):
            made = BytesIO()
            export.as_xlsx(admin, "people", locale, made)
            for content in ("".join(export.as_csv(admin, "people", locale)).encode(), made.getvalue()):
                assert queries.get_import(admin, look(admin, content)).counts == {"same": 4}
            assert queries.get_import(
                admin, look(admin, "".join(export.as_csv(admin, "units", locale)).encode(), "units")
            ).counts == {"same": 3}
        assert "\r\n'=cmd" not in "".join(export.as_csv(admin, "people", "en"))
        assert ",'=cmd" in "".join(export.as_csv(admin, "people", "en"))


def test_change_move_and_leave(admin: Actor, make: Make, town: dict[str, Unit]) -> None:
    stays, moves, leaves, back = (make.member(town["osmanthus"], name=name) for name in "甲乙丙丁")
    Membership.update(until=date(2026, 1, 31)).where(Membership.member == back.id).execute()
    MemberTag.create(member=stays, tag="officer", since=date(2026, 1, 1))
    with clock.at(TODAY):
        load = look(
            admin,
            csv_of(
                "ID,Name,Phone,Unit,Tags,Left on,Joined on",
                f"{stays.id},甲大,-,,retired,,",
                f",乙,{moves.phone},临江社区,,,2026-11-01",
                f"{leaves.id},,,,,2026-11-20,",
                f"{back.id},,,临江社区,,,",
            ),
        )
        going = ["桂花社区", "桂花社区 > 临江社区", "桂花社区", "临江社区"]
        assert places(admin, load) == going
        assert carry_out(admin, load) == {"change": 1, "move": 2, "leave": 1}
        assert places(admin, load) == going
        again = Member.get_by_id(stays.id)
        assert (again.name, again.phone, again.access_version) == ("甲大", None, 2)
        assert {(row.tag, row.until) for row in MemberTag.select()} == {
            ("officer", date(2026, 11, 27)),
            ("retired", None),
        }
        osmanthus, river = town["osmanthus"].id, town["river"].id
        assert units_of(moves) == [(osmanthus, "2020-01-01", "2026-10-31"), (river, "2026-11-01", "")]
        assert units_of(leaves) == [(osmanthus, "2020-01-01", "2026-11-20")]
        assert units_of(back) == [(osmanthus, "2020-01-01", "2026-01-31"), (river, "2026-11-28", "")]


def test_a_whole_table_says_who_has_left_but_never_the_one_who_sends_it(
    admin: Actor, make: Make, town: dict[str, Unit]
) -> None:
    here, gone, elsewhere = (
        make.member(town["osmanthus"], name="甲"),
        make.member(town["osmanthus"], name="乙"),
        make.member(town["river"], name="丙"),
    )
    with clock.at(TODAY):
        content = csv_of("姓名,单位", "甲,桂花社区", "新来的,青禾街道")
        load = look(admin, content, whole=True)
        assert [(number, action) for number, action, _ in actions(load)] == [(0, "leave"), (2, "same"), (3, "add")]
        assert carry_out(admin, load) == {"leave": 1, "same": 1, "add": 1}
        assert [bool(units_of(one)[0][2]) for one in (here, gone, elsewhere)] == [False, True, False]
        assert units_of(Member.get_by_id(admin.id))[0][2] == ""


def test_each_wrong_cell_is_named_by_row_and_column(
    admin: Actor, make: Make, town: dict[str, Unit], browser: Open
) -> None:
    known = make.member(town["river"], name="有人")
    make.member(town["river"], name="同名")
    make.member(town["river"], name="同名")
    closed = make.member(town["river"], name="已关", deactivated_at=TODAY)
    with clock.at(TODAY):
        load = look(
            admin,
            csv_of(
                "编号,姓名,手机号,单位,出生年份,加入日期,离开日期,请假",
                ",甲,12,桂花社区,,,,",
                ",乙,13900000001,不存在的社区,1850,2026-13-01,,下周",
                ",丙,13900000002,桂花社区,,,,",
                ",丁,13900000002,桂花社区,,,,",
                "99999,戊,,桂花社区,,,,",
                ",,13900000003,桂花社区,,,,",
                ",己,,,,,,",
                ",同名,,临江社区,,,,",
                f"{known.id},,{closed.phone},,,,,",
                f"{closed.id},,,,,,,",
                f"{known.id},,,,,,2019-01-01,",
                ",庚,13900000005,桂花社区,,,2020-01-01,",
                f"abc,辛,,桂花社区,{'x' * 60},,,",
                ",壬,,桂花社曲,,,,",
            ),
        )
        shown = browser(Member.get_by_id(admin.id)).get(f"/people/import/{load}").text
        assert f"/people/import/{load}?action=all" in shown and "<b>新增</b>" not in shown
        counts = queries.get_import(admin, load).counts
        assert counts == {"refused": 13, "add": 1}
        for said in (
            "手机号：请填写 5 至 20 位",
            "单位：您管理的单位中没有“不存在的社区”。",
            "没有“桂花社曲”，是不是“桂花社区”？",
            "出生年份：请填写",
            "加入日期：“2026-13-01”不是日期",
            "请假：“下周”不是请假时段",
            "手机号：与第 4 行的手机号相同",
            "编号：您管理的单位中没有这个编号",
            "姓名：新成员必须填写姓名",
            "单位：新成员必须填写单位",
            "姓名：该单位有多人同名",
            "手机号：该电话号码已属于",
            "此成员的账号已关闭",
            "离开日期：结束日期早于",
            "新成员不能已经离开",
            "编号：“abc”不是成员编号",
        ):
            assert said in shown, said
        with pytest.raises(Conflict, match="13 rows are refused"):
            service.start_import(admin, load, leave_out=False)
        page = browser(Member.get_by_id(admin.id)).post(f"/people/import/{load}/start")
        assert (page.status_code, "13 行不能导入" in page.text) == (409, True)
        assert carry_out(admin, load, leave_out=True) == {"refused": 13, "add": 1}


def test_an_administrator_of_a_part_reaches_only_that_part(make: Make, admin: Actor, town: dict[str, Unit]) -> None:
    part = make.actor(make.member(town["river"], "administrator", name="彭敏"))
    stranger = make.member(town["osmanthus"], name="外人", phone="13900000009")
    boss = make.member(town["river"], "administrator", name="周主任", on=town["root"])
    with clock.at(TODAY):
        load = look(
            part,
            csv_of(
                "编号,姓名,手机号,单位",
                f"{stranger.id},改名,,",
                ",外人,13900000009,临江社区",
                ",新人,13900000010,桂花社区",
                f"{boss.id},改名,,",
                ",本地人,13900000011,临江社区",
            ),
        )
        assert [action for _, action, _ in actions(load)] == ["refused"] * 4 + ["add"]
        listed = [row[1] for row in export.rows_of(part, "people", "zh_CN")]
        assert sorted(listed) == ["周主任", "彭敏"]
        with pytest.raises(NotFound):
            queries.get_import(admin, load)
        for wrong in (make.actor(make.member()), make.actor(make.member(town["river"], "liaison"))):
            with pytest.raises(Forbidden):
                look(wrong, csv_of("姓名", "甲"))
            with pytest.raises(Forbidden):
                list(export.rows_of(wrong, "people", "en"))


def test_what_has_changed_since_the_look_is_decided_anew(admin: Actor, make: Make, town: dict[str, Unit]) -> None:
    load = look(admin, csv_of("姓名,手机号,单位", "甲,13900000001,桂花社区", "乙,13900000002,桂花社区"))
    make.member(town["river"], name="抢先", phone="13900000001")
    assert carry_out(admin, load) == {"move": 1, "add": 1}
    work()
    with pytest.raises(Conflict):
        service.start_import(admin, load, leave_out=True)


def test_tables_that_are_none_are_refused_and_excel_days_and_numbers_are_read(
    admin: Actor, town: dict[str, Unit]
) -> None:
    for content in (b"", b"\x89PNG\r\n", csv_of("身高,体重", "1,2"), csv_of("姓名,名字", "甲,乙")):
        with pytest.raises(InvalidInput):
            look(admin, content)
    with clock.at(TODAY):
        counts = take(
            admin,
            xlsx_of(
                ["NAME", "ｐｈｏｎｅ", "Department", "Birthday", "Joined"],
                ["甲", 13900000001, "桂花社区", datetime(1958, 3, 1), datetime(2026, 2, 1)],
                ["乙", 13900000002, "桂花社区", 1960, "2026年3月1日"],
            ),
        )
        assert counts == {"add": 2}
        made = list(Member.select().where(Member.phone.startswith("139")).order_by(Member.id))
        assert [(row.birth_year, row.birth_date, row.phone) for row in made] == [
            (1958, date(1958, 3, 1), "13900000001"),
            (1960, None, "13900000002"),
        ]
        sheet = csv_of("姓名,手机号,出生日期", "甲,13900000001,1958", "乙,13900000002,1960年12月3日")
        assert take(admin, sheet) == {"same": 1, "change": 1}, "the year alone takes no date away"
        assert [
            row.birth_date for row in Member.select().where(Member.phone.startswith("139")).order_by(Member.id)
        ] == [
            date(1958, 3, 1),
            date(1960, 12, 3),
        ]
        written = "".join(export.as_csv(admin, "people", "zh_CN"))
        assert ",1958-03-01," in written
        assert take(admin, written.encode()) == {"same": 3}


def test_many_rows_with_a_bad_one_in_the_middle_go_in_the_background(admin: Actor, town: dict[str, Unit]) -> None:
    rows = [f"成员{number},139{number:08d},桂花社区" for number in range(1200)]
    rows[600] = "坏行,1,桂花社区"
    load = service.take_table(admin, "people", BytesIO(csv_of("姓名,手机号,单位", *rows)), "大表.csv")
    assert RosterImport.get_by_id(load).state == "checking"
    work()
    assert queries.get_import(admin, load).counts == {"refused": 1, "add": 1199}
    assert RosterRow.get(RosterRow.action == "refused").number == 602
    assert carry_out(admin, load, leave_out=True) == {"refused": 1, "add": 1199}
    assert Member.select().where(Member.name.startswith("成员")).count() == 1199
    assert len(slips.show_slips(admin, load)) == queries.SLIPS_AT_ONCE
    assert queries.get_import(admin, load).slips == 1199 - queries.SLIPS_AT_ONCE


def test_units_come_in_any_order_and_a_wrong_move_is_refused(admin: Actor, town: dict[str, Unit]) -> None:
    counts = take(
        admin,
        csv_of(
            "类型,上级,单位名称",
            "小组,第一支部,读书小组",
            "支部,临江社区,第一支部",
            "社区,青禾街道,桂花社区",
        ),
        "units",
    )
    assert counts == {"add": 2, "same": 1}
    group = Unit.get(Unit.name == "读书小组")
    branch = Unit.get(Unit.name == "第一支部")
    assert group.path == f"{branch.path}{group.id}/" and branch.parent == town["river"].id
    load = look(
        admin,
        csv_of(
            "单位编号,名称,上级单位,类型",
            f"{branch.id},第一支部,第一支部/读书小组,",
            f"{town['root'].id},,桂花社区,",
            ",新单位,没有的,社区",
            ",新单位二,桂花社区,星球",
            f"{group.id},读书会,桂花社区,",
        ),
        "units",
    )
    assert [action for _, action, _ in actions(load)] == ["refused"] * 4 + ["move"]
    assert places(admin, load)[2:] == ["没有的", "桂花社区", "第一支部 > 桂花社区"]
    assert carry_out(admin, load, leave_out=True) == {"refused": 4, "move": 1}
    moved = Unit.get_by_id(group.id)
    assert (moved.name, moved.parent) == ("读书会", town["osmanthus"].id)


def test_pages_and_api_lead_through_an_import(browser: Open, make: Make, town: dict[str, Unit]) -> None:
    who = browser(make.member(town["root"], "administrator"))
    empty = who.get("/people/table/template/xlsx?kind=units")
    assert empty.status_code == 200
    assert quote("-模板.xlsx") in empty.headers["Content-Disposition"]
    template = who.get("/people/table/template/csv").data.decode("utf-8-sig")
    assert template.startswith("姓名,手机号,单位,出生日期")
    assert who.post("/people/import", {"kind": "people"}).status_code == 422
    sent = who.post(
        "/people/import", {"kind": "people", "file": (BytesIO(csv_of("姓名,单位", "甲,桂花社区")), "a.csv")}
    )
    assert sent.status_code == 303
    here = sent.headers["Location"]
    looked = who.get(here).text
    assert "尚未改动" in looked
    assert '<span class="row-unit">桂花社区</span>' in looked
    assert who.post(f"{here}/start").status_code == 303
    work()
    assert "新增 1" in who.get(here).text
    printed = who.post(f"{here}/slips")
    assert "桂花社区" in printed.text and "first-password" in printed.text
    assert who.post(f"{here}/slips").status_code == 303
    number = here.rpartition("/")[2]
    assert who.api("GET", f"/people-imports/{number}").json["counts"] == {"add": 1}
    rows = who.api("GET", f"/people-imports/{number}/rows").json
    assert [(row["number"], row["action"], row["carried_out"]) for row in rows["items"]] == [(2, "add", True)]
    assert [(row["unit"], row["unit_name"]) for row in rows["items"]] == [(town["osmanthus"].id, "桂花社区")]
    assert who.api("GET", "/people-export/units").data.decode("utf-8-sig").startswith("单位编号,单位名称")
    assert who.post(f"{here}/discard").status_code == 303
    assert who.get(here).status_code == 404


def test_why_a_large_table_was_refused_is_said_in_the_language_of_its_reader(
    admin: Actor, browser: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "AT_ONCE", 1)
    monkeypatch.setattr(service, "MOST_ROWS", 2)
    load = look(admin, csv_of("姓名,手机", *(f"成员{n},1380000000{n}" for n in range(4))))
    window = browser(Member.get_by_id(admin.id))
    assert "表格最多 2 行" in window.get(f"/people/import/{load}").text
    told = window.get(f"/api/v1/people-imports/{load}", headers={"Accept-Language": "en"}).json
    assert (told["state"], told["failure"]) == ("failed", "A table may have 2 rows at most. Please split it.")
    RosterImport.update(failure=service.FILE_GONE).execute()
    assert "表格文件已不在存储中" in window.get(f"/people/import/{load}").text
