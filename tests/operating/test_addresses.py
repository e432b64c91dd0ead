"""What an operator's tools ask: health, readiness, figures, and the page with dead jobs."""

import json
import logging
import re
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from apiflask import APIFlask

from lms.config import Settings
from lms.db import database
from lms.errors import Unavailable, kept
from lms.jobs import queue
from lms.jobs.models import Job
from lms.logs import JsonLines
from lms.members.models import Member
from lms.operating.work import KINDS, dead_jobs
from lms.reading.models import ShelfImport
from lms.web.requestlog import log as request_log
from lms.worker import TASK_ROOMS
from tests.browser_like import Browser
from tests.factories import Make

Open = Callable[[Member | None], Browser]


def text(response: Any) -> str:
    return str(response.get_data(as_text=True))


def test_health_and_readiness_answer_without_sign_in(browser: Open) -> None:
    anybody = browser(None)
    assert anybody.get("/healthz").get_json() == {"status": "ok"}
    assert anybody.get("/readyz").get_json()["status"] == "ok"


def test_a_database_that_is_not_migrated_is_not_ready(browser: Open) -> None:
    database.execute_sql("UPDATE schema_migration SET name = 'away' WHERE name = '0009_create_outbox'")
    try:
        answer = browser(None).get("/readyz")
    finally:
        database.execute_sql("UPDATE schema_migration SET name = '0009_create_outbox' WHERE name = 'away'")
    assert answer.status_code == 503
    assert "lms migrate" in answer.get_json()["database"]


def test_figures_count_requests_and_waiting_work(browser: Open) -> None:
    anybody = browser(None)
    anybody.get("/healthz")
    queue.ask("test.nothing")
    text = anybody.get("/metrics").get_data(as_text=True)
    assert 'lms_requests_total{endpoint="ops.healthz",method="GET",status="200"}' in text
    assert 'lms_jobs{state="waiting"} 1.0' in text
    assert "lms_outbox_rows 0.0" in text


def test_figures_are_for_this_machine_only(browser: Open) -> None:
    anybody = browser(None)
    assert anybody.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403
    assert anybody.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403


def test_with_a_token_set_only_its_bearer_reads_the_figures(app: APIFlask) -> None:
    app.config["LMS"] = Settings(**{**vars(app.config["LMS"]), "metrics_token": "a long secret"})
    client = app.test_client()
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer a long secret"}).status_code == 200


def test_an_administrator_sees_dead_jobs_and_tries_them_again(browser: Open, make: Make) -> None:
    job = queue.ask("test.prepare", 5)
    Job.update(state="dead", error="The recording holds neither sound nor picture.", attempts=5).execute()
    desk = browser(make.member(role="administrator"))
    page = desk.get("/operation").get_data(as_text=True)
    assert "test.prepare" in page and "尝试了 5 次" in page
    assert desk.post(f"/operation/jobs/{job.id}/retry").status_code == 303
    assert Job.get_by_id(job.id).state == "waiting"
    assert desk.post(f"/operation/jobs/{job.id}/retry").status_code == 404


def test_a_job_that_failed_is_told_in_words_with_what_it_was_about_and_why(browser: Open, make: Make) -> None:
    reader = make.member(name="王淑兰")
    shelf = ShelfImport.create(member=reader, file_key="0" * 64, file_name="shelf.csv")
    errors = {
        "reading.take_shelf": "OSError: [Errno 28] No space left on device",
        "upkeep.sweep": kept(Unavailable("At least %(least)s characters; these are %(count)s.", least=2, count=1)),
        "storage.sweep": "[half a list",
    }
    for task, error in errors.items():
        args = json.dumps([shelf.id] if task == "reading.take_shelf" else [])
        Job.create(task=task, args=args, state="dead", error=error, attempts=5)
    desk = browser(make.member(role="administrator"))
    page = text(desk.get("/operation"))
    assert f'导入成员的书架：<a href="/people/{reader.id}">王淑兰</a>' in page
    assert "服务器的磁盘满了。" in page and "No space left on device" in page
    assert "至少 2 个字，现在只有 1 个字。" in page and "[half a list" in page
    told = {job["what"]: job for job in desk.api("GET", "/operation").json["dead_jobs"]}
    assert told["导入成员的书架"]["about"] == {"kind": "member", "id": reader.id, "name": "王淑兰"}
    assert any(
        str(job).startswith("Taking in a member's bookshelf (王淑兰), reading.take_shelf") for job in dead_jobs(9)
    )


def test_every_kind_of_background_work_has_its_words() -> None:
    for room in TASK_ROOMS:
        import_module(room)
    ours = {name for name, function in queue._tasks.items() if function.__module__.startswith("lms.")}
    assert ours == KINDS.keys()


def test_what_is_not_well_of_the_machine_stands_on_an_operators_home_and_on_nobody_elses(
    browser: Open, make: Make, app: APIFlask
) -> None:
    unit = make.unit()
    operators, liaisons = browser(make.member(unit, "administrator")), browser(make.member(unit, "liaison"))
    settings = app.config["LMS"]
    assert "flash warning" not in text(operators.get("/"))
    app.config["LMS"] = replace(settings, min_free_mib=2**40)
    try:
        assert "磁盘：只剩" in text(operators.get("/"))
        assert "磁盘：只剩" not in text(liaisons.get("/"))
    finally:
        app.config["LMS"] = settings
    assert "flash warning" not in text(operators.get("/"))
    Job.create(task="notes.sweep", state="dead")
    assert re.search(r'<a href="/operation">彻底失败的任务 <span class="count">1<', text(operators.get("/")))
    assert "失败的任务" not in text(liaisons.get("/"))


def test_a_dead_job_can_be_dismissed_through_the_api_by_an_administrator_only(browser: Open, make: Make) -> None:
    job = queue.ask("test.prepare", 5)
    Job.update(state="dead").execute()
    assert browser(make.member(role="liaison")).api("DELETE", f"/operation/jobs/{job.id}").status_code == 403
    desk = browser(make.member(role="administrator"))
    shown = desk.api("GET", "/operation").get_json()
    assert [row["id"] for row in shown["dead_jobs"]] == [job.id]
    assert {check["part"] for check in shown["checks"]} >= {"database", "index", "worker", "jobs", "data", "disk"}
    assert desk.api("DELETE", f"/operation/jobs/{job.id}").status_code == 204
    assert Job.select().count() == 0


def test_each_request_is_one_line_of_json_with_the_id_the_error_page_shows(
    browser: Open, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    reader = browser(make.member())
    with caplog.at_level(logging.INFO, logger=request_log.name):
        answer = reader.get("/no/such/page?q=secret")
    line = json.loads(JsonLines().format(caplog.records[-1]))
    assert (line["status"], line["path"], line["method"]) == (404, "/no/such/page", "GET")
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert line["request_id"] in answer.get_data(as_text=True)
    assert "secret" not in json.dumps(line)


def test_an_unexpected_failure_shows_no_trace_but_the_log_has_it(
    app: APIFlask, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> str:
        raise RuntimeError("inner detail")

    app.view_functions["ops.healthz"] = broken
    with caplog.at_level(logging.ERROR, logger="lms.web"):
        answer = app.test_client().get("/healthz")
    assert answer.status_code == 500
    page = answer.get_data(as_text=True)
    assert "inner detail" not in page and "Traceback" not in page
    assert answer.headers["X-Request-ID"] in page
    assert "inner detail" in JsonLines().format(caplog.records[-1])
