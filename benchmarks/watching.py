"""How much of one core the reports of players take: a thousand members who watch and report every ten seconds.

    python benchmarks/watching.py [--members 1000] [--rounds 5] [--json FILE]

Each member is signed in and reports ten seconds more, once a round, through the whole application (sign-in, CSRF,
access, rule, ledger), in one process without a server between. The peer is a bare Flask view that checks a signed
session, parses the same JSON and writes one row in a transaction, in the same run. Processor time, not the clock's:
the share of one core is what a report takes, times the reports in a second.
"""

import argparse
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from figures import Figure, add_json_option, show, write
from flask import Flask, request, session

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lms import clock, create_app
from lms.config import Settings
from lms.db import database
from lms.lectures.models import Lecture, Recording
from lms.lectures.watching import epoch
from lms.members.models import Member, Membership, Unit
from lms.members.passwords import make_hash
from lms.migrations import migrate

PEER = "one row by bare Flask"
EVERY_S = 10
PASSWORD = "reporting every ten seconds"
NOON = datetime(2026, 11, 23, 4, 0)

Send = Callable[[dict[str, Any]], int]


def main() -> int:
    """Measure ours and the peer, and print the share of one core."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    add_json_option(parser)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lms-watching-") as folder:
        ours = per_report(list(_ours(Path(folder), asked.members)), asked.rounds)
        theirs = per_report(list(_theirs(Path(folder), asked.members)), asked.rounds)
    a_second = asked.members / EVERY_S
    case = f"{asked.members} members, every {EVERY_S} s"
    figures = [
        Figure(case, "processor time of a report", "ms", ours * 1000, PEER, theirs * 1000),
        Figure(case, "share of one core", "%", ours * a_second * 100, PEER, theirs * a_second * 100),
    ]
    show(figures)
    write(figures, asked.json)
    return 0


def per_report(senders: list[Send], rounds: int) -> float:
    """Give the median over rounds of the processor time of a report in seconds; the first round warms up."""
    times = []
    for number in range(rounds + 1):
        now = NOON + timedelta(seconds=number * EVERY_S)
        with clock.at(now):
            moment = epoch(now)
            place = float(number * EVERY_S)
            played = [[place - EVERY_S, place, moment - EVERY_S, moment]] if number else []
            body = {"position": place, "at": now.isoformat() + "Z", "sent_at": now.isoformat() + "Z", "played": played}
            began = time.process_time()
            for send in senders:
                if send(body) != 200:
                    raise SystemExit("a report was refused")
            times.append((time.process_time() - began) / len(senders))
    return statistics.median(times[1:])


def _ours(folder: Path, members: int) -> Iterable[Send]:
    app = create_app(Settings(data=folder / "var", secret_key="b", password_time_cost=1, password_memory_kib=64))
    migrate()
    recording = _furnish(members)
    for number in range(members):
        client = app.test_client()
        told = client.post("/api/v1/session", json={"login": f"1{number:010d}", "password": PASSWORD}).json
        yield _sender(client, f"/api/v1/recordings/{recording}/progress", {"X-CSRFToken": told["csrf_token"]})


def _furnish(members: int) -> int:
    hashed = make_hash(PASSWORD)
    with database.atomic():
        unit = Unit.create(name="u", kind="agency", path="")
        Unit.update(path=f"/{unit.id}/").where(Unit.id == unit.id).execute()
        for number in range(members):
            member = Member.create(
                name=f"m{number}", phone=f"1{number:010d}", password_hash=hashed, must_change_password=False
            )
            Membership.create(member=member, unit=unit, since=NOON.date())
        lecture = Lecture.create(title="l", speaker="s", unit=unit)
        values = {"media_type": "audio/mp4", "file_key": "0" * 64, "file_name": "a", "file_size": 1}
        recording = Recording.create(lecture=lecture, duration_ms=3_600_000, state="ready", **values)
    return int(recording.id)


def _theirs(folder: Path, members: int) -> Iterable[Send]:
    app = Flask("peer")
    app.secret_key = "b"
    line = sqlite3.connect(folder / "peer.sqlite3", isolation_level=None, check_same_thread=False)
    line.execute("PRAGMA journal_mode = wal")
    line.execute("PRAGMA synchronous = normal")
    line.execute("CREATE TABLE progress (member INTEGER PRIMARY KEY, told TEXT)")

    @app.post("/in/<int:member>")
    def enter(member: int) -> str:
        session["member"] = member
        return ""

    @app.put("/progress")
    def progress() -> dict[str, Any]:
        told = request.get_json()
        line.execute("BEGIN IMMEDIATE")
        row = (session["member"], json.dumps(told["played"]))
        line.execute("INSERT INTO progress VALUES (?, ?) ON CONFLICT (member) DO UPDATE SET told = excluded.told", row)
        line.execute("COMMIT")
        return {"position": told["position"]}

    for number in range(members):
        client = app.test_client()
        client.post(f"/in/{number}")
        yield _sender(client, "/progress", {})


def _sender(client: Any, path: str, headers: dict[str, str]) -> Send:
    def send(body: dict[str, Any]) -> int:
        return int(client.put(path, json=body, headers=headers).status_code)

    return send


if __name__ == "__main__":
    sys.exit(main())
