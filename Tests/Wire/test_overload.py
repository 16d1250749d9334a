"""Three times as many requests as the models can answer: what is counted is what was answered, not how fast the machine is."""

import collections
import json
import os
import time
from pathlib import Path

import pytest
from hyperframe.frame import HeadersFrame, RstStreamFrame

import models
from conftest import new_client
from gateway import parse_metrics
from peers import H2Peer, is_readable

THREADS = 2
"""Workers of a model: as many as reactors, which the tests have two of."""
SERVICE = 0.008
"""Seconds of a model call, about: long enough that a client in Python can send three times as many as fit."""
SECONDS = 4.0
ROW = {"a": 1, "b": 2}


@pytest.fixture
def server(launch, tmp_path):
    """One route whose model runs on workers, with half a second for each request."""
    folder = tmp_path / "routes" / "heavy"
    folder.mkdir(parents=True)
    (folder / "sample.ndjson").write_text(json.dumps({"a": -1, "b": 1, "spin": 0}) + "\n")
    models.classifier(folder / "only.onnx", models.CHAMPION)
    text = models.route_text("heavy", {"only": (folder / "only.onnx", 1)}, "labels: [low, high]\ndeadline: 500ms")
    (folder / "route.yaml").write_text(text.replace("weight: 1", "weight: 1, run: workers"))
    return launch(folder.parent, arguments=["--metrics-open"], limits={"streams": 1000})


def figures(server):
    """Counters by name and labels."""
    text = server.get("/metrics", control=True)[2]
    return {(name, *labels.values()): value for name, labels, value in parse_metrics(text)}


class OpenLoop:
    """A client that keeps its pace whatever it is answered, over so many connections."""

    def __init__(self, server, body, connections=8):
        self.body, self.peers = body, [H2Peer(server) for _ in range(connections)]
        self.statuses, self.sent = collections.Counter(), 0
        self._open = [dict() for _ in self.peers]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for peer in self.peers:
            peer.close()

    def run(self, pace, seconds):
        """Sends `pace` requests a second for so long, then waits for the answers that are missing."""
        start = time.monotonic()
        while (spent := time.monotonic() - start) < seconds:
            while self.sent < pace * spent:
                number = self.sent % len(self.peers)
                self._open[number][self.peers[number].ask(self.body, path="/v1/heavy")] = True
                self.sent += 1
            self._read(0.002)
        last = time.monotonic() + 10
        while any(self._open) and time.monotonic() < last:
            self._read(0.01)

    @property
    def unanswered(self):
        return sum(len(streams) for streams in self._open)

    def _read(self, patience):
        """Takes what has come on every connection."""
        for peer, streams in zip(self.peers, self._open):
            if not streams or not is_readable(peer.sock, patience / len(self.peers)):
                continue
            try:
                while True:
                    self._note(peer.next_frame(timeout=0.001), streams)
            except TimeoutError:
                pass

    def _note(self, frame, streams):
        if isinstance(frame, HeadersFrame):
            self.statuses[int(frame.fields[":status"])] += 1
        if isinstance(frame, RstStreamFrame):
            self.statuses["reset"] += 1
        if "END_STREAM" in frame.flags or isinstance(frame, RstStreamFrame):
            streams.pop(frame.stream_id, None)


def spin_for(server, seconds):
    """How far column `spin` has to count for a call that takes about so long here and now."""
    key = [("weir_model_duration_seconds_sum", "heavy", "only"), ("weir_model_duration_seconds_count", "heavy", "only")]
    turns = 2_000
    with new_client(server) as client:
        before = figures(server)
        for _ in range(20):
            assert client.predict({**ROW, "spin": turns}, route="heavy").status_code == 200
        after = figures(server)
    spent, calls = (after[name] - before[name] for name in key)
    return round(turns * seconds / (spent / calls))


def test_goodput_in_a_flood(server):
    """The workers are never idle; most of what is too much is refused at once instead of waiting in vain; memory stays."""
    spin = spin_for(server, SERVICE)
    before, memory = figures(server), resident(server)
    with OpenLoop(server, json.dumps({**ROW, "spin": spin}).encode()) as flood:
        start = time.monotonic()
        flood.run(3 * THREADS / SERVICE, SECONDS)
        spent = time.monotonic() - start
        assert server.is_well()
    after = figures(server)
    print(flood.sent, flood.statuses, f"{spent:.1f} s, {(resident(server) - memory) / 1e6:.1f} MB more")
    assert flood.unanswered == 0 and sum(flood.statuses.values()) == flood.sent
    assert set(flood.statuses) <= {200, 429, 503, 504}
    # Busy: seconds of workers in calls of requests that were answered.
    name = ("weir_model_duration_seconds_sum", "heavy", "only")
    busy = after[name] - before[name]
    assert busy >= 0.8 * THREADS * SECONDS, f"the workers were busy for {busy:.1f} s of {THREADS * SECONDS}"
    assert flood.statuses[200] > 0
    assert flood.statuses[504] <= 0.2 * flood.sent, "who cannot be answered in time is told at once"
    assert flood.statuses[429] + flood.statuses[503] >= 0.4 * flood.sent
    assert resident(server) - memory < 32e6
    with new_client(server) as client:
        assert client.predict(ROW, route="heavy").status_code == 200


def resident(server):
    """Bytes of memory of the process that serves."""
    pages = int(Path(f"/proc/{server.worker_pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")
