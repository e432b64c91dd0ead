"""The addresses of many values of one facet are those that are made one by one."""

import pytest
from flask import Flask

from lms.search.addresses import SearchAddress, pair
from lms.search.queries import Asked


@pytest.mark.parametrize("held", [{}, {"kind": frozenset({"book"}), "year": frozenset({"2024", "2025"})}])
def test_a_facet_given_for_many_values_leads_where_each_leads(app: Flask, held: dict[str, frozenset[str]]) -> None:
    with app.test_request_context("/search"):
        to = SearchAddress(Asked("读书 & 写作", held, sort="newest"))
        for facet in ("kind", "category", "year"):
            assert to.without(facet) == to(**{facet: ()})
            values = ["book", "党 史", "a=b&c"]
            before, after = to.around(facet)
            for value in values:
                assert f"{before}{pair(facet, value)}{after}" == to(**{facet: value})
