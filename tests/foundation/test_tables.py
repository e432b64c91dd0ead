"""A table that is handed out reads well in a spreadsheet and on paper."""

from io import BytesIO

from openpyxl import load_workbook

from lms.tables import write_xlsx


def test_a_sheet_keeps_its_headings_in_sight_and_on_each_printed_page_and_all_columns_side_by_side() -> None:
    target = BytesIO()
    rows = [["0571-88990011", "=1+1", "1234", "2026-11-28"]]
    long = [["长" * 60] * 4]
    write_xlsx(target, "成员", ["电话", "姓名", "次数", "日期"], rows, [("简介", ["甲"] * 4, long)], real=(2, 3))
    book = load_workbook(target)
    sheet, wide = book.worksheets
    assert (sheet.title, sheet.freeze_panes, sheet.print_title_rows) == ("成员", "A2", "$1:$1")
    assert all(cell.font.bold for cell in sheet[1]) and not sheet["A2"].font.bold
    assert [cell.data_type for cell in sheet[2]] == ["s", "s", "n", "d"]
    assert sheet["A2"].value == "0571-88990011"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert wide.sheet_properties.pageSetUpPr.fitToPage and wide.page_setup.paperSize == 9
    widths = [wide.column_dimensions[letter].width for letter in "ABCD"]
    assert sum(widths) <= 200 and len(set(widths)) == 1, "the widest are made narrower until all stand on A4"
    assert wide["A2"].alignment.wrap_text and wide.row_dimensions[2].height > 30 and not wide["A1"].alignment.wrap_text


def test_what_is_too_wide_for_a4_goes_on_a3_and_beyond_that_on_sheets_side_by_side_that_name_their_rows() -> None:
    def printed(columns: int) -> tuple[int, int, str | None]:
        target = BytesIO()
        write_xlsx(target, "表", ["栏目" * 4] * columns, [["很长的内容" * 10] * columns])
        sheet = load_workbook(target).active
        return sheet.page_setup.paperSize, sheet.page_setup.fitToWidth, sheet.print_title_cols

    assert printed(12) == (9, 1, None)
    assert printed(17) == (8, 1, None)
    assert printed(30) == (8, 2, "$A:$A")
