"""Too many requests: a token's rate, places at once, and waiting time. Each refuses, recovers, only counts when told to, and spares the rest."""

import json
import threading
import time
from contextlib import contextmanager

import pytest
from hyperframe.frame import DataFrame, RstStreamFrame

from conftest import new_client
from gateway import eventually, parse_metrics
from peers import H1Peer, H2Peer, request
from test_refusals import check_error

ROW = {"a": 1, "b": 2}
BODY = json.dumps(ROW).encode()
SLOW = ("--rate", "0.01", "--burst")
"""A token that gets back one request in 100 s: within a test, none."""


def limited(server, limit, result):
    """What the server counted beyond a limit."""
    text = server.get("/metrics", control=True)[2]
    return next(
        value for name, labels, value in parse_metrics(text)
        if name == "weir_limited_total" and labels == {"limit": limit, "result": result})


@pytest.fixture
def serve(launch, routes):
    """Starts a server with open metrics; `concurrency`: what the file of the route probe says of it."""

    def start(*arguments, concurrency=None, **options):
        if concurrency:
            file = routes / "probe" / "route.yaml"
            file.write_text(file.read_text().replace("variants:", f"concurrency: {concurrency}\nvariants:", 1))
        return launch(routes, arguments=["--metrics-open", *arguments], **options)

    return start


# The rate of a token


def test_a_burst_then_429_and_recovery(serve):
    server = serve()
    token = server.new_token(more=("--rate", "0.5", "--burst", "4"))
    with new_client(server, token) as client:
        start = time.monotonic()
        answers = [client.predict(ROW) for _ in range(6)]
        # The look of `new_token` was the first of the four, and comes back within 2 s.
        statuses = [answer.status_code for answer in answers]
        assert statuses[:3] == [200] * 3 and statuses[-1] == 429, statuses
        refused = answers[-1]
        assert refused.json()["code"] == "rate-exceeded"
        assert int(refused.headers["retry-after"]) in (1, 2)
        assert "x-weir-variant" not in refused.headers, "it is refused before a variant is assigned"
        told = time.monotonic() + int(refused.headers["retry-after"])
        eventually(lambda: client.predict(ROW).status_code == 200, within=5, what="the next request")
        assert time.monotonic() - start >= 0.8, "the fifth request fits 2 s after the first, at the earliest"
        assert time.monotonic() <= told + 1, "who waits as long as it was told is let in"
    assert limited(server, "rate", "refused") >= statuses.count(429)


def test_retry_after_is_true(serve):
    """A token that has nothing left is told when it has, and that is when its first request came in, plus the interval."""
    server = serve()
    with new_client(server, server.new_token(more=("--rate", "0.01", "--burst", "1"))) as client:
        waits = []
        for _ in range(3):
            answer = client.predict(ROW)
            assert answer.status_code == 429, "the look of `new_token` was the burst"
            waits.append(int(answer.headers["retry-after"]))
        assert all(95 <= wait <= 100 for wait in waits) and waits == sorted(waits, reverse=True), waits


def test_http1_says_the_same(serve):
    server = serve()
    token = server.new_token(more=(*SLOW, "2"))
    with H1Peer(server) as peer:
        peer.send(request(body=BODY, token=token))
        assert peer.answer().status == 200
        peer.send(request(body=BODY, token=token) + request("GET", "/healthz"))
        answer = peer.answer()
        check_error(answer, 429, "rate-exceeded")
        assert 90 <= int(answer.headers["retry-after"]) <= 100
        assert peer.answer().status == 200, "the connection goes on behind a refused body"


def test_tokens_have_rates_of_their_own(serve):
    server = serve()
    slow, other = server.new_token(more=(*SLOW, "3")), server.new_token(more=(*SLOW, "30"))
    with new_client(server, slow) as first, new_client(server, other) as second, new_client(server) as third:
        assert [first.predict(ROW).status_code for _ in range(5)] == [200, 200, 429, 429, 429]
        assert [second.predict(ROW).status_code for _ in range(29)] == [200] * 29
        assert second.predict(ROW).status_code == 429
        assert third.predict(ROW).status_code == 200, "a token without a rate has none"


def test_all_reactors_count_together(serve):
    server = serve()
    token = server.new_token(more=(*SLOW, "21"))
    clients = [new_client(server, token) for _ in range(6)]
    statuses = [client.predict(ROW).status_code for _ in range(8) for client in clients]
    for client in clients:
        client.close()
    assert statuses.count(200) == 20 and statuses.count(429) == 28


def test_a_new_plan_forgets_nothing(serve):
    server = serve()
    with new_client(server, server.new_token(more=(*SLOW, "2"))) as client:
        assert [client.predict(ROW).status_code for _ in range(2)] == [200, 429]
        server.split("champion=80", "challenger=20")
        revision = eventually(lambda: new_revision(server), within=5, what="the new split")
        assert revision == "2"
        assert client.predict(ROW).status_code == 429


def new_revision(server):
    with new_client(server) as client:
        revision = client.predict(ROW).headers["x-weir-revision"]
    return revision if revision != "1" else None


def test_what_is_refused_anyway_uses_nothing_up(serve):
    server = serve()
    with new_client(server, server.new_token(more=(*SLOW, "3"))) as client:
        for fields in ({"content-type": "text/html"}, {"content-encoding": "gzip"}, {"x-weir-variant": "champion"}):
            for _ in range(3):
                assert client.post("/v1/probe", content=BODY, headers=fields).status_code in (403, 415)
        assert [client.predict(ROW).status_code for _ in range(3)] == [200, 200, 429]


def test_an_observed_rate_refuses_nobody(serve):
    server = serve()
    with new_client(server, server.new_token(more=(*SLOW, "2", "--rate-mode", "observe"))) as client:
        assert [client.predict(ROW).status_code for _ in range(9)] == [200] * 9
    assert limited(server, "rate", "observed") == 8
    assert limited(server, "rate", "refused") == 0


def test_health_and_outcomes_are_exempt(launch, scored_routes):
    server = launch(scored_routes, arguments=["--metrics-open"])
    token = server.new_token("predict", "outcome", more=(*SLOW, "2"))
    with new_client(server, token) as client:
        prediction = client.predict(ROW, route="scored").headers["x-weir-prediction"]
        assert client.predict(ROW, route="scored").status_code == 429
        for value in (1, 1, 1):
            answer = client.post("/v1/outcomes", json={"prediction": prediction, "name": "clicked", "value": value})
            assert answer.status_code == 200, answer.text
        assert [client.get(path).status_code for path in ("/healthz", "/readyz") * 3] == [200] * 6


# Places at once


@contextmanager
def occupants(server, count):
    """Predictions that hold a place each: their heads are there, their bodies are not."""
    with H2Peer(server) as peer:
        streams = [peer.new_stream() for _ in range(count)]
        peer.frames(*(peer.head_frame(stream, end=False) for stream in streams))
        peer.ping()
        yield peer, streams


def answered(server, status, code=None):
    """The status of a prediction, asked on a connection of its own."""
    with new_client(server) as client:
        answer = client.predict(ROW)
    if status != 200:
        assert int(answer.headers.get("retry-after", 0)) >= 1
        assert answer.json()["code"] == code
    assert answer.status_code == status
    return answer.status_code == status


def is_served(server):
    with new_client(server) as client:
        return client.predict(ROW).status_code == 200


LIMITS = {
    "route": (dict(concurrency=3), 429, "contended"),
    "route, long form": (dict(concurrency="{ limit: 3, mode: enforce }"), 429, "contended"),
    "server": (dict(limits={"concurrency": 3}), 503, "overloaded"),
}


@pytest.mark.parametrize(("options", "status", "code"), LIMITS.values(), ids=LIMITS.keys())
def test_as_many_at_once_as_there_are_places(serve, options, status, code):
    server = serve(**options)
    with occupants(server, 3) as (peer, streams):
        answered(server, status, code)
        peer.frames(DataFrame(streams[0], data=BODY, flags=["END_STREAM"]))
        assert peer.answer(streams[0]).status == 200
        answered(server, 200)
        again = peer.new_stream()
        peer.frames(peer.head_frame(again, end=False))
        peer.ping()
        answered(server, status, code)
    eventually(lambda: is_served(server), within=5, what="the places of a closed connection")
    assert limited(server, "concurrency", "refused") >= 2


def abort_streams(server, peer, streams):
    peer.frames(*(RstStreamFrame(stream, error_code=8) for stream in streams))


def finish(server, peer, streams):
    peer.frames(*(DataFrame(stream, data=BODY, flags=["END_STREAM"]) for stream in streams))
    assert all(answer.status == 200 for answer in peer.answers(*streams).values())


def send_nonsense(server, peer, streams):
    peer.frames(*(DataFrame(stream, data=b"{", flags=["END_STREAM"]) for stream in streams))
    assert all(answer.status == 400 for answer in peer.answers(*streams).values())


def send_too_much(server, peer, streams):
    for stream in streams:
        peer.upload(stream, b" " * 300_000)


def wait_too_long(server, peer, streams):
    answers = peer.answers(*streams, timeout=10)
    assert all(answer.status == 408 or answer.reset is not None for answer in answers.values())


def reset_the_connection(server, peer, streams):
    peer.reset()


def close_the_connection(server, peer, streams):
    peer.close()


def half_close(server, peer, streams):
    peer.fin()


ENDINGS = [
    finish, send_nonsense, send_too_much, abort_streams, wait_too_long, reset_the_connection, close_the_connection, half_close,
]


@pytest.mark.parametrize("scope", ["route", "server"])
def test_a_place_is_given_back_once_however_a_request_ends(serve, scope):
    options = dict(concurrency=2) if scope == "route" else {}
    limits = {"body-ms": 300} | ({"concurrency": 2} if scope == "server" else {})
    server = serve(limits=limits, **options)
    status, code = (429, "contended") if scope == "route" else (503, "overloaded")
    for ending in ENDINGS * 2:
        with occupants(server, 2) as (peer, streams):
            assert not is_served(server), f"before {ending.__name__} both places are taken"
            ending(server, peer, streams)
            eventually(lambda: is_served(server), within=5, what=f"the places after {ending.__name__}")
    with occupants(server, 2):
        answered(server, status, code)
    eventually(lambda: is_served(server), within=5)


def test_an_observed_concurrency_refuses_nobody(serve):
    server = serve("--concurrency-mode", "observe", concurrency="{ limit: 2, mode: observe }", limits={"concurrency": 4})
    with occupants(server, 8) as (peer, streams):
        finish(server, peer, streams)
    assert limited(server, "concurrency", "observed") == 6 + 4
    assert limited(server, "concurrency", "refused") == 0


def test_the_server_s_places_are_for_predictions(launch, scored_routes):
    server = launch(scored_routes, limits={"concurrency": 1}, scopes=("predict", "outcome"), arguments=["--metrics-open"])
    with new_client(server) as client:
        prediction = client.predict(ROW, route="scored").headers["x-weir-prediction"]
        with H2Peer(server) as peer:
            stream = peer.new_stream()
            peer.frames(peer.head_frame(stream, end=False, path="/v1/plain"))
            peer.ping()
            assert client.predict(ROW, route="scored").status_code == 503
            assert client.post("/v1/outcomes", json={"prediction": prediction, "name": "clicked", "value": 1}).status_code == 200
            assert client.get("/healthz").status_code == 200
        assert server.get("/healthz", control=True)[0] == 200


# Waiting time

HASTY = {"shed-target-ms": 1, "shed-interval-ms": 1}
"""A queue stands as soon as requests wait a millisecond, for a millisecond."""


class Flood:
    """Connections that each have requests in work all the time, and what they were answered."""

    def __init__(self, server, connections=6, rounds=6, each=5, spin=12_000):
        self.server, self.rounds, self.each = server, rounds, each
        self.body = json.dumps({**ROW, "spin": spin}).encode()
        self.answers, self.errors = [], []
        self._threads = [threading.Thread(target=self._run) for _ in range(connections)]

    def run(self):
        for thread in self._threads:
            thread.start()
        for thread in self._threads:
            thread.join(60)
        assert not self.errors and len(self.answers) == len(self._threads) * self.rounds * self.each, self.errors
        return self

    def _run(self):
        try:
            with H2Peer(self.server) as peer:
                for _ in range(self.rounds):
                    streams = [peer.ask(self.body) for _ in range(self.each)]
                    self.answers += peer.answers(*streams, timeout=30).values()
        except Exception as error:  # a thread's failure is the test's
            self.errors.append(repr(error))

    def count(self, status):
        return sum(answer.status == status for answer in self.answers)


def test_who_waits_too_long_is_turned_away(serve):
    server = serve(limits=HASTY)
    flood = Flood(server).run()
    refused = [answer for answer in flood.answers if answer.status != 200]
    assert refused and flood.count(200) > 0
    for answer in refused:
        check_error(answer, 429, "contended")
        assert int(answer.headers["retry-after"]) >= 1
    assert limited(server, "shed", "refused") == len(refused)
    with new_client(server) as client:
        assert [client.predict(ROW).status_code for _ in range(20)] == [200] * 20, "when nobody waits, nobody is turned away"
    assert limited(server, "shed", "refused") == len(refused)


def test_health_is_answered_while_predictions_are_turned_away(serve):
    server = serve(limits=HASTY)
    flood, statuses = Flood(server), []
    sick = threading.Thread(target=flood.run)
    sick.start()
    while sick.is_alive():
        statuses += [server.get("/healthz")[0], server.get("/readyz")[0], server.get("/healthz", control=True)[0]]
    assert flood.count(429) > 0 and set(statuses) == {200}


@pytest.mark.parametrize("mode", ["observe", "off"])
def test_shedding_can_be_told_not_to(serve, mode):
    server = serve("--shed", mode, limits=HASTY)
    flood = Flood(server).run()
    assert flood.count(200) == len(flood.answers)
    assert limited(server, "shed", "refused") == 0
    assert (limited(server, "shed", "observed") > 0) == (mode == "observe")


def test_a_calm_server_turns_nobody_away(serve):
    """One client after another, on the defaults: whatever the machine does besides, the queue is empty between them."""
    server = serve()
    with new_client(server) as client:
        assert [client.predict(ROW).status_code for _ in range(300)] == [200] * 300
    assert limited(server, "shed", "refused") == 0


@pytest.mark.parametrize("option", [("--shed", "sometimes"), ("--concurrency-mode", "off"), ("--limits", "concurrency=0")])
def test_nonsense_is_said_before_anything_is_opened(launch, option):
    server = launch(arguments=option, wait=False)
    assert server.exit_code() == 64
    assert option[0] in server.log()
