"""What was acknowledged is there, once, whatever happens to the server in the meantime; and everything is counted."""

import collections
import contextlib
import itertools
import json
import random
import re
import subprocess
import threading
import time
from pathlib import Path

import pytest
from hyperframe.frame import DataFrame

import models
from books import Books, Client, exported, forged, key_in, key_of, ledger, stored_exposures, stored_sums, sums_of
from conftest import new_client
from gateway import eventually, parse_metrics
from peers import H2Peer

ROWS = [{"a": a, "b": b} for a in (-1, 1) for b in range(4)]


# One hundred thousand predictions


PREDICTIONS = 100_000
WORKERS = 4
"""Threads that predict and report, half of them over HTTP/1.1, half over HTTP/2."""
TARDY_SECONDS = 1.2
"""After a prediction, when the window of `quick`, a second, is over."""


class Shop:
    """Clients that predict, and report what turned out: shuffled, doubled, forged, late, under unknown names and with bad values."""

    def __init__(self, server, seed=1):
        self.server, self.books, self.serving = server, Books(), threading.Event()
        self.serving.set()
        self.waiting, self.tardy, self.lock = [], collections.deque(), threading.Lock()
        self.errors, self.random = [], random.Random(seed)
        self.threads = [threading.Thread(target=self._work, args=(number,)) for number in range(WORKERS)]

    def open(self):
        for thread in self.threads:
            thread.start()

    def close(self):
        for thread in self.threads:
            thread.join()
        if self.errors:
            raise self.errors[0]

    def kill(self):
        """Kills the server without warning, and starts another on the same state."""
        self.serving.clear()
        self.server.process.kill()
        self.server.process.wait()
        self.server.restart()
        self.serving.set()

    def _work(self, number):
        with contextlib.closing(Client(self.server, self.books, self.serving, http2=number % 2 == 0, seed=number)) as client:
            try:
                while len(self.books.predictions) < PREDICTIONS and not self.errors:
                    self._predict(client)
                    self._report(client)
                while (self.waiting or self.tardy) and not self.errors:
                    self._report(client)
            except BaseException as error:
                self.errors.append(error)

    def _predict(self, client):
        rng = client.random
        rows = 1 if rng.random() < 0.3 else rng.randint(2, 64)
        user = f"user-{rng.randrange(3_000)}" if rng.random() < 0.7 else None
        ids = client.predict(rng.choice(ROWS), rows, user)
        with self.lock:
            for id in ids:
                self.waiting += self._outcomes(id, rng)
                if rng.random() < 0.02:
                    self.tardy.append((time.monotonic() + TARDY_SECONDS, {"prediction": id, "name": "quick", "value": 0}))

    @staticmethod
    def _outcomes(id, rng):
        """What will be reported of a prediction."""
        clicked = {"prediction": id, "name": "clicked", "value": rng.randint(0, 1)}
        if rng.random() < 0.3:
            yield clicked
        if rng.random() < 0.1:
            yield {**clicked, "value": 1 - clicked["value"]}
        if rng.random() < 0.1:
            yield {"prediction": id, "name": "spent", "value": rng.randrange(-1_000, 1_000) / 4}
        if rng.random() < 0.05:
            yield {"prediction": id, "name": "truth", "value": rng.choice(["low", "high"])}
        if rng.random() < 0.02:
            yield {"prediction": id, "name": "quick", "value": 1}
        if rng.random() < 0.01:
            yield {**clicked, "prediction": forged(id, rng)}
            yield {**clicked, "name": "nonsense"}
            yield {**clicked, "value": 7}

    def _report(self, client):
        with self.lock:
            while self.tardy and self.tardy[0][0] < time.monotonic():
                self.waiting.append(self.tardy.popleft()[1])
            size = min(len(self.waiting), int(10 ** client.random.uniform(0, 3)))
            batch = [self._take(client.random) for _ in range(size)]
        if batch:
            self._send(client, batch)
        elif len(self.books.predictions) >= PREDICTIONS:
            time.sleep(0.05)

    def _take(self, rng):
        place = rng.randrange(len(self.waiting))
        self.waiting[place], self.waiting[-1] = self.waiting[-1], self.waiting[place]
        return self.waiting.pop()

    def _send(self, client, batch):
        for item, result in zip(batch, client.report(batch)):
            assert result in self._expected(item), (item, result)

    def _expected(self, item):
        if item["prediction"] not in self.books.predictions:
            return ["forged"]
        if item["name"] == "nonsense":
            return ["unknown-name"]
        if (item["name"], item["value"]) == ("clicked", 7):
            return ["bad-value"]
        return ["recorded", "duplicate", *(["late"] if item["name"] == "quick" else [])]


def are_summed(server):
    """Whether every stored outcome is in the sums."""
    with ledger(server) as database:
        return database.execute(
            "SELECT (SELECT max(number) FROM outcomes) = (SELECT value FROM meta WHERE name = 'outcomes-folded')").fetchone()[0]


@pytest.mark.timeout(240)
def test_a_hundred_thousand_predictions_and_three_kills(launch, tmp_path):
    routes = models.write_scored_routes(tmp_path / "routes", models.OUTCOMES.replace("percent: 100", "percent: 2"))
    server = launch(routes=routes, scopes=("predict", "outcome"))
    shop = Shop(server)
    shop.open()
    for share in (0.25, 0.5, 0.75):
        eventually(lambda: len(shop.books.predictions) > share * PREDICTIONS or shop.errors, within=120, what="some predictions")
        shop.kill()
    shop.close()
    books = shop.books
    assert {"recorded", "duplicate", "late", "forged", "unknown-name", "bad-value"} == books.answers.keys()

    rows = exported(server, "outcomes", "scored")
    books.check(rows)
    eventually(lambda: are_summed(server), within=10, what="sums")
    with ledger(server) as database:
        [(slice_ms,)] = database.execute("SELECT slice_ms FROM declarations WHERE route = 'scored'").fetchall()
    assert stored_sums(server) == sums_of(rows, slice_ms)
    states = collections.Counter((row["assigned"], row["name"], row["state"]) for row in rows)
    report = json.loads(server.weir("report", "scored", "--json", "--state", server.state))
    for variant, figures in ((variant["name"], figures) for variant in report["variants"] for figures in variant["outcomes"]):
        assert figures["outcomes"] + figures["maturing"] == states[variant, figures["name"], "counted"]
        assert figures["late"] == states[variant, figures["name"], "late"]

    # The last server's exposures are folded when the next one starts.
    shop.kill()
    counted = stored_exposures(server)
    seen = {variant: sum(p.variant == variant for p in books.predictions.values()) for variant in counted}
    assert counted.keys() == {"champion", "challenger"}
    for variant in counted:
        assert seen[variant] <= counted[variant] <= seen[variant] + books.lost_rows
    assert sum(counted.values()) <= len(books.predictions) + books.lost_rows


# Counters


KILLS = 2


def requests_shown(server):
    """(route, variant, status) to number of requests, of the running server."""
    samples = parse_metrics(server.get("/metrics", control=True)[2])
    return collections.Counter({
        (labels["route"], labels["variant"], int(labels["code"])): int(value) for name, labels, value in samples
        if name == "weir_requests_total" and labels["route"] and value})


def requests_reported(server, route):
    """The same, as the report of a route says it: of all servers there were."""
    with new_client(server) as client:
        report = client.get(f"https://localhost:{server.control_port}/api/v1/routes/{route}/report").json()
    statuses = {"ok": 200, "caller_fault": 400, "model_failure": 500, "timeout": 504, "refused": 503, "cancelled": 499}
    counted = collections.Counter({(route, "", int(code)): count for code, count in report["refused_before_assignment"].items()})
    for variant in report["variants"]:
        assert sum(variant["classes"].values()) == variant["exposures"]
        counted.update({(route, variant["name"], statuses[name]): count for name, count in variant["classes"].items()})
    return +counted


def ask_about(client, stopped, seen, lost):
    """Asks for what is answered, what is refused and what fails, until it is stopped; notes answers, and requests without one."""
    while not stopped.is_set():
        route, body = client.random.choice([
            ("all", ROWS[0]), ("all", {"instances": ROWS}), ("all", {"a": "wrong"}), ("tenth", ROWS[1]), ("failing", ROWS[-1])])
        answer = client.post(f"/v1/{route}", body, lambda: lost.update([route]))
        seen[route, answer.headers.get("x-weir-variant", ""), answer.status_code] += 1


def test_counters_outlive_kills(launch, tmp_path):
    server = launch(routes=models.write_logged_routes(tmp_path / "routes"), scopes=("predict", "view"), arguments=["--metrics-open"])
    serving, stopped = threading.Event(), threading.Event()
    serving.set()
    clients = [Client(server, None, serving, http2=number % 2 == 0, seed=number) for number in range(WORKERS)]
    books = [(collections.Counter(), collections.Counter()) for _ in clients]
    threads = [threading.Thread(target=ask_about, args=(client, stopped, *book)) for client, book in zip(clients, books)]
    for thread in threads:
        thread.start()
    shown = collections.Counter()
    for _ in range(KILLS):
        time.sleep(1)
        shown += requests_shown(server)
        serving.clear()
        server.process.kill()
        server.process.wait()
        server.restart()
        serving.set()
    time.sleep(0.5)
    stopped.set()
    for thread, client in zip(threads, clients):
        thread.join()
        client.close()
    seen, lost = (sum((book[part] for book in books), collections.Counter()) for part in (0, 1))
    assert lost.total() <= WORKERS * KILLS, "a client has one request in flight"
    for route in ("all", "tenth", "failing"):
        counted = requests_reported(server, route)
        its = collections.Counter({key: count for key, count in seen.items() if key[0] == route})
        assert not its - counted, "every answer was counted"
        assert (counted - its).total() <= lost[route], (counted, its)
        assert all(counted[key] >= count for key, count in shown.items() if key[0] == route), "what was shown once stays"
    assert {status for _, _, status in seen} == {200, 400, 500}


# A full disk


FULL_SECONDS = 10


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 24 MiB in memory: the prediction log of a second takes 3 of them."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], capture_output=True).returncode != 0:
        pytest.skip("this user may not mount file systems")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.fixture
def cramped(small_disk, launch, scored_routes):
    """A server whose state folder is on the small disk."""
    server = launch(routes=scored_routes, folder=small_disk, scopes=("predict", "outcome"), arguments=["--metrics-open"])
    yield server
    assert server.stop() == 0


def fill(folder):
    """Writes a file until no byte is free on its disk."""
    path = folder / "filler"
    with open(path, "ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    return path


def resident_bytes(server):
    status = (Path("/proc") / str(server.worker_pid) / "status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024


class Patrons:
    """Clients that predict and report all the time, and note what they are told."""

    def __init__(self, server):
        self.server, self.stopped = server, threading.Event()
        self.acknowledged, self.refusals, self.refused, self.predictions, self.errors = set(), [], set(), 0, []
        self.threads = [threading.Thread(target=self._work, args=(http2,)) for http2 in (True, False)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def _work(self, http2):
        try:
            with new_client(self.server, http2=http2) as client:
                while not self.stopped.is_set():
                    self._visit(client)
        except BaseException as error:
            self.errors.append(error)

    def _visit(self, client):
        answer = client.predict({"instances": ROWS * 8}, route="scored")
        assert answer.status_code == 200, answer.text
        self.predictions += 64
        id = answer.json()["ids"][0]
        answer = client.post("/v1/outcomes", json={"prediction": id, "name": "clicked", "value": 1})
        if answer.status_code == 200:
            assert answer.json() == {"outcome": "recorded"}
            self.acknowledged.add(key_of(id))
        else:
            self.refusals.append((answer.status_code, answer.json()["code"], int(answer.headers["retry-after"])))
            self.refused.add(key_of(id))


def events(lines):
    """The server's own lines among these, without those of requests."""
    lines = [json.loads(line) for line in lines if line.startswith("{")]
    return [line for line in lines if line["event.dataset"] != "weir.access"]


def test_a_full_disk_stops_outcomes_alone(cramped, small_disk):
    def metric(name):
        return sum(value for found, _, value in parse_metrics(cramped.get("/metrics", control=True)[2]) if found == name)

    with Patrons(cramped) as patrons:
        eventually(lambda: len(patrons.acknowledged) > 20 or patrons.errors, within=10, what="outcomes")
        lines, resident = len(cramped.lines), resident_bytes(cramped)
        filler, end = fill(small_disk), time.monotonic() + FULL_SECONDS
        while time.monotonic() < end and not patrons.errors:
            fill(small_disk)
            time.sleep(0.2)
        assert metric("weir_ledger_up") == 0
        assert resident_bytes(cramped) < 1.1 * resident
        assert metric("weir_predictions_log_dropped_total") > 0
        troubles = events(cramped.lines[lines:])
        assert {"outcomes cannot be stored", "predictions cannot be logged"} <= {line["message"] for line in troubles}
        assert len({line["message"] for line in troubles}) == len(troubles), "each trouble is told once"
        assert all("full" in line["weir.reason"] for line in troubles), troubles
        filler.unlink()
        stored = len(patrons.acknowledged)
        eventually(lambda: len(patrons.acknowledged) > stored + 20 or patrons.errors, within=10, what="an outcome stored again")
    assert not patrons.errors, patrons.errors
    assert set(patrons.refusals) == {(503, "ledger-disk-full", 1)}
    assert metric("weir_outcomes_refused_total") == len(patrons.refusals)
    assert {key_in(row) for row in exported(cramped, "outcomes", "scored")} == patrons.acknowledged
    kept, dropped = "weir_predictions_logged_total", "weir_predictions_log_dropped_total"
    eventually(lambda: metric(kept) + metric(dropped) == patrons.predictions, within=10, what="an account of every logged prediction")


# Commits


@contextlib.contextmanager
def syncs_of_outcomes(server, path):
    """Counts the syncs to disk of the thread that stores outcomes: a list of the files synced, complete at the end."""
    tasks = Path("/proc") / str(server.worker_pid) / "task"
    [thread] = [task.name for task in tasks.iterdir() if (task / "comm").read_text().strip() == "weir-outcomes"]
    tracer = subprocess.Popen(["strace", "-p", thread, "-y", "-e", "trace=fsync,fdatasync", "-o", path], stderr=subprocess.PIPE, text=True)
    if "attached" not in (said := tracer.stderr.readline()):
        pytest.skip(f"this user may not trace processes: {said}")
    synced = []
    try:
        yield synced
    finally:
        tracer.terminate()
        tracer.wait()
        synced += re.findall(r"^(?:fsync|fdatasync)\(\d+<.*/(.+)>\) += 0$", path.read_text(), re.MULTILINE)


@pytest.fixture
def lone(launch, scored_routes):
    """A server that has nothing else to do."""
    return launch(routes=scored_routes, scopes=("predict", "outcome"), arguments=["--metrics-open"])


def commits(server):
    return next(value for name, _, value in parse_metrics(server.get("/metrics", control=True)[2]) if name == "weir_outcome_commits_total")


def test_an_outcome_is_acknowledged_after_one_sync(lone, tmp_path):
    with new_client(lone) as client:
        first, *ids = client.predict({"instances": ROWS[:6]}, route="scored").json()["ids"]
        client.post("/v1/outcomes", json={"prediction": first, "name": "clicked", "value": 1})
        with syncs_of_outcomes(lone, tmp_path / "trace") as synced:
            for id in ids:
                assert client.post("/v1/outcomes", json={"prediction": id, "name": "clicked", "value": 1}).json() == {"outcome": "recorded"}
        assert synced == ["ledger.sqlite-wal"] * len(ids)


def test_outcomes_that_come_together_are_committed_together(lone, tmp_path):
    with new_client(lone) as client:
        first, *ids = client.predict({"instances": ROWS * 5}, route="scored").json()["ids"][:33]
        client.post("/v1/outcomes", json={"prediction": first, "name": "clicked", "value": 1})
    before = commits(lone)
    with H2Peer(lone) as peer, syncs_of_outcomes(lone, tmp_path / "trace") as synced:
        bodies = [json.dumps({"prediction": id, "name": "clicked", "value": 1}).encode() for id in ids]
        streams = [peer.new_stream() for _ in bodies]
        peer.frames(*itertools.chain.from_iterable(
            (peer.head_frame(stream, end=False, path="/v1/outcomes"), DataFrame(stream, data=body, flags=["END_STREAM"]))
            for stream, body in zip(streams, bodies)))
        answers = peer.answers(*streams)
    assert {answer.body for answer in answers.values()} == {b'{"outcome":"recorded"}'}
    assert 1 <= len(synced) <= len(ids) / 4
    assert commits(lone) - before == len(synced)
