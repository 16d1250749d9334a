"""The client's own books about predictions and outcomes, and what the server's ledger holds, read without its code."""

import base64
import collections
import contextlib
import datetime
import json
import random
import sqlite3
import string
import threading
import time
from dataclasses import dataclass, field
from decimal import Decimal

import httpx

from conftest import new_client

KEPT = ("recorded", "late")
"""Answers that say: this very outcome was stored."""


def key_of(id):
    """The bytes of a prediction id that name it in the ledger: nonce, reactor and sequence."""
    return base64.urlsafe_b64decode(id)[36:50]


def exported(server, table, route):
    """What `weir export` knows, as dictionaries; fractions exactly."""
    text = server.weir("export", table, "--route", route, "--state", server.state, "--format", "ndjson")
    return [json.loads(line, parse_float=Decimal) for line in text.splitlines()]


def key_in(row):
    """The key of an exported row, as `key_of` gives it."""
    text = row["prediction"]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def forged(id, rng):
    """Another text of the same length that no server signed."""
    place = rng.randrange(86)
    return id[:place] + rng.choice([letter for letter in string.ascii_letters if letter != id[place]]) + id[place + 1:]


@dataclass
class Prediction:
    """One answered row, as its client saw it."""
    variant: str
    revision: int
    user: str | None
    label: str
    at: float


@dataclass
class Books:
    """What the clients sent and what they were told, by all threads together."""
    predictions: dict = field(default_factory=dict)
    """By id."""
    lost_rows: int = 0
    """Rows of requests that were not answered: the server may have counted them, or never have seen them."""
    stored: dict = field(default_factory=dict)
    """(id, name) to (value, answer) of the one send that was acknowledged as stored."""
    known: set = field(default_factory=set)
    """(id, name) that the server said it has, stored by this send or an earlier one."""
    unsure: dict = field(default_factory=lambda: collections.defaultdict(list))
    """(id, name) to values of sends that were not answered: they may have been stored."""
    answers: collections.Counter = field(default_factory=collections.Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def predicted(self, ids, prediction):
        with self.lock:
            self.predictions.update((id, prediction) for id in ids)

    def unanswered(self, items):
        with self.lock:
            for item in items:
                self.unsure[item["prediction"], item["name"]].append(item["value"])

    def answered(self, items, results):
        """Enters the answers of a batch. Each outcome may be acknowledged as stored once, whoever sent it."""
        assert len(items) == len(results)
        with self.lock:
            self.answers.update(results)
            for item, result in zip(items, results):
                place = item["prediction"], item["name"]
                if result in KEPT:
                    assert place not in self.stored, f"{place} was stored twice"
                    self.stored[place] = item["value"], result
                if result in (*KEPT, "duplicate"):
                    self.known.add(place)

    def check(self, rows):
        """Compares with all exported rows of a route: each known outcome once, with the value that was acknowledged, and no other."""
        places = {key_of(id): id for id in self.predictions}
        assert len(places) == len(self.predictions), "two predictions have the same key"
        found = set()
        for row in rows:
            place = places[key_in(row)], row["name"]
            assert place not in found, f"{place} is there twice"
            found.add(place)
            sent = row["truth"] or float(row["value"])
            if place in self.stored:
                assert (sent, row["state"] == "late") == (self.stored[place][0], self.stored[place][1] == "late"), (place, row)
            else:
                assert sent in self.unsure[place], (place, row)
            prediction = self.predictions[place[0]]
            assert (row["assigned"], row["served"], row["revision"]) == (prediction.variant, prediction.variant, prediction.revision)
            assert (row["unit"] is None) == (prediction.user is None), row
        assert found == self.known


class Client:
    """One client that never gives up: it asks again after whatever ended without an answer, on a new connection."""

    def __init__(self, server, books, serving, http2, seed):
        self.server, self.books, self.serving = server, books, serving
        self.http2, self.random, self.http = http2, random.Random(seed), None

    def close(self):
        if self.http:
            self.http.close()
            self.http = None

    def post(self, path, body, lost, **headers):
        """The answer to a request; `lost` is called for each time that the server may have got it and none came."""
        while True:
            self.serving.wait(60)
            try:
                self.http = self.http or new_client(self.server, http2=self.http2)
                return self.http.post(path, json=body, headers=headers)
            except (httpx.ConnectError, StopIteration):
                # Nobody there, or one who has not said its port yet.
                self.close()
                time.sleep(0.02)
            except (httpx.TransportError, OSError):
                lost()
                self.close()

    def predict(self, row, rows, user, route="scored"):
        """Asks for so many rows; their ids."""
        def lost():
            with self.books.lock:
                self.books.lost_rows += rows

        body = row if rows == 1 else {"instances": [row] * rows}
        answer = self.post(f"/v1/{route}", body, lost, **({"x-user-id": user} if user else {}))
        assert answer.status_code == 200, answer.text
        said = answer.json()
        label = said["label"] if rows == 1 else said["predictions"][0]["label"]
        ids = [said["id"]] if rows == 1 else said["ids"]
        self.books.predicted(ids, Prediction(
            answer.headers["x-weir-variant"], int(answer.headers["x-weir-revision"]), user, label, time.time()))
        return ids

    def report(self, items):
        """Reports outcomes until they are answered; the results."""
        answer = self.post("/v1/outcomes", items, lambda: self.books.unanswered(items))
        assert answer.status_code == 200, answer.text
        results = answer.json()["outcomes"]
        self.books.answered(items, results)
        return results


# The ledger's own sums, and the same from the exported rows.

def varints(data):
    place = 0
    while place < len(data):
        number = shift = 0
        while True:
            byte = data[place]
            number |= (byte & 0x7F) << shift
            place, shift = place + 1, shift + 7
            if byte < 0x80:
                break
        yield number


def sparse_words(data):
    """The words of the ledger's short form: their count, then in turn a run of zeros, how many others follow, and those."""
    numbers = varints(data)
    count, words = next(numbers), []
    while len(words) < count:
        words += [0] * next(numbers)
        words += [next(numbers) for _ in range(next(numbers))]
    return words


def bucket_sums(data):
    """By bucket: number, sum, sum of squares and sum as sent, in millionths; those that are not zero."""
    words = sparse_words(data)

    def signed(at):
        folded = words[at] | words[at + 256] << 64
        return folded >> 1 ^ -(folded & 1)

    sums = {b: (words[b], signed(b + 256), signed(b + 768), signed(b + 1280)) for b in range(256)}
    return {bucket: values for bucket, values in sums.items() if any(values)}


@contextlib.contextmanager
def ledger(server):
    """The ledger's file, opened beside the server for reading."""
    with contextlib.closing(sqlite3.connect(f"file:{server.state}/ledger.sqlite?mode=ro", uri=True)) as database:
        yield database


def stored_sums(server, route="scored"):
    """(outcome, variant, revision, declaration, slice) to (late, uncounted, overridden, by bucket)."""
    with ledger(server) as database:
        rows = database.execute(
            "SELECT outcome, variant, revision, declaration, slice, late, uncounted, overridden, sums FROM outcome_sums WHERE route = ?",
            [route]).fetchall()
    return {tuple(row[:5]): (*row[5:8], bucket_sums(row[8])) for row in rows}


def stored_exposures(server, route="scored"):
    """Variant to number of predictions, over all revisions and slices."""
    exposures = collections.Counter()
    with ledger(server) as database:
        for variant, counts in database.execute("SELECT variant, counts FROM exposure_sums WHERE route = ?", [route]):
            exposures[variant] += sum(sparse_words(counts))
    return exposures


def milliseconds(text):
    """Of an exported time, since 1970."""
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1000)


def sums_of(rows, slice_ms):
    """The sums that exported rows add up to, as `stored_sums` gives them."""
    sums = {}
    for row in rows:
        parts = [(row["name"], row["counted"], row["value"])]
        if row["log_loss"] is not None and row["state"] == "counted":
            parts += [(f"{row['name']}.{part}", row[part], row[part]) for part in ("log_loss", "brier")]
        for name, counted, raw in parts:
            place = name, row["assigned"], row["revision"], row["declaration"], milliseconds(row["predicted_at"]) // slice_ms
            *others, buckets = sums.get(place, (0, 0, 0, {}))
            if row["state"] == "counted":
                counted, raw = int(counted * 1_000_000), int(raw * 1_000_000)
                old = buckets.get(row["bucket"], (0, 0, 0, 0))
                buckets[row["bucket"]] = old[0] + 1, old[1] + counted, old[2] + counted * counted, old[3] + raw
            sums[place] = *(count + (row["state"] == state) for count, state in zip(others, ("late", "uncounted", "override"))), buckets
    return sums
