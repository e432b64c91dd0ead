"""Look at a page from inside: the queries it sends, their plans, and where its time goes.

Run by ``pages.py`` with the data folder in LMS_DATA and the floor's in FLOOR_DATA; it asks the applications
themselves, without a server between.
"""

import argparse
import cProfile
import json
import logging
import os
import pstats
import sys
import time
from collections.abc import Callable
from itertools import cycle
from statistics import median
from urllib.parse import quote

import floor_app
from apiflask import APIFlask
from flask import Flask
from playhouse.test_utils import count_queries
from werkzeug.test import TestResponse

from lms import create_app
from lms.db import database, is_sqlite
from lms.logs import JsonLines
from lms.progress import current

WARM_UPS = 5
PROFILED = 300
SLICE = 40
SLICES = 7

Get = Callable[[], TestResponse]


def _asker(app: Flask, path: str, cookie: str, *, anew: bool = False) -> Get:
    """Make what asks for a page; for several, one a line, in turn. ``anew``: as if nobody had asked for it before."""
    client = app.test_client(use_cookies=False)
    addresses = cycle(quote(line, safe="/?=&%") for line in path.splitlines())

    def get() -> TestResponse:
        if anew:
            app.extensions["kept_pages"].forget()
            current.forget()
        answer = client.get(next(addresses), headers={"Cookie": cookie})
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
        return answer

    for _ in range(WARM_UPS):
        get()
    return get


def queries(get: Get) -> list[tuple[str, tuple[object, ...]]]:
    """Give the statements that one request sends, with their values."""
    with count_queries() as counter:
        get()
    return [(record.msg[0], tuple(record.msg[1] or ())) for record in counter.get_queries()]


def milliseconds(get: Get, times: int) -> float:
    """Give the mean processor time of one request in milliseconds."""
    began = time.process_time()
    for _ in range(times):
        get()
    return (time.process_time() - began) * 1000 / times


def beside_the_floor(ours: Get, theirs: Get) -> tuple[float, float]:
    """Give the medians of both sides' milliseconds, taken in turn so that the machine's drift falls on both."""
    taken = [(milliseconds(ours, SLICE), milliseconds(theirs, SLICE)) for _ in range(SLICES)]
    return median(own for own, _ in taken), median(their for _, their in taken)


def report(app: APIFlask, paths: list[str], cookie: str) -> None:
    """Print, as JSON, what each page sends and costs, and what the floor's page costs in the same moments."""
    floor_app.prepare()
    signed_in = floor_app.app.test_client().get("/sign-in").headers["Set-Cookie"].partition(";")[0]
    floor = _asker(floor_app.app, "/", signed_in)
    found = {}
    for path in paths:
        get = _asker(app, path, cookie)
        own, their = beside_the_floor(get, floor)
        found[path] = {"queries": len(queries(get)), "bytes": len(get().data), "cpu_ms": own, "floor_cpu_ms": their}
        fresh = _asker(app, path, cookie, anew=True)
        found[path]["anew_cpu_ms"], found[path]["anew_floor_cpu_ms"] = beside_the_floor(fresh, floor)
        found[path]["anew_queries"] = len(queries(fresh))
    json.dump(found, sys.stdout)


def profile(app: APIFlask, path: str, cookie: str, top: int) -> None:
    """Print the functions that a page spends most time in: by own time, then with all they call."""
    get = _asker(app, path, cookie)
    print(f"{path}: {milliseconds(get, PROFILED):.3f} ms of processor time a request, unprofiled\n")
    watched = cProfile.Profile()
    watched.enable()
    for _ in range(PROFILED):
        get()
    watched.disable()
    print(f"{PROFILED} requests; divide by that:")
    stats = pstats.Stats(watched)
    stats.sort_stats("tottime").print_stats(top)
    stats.sort_stats("cumulative").print_stats(top)


def explain(app: APIFlask, path: str, cookie: str) -> None:
    """Print a page's statements, each with the plan that SQLite makes for it."""
    for number, (sql, values) in enumerate(queries(_asker(app, path, cookie)), 1):
        print(f"\n{number}. {sql}\n   {values}")
        if is_sqlite() and sql.lstrip().upper().startswith(("SELECT", "WITH")):
            for *_, step in database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values):
                print(f"   -> {step}")


def _log_to_nowhere() -> None:
    """Have the lines of the log made as the server makes them, without showing them."""
    log = logging.getLogger("lms.request")
    handler = logging.FileHandler(os.devnull)
    handler.setFormatter(JsonLines())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


def main() -> None:
    """Look at the pages given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cookie", required=True, help="of a signed-in member's session")
    parser.add_argument("--profile", metavar="PATH")
    parser.add_argument("--explain", metavar="PATH")
    parser.add_argument("--top", type=int, default=40)
    parser.add_argument("paths", nargs="*")
    options = parser.parse_args()
    app = create_app()
    _log_to_nowhere()
    if options.profile:
        profile(app, options.profile, options.cookie, options.top)
    if options.explain:
        explain(app, options.explain, options.cookie)
    if options.paths:
        report(app, options.paths, options.cookie)


if __name__ == "__main__":
    main()
