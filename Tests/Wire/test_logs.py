"""Log lines: their names, where they go, and what happens when they cannot go there."""

import datetime
import json
import os
import re
import subprocess
import threading
import time

import pytest

from conftest import new_client
from gateway import eventually, parse_metrics, run_weir

ROW = {"a": 1, "b": 2}
FIRST = ["@timestamp", "log.level", "message", "ecs.version"]
"""How every line begins: github.com/elastic/ecs-logging, spec/spec.json."""

NAME = re.compile(r"[a-z][a-z0-9-]*")
COMMON = {
    "@timestamp": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"), "log.level": re.compile("info|notice|warning|error|critical"),
    "message": re.compile("[a-z][a-z ;]+"), "ecs.version": re.compile(r"8\.11\.0"), "service.name": re.compile("weir"),
    "service.version": re.compile(r"\d+\.\d+\.\d+"), "event.kind": re.compile("event"), "event.category": ("web", "process"),
    "event.type": ("access", "info"), "event.dataset": re.compile(r"weir\.(access|server)"),
}
ACCESS = COMMON | {
    "event.duration": int, "event.outcome": re.compile("success|failure"), "http.request.method": re.compile("GET|HEAD|POST"),
    "http.response.status_code": int, "http.response.body.bytes": int, "http.version": re.compile(r"1\.1|2"),
    "trace.id": re.compile("[0-9a-f]{32}"), "url.path": re.compile("/v1/[a-z-]+"), "weir.route": NAME, "weir.variant": NAME,
    "weir.revision": int, "weir.rows": int, "weir.reason": re.compile("assigned|override"), "weir.reactor": int,
}
SERVER = COMMON | {"log.logger": re.compile("weir")} | {
    f"weir.{name}": re.compile(".+") for name in ("data", "control", "reactors", "generation", "source", "routes", "reason", "drain_ms")
}


def lines_of(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def is_form(value, form):
    if form is int:
        return type(value) is int and value >= 0
    if isinstance(form, tuple):
        return type(value) is list and len(value) == 1 and value[0] in form
    return type(value) is str and form.fullmatch(value)


def check(line):
    assert list(line)[:4] == FIRST, line
    forms = ACCESS if line["event.dataset"] == "weir.access" else SERVER
    for name, value in line.items():
        assert name in forms, f"{name} is no name of a line: {line}"
        assert is_form(value, forms[name]), f"{name}: {value!r}"


def access(lines):
    return [line for line in lines if line["event.dataset"] == "weir.access"]


@pytest.fixture
def logged(launch, tmp_path):
    """Starts a server that logs into a file; `logged.file` is its path."""

    def start(file=tmp_path / "weir.log", **options):
        server = launch(arguments=["--log-file", file, "--metrics-open"], **options)
        server.file = file
        return server

    return start


def lost(server):
    text = server.get("/metrics", control=True)[2]
    return next(value for name, _, value in parse_metrics(text) if name == "weir_log_lines_lost_total")


def predict(server, times=1, **headers):
    with new_client(server) as client:
        for _ in range(times):
            assert client.predict(ROW, **headers).status_code == 200


def test_every_line_has_the_names_of_the_schema(launch, routes):
    server = launch(routes=routes)
    for http2 in (True, False):
        with new_client(server, http2=http2) as client:
            assert client.predict(ROW, x_user_id="u-1").status_code == 200
            assert client.predict({"a": 1}).status_code == 400
            assert client.post("/v1/nowhere?secret=1", json={}).status_code == 404
            assert client.head("/healthz").status_code == 200
            assert client.get("/v1/probe").status_code == 405
    server.split("champion=1", "challenger=1")
    eventually(lambda: '"message":"plan"' in server.log(), within=5, what="the plan's line")
    (routes / "probe" / "route.yaml").write_text("route: probe\nnonsense: [\n")
    eventually(lambda: '"message":"the plan stays"' in server.log(), within=5, what="the complaint's line")
    assert server.stop() == 0
    lines = lines_of(server.log())
    for line in lines:
        check(line)
    assert {line["message"] for line in lines} >= {"ready", "request", "plan", "the plan stays", "stopping", "stopped"}
    requests = access(lines)
    assert sorted(line["http.response.status_code"] for line in requests) == [200] * 4 + [400] * 2 + [404] * 2 + [405] * 2
    assert sorted(line["http.response.status_code"] for line in requests if "weir.route" in line) == [200, 200, 400, 400, 405, 405]
    assert {line["http.version"] for line in requests} == {"1.1", "2"}
    for line in requests:
        assert line["event.outcome"] == ("success" if line["http.response.status_code"] < 400 else "failure")
        assert ("url.path" in line) == ("weir.route" in line) and ("weir.revision" in line) == ("weir.variant" in line)
        assert line.get("url.path", "/v1/probe") == "/v1/probe", "the path of the route file alone"
    assert "nowhere" not in server.log() and "secret" not in server.log()


def test_a_line_tells_its_request(launch):
    server = launch()
    before = datetime.datetime.now(datetime.UTC)
    with new_client(server) as client:
        answer = client.predict(ROW, x_user_id="u-1", traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        length = len(answer.content)
        client.predict(ROW, traceparent="00-zz-zz-01")
    after = datetime.datetime.now(datetime.UTC)
    assert server.stop() == 0
    line, untraced = access(lines_of(server.log()))
    assert line["trace.id"] == "0af7651916cd43dd8448eb211c80319c" and "trace.id" not in untraced
    assert line["weir.variant"] == answer.headers["x-weir-variant"] and line["weir.reason"] == "assigned"
    assert line["weir.revision"] == int(answer.headers["x-weir-revision"]) and line["weir.rows"] == 1
    assert line["http.response.body.bytes"] == length and line["http.request.method"] == "POST"
    began = datetime.datetime.fromisoformat(line["@timestamp"])
    slack = datetime.timedelta(milliseconds=5)  # the reactor's clock is read once a turn, in whole milliseconds
    assert before - slack <= began and began + datetime.timedelta(microseconds=line["event.duration"] / 1_000) <= after + slack


def test_the_file_is_private_and_standard_output_is_empty(logged):
    server = logged()
    predict(server)
    assert server.stop() == 0
    assert server.file.stat().st_mode & 0o777 & ~0o640 == 0
    lines = lines_of(server.file.read_text())
    assert [line["message"] for line in lines] == ["ready", "request", "stopping", "stopped"]
    assert not lines_of(server.log()), "lines go to one place"


def test_a_file_that_cannot_be_opened_is_named(gateway, tmp_path):
    file = tmp_path / "missing" / "weir.log"
    result = run_weir("serve", "--state", tmp_path / "state", "--routes", gateway.routes, "--certs", gateway.certs,
                      "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--log-file", file)
    assert result.returncode == 1 and str(file) in result.stderr, result


def test_a_restart_adds_to_the_file(logged):
    server = logged()
    assert server.stop() == 0
    first = server.file.read_text()
    server.restart()
    assert server.stop() == 0
    assert server.file.read_text().startswith(first) and len(lines_of(server.file.read_text())) == 2 * len(lines_of(first))


def test_no_line_is_lost_when_the_file_is_renamed(logged, tmp_path):
    """Twice, while clients ask without pause."""
    server = logged()
    asked, over = [], threading.Event()

    def ask():
        with new_client(server) as client:
            while not over.is_set():
                asked.append(client.predict(ROW).status_code)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        for number in (1, 2):
            eventually(lambda: server.file.exists() and "request" in server.file.read_text(), within=5, what="lines in the new file")
            server.file.rename(tmp_path / f"weir.log.{number}")
        eventually(lambda: server.file.exists(), within=5, what="the third file")
    finally:
        over.set()
        thread.join(10)
    assert server.stop() == 0
    files = [tmp_path / "weir.log.1", tmp_path / "weir.log.2", server.file]
    lines = [line for file in files for line in lines_of(file.read_text())]
    assert len(access(lines)) == len(asked) and set(asked) == {200}
    for line in lines:
        check(line)


def test_a_file_that_is_copied_and_truncated_goes_on_at_its_start(logged):
    server = logged()
    predict(server, times=20)
    eventually(lambda: server.file.read_text().count('"request"') == 20, within=5, what="the lines")
    os.truncate(server.file, 0)
    predict(server, times=3)
    eventually(lambda: server.file.read_text().count('"request"') == 3, within=5, what="the lines after it")
    assert server.file.read_bytes()[:1] == b"{", "no hole at the start"


def test_a_full_disk_costs_lines_and_nothing_else(logged, tmp_path):
    """Without a privilege: a link to the device that is always full, then to a file."""
    link = tmp_path / "link.log"
    link.symlink_to("/dev/full")
    server = logged(file=link)
    predict(server, times=10)
    eventually(lambda: lost(server) >= 10, within=5, what="the count of lost lines")
    assert server.is_well()
    link.unlink()
    link.symlink_to(tmp_path / "roomy.log")
    eventually(lambda: (tmp_path / "roomy.log").exists(), within=5, what="the new file")
    before = lost(server)
    predict(server, times=10)
    assert server.stop() == 0
    lines = access(lines_of((tmp_path / "roomy.log").read_text()))
    assert sum(line.get("weir.rows", 0) for line in lines) == 10 and before >= 10


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]).returncode != 0:
        pytest.skip("a small file system needs the right to mount one")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_disk_that_fills_and_empties_leaves_whole_lines(logged, small_disk):
    filler = small_disk / "filler"
    filler.write_bytes(bytes(32 * 1024))
    server = logged(file=small_disk / "weir.log")
    eventually(lambda: predict(server, times=20) or lost(server) > 0, within=20, what="the full disk")
    predict(server, times=20)
    kept = len(access(lines_of_whole(server.file)))
    filler.unlink()
    predict(server, times=10)
    eventually(lambda: len(access(lines_of_whole(server.file))) >= kept + 10, within=5, what="the recovery")
    for line in lines_of(server.file.read_text()):
        check(line)


def lines_of_whole(file):
    """The lines of a file that is written to: the last one may be on its way."""
    return lines_of(file.read_text().rpartition("\n")[0])


def test_a_reader_that_goes_away_or_sleeps_does_not_stop_the_server(logged, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    server = logged(file=pipe)
    os.close(reader)
    predict(server, times=5)
    eventually(lambda: lost(server) >= 5, within=5, what="the count of lost lines")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    predict(server, times=300)  # more than the pipe holds, and nobody reads
    started = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - started < 5, "a reader that sleeps is not waited for"
    text = os.read(reader, 1 << 20).decode()
    os.close(reader)
    assert len(lines_of(text.rpartition("\n")[0])) > 50
