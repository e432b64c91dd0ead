"""People of an earlier release come along, under the names that they sign in with."""

from pathlib import Path

import pytest

from lms.members.models import Accreditation, Member
from tests.migrating import brought_up

BEFORE = "0106_keep_where_uploads_go"
NOW = "2026-11-20 08:00:00"
NAMES = ("王 芳", "欧 阳 明", "Anna Li", "王淑兰")


@pytest.mark.sqlite_only
def test_names_that_lists_had_set_apart_are_closed_up(tmp_path: Path) -> None:
    unit = {"id": 1, "kind": "community", "name": "u", "path": "/1/", "created_at": NOW}
    like = {"password_hash": "", "must_change_password": 0, "session_version": 1, "access_version": 1, "position": ""}
    like |= {"unread_notices": 0}
    people = [("member", {"id": place, "name": name, **like, "created_at": NOW}) for place, name in enumerate(NAMES, 1)]
    guest = {"id": 1, "name": "赵 云", "unit_id": 1, "inside": 0, "since": "2026-01-01", "remark": ""}
    guest |= {"created_at": NOW}
    brought_up(tmp_path / "old", BEFORE, [("unit", unit), *people, ("accreditation", guest)])
    assert [row.name for row in Member.select().order_by(Member.id)] == ["王芳", "欧阳明", "Anna Li", "王淑兰"]
    assert [row.name for row in Accreditation.select()] == ["赵云"]
