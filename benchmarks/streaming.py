"""How fast recordings are sent, beside nginx serving the same file in the same run; and what home feels of it.

Three ways to ask: the whole file, an open-ended range (what players send), random ranges of 1 MiB; at 8 and at 200
clients. The service by itself and behind nginx (X-Accel-Redirect) is measured against nginx alone; its ranges of
1 MiB behind nginx against a bare Flask view that only answers X-Accel-Redirect, behind the same nginx.
"""

import argparse
import multiprocessing
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import load
import servers
import streaming_servers
from figures import Figure, add_json_option, show, write
from pages import demo_member
from servers import LOCALHOST, ServerError
from streaming_clients import PATIENCE_SECONDS, WAYS, Place, Way, play, rate, read_slowly
from streaming_servers import INSIDE, MIB, Film

PROBES_PER_SECOND = 20


def probe(port: int, cookie: str, seconds: float) -> list[float]:
    """Open home again and again, as people do, not as fast as it goes; give the milliseconds of each."""
    target = load.Target("home", port, "/", "<h1", cookie)
    taken = []
    connection = load.Connection(target)
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        connection.send(time.perf_counter())
        while (milliseconds := connection.receive()) is None:
            pass
        taken.append(milliseconds)
        time.sleep(1 / PROBES_PER_SECOND)
    connection.socket.close()
    return taken


def _probe_into(line: "multiprocessing.connection.Connection", port: int, cookie: str, seconds: float) -> None:
    line.send(probe(port, cookie, seconds))


def p95(milliseconds: Sequence[float]) -> float:
    """Give the 95th percentile."""
    return statistics.quantiles(milliseconds, n=20)[-1]


def home_under(port: int, cookie: str, seconds: float, load_it: Callable[[float], object]) -> float:
    """Give home's p95 in milliseconds while something else goes on; probed by a process of its own."""
    mine, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_probe_into, args=(theirs, port, cookie, seconds))
    process.start()
    try:
        load_it(seconds + 1.5)
        if not mine.poll(PATIENCE_SECONDS + seconds):
            raise ServerError("home could not be opened")
        return p95(mine.recv())
    finally:
        process.join(PATIENCE_SECONDS)
        process.kill()


# ---- the run -------------------------------------------------------------------------------------------------------


def main() -> int:
    """Measure."""
    options = _options()
    servers.stop_on_sigterm()
    with tempfile.TemporaryDirectory(prefix="lms-streaming-") as made, ExitStack() as held:
        scratch = Path(made)
        data = scratch / "var"
        print(f"demo organisation made in {servers.lms(data, 'demo'):.1f} s")
        film = streaming_servers.add_film(data, options.mib)
        account = demo_member(data)
        ours = held.enter_context(servers.service(data, scratch / "ours.log"))
        behind = held.enter_context(
            servers.service(data, scratch / "behind.log", LMS_ACCEL_REDIRECT=INSIDE, LMS_WEB_STARTS_WORKER=0)
        )
        bare = held.enter_context(servers.bare_accel(data, scratch / "bare.log", INSIDE + film.place))
        ports, nginx = held.enter_context(
            streaming_servers.nginx(scratch / "nginx", film, data, behind.port, bare.port)
        )
        cookie = servers.sign_in(ours.port, account.login, account.password)
        places = {
            "ours": Place("the service", ours.port, film.address, cookie),
            "accel": Place("the service behind nginx", ports["service"], film.address, cookie),
            "nginx": Place("nginx", ports["plain"], "/film"),
            "bare": Place("a bare view behind nginx", ports["bare"], "/media"),
        }
        for place in places.values():
            check(place, film)
        figures = []
        if options.only != "home":
            figures += _rates(places, film, options)
            figures.append(_cost(places, {"accel": behind, "bare": bare}, film, options))
            figures += _cost_of_sending(places, behind, nginx, film, options)
        if options.only != "rates":
            figures += _home(ours.port, cookie, places, film, options)
    show(figures)
    write(figures, options.json)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=200, help="size of the file")
    parser.add_argument("--clients", type=_numbers, default=(8, 200), metavar="8,200")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each round")
    parser.add_argument("--rounds", type=int, default=7, help="of each pair; the median ratio counts")
    parser.add_argument("--home-rounds", type=int, default=3, help="of home beside each kind of client")
    parser.add_argument("--only", choices=("home", "rates"), help="one half of the run")
    parser.add_argument("--slow", type=int, default=200, help="clients on bad lines while home is opened")
    parser.add_argument("--players", type=int, default=40, help="players at 8 Mbit/s each while home is opened")
    add_json_option(parser)
    return parser.parse_args()


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def check(place: Place, film: Film) -> None:
    """Make sure that it sends this very file: a speed of wrong bytes is none. Raises ServerError."""
    with film.path.open("rb") as file:
        file.seek(MIB)
        wanted = file.read(1000)
    with socket.create_connection((LOCALHOST, place.port), PATIENCE_SECONDS) as line:
        cookie = f"Cookie: {place.cookie}\r\n" if place.cookie else ""
        line.sendall(
            f"GET {place.path} HTTP/1.1\r\nHost: {LOCALHOST}\r\nUser-Agent: {servers.USER_AGENT}\r\n{cookie}"
            f"Range: bytes={MIB}-{MIB + 999}\r\nConnection: close\r\n\r\n".encode()
        )
        got = b""
        while piece := line.recv(65536):
            got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    if b" 206 " not in head or body != wanted:
        raise ServerError(f"{place.name} does not send the file: {head[:200]!r}")


def _rates(places: dict[str, Place], film: Film, options: argparse.Namespace) -> list[Figure]:
    size = film.path.stat().st_size
    pairs = [(way, "ours", "nginx") for way in WAYS]
    pairs += [(way, "accel", "nginx") for way in WAYS[:2]] + [(WAYS[2], "accel", "bare")]
    figures = []
    for way, one, other in pairs:
        for count in options.clients:
            for name in (one, other):
                rate(places[name], way, size, count, options.seconds / 4)  # to warm up
            rounds = [
                _round((one, other)[:: 1 if number % 2 else -1], places, way, size, count, options.seconds)
                for number in range(options.rounds)
            ]
            rounds = [(found[one], found[other]) for found in rounds]
            # The round in the middle by its ratio: both of a round were measured one right after the other.
            mine, theirs = sorted(rounds, key=lambda pair: pair[0] / pair[1])[len(rounds) // 2]
            case = f"{way.name}, {count} clients"
            name = "X-Accel" if one == "accel" else "alone"
            figures.append(Figure(case, name, "MiB/s", mine, places[other].name, theirs))
            shown = " ".join(f"{a:,.0f}/{b:,.0f}" for a, b in rounds)
            print(f"{case:26} {name:8} of {places[other].name}: {mine / theirs:.2f}   rounds {shown}", flush=True)
    return figures


def _round(
    names: Sequence[str], places: dict[str, Place], way: Way, size: int, count: int, seconds: float
) -> dict[str, float]:
    """Measure two places one right after the other; who comes first changes from round to round."""
    return {name: rate(places[name], way, size, count, seconds) for name in names}


def _cost_of_sending(
    places: dict[str, Place], behind: servers.Server, nginx: int, film: Film, options: argparse.Namespace
) -> Iterator[Figure]:
    """Measure the processor time of a GiB, in nginx and in the processes that decide: what a speed is made of.

    With as many clients as cores are busy already, who of nginx's two processes took which connection moves a speed by
    half; the time that is spent on a byte hardly.
    """
    size = film.path.stat().st_size
    for way in WAYS[:2]:
        spent: dict[str, list[float]] = {"accel": [], "nginx": []}
        for number in range(2 * options.rounds):
            name = ("accel", "nginx")[number % 2]
            before = servers.children_cpu_seconds(nginx) + behind.cpu_seconds()
            taken = rate(places[name], way, size, 8, options.seconds) * options.seconds / 1024
            after = servers.children_cpu_seconds(nginx) + behind.cpu_seconds()
            spent[name].append((after - before) * 1000 / taken / 1.1)  # the tenth before is not counted in the rate
        mine, theirs = (statistics.median(spent[name]) for name in ("accel", "nginx"))
        yield Figure(f"{way.name}, 8 clients", "X-Accel, server cpu", "ms/GiB", mine, "nginx", theirs)


def _cost(
    places: dict[str, Place], running: dict[str, servers.Server], film: Film, options: argparse.Namespace
) -> Figure:
    """Measure the processor time of a range in the processes that decide: it does not hang on what else is running."""
    size = film.path.stat().st_size
    spent = {}
    for name, server in running.items():
        before = server.cpu_seconds()
        taken = rate(places[name], WAYS[2], size, 8, options.seconds * 2)
        spent[name] = (server.cpu_seconds() - before) * 1000 / max(1.0, taken * options.seconds * 2)
    return Figure("1 MiB ranges, 8 clients", "server cpu", "ms/range", spent["accel"], "a bare view", spent["bare"])


def _home(port: int, cookie: str, places: dict[str, Place], film: Film, options: argparse.Namespace) -> list[Figure]:
    """Measure home's p95 idle, and while others take recordings: on bad lines, as players do, and all they can get.

    Each is measured several times, with an idle stretch before and after it: the ratio to these two counts, and of the
    rounds the one in the middle. A single stretch says little, for what else the machine does moves it by a half.
    Two hundred clients who come at one moment are felt for a tenth of a second, so a stretch is long enough for that
    to be no twentieth of it.
    Clients at full speed take a core for themselves, and what sends to them another. So the same clients are set on
    nginx as well: what home feels of them then is what the machine gives, whoever sends.
    """
    size = film.path.stat().st_size
    seconds = max(5.0, options.seconds * 2)
    ours, nginx = places["ours"], places["nginx"]
    loads: dict[str, Callable[[float], object]] = {
        "slow": lambda s: read_slowly(ours, size, options.slow, s),
        "play": lambda s: play(ours, size, options.players, s),
        "fast": lambda s: rate(ours, WAYS[1], size, 8, s),
        "fast at nginx": lambda s: rate(nginx, WAYS[1], size, 8, s),
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in loads}
    idle = home_under(port, cookie, seconds, time.sleep)
    for _ in range(options.home_rounds):
        for name, load_it in loads.items():
            busy = home_under(port, cookie, seconds, load_it)
            after = home_under(port, cookie, seconds, time.sleep)
            found[name].append((busy, (idle + after) / 2))
            idle = after
    for name, pairs in found.items():
        shown = " ".join(f"{busy:.1f}/{idle:.1f}" for busy, idle in pairs)
        ratios = sorted(busy / idle for busy, idle in pairs)
        print(
            f"home beside {name:14} p95 in ms to idle: {statistics.median(ratios):.2f}   rounds {shown}"
            f"   from {ratios[0]:.2f} to {ratios[-1]:.2f}",
            flush=True,
        )
    middle = {name: _middle(pairs) for name, pairs in found.items()}
    cases = {
        "slow": f"home, {options.slow} slow clients",
        "play": f"home, {options.players} players of 8 Mbit/s",
        "fast": "home, 8 clients at full speed",
        "fast at nginx": "home, 8 clients at nginx",
    }
    return [Figure(case, "p95", "ms", middle[name][0], "idle", middle[name][1]) for name, case in cases.items()]


def _middle(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Give the pair whose ratio is the one in the middle."""
    return sorted(pairs, key=lambda pair: pair[0] / pair[1])[len(pairs) // 2]


if __name__ == "__main__":
    sys.exit(main())
