"""The log of predictions: which are taken, what of them is kept, and that a unit can be forgotten."""

import base64
import collections
import json
import math
import re
import struct
import threading
import time
from pathlib import Path

import pytest

import models
from books import exported, key_in, key_of, stored_sums
from conftest import new_client
from gateway import eventually, parse_metrics

PRIVATE = 987.0625
"""A value of the private field that nothing else has by chance; exact in binary."""


@pytest.fixture
def logging(launch, tmp_path):
    return launch(
        routes=models.write_logged_routes(tmp_path / "routes"), scopes=("predict", "outcome", "override"), arguments=["--metrics-open"])


def files_of(server):
    """The bytes of every file that the server keeps: in the state folder, and those in memory that it counts in."""
    maps = (Path("/proc") / str(server.worker_pid) / "maps").read_text()
    mapped = {Path(path) for path in re.findall(r"(/\S*/weir-\S+)$", maps, re.MULTILINE)}
    return {path: path.read_bytes() for path in mapped | set(server.state.rglob("*")) if path.is_file()}


def holders(server, traces):
    """Names of traces that are in a file, with the file."""
    return {(name, path.name) for path, data in files_of(server).items() for name, trace in traces.items() if trace in data}


def logged(server):
    samples = parse_metrics(server.get("/metrics", control=True)[2])
    return sum(value for name, _, value in samples if name == "weir_predictions_logged_total")


def test_every_prediction_is_logged_as_it_was_answered(logging):
    said = {}
    with new_client(logging) as client:
        for number in range(60):
            rows = [{"a": number + i / 4, "b": PRIVATE} for i in range(1 if number % 3 else 5)]
            headers = {"x_user_id": f"user-{number % 7}"} if number % 2 else {}
            if number % 10 == 0:
                headers["x_weir_variant"] = "challenger"
            answer = client.predict(rows[0] if len(rows) == 1 else {"instances": rows}, route="all", **headers)
            assert answer.status_code == 200, answer.text
            body = answer.json()
            ids, answers = (body["ids"], body["predictions"]) if "ids" in body else ([body["id"]], [body])
            for id, row, answered in zip(ids, rows, answers):
                said[key_of(id)] = {
                    "input": {"a": row["a"], "spin": 0}, "answer": {name: answered[name] for name in ("label", "probabilities")},
                    "served": answer.headers["x-weir-variant"], "revision": int(answer.headers["x-weir-revision"]),
                    "reason": answer.headers["x-weir-reason"], "has_unit": "x_user_id" in headers,
                }
    eventually(lambda: logged(logging) == len(said), within=5, what="the last record")
    rows = exported(logging, "predictions", "all")
    assert {key_in(row) for row in rows} == said.keys() and len(rows) == len(said)
    for row in rows:
        expected = said[key_in(row)]
        assert {name: row[name] for name in ("input", "served", "revision", "reason")} | {"has_unit": row["unit"] is not None} == \
            {name: expected[name] for name in ("input", "served", "revision", "reason", "has_unit")}
        assert json.dumps(row["answer"], default=float) == json.dumps(expected["answer"])
        assert (row["status"], row["truncated"]) == (200, False) and row["latency_us"] > 0
        assert list(map(float, row["scores"])) == pytest.approx(list(expected["answer"]["probabilities"].values()), abs=1e-6)
    assert {row["reason"] for row in rows} == {"assigned", "override"}


def test_private_fields_are_in_no_file(logging):
    with new_client(logging) as client:
        for _ in range(20):
            assert client.predict({"a": 123.0625, "b": PRIVATE}, route="all").status_code == 200
    eventually(lambda: logged(logging) == 20, within=5, what="the last record")
    assert {name for name, _ in holders(logging, {"open": b"123.0625"})} == {"open"}
    traces = {"text": str(PRIVATE).encode(), "double": struct.pack("<d", PRIVATE), "float": struct.pack("<f", PRIVATE)}
    assert holders(logging, traces) == set()


def test_the_sample_has_its_size_whatever_the_variant(logging):
    """Five standard deviations: chance alone fails it once in a million runs."""
    made = collections.Counter()
    with new_client(logging) as client:
        for _ in range(400):
            answer = client.predict({"instances": [{"a": 1, "b": 2}] * 50}, route="tenth")
            made[answer.headers["x-weir-variant"]] += 50
    assert logging.stop() == 0, "and all that waited is stored"
    rows = exported(logging, "predictions", "tenth")
    found = collections.Counter(row["assigned"] for row in rows)
    assert made.keys() == found.keys() == {"champion", "challenger"}
    for variant, count in made.items():
        assert abs(found[variant] - count / 10) < 5 * math.sqrt(count * 0.1 * 0.9), (variant, made, found)


def test_failures_are_logged_within_a_bound(logging):
    with new_client(logging) as client:
        for number in range(20):
            assert client.predict({"a": 1 + number, "b": 2}, route="failing", x_user_id="user").status_code == 500
        eventually(lambda: logged(logging) == 20, within=5, what="the last record")
        rows = exported(logging, "predictions", "failing")
        assert sorted(row["input"]["a"] for row in rows) == list(range(1, 21))
        assert {(row["status"], row["assigned"], row["label"], len(row["scores"])) for row in rows} == {(500, "only", None, 0)}
        assert len({row["prediction"] for row in rows}) == 20
        for _ in range(30):
            assert client.predict({"instances": [{"a": 1, "b": 2}] * 30}, route="failing").status_code == 500
    assert logging.stop() == 0
    seconds = collections.Counter(row["at"][:19] for row in exported(logging, "predictions", "failing"))
    assert 20 < seconds.total() and max(seconds.values()) <= 100


def test_a_forgotten_unit_leaves_no_trace(logging):
    """While others go on predicting."""
    stopped = threading.Event()

    def others():
        with new_client(logging) as client:
            while not stopped.wait(0.01):
                client.predict({"a": 1, "b": 2}, route="all", x_user_id="somebody-else")

    crowd = threading.Thread(target=others)
    crowd.start()
    try:
        unit, traces, ids = "unit-0815-to-be-forgotten", {}, []
        with new_client(logging) as client:
            for _ in range(5):
                ids += client.predict({"instances": [{"a": 123.0625, "b": 2}] * 10}, route="all", x_user_id=unit).json()["ids"]
            items = [{"prediction": id, "name": name, "value": value} for id in ids for name, value in (("clicked", 1), ("truth", "low"))]
            assert set(client.post("/v1/outcomes", json=items).json()["outcomes"]) == {"recorded"}
        eventually(lambda: len([row for row in exported(logging, "predictions", "all") if row["input"]["a"] == 123.0625]) == 50, within=5,
                   what="the last record")
        eventually(lambda: sum(bucket[0] for sums in stored_sums(logging, "all").values() for bucket in sums[3].values()) >= 200, within=5,
                   what="sums of all outcomes and scores")
        sums = stored_sums(logging, "all")
        [hash] = {base64.urlsafe_b64decode(id)[28:36] for id in ids}
        traces = {"input": b"123.0625", "unit": unit.encode()}
        traces |= {"hash": hash, "hash in SQLite": hash[::-1], "hash as text": hash[::-1].hex().encode()}
        # The key of a reactor's very first prediction is its file's nonce and zeros, which stand at the begin of that file anyway.
        traces |= {f"prediction {number}": key_of(id) for number, id in enumerate(ids) if any(key_of(id)[9:])}
        assert {name for name, _ in holders(logging, traces)} >= {"input", "hash in SQLite", "prediction 1", "prediction 49"}
        said = logging.weir("forget", "--route", "all", "--unit", unit, "--why", "asked to", "--state", logging.state)
        assert "50 logged predictions deleted, 100 outcomes made anonymous" in said
        assert holders(logging, traces) == set()
        assert stored_sums(logging, "all") == sums
    finally:
        stopped.set()
        crowd.join()
    rows = exported(logging, "outcomes", "all")
    assert len(rows) == 100 and {(row["prediction"], row["unit"], row["truth"]) for row in rows} == {(None, None, None)}
