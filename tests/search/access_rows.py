"""Who may reach the search; what each finds there is tested with the search itself."""

from tests.web.access_table import everyone

ROWS = [
    everyone("GET", "/search"),
    everyone("GET", "/api/v1/search", query={"q": "平凡"}),
]
