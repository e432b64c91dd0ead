"""The file of a material: whole, in part, unchanged, under its own name."""

from collections.abc import Callable

from lms.materials.models import Material
from lms.members.models import Member
from lms.storage import files
from tests.browser_like import Browser
from tests.factories import Make
from tests.materials.pdf import make_pdf

Open = Callable[[Member | None], Browser]
Send = Callable[..., Material]
PDF = make_pdf(["第一页", "第二页"])


def test_a_pdf_opens_in_the_browser_and_can_be_saved_under_its_chinese_name(
    browser: Open, upload: Send, make: Make
) -> None:
    material = upload(PDF, "社区 工作条例.pdf")
    reader = browser(make.member())
    shown = reader.get(f"/materials/{material.id}/file", buffered=True)
    assert (shown.data, shown.mimetype) == (PDF, "application/pdf")
    assert shown.headers["Content-Disposition"].startswith("inline")
    saved = reader.get(f"/materials/{material.id}/file?download=1", buffered=True).headers["Content-Disposition"]
    assert saved.startswith("attachment")
    assert "filename*=UTF-8''%E7%A4%BE%E5%8C%BA%20%E5%B7%A5%E4%BD%9C%E6%9D%A1%E4%BE%8B.pdf" in saved


def test_a_file_is_never_sniffed_run_or_kept_by_others(browser: Open, upload: Send, make: Make) -> None:
    material = upload(b"words <script>alert(1)</script>", "page.txt")
    headers = browser(make.member()).get(f"/materials/{material.id}/file", buffered=True).headers
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Content-Type"].startswith("text/plain")
    assert headers["Cache-Control"] == "private, no-cache"


def test_a_part_of_the_file_can_be_asked_for(browser: Open, upload: Send, make: Make) -> None:
    material = upload(PDF, "a.pdf")
    reader = browser(make.member())
    here = f"/materials/{material.id}/file"
    part = reader.get(here, buffered=True, headers={"Range": "bytes=5-14"})
    assert (part.status_code, part.data) == (206, PDF[5:15])
    assert part.headers["Content-Range"] == f"bytes 5-14/{len(PDF)}"
    assert reader.get(here, buffered=True, headers={"Range": "bytes=-4"}).data == PDF[-4:]
    beyond = reader.get(here, buffered=True, headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416


def test_an_unchanged_file_is_not_sent_again(browser: Open, upload: Send, make: Make) -> None:
    material = upload(PDF, "a.pdf")
    reader = browser(make.member())
    here = f"/materials/{material.id}/file"
    tag = reader.get(here, buffered=True).headers["ETag"]
    assert tag == f'"{material.file_key}"'
    again = reader.get(here, buffered=True, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert reader.get(here, buffered=True, headers={"Range": "bytes=0-3", "If-Range": '"other"'}).data == PDF


def test_a_file_that_the_store_has_lost_is_missing_not_a_failure(browser: Open, upload: Send, make: Make) -> None:
    material = upload(PDF, "a.pdf")
    files().path(material.file_key).unlink()
    assert browser(make.member()).get(f"/materials/{material.id}/file").status_code == 404
