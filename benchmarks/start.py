"""How long the service takes to its first 200, and how much memory it holds, beside the floor in the same run.

First start: an empty data folder, with migrations and the demo organisation. Second start: everything is there.
Memory is read when nothing has been asked yet, and again after some requests.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import load
import servers
from figures import Figure, add_json_option, show, write
from load import Target
from pages import demo_member
from servers import Server, memory_mib

PEER = "floor"
PAGES = ("/", "/books", "/search?q=%E5%AD%A6%E4%B9%A0", "/progress", "/lectures", "/materials", "/notes")


def main() -> int:
    """Measure starts and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=3, help="second starts to take the median of")
    parser.add_argument("--requests", type=int, default=50, help="of each page before memory is read again")
    add_json_option(parser)
    options = parser.parse_args()
    servers.stop_on_sigterm()
    with tempfile.TemporaryDirectory(prefix="lms-start-") as made:
        scratch = Path(made)
        figures = _measure(scratch, options.starts, options.requests)
    show(figures)
    write(figures, options.json)
    return 0


def _measure(scratch: Path, starts: int, requests: int) -> list[Figure]:
    data = scratch / "var"
    empty = scratch / "empty"
    settings = servers.gunicorn_settings(scratch / "settings")
    floor_data = scratch / "floor"
    floor_data.mkdir()
    log = scratch / "log"
    with servers.floor(floor_data, log, settings) as floor:
        floor_first = floor.seconds_to_200
    with servers.service(empty, log) as server:
        without_demo = server.seconds_to_200
    with servers.service(data, log, "/sign-in", demo=True) as server:
        with_demo = server.seconds_to_200
    figures = [
        Figure("first start", "to 200 of /healthz, migrations", "s", without_demo, PEER, floor_first),
        Figure("first start", "to 200 of /sign-in, migrations, demo", "s", with_demo, PEER, floor_first),
    ]
    for path in ("/healthz", "/sign-in"):
        ours, theirs = [], []
        for _ in range(starts):
            with servers.service(data, log, path) as server:
                ours.append(server.seconds_to_200)
            with servers.floor(floor_data, log, settings, path) as server:
                theirs.append(server.seconds_to_200)
        figures.append(
            Figure("second start", f"to 200 of {path}", "s", statistics.median(ours), PEER, statistics.median(theirs))
        )
    return figures + _memory(data, floor_data, log, settings, requests)


def _memory(data: Path, floor_data: Path, log: Path, settings: dict[str, str], requests: int) -> list[Figure]:
    processes = int(settings["workers"])
    account = demo_member(data)
    servers.lms(data, "reindex")
    with servers.floor(floor_data, log, settings) as floor, servers.service(data, log) as ours:
        floor.all_web_workers(processes)
        ours.all_web_workers(processes)
        figures = _figures("idle", ours, floor)
        cookie = servers.sign_in(ours.port, account.login, account.password)
        for path in PAGES:
            _ask(ours, path, cookie, requests, processes)
        _, _, floor_cookie = servers.get(floor.port, "/sign-in")
        _ask(floor, "/", floor_cookie, requests * len(PAGES), processes)
        asked = requests * len(PAGES)
        return figures + _figures(f"after {asked} requests", ours, floor)


def _ask(server: Server, path: str, cookie: str, requests: int, processes: int) -> None:
    target = Target(path, server.port, path, "<", cookie, workers=server.all_web_workers(processes))
    connections = load.open_connections(target, 2 * processes)
    try:
        for number in range(requests):
            connection = connections[number % len(connections)]
            connection.send(0.0)
            while connection.receive() is None:
                pass
    finally:
        for connection in connections:
            connection.close()


def _figures(case: str, ours: Server, floor: Server) -> list[Figure]:
    figures = [_pair(case, "gunicorn master", [ours.pid], [floor.pid])]
    pairs = zip(ours.web_workers(), floor.web_workers(), strict=True)
    figures += [_pair(case, f"web worker {number}", [own], [their]) for number, (own, their) in enumerate(pairs, 1)]
    beside = ours.background_worker()
    own = [ours.pid, *ours.web_workers()]
    if beside is not None:
        rss, pss = memory_mib(beside)
        figures.append(Figure(case, f"background worker, Pss (Rss {rss:.0f})", "MiB", pss))
        own.append(beside)
    return [*figures, _pair(case, "all together", own, [floor.pid, *floor.web_workers()])]


def _pair(case: str, name: str, own: Sequence[int], their: Sequence[int]) -> Figure:
    sets = [memory_mib(pid) for pid in own]
    rss, pss = sum(rss for rss, _ in sets), sum(pss for _, pss in sets)
    return Figure(case, f"{name}, Pss (Rss {rss:.0f})", "MiB", pss, PEER, sum(memory_mib(pid)[1] for pid in their))


if __name__ == "__main__":
    sys.exit(main())
