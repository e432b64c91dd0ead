"""Reading PDFs in a process with little to lose."""

import zlib
from pathlib import Path

import pytest

from lms.errors import InvalidInput
from lms.materials import pdf
from tests.materials.pdf import encrypted_pdf, make_pdf


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def test_each_page_gives_its_own_text(path: Path) -> None:
    path.write_bytes(make_pdf(["第一页\n桂花社区", "", "Third page"]))
    assert [page.strip() for page in pdf.read_pages(path)] == ["第一页\n桂花社区", "", "Third page"]


def test_a_pdf_with_a_password_is_refused_with_what_to_do(path: Path) -> None:
    path.write_bytes(encrypted_pdf(["机密"], "secret"))
    for read in (pdf.look, pdf.read_pages):
        with pytest.raises(InvalidInput, match="without protection"):
            read(path)


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_pdf_that_only_forbids_changes_is_read(path: Path, algorithm: str) -> None:
    path.write_bytes(encrypted_pdf(["公开"], "", algorithm))
    pdf.look(path)
    assert pdf.read_pages(path)[0].strip() == "公开"


@pytest.mark.parametrize("content", [b"%PDF-1.7\n", b"%PDF-1.7 " + bytes(range(256)) * 40, make_pdf(["好"] * 9)[:700]])
def test_a_broken_pdf_is_refused_with_what_to_do(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="damaged"):
        pdf.look(path)


def test_a_pdf_that_swells_when_unpacked_is_stopped(path: Path) -> None:
    path.write_bytes(_swelling_pdf())
    assert path.stat().st_size < 300_000
    with pytest.raises(InvalidInput, match=r"heavy|damaged"):
        pdf.read_pages(path)


def _swelling_pdf() -> bytes:
    """A page whose content would unpack to 180 MB."""
    packer = zlib.compressobj(9)
    content = b"".join(packer.compress(b"(a) Tj " * 150_000) for _ in range(150)) + packer.flush()
    head = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    head += b"2 0 obj\n<< /Type /Pages /Count 1 /Kids [3 0 R] >>\nendobj\n"
    head += b"3 0 obj\n<< /Type /Page /Parent 2 0 R /Contents 4 0 R /MediaBox [0 0 9 9] >>\nendobj\n"
    head += b"4 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream\nendobj\n" % (len(content), content)
    return head + b"trailer\n<< /Root 1 0 R /Size 5 >>\n%%EOF\n"


def test_a_pdf_that_takes_too_long_is_given_up(path: Path) -> None:
    path.write_bytes(make_pdf(["一"]))
    with pytest.raises(InvalidInput, match="heavy"):
        pdf.read_pages(path, seconds=0.001)


def test_a_pdf_of_too_many_pages_is_refused_and_one_of_just_so_many_taken(path: Path) -> None:
    path.write_bytes(make_pdf([""] * 5000))
    pdf.look(path)
    path.write_bytes(make_pdf([""] * 5001))
    with pytest.raises(InvalidInput, match="5,000"):
        pdf.look(path)


def test_a_circle_in_the_page_tree_ends(path: Path) -> None:
    path.write_bytes(make_pdf(["一"]).replace(b"/Kids [7 0 R]", b"/Kids [2 0 R]"))
    assert b"/Kids [2 0 R]" in path.read_bytes()
    with pytest.raises(InvalidInput):
        pdf.read_pages(path)
