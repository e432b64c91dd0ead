"""Two who send files to one unit at the same moment: both would fit in what is left of its share, but not together."""

from functools import partial

import pytest

from lms.errors import TooLarge
from lms.uploads import service
from lms.uploads.models import Quota, Upload
from lms.uploads.rules import MIB
from lms.uploads.service import Wish
from tests.factories import Make
from tests.side_by_side import side_by_side


@pytest.mark.postgres_only
def test_two_uploads_to_one_unit_at_once_do_not_both_take_what_is_left_of_its_share(make: Make) -> None:
    unit = make.unit()
    Quota.create(unit=unit.id, mib=3)
    actors = [make.actor(make.member(unit, "lecturer")) for _ in range(2)]
    one, other = (partial(service.begin, actor, Wish("material", "a.pdf", 2 * MIB, unit.id)) for actor in actors)
    assert [type(error) for error in side_by_side(one, other)] == [TooLarge]
    assert Upload.select().count() == 1
