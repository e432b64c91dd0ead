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
    assert not wide.sheet_properties.pageSetUpPr.fitToPage, "columns that wide would be too small to read on one page"
