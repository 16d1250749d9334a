"""weir replay against a small gateway that speaks HTTP/2 over TLS and remembers what it was sent; outcomes against the real one, too."""

import asyncio
import collections
import csv
import json
import os
import ssl
import subprocess
import threading
import time

import h2.config
import h2.connection
import h2.events
import pytest

TOKEN = "weir_test-token"
LABELS = ["Drama", "Comedy"]


class Gateway:
    """Answers every row with the label that its member `guess` names; every fourth unit goes to the challenger."""

    def __init__(self, certificate, key):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.context.set_alpn_protocols(["h2"])
        self.requests = []
        self.outcomes = []
        self.refusals = []  # what is answered to the next bodies of outcomes: status, fields, result
        self.most_streams = 0
        self.connections = 0
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=self.context), self.loop
        ).result(10)
        self.port = self.server.sockets[0].getsockname()[1]
        self.url = f"https://localhost:{self.port}/v1/films"

    def stop(self):
        asyncio.run_coroutine_threadsafe(self.close(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def close(self):
        self.server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def serve(self, reader, writer):
        """One connection. What arrives together is answered together, after all of it was read."""
        self.connections += 1
        connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        connection.initiate_connection()
        streams, complete = {}, []
        while True:
            writer.write(connection.data_to_send())
            data = await reader.read(1 << 16)
            if not data:
                return writer.close()
            for event in connection.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    streams[event.stream_id] = (dict(event.headers), bytearray())
                    self.most_streams = max(self.most_streams, len(streams))
                elif isinstance(event, h2.events.DataReceived):
                    streams[event.stream_id][1].extend(event.data)
                    connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamEnded):
                    complete.append(event.stream_id)
            for stream in complete:
                self.answer(connection, stream, *streams.pop(stream))
            complete.clear()

    def answer(self, connection, stream, headers, body):
        row = json.loads(body)
        if headers[":path"] == "/v1/outcomes":
            return self.answer_outcomes(connection, stream, headers, row)
        self.requests.append((headers, bytes(body)))
        variant, status = "challenger" if len(self.requests) % 4 == 0 else "champion", "200"
        result = {"id": f"p{len(self.requests)}", "route": "films", "label": row.get("guess"), "probabilities": {}}
        fields = [("content-type", "application/json")]
        if headers.get("authorization") != f"Bearer {TOKEN}":
            status, result = "401", {"error": "no valid token", "code": "unauthorized"}
        else:
            fields.append(("x-weir-variant", variant))
            if row.get("guess") == "crash":
                status, result = "500", {"error": f"the model of {variant} failed", "code": "model-failed"}
        connection.send_headers(stream, [(":status", status)] + fields)
        connection.send_data(stream, json.dumps(result).encode(), end_stream=True)

    def answer_outcomes(self, connection, stream, headers, outcomes):
        assert headers["authorization"] == f"Bearer {TOKEN}" and "x-user-id" not in headers
        self.outcomes.append(outcomes)
        status, fields, result = self.refusals.pop(0) if self.refusals else (200, [], {"outcomes": ["recorded"] * len(outcomes)})
        connection.send_headers(stream, [(":status", str(status)), *fields])
        connection.send_data(stream, json.dumps(result).encode(), end_stream=True)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
        " -addext subjectAltName=DNS:localhost -keyout key.pem -out certificate.pem".split(),
        cwd=folder, check=True, capture_output=True,
    )
    return folder / "certificate.pem", folder / "key.pem"


@pytest.fixture
def gateway(certificate):
    gateway = Gateway(*certificate)
    yield gateway
    gateway.stop()


def replay(rows, *flags, token=TOKEN, **environment):
    command = [os.environ["WEIR_BINARY"], "replay", str(rows), *map(str, flags)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ | {"WEIR_TOKEN": token} | environment)


def write_rows(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def rows(tmp_path):
    """120 rows; every third is guessed wrong."""
    table = [
        {"year": 1900 + n, "guess": LABELS[n % 2], "label": LABELS[n % 2 if n % 3 else 1 - n % 2]} for n in range(120)
    ]
    return write_rows(tmp_path / "rows.ndjson", table)


def test_counts_every_row_of_every_pass_under_a_unit_of_its_own(gateway, certificate, rows):
    done = replay(rows, "--url", gateway.url, "--ca", certificate[0], "--repeat", 3, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["requests"] == 360 and report["version"] == "h2" and report["failures"] == []
    assert [v["name"] for v in report["variants"]] == ["challenger", "champion"]
    assert [v["requests"] for v in report["variants"]] == [90, 270]
    assert [v["share"] for v in report["variants"]] == [0.25, 0.75]
    assert sum(v["correct"] for v in report["variants"]) == 240 and sum(v["scored"] for v in report["variants"]) == 360
    units = collections.Counter(headers["x-user-id"] for headers, _ in gateway.requests)
    assert set(units) == {f"replay-{p}-{r}-{report['run']}" for p in (1, 2, 3) for r in range(1, 121)}
    for variant in report["variants"]:
        latency = variant["latency"]
        assert 0 < latency["p50"] <= latency["p90"] <= latency["p99"] <= latency["longest"] < 10_000_000


def test_sends_rows_as_they_stand_in_the_file_without_their_label(gateway, certificate, tmp_path):
    path = tmp_path / "rows.ndjson"
    path.write_text('{"year": 1994, "votes":1e3, "label":"Drama", "guess":"Dr\\u0061ma"}\n')
    done = replay(path, "--url", gateway.url, "--ca", certificate[0], "--unit-header", "x-session", "--json")
    (headers, body), = gateway.requests
    assert body == b'{"year": 1994,"votes":1e3,"guess":"Dr\\u0061ma"}'
    assert headers["content-type"] == "application/json" and headers["x-session"].startswith("replay-1-1-")
    assert json.loads(done.stdout)["variants"][0]["accuracy"] == 1


def test_reads_csv(gateway, certificate, tmp_path):
    path = tmp_path / "rows.csv"
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([["year", "guess", "label"], [1994, "Drama", "Drama"], ["", "Comedy", "Drama"]])
    report = json.loads(replay(path, "--url", gateway.url, "--ca", certificate[0], "--json", "--streams", 1, "--connections", 1).stdout)
    assert [json.loads(body) for _, body in gateway.requests] == [{"year": 1994, "guess": "Drama"}, {"year": None, "guess": "Comedy"}]
    assert (report["variants"][0]["correct"], report["variants"][0]["scored"]) == (1, 2)


def test_multiplexes_on_the_connections_it_was_given(gateway, certificate, rows):
    done = replay(rows, "--url", gateway.url, "--ca", certificate[0], "--connections", 2, "--streams", 4, "--json")
    assert json.loads(done.stdout)["connections"] == gateway.connections == 2
    assert 1 < gateway.most_streams <= 4


def test_an_open_loop_keeps_to_its_rate(gateway, certificate, rows):
    report = json.loads(replay(rows, "--url", gateway.url, "--ca", certificate[0], "--rate", 400, "--json").stdout)
    assert report["requests"] == 120  # the first four open the connections, the others are paced
    assert 115 / 400 <= report["seconds"] < 3


def test_errors_are_listed_by_status_with_an_example(gateway, certificate, tmp_path):
    path = write_rows(tmp_path / "rows.ndjson", [{"guess": "crash" if n < 3 else "Drama", "label": "Drama"} for n in range(10)])
    done = replay(path, "--url", gateway.url, "--ca", certificate[0], "--streams", 1, "--connections", 1)
    assert done.returncode == 0
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0][-2:] == ["3", "errors"]
    champion = next(line for line in lines if line[:1] == ["champion"])
    assert champion[1:5] == ["8", "80.00", "%", "1.0000"] and champion[-1] == "3"
    assert next(line for line in lines if line[:1] == ["500"])[1:3] == ["champion", "3"]
    assert "the model of champion failed" in done.stdout


def test_a_refused_token_is_seen_in_the_report_and_the_exit_status(gateway, certificate, rows):
    done = replay(rows, "--url", gateway.url, "--ca", certificate[0], token="weir_other")
    assert done.returncode == 1
    assert "(none)" in done.stdout and "no valid token" in done.stdout


def test_outcomes_say_of_each_labelled_row_whether_its_answer_was_right(gateway, certificate, tmp_path):
    table = [{"guess": "Drama", "label": LABELS[n % 2]} if n % 5 else {"guess": "Drama"} for n in range(1500)]
    path = write_rows(tmp_path / "rows.ndjson", table)
    done = replay(path, "--url", gateway.url, "--ca", certificate[0], "--outcome", "correct", "--outcome", "category=label", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["outcomes"] == {"failures": [], "answers": [
        {"name": "correct", "answer": "recorded", "count": 1200}, {"name": "category", "answer": "recorded", "count": 1200}]}
    assert report["requests"] == 1500 == sum(v["requests"] for v in report["variants"])
    assert report["connections"] == gateway.connections == 4
    assert max(map(len, gateway.outcomes)) == 1000, "a thousand in a body"
    values = collections.Counter((o["name"], o["value"]) for body in gateway.outcomes for o in body)
    assert values == {("correct", 1): 600, ("correct", 0): 600, ("category", "Drama"): 600, ("category", "Comedy"): 600}
    labelled = {f"p{n}" for n, (_, body) in enumerate(gateway.requests, 1)}
    assert {o["prediction"] for body in gateway.outcomes for o in body} < labelled


def test_outcomes_of_a_slow_replay_do_not_wait_for_a_full_body(gateway, certificate, tmp_path):
    path = write_rows(tmp_path / "rows.ndjson", [{"guess": "Drama", "label": "Drama"}] * 60)
    done = replay(path, "--url", gateway.url, "--ca", certificate[0], "--outcome", "correct", "--rate", 30, "--json")
    assert json.loads(done.stdout)["outcomes"]["answers"] == [{"name": "correct", "answer": "recorded", "count": 60}]
    assert 2 <= len(gateway.outcomes) <= 4


def test_outcomes_are_sent_again_after_a_rest_that_is_in_no_figure(gateway, certificate, rows):
    gateway.refusals = [(503, [("retry-after", "1")], {"code": "outcomes-busy"})] * 2
    started = time.monotonic()
    done = replay(rows, "--url", gateway.url, "--ca", certificate[0], "--outcome", "correct", "--json")
    assert done.returncode == 0 and time.monotonic() - started >= 2
    report = json.loads(done.stdout)
    assert report["outcomes"] == {"answers": [{"name": "correct", "answer": "recorded", "count": 120}], "failures": []}
    assert len(gateway.outcomes) == 3 and gateway.outcomes[0] == gateway.outcomes[1] == gateway.outcomes[2]
    assert report["seconds"] < 2 and all(v["latency"]["longest"] < 1_000_000 for v in report["variants"])


def test_outcomes_that_are_not_taken_are_counted_with_the_reason(gateway, certificate, rows):
    gateway.refusals = [(503, [("retry-after", "0")], {"error": "the disk is full", "code": "ledger-disk-full"})] * 5
    done = replay(rows, "--url", gateway.url, "--ca", certificate[0], "--outcome", "correct")
    assert done.returncode == 1 and len(gateway.outcomes) == 5
    assert next(line for line in done.stdout.splitlines() if line.startswith("503")).split()[:2] == ["503", "120"]
    assert "the disk is full" in done.stdout


@pytest.fixture(scope="module")
def heldout(tmp_path_factory, film_route):
    return write_rows(tmp_path_factory.mktemp("heldout") / "rows.ndjson", film_route.rows[:1300])


def test_outcomes_reach_the_ledger_of_a_gateway(films, film_route, heldout):
    token = films.new_token("predict", "outcome")
    done = replay(
        heldout, "--url", f"{films.url}/v1/video-category", "--ca", films.certs / "ca.pem", "--json",
        "--outcome", "correct", "--outcome", "category=label", "--outcome", "invented", token=token)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["outcomes"]["failures"] == [] and report["outcomes"]["answers"] == [
        {"name": "correct", "answer": "recorded", "count": 1300}, {"name": "category", "answer": "recorded", "count": 1300},
        {"name": "invented", "answer": "unknown-name", "count": 1300}]
    assert report["requests"] == 1300 == sum(v["requests"] for v in report["variants"]) and report["failures"] == []
    stored = films.weir("export", "outcomes", "--route", "video-category", "--state", films.state, "--format", "ndjson")
    stored = [json.loads(line) for line in stored.splitlines()]
    assert sum(row["value"] for row in stored if row["name"] == "correct") == sum(v["correct"] for v in report["variants"])
    labels = collections.Counter(row["label"] for row in film_route.rows[:1300])
    assert collections.Counter(row["truth"] for row in stored if row["name"] == "category") == labels


def test_outcomes_need_a_token_of_their_scope(films, heldout):
    done = replay(
        heldout, "--url", f"{films.url}/v1/video-category", "--ca", films.certs / "ca.pem", "--outcome", "correct",
        token=films.token)
    assert done.returncode == 1
    assert next(line for line in done.stdout.splitlines() if line.startswith("403")).split()[:2] == ["403", "1300"]
    assert "scope-missing" in done.stdout


def test_progress_stays_off_stdout_and_is_quiet_for_a_short_run(gateway, certificate, rows):
    assert replay(rows, "--url", gateway.url, "--ca", certificate[0]).stderr == ""


@pytest.mark.parametrize("flags, complaint", [
    (["--url", "http://localhost:1/v1/films"], "not an https:// address"),
    (["--url", "https://localhost:1/v1/films", "--rate", "0"], "--rate"),
    (["--url", "https://localhost:1/v1/films", "--connections", "0"], "--connections"),
    (["--url", "https://localhost:1/v1/films", "--unit-header", "a b"], "--unit-header"),
    (["--url", "https://localhost:1/v1/films", "--outcome", "correct=1"], "--outcome"),
    (["--url", "https://localhost:1/v1/films"], "no answer from https://localhost:1/v1/films"),
    ([], "WEIR_URL"),
])
def test_what_cannot_be_done_is_said_in_one_line(rows, flags, complaint):
    done = replay(rows, *flags)
    assert done.returncode != 0 and done.stdout == ""
    assert complaint in done.stderr


def test_an_untrusted_certificate_is_named(gateway, rows):
    done = replay(rows, "--url", gateway.url)
    assert done.returncode == 1
    assert "certificate" in done.stderr and gateway.requests == []


@pytest.mark.parametrize("text, complaint", [
    ('{"a":1}\n[1]\n', "rows.ndjson:2: not a JSON object"),
    ('{"a":1', "rows.ndjson:1: the object is not closed"),
    ("\n", "rows.ndjson: holds no rows"),
    (None, "rows.ndjson: cannot be read: No such file"),
])
def test_bad_rows_are_named_by_file_and_line(tmp_path, text, complaint):
    path = tmp_path / "rows.ndjson"
    if text is not None:
        path.write_text(text)
    done = replay(path, "--url", "https://localhost:1/v1/films")
    assert done.returncode == 1 and complaint in done.stderr
