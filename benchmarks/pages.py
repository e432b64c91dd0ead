"""Requests a second of the main pages for a signed-in member, beside a floor measured in the same run.

Starts a throw-away service with the demo organisation (or serves a copy-free ``--data`` folder as it is), signs in
through the form, and loads home, catalogue, a book and a search in turn with the floor, round by round.
``--profile PATH`` and ``--explain PATH`` look at one page from inside instead.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from urllib.parse import quote

import load
import servers
from figures import Figure, add_json_option, show, write
from load import Round, Target
from servers import ServerError

INSIDE = servers.BENCHMARKS / "inside.py"
BOOK_LINK = re.compile(r'href="(/books/\d+)"')
HEADING = re.compile(r"<h1[^>]*>\s*([^<]+?)\s*<")
HIT = "<mark>"
DEMO_MEMBER = "10000000004"
HAN = "\N{CJK UNIFIED IDEOGRAPH-4E00}-\N{CJK UNIFIED IDEOGRAPH-9FFF}"
WORDS = 400
SHELVES = 4
QUESTIONS = 30_000
MOST_LINES = 800
INDEX_SECONDS = 60.0
MOST_QUERIES = 12


@dataclass(frozen=True)
class Case:
    """A page to measure: ``expect`` stands in it only if it is the page meant."""

    name: str
    path: str
    expect: str
    further: tuple[str, ...] = ()

    @property
    def paths(self) -> str:
        """Give the addresses of the case, one a line: no more than fit into an argument of a program."""
        return "\n".join((self.path, *self.further[:MOST_LINES]))


@dataclass(frozen=True)
class Account:
    """Whom to sign in."""

    login: str
    password: str


def main() -> int:
    """Measure, or look inside."""
    options = _options()
    servers.stop_on_sigterm()
    fresh = options.data is None
    with tempfile.TemporaryDirectory(prefix="lms-pages-") as made:
        scratch = Path(made)
        data = options.data.resolve() if options.data else scratch / "var"
        if fresh:
            print(f"demo organisation made in {servers.lms(data, 'demo'):.1f} s")
        account = Account(options.login, options.password) if options.login else demo_member(data)
        with servers.service(data, scratch / "service.log") as ours:
            cookie = servers.sign_in(ours.port, account.login, account.password)
            if options.profile or options.explain:
                return _look_inside(data, scratch, cookie, options)
            cases = _cases(ours.port, cookie, options.search, INDEX_SECONDS if fresh else 5.0)
            figures = _measure(data, scratch, ours, cookie, cases, options)
    show(figures)
    write(figures, options.json)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, metavar="DIR", help="serve this data folder, not a fresh demo")
    parser.add_argument("--login", help="whom to sign in; needed with --data unless it holds the demo")
    parser.add_argument("--password", default="")
    parser.add_argument("--search", default="学习", help="what to search for")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each round")
    parser.add_argument("--rounds", type=int, default=6, help="for each page and the floor")
    parser.add_argument("--profile", metavar="PATH", help="print where the time of a page goes, and stop")
    parser.add_argument("--explain", metavar="PATH", help="print the queries of a page and their plans, and stop")
    parser.add_argument("--top", type=int, default=40, help="functions that --profile prints")
    add_json_option(parser)
    return parser.parse_args()


def demo_member(data: Path) -> Account:
    """Read the plain member's account from what the demo wrote for its users."""
    text = (data / "demo-accounts.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        words = line.split()
        if DEMO_MEMBER in words:
            return Account(DEMO_MEMBER, words[-1])
    raise ServerError(f"the demo names no account {DEMO_MEMBER}")


def _cases(port: int, cookie: str, text: str, patience: float) -> list[Case]:
    """Find the pages: the first book of the catalogue stands for all."""
    shelf = _page(port, "/books", cookie)
    link = BOOK_LINK.search(shelf)
    if not link:
        raise ServerError("the catalogue shows no book")
    book = link.group(1)
    search = f"/search?q={quote(text)}"
    _wait_for_hits(port, search, cookie, patience)
    return [
        Case("home", "/", _heading(_page(port, "/", cookie), "/")),
        Case("catalogue", "/books", f'href="{book}"'),
        Case("book", book, _heading(_page(port, book, cookie), book)),
        Case("search", *_questions(port, cookie)),
        Case("search again", search, HIT),
    ]


def _questions(port: int, cookie: str) -> tuple[str, str, tuple[str, ...]]:
    """Make questions of two words of the catalogue that are found, shuffled: more than are asked in a few seconds.

    So none is asked twice but for what eight clients overlap, and neither answers nor parts of them are remembered.
    """
    shelves = [_page(port, f"/books?page={number}", cookie) for number in range(1, SHELVES + 1)]
    shown = " ".join(re.sub(r"<[^>]+>", " ", shelf.partition("<main")[2]) for shelf in shelves)
    pieces = list(dict.fromkeys(re.findall(f"[{HAN}]{{2}}", shown)))[:WORDS]
    found = [piece for piece in pieces if HIT in _page(port, f"/search?q={quote(piece)}", cookie)]
    questions = [f"/search?q={quote(f'{one} {two}')}" for one, two in combinations(found, 2)]
    random.Random(7).shuffle(questions)
    first, *further = questions[:QUESTIONS]
    print(f"search: {len(questions)} questions of {len(found)} words, {len(further) + 1} of them asked")
    return first, HIT, tuple(further)


def _page(port: int, path: str, cookie: str) -> str:
    status, text, _ = servers.get(port, path, cookie)
    if status != 200:
        raise ServerError(f"{path} answered {status}")
    return text


def _heading(page: str, path: str) -> str:
    found = HEADING.search(page)
    if not found:
        raise ServerError(f"{path} has no heading")
    return found.group(1)


def _wait_for_hits(port: int, path: str, cookie: str, patience: float) -> None:
    """Wait for the worker to have filled the index: a search that finds nothing costs nothing."""
    until = time.monotonic() + patience
    while True:
        status, page, _ = servers.get(port, path, cookie)
        if status == 200 and HIT in page:
            return
        if time.monotonic() > until:
            raise ServerError(f"{path} answered {status} and finds nothing")
        time.sleep(0.5)


def _measure(
    data: Path, scratch: Path, ours: servers.Server, cookie: str, cases: list[Case], options: argparse.Namespace
) -> list[Figure]:
    settings = servers.gunicorn_settings(data)
    processes = int(settings["workers"])
    print(f"gunicorn for both: {', '.join(f'{name}={value}' for name, value in settings.items())}")
    inside = _inside(data, scratch, cookie, [case.paths for case in cases])
    with servers.floor(scratch, scratch / "floor.log", settings) as floor:
        _, _, floor_cookie = servers.get(floor.port, "/sign-in")
        beside = Target(
            "floor", floor.port, "/", "Good morning", floor_cookie, workers=floor.all_web_workers(processes)
        )
        figures = []
        for case in cases:
            target = Target(
                *(case.name, ours.port, case.path, case.expect, cookie),
                workers=ours.all_web_workers(processes),
                further=case.further,
            )
            rounds = load.alternate([target, beside], options.clients, options.seconds, options.rounds, 0.3)
            figures += _figures(case, rounds[0], rounds[1], inside[case.paths])
    return figures


def _figures(case: Case, ours: list[Round], theirs: list[Round], inside: dict[str, float]) -> list[Figure]:
    peer = "floor"
    anew = inside["anew_cpu_ms"], peer, inside["anew_floor_cpu_ms"]
    print(
        f"{case.name:10} {case.path}: {load.median_rate(ours):,.0f} of {load.median_rate(theirs):,.0f} req/s, rounds "
        + " ".join(f"{a.rate:,.0f}/{b.rate:,.0f}" for a, b in zip(ours, theirs, strict=True))
    )
    return [
        Figure(case.name, "throughput", "req/s", load.median_rate(ours), peer, load.median_rate(theirs)),
        Figure(case.name, "p50", "ms", load.percentile(ours, 50), peer, load.percentile(theirs, 50)),
        Figure(case.name, "p95", "ms", load.percentile(ours, 95), peer, load.percentile(theirs, 95)),
        Figure(case.name, "server cpu", "ms/request", load.cpu_ms(ours), peer, load.cpu_ms(theirs)),
        Figure(case.name, "generator", "share of a cpu", load.cpu_share(ours), peer, load.cpu_share(theirs)),
        Figure(case.name, "queries", "a page", inside["anew_queries"], "limit", MOST_QUERIES),
        Figure(case.name, "page", "KiB", inside["bytes"] / 1024),
        Figure(case.name, "application alone", "cpu ms/request", inside["cpu_ms"], peer, inside["floor_cpu_ms"]),
        Figure(case.name, "alone, made anew", "cpu ms/request", *anew),
    ]


def _inside(data: Path, scratch: Path, cookie: str, paths: list[str]) -> dict[str, dict[str, float]]:
    done = _run_inside(data, scratch, ["--cookie", cookie, *paths], capture=True)
    found: dict[str, dict[str, float]] = json.loads(done.stdout)
    return found


def _look_inside(data: Path, scratch: Path, cookie: str, options: argparse.Namespace) -> int:
    wanted = ["--cookie", cookie, "--top", str(options.top)]
    wanted += ["--profile", options.profile] if options.profile else []
    wanted += ["--explain", options.explain] if options.explain else []
    _run_inside(data, scratch, wanted, capture=False)
    return 0


def _run_inside(data: Path, scratch: Path, arguments: list[str], *, capture: bool) -> subprocess.CompletedProcess[str]:
    sys.stdout.flush()
    return subprocess.run(
        [sys.executable, str(INSIDE), *arguments],
        env=servers.environment(data, FLOOR_DATA=scratch),
        cwd=servers.ROOT,
        text=True,
        check=True,
        stdout=subprocess.PIPE if capture else None,
    )


if __name__ == "__main__":
    sys.exit(main())
