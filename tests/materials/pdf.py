"""PDF files written by hand, just large enough to be real: text in any language by a ToUnicode map."""

from collections.abc import Sequence
from io import BytesIO

from pypdf import PdfReader, PdfWriter

LINE_HEIGHT = 20


def make_pdf(pages: Sequence[str]) -> bytes:
    """Write a PDF of these pages, a line of text for each line; an empty page has no text at all."""
    characters = sorted({character for page in pages for character in page if character != "\n"})
    glyphs = {character: number for number, character in enumerate(characters, start=1)}
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", *_font(glyphs)]
    kids = []
    for page in pages:
        content = _content(page, glyphs)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    return _file(objects)


def _font(glyphs: dict[str, int]) -> list[bytes]:
    lines = [f"<{number:04X}> <{character.encode('utf-16-be').hex()}>" for character, number in glyphs.items()]
    chunks = [lines[start : start + 100] for start in range(0, len(lines), 100)]
    maps = "\n".join(f"{len(chunk)} beginbfchar\n" + "\n".join(chunk) + "\nendbfchar" for chunk in chunks)
    cmap = (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Test def\n"
        f"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{maps}\nendcmap\nend\nend"
    ).encode()
    return [
        (
            b"<< /Type /Font /Subtype /Type0 /BaseFont /Song /Encoding /Identity-H"
            b" /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>"
        ),
        (
            b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Song /DW 1000"
            b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(cmap), cmap),
    ]


def _content(page: str, glyphs: dict[str, int]) -> bytes:
    if not page:
        return b"0 0 100 100 re f"
    shown = []
    for line in page.split("\n"):
        codes = "".join(f"{glyphs[character]:04X}" for character in line)
        shown.append(f"<{codes}> Tj 0 -{LINE_HEIGHT} Td")
    return f"BT /F1 12 Tf 50 780 Td {' '.join(shown)} ET".encode()


def _file(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def encrypted_pdf(pages: Sequence[str], password: str, algorithm: str = "RC4-128") -> bytes:
    """Write a PDF that asks for a password; with an empty one it opens for everybody but may not be changed."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(make_pdf(pages))))
    writer.encrypt(user_password=password, owner_password="of the owner", algorithm=algorithm)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
