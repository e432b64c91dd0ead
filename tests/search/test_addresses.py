"""The addresses of many values of one facet are those that are made one by one, as HTML."""

import pytest
from flask import Flask
from markupsafe import escape

from lms.search.addresses import SearchAddress, pair
from lms.search.queries import Asked, Sort


@pytest.mark.parametrize("sort", ["relevance", "newest"])
@pytest.mark.parametrize("held", [{}, {"kind": frozenset({"book"}), "year": frozenset({"2024", "2025"})}])
def test_a_facet_given_for_many_values_leads_where_each_leads(
    app: Flask, held: dict[str, frozenset[str]], sort: Sort
) -> None:
    with app.test_request_context("/search"):
        to = SearchAddress(Asked("读书 & 写作", held, sort=sort))
        for facet in ("kind", "category", "year", "sort"):
            assert to.without(facet) == escape(to(**{facet: ()}))
            values = ["book", "党 史", "a=b&c"]
            before, after = to.around(facet)
            for value in values:
                assert f"{before}{escape(pair(facet, value))}{after}" == escape(to(**{facet: value}))
