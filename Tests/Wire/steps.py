"""How tests of failing variants ask: units that are known to be a variant's, rows that ask for trouble, and what an answer says."""

import collections
import itertools
import json

from conftest import new_client
from gateway import parse_metrics
from test_answers import assigned
from troubles import FAILS, STEADY

HALVES = {"champion": 50, "challenger": 50}

Told = collections.namedtuple("Told", "status variant reason")
"""What matters of an answer."""


def told(answer):
    headers = answer.headers
    return Told(getattr(answer, "status_code", None) or answer.status, headers.get("x-weir-variant"), headers.get("x-weir-reason"))


def units_of(variant, count, route, weights=HALVES, first=0):
    """So many units that the published rule assigns to a variant, counted from a number."""
    names = (f"unit-{number}" for number in itertools.count(first))
    return list(itertools.islice((name for name in names if assigned(name, route, weights) == variant), count))


def row(trouble=STEADY, spin=0, a=1):
    return {"a": a, "b": 2, "spin": spin, "trouble": trouble}


def ask(client, route, unit, trouble=STEADY, spin=0, **headers):
    """One row for a unit, and what the answer says."""
    return told(client.predict(row(trouble, spin), route=route, x_user_id=unit, **headers))


def ask_all(client, route, units, trouble=STEADY):
    """One row for each unit, one after the other."""
    return [ask(client, route, unit, trouble) for unit in units]


def open_breaker(server, route, variant="challenger", trouble=FAILS, weights=HALVES):
    """Fails five times in a row for as many units; returns a unit of the variant that has not asked yet."""
    with new_client(server) as client:
        *units, other = units_of(variant, 6, route, weights, first=10_000)
        answers = ask_all(client, route, units, trouble)
        assert [answer.status for answer in answers] == [500] * 5, answers
    return other


def probed(client, route, units, count=3):
    """Asks until an open breaker let so many requests through to the challenger."""
    for number in itertools.count():
        count -= ask(client, route, units[number % len(units)]).variant == "challenger"
        if count == 0:
            return
        assert number < 20_000, "there was no probe"


def post(peer, route, unit="anybody", trouble=STEADY, spin=0, more=()):
    """Sends one row on a new stream of an `H2Peer`; the stream's number."""
    extra = [("x-user-id", unit), ("content-type", "application/json"), *more]
    return peer.ask(body=json.dumps(row(trouble, spin)).encode(), path=f"/v1/{route}", extra=extra)


def together(peer, *requests):
    """Sends many requests in one piece, so that a single turn sees them; their streams. Each: a route and the options of `post`."""
    sent, pieces = [], []
    send, peer.send = peer.send, pieces.append
    try:
        for route, options in requests:
            sent.append(post(peer, route, **options))
    finally:
        peer.send = send
    peer.send(b"".join(pieces))
    return sent


def samples_of(server, name, **labels):
    """The samples of a metric that have these labels, from a server with `--metrics-open`."""
    text = server.get("/metrics", control=True)[2]
    return [(found, value) for sample, found, value in parse_metrics(text) if sample == name and labels.items() <= found.items()]


def total(server, name, **labels):
    return sum(value for _, value in samples_of(server, name, **labels))
