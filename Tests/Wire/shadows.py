"""Shadows as tests see them: routes that list them, what is counted about them, read without the server's code, and their processes."""

import base64
import collections
import contextlib
import json
import os
import sqlite3
import struct
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy
import xxhash

import models
from books import key_of, ledger, sparse_words
from conftest import new_client
from gateway import eventually
from peers import H2Peer

REASONS = (
    "queue-full", "expired", "shed", "shadow-failed", "shadow-crash", "shadow-breaker", "primary-failed", "shutdown", "worker-crash")
"""Why a copy was not compared, in the order of the counters."""

TRUTHS = ("both_right", "only_primary", "only_shadow", "both_wrong", "without_pair")

EDGES = [float(f"{digit}e{power}") for power in range(-9, 9) for digit in (1, 2, 5)] + [1e9]
"""Between the cells of differences."""


# Routes


def add_route(folder, name, variants, shadows, more="", contract=models.CONTRACT, samples=({"a": -1, "b": 1},)):
    """Writes a route. `variants`: name to (what writes its model, weight, further keys); `shadows`: name to (what writes its model, further
    keys, such as "percent: 20")."""
    home = folder / name
    home.mkdir(parents=True)
    (home / "sample.ndjson").write_text("".join(json.dumps(sample) + "\n" for sample in samples))
    for model, (make, *_) in {**variants, **shadows}.items():
        make(home / f"{model}.onnx")
    write_route(home, variants, shadows, more, contract)
    return folder


def write_route(home, variants, shadows, more="", contract=models.CONTRACT):
    """Writes the file of a route whose models are there, in one step: a server may be looking."""
    lines = [more] if more else []
    lines += ["shadows:"] if shadows else []
    for shadow, (_, *keys) in shadows.items():
        path = home / f"{shadow}.onnx"
        entry = [f"name: {shadow}", f"model: {path.name}", f'sha256: "{models.sha256(path)}"', *keys]
        lines.append(f"  - {{ {', '.join(entry)} }}")
    entries = {variant: (home / f"{variant}.onnx", *keys) for variant, (_, *keys) in variants.items()}
    new = home / "route.new"
    new.write_text(models.route_text(home.name, entries, "\n".join(lines), contract))
    new.rename(home / "route.yaml")


# Predictions


Identity = collections.namedtuple("Identity", "assigned reactor draw")
"""What a prediction's id says: hash of the assigned variant's name, the reactor, and the number by which copies are picked."""

Prediction = collections.namedtuple("Prediction", "id row served reason said")
"""One answered row, as its client saw it."""


def name_hash(name):
    """A name in 32 bits, as ids and counters have it."""
    return xxhash.xxh64_intdigest(name.encode(), seed=0) & 0xFFFF_FFFF


def identity(id):
    """Reads a prediction's id."""
    data = base64.urlsafe_b64decode(id)
    [assigned], key = struct.unpack_from("<I", data, 6), key_of(id)
    nonce, reactor, sequence = int.from_bytes(key[:8], "little"), key[8], int.from_bytes(key[9:], "little")
    return Identity(assigned, reactor, draw(nonce, reactor, sequence))


def draw(nonce, reactor, sequence):
    """32 bits that are spread evenly: the last steps of SplitMix64 over what is unique of a prediction."""
    mask = (1 << 64) - 1
    word = nonce ^ ((reactor << 56 | sequence) * 0x9E37_79B9_7F4A_7C15 & mask)
    word = (word ^ word >> 30) * 0xBF58_476D_1CE4_E5B9 & mask
    word = (word ^ word >> 27) * 0x94D0_49BB_1331_11EB & mask
    return (word ^ word >> 31) >> 32


def is_picked(id, percent):
    return identity(id).draw < round(percent / 100 * (1 << 32))


def predict(server, route, rows, units=None, together=1, connections=2, streams=16):
    """Asks for rows over some h2 connections, so many streams at a time on each and so many rows in a body; the predictions, in order. Units
    are those of the bodies."""
    bodies = [rows[start:start + together] for start in range(0, len(rows), together)]
    units = units or [f"unit-{number}" for number in range(len(bodies))]
    answered = {}
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(H2Peer(server)) for _ in range(connections)]
        for start in range(0, len(bodies), connections * streams):
            asked = collections.defaultdict(dict)
            for number in range(start, min(start + connections * streams, len(bodies))):
                peer = peers[number % connections]
                asked[peer][ask(peer, route, bodies[number], units[number])] = number
            for peer, streams_of in asked.items():
                answered.update({streams_of[stream]: answer for stream, answer in peer.answers(*streams_of, timeout=30).items()})
    return [one for number, body in enumerate(bodies) for one in told(answered[number], body)]


def ask(peer, route, rows, unit, more=()):
    """Sends rows on a new stream; its number."""
    body = rows[0] if len(rows) == 1 else {"instances": rows}
    return peer.ask(body=json.dumps(body).encode(), path=f"/v1/{route}", extra=[("x-user-id", unit), *more])


def told(answer, rows):
    """The predictions of an answer."""
    assert answer.status == 200, answer
    said, headers = json.loads(answer.body), answer.headers
    ids, answers = (said["ids"], said["predictions"]) if "ids" in said else ([said["id"]], [said])
    return [Prediction(id, row, headers["x-weir-variant"], headers["x-weir-reason"], one) for id, row, one in zip(ids, rows, answers)]


# Counters


Place = collections.namedtuple("Place", "shadow primary shape revision")
"""Where a shadow's counters belong: its name, the hash of the primary's, the two models, the revision."""


@dataclass
class Figures:
    """What was counted about a shadow beside a primary, or a sum of such."""
    sampled: int = 0
    by_reactor: collections.Counter = field(default_factory=collections.Counter)
    """Those sampled by a worker that is alive."""
    dropped: collections.Counter = field(default_factory=collections.Counter)
    counts: collections.Counter = field(default_factory=collections.Counter)
    """compared, agreed, bit_equal, non_finite, diverged, ran; and outcomes, by `TRUTHS`."""
    sums: collections.Counter = field(default_factory=collections.Counter)
    """(score, part) of log_loss, brier and time; parts are count, primary, shadow and squares."""
    cells: collections.Counter = field(default_factory=collections.Counter)
    """(kind, output, cell) of differences; kinds are absolute and relative."""
    largest: dict = field(default_factory=dict)
    """(kind, output) to the largest difference."""
    confusion: collections.Counter = field(default_factory=collections.Counter)
    """(primary's class, shadow's class), by their numbers at the primary."""

    @property
    def compared(self):
        return self.counts["compared"]

    @property
    def settled(self):
        """Copies of which it is known what became of them."""
        return self.compared + sum(self.dropped.values())

    def add(self, other):
        for name in ("by_reactor", "dropped", "counts", "sums", "cells", "confusion"):
            getattr(self, name).update(getattr(other, name))
        self.sampled += other.sampled
        for place, value in other.largest.items():
            self.largest[place] = max(value, self.largest.get(place, 0.0))

    def add_copies(self, words, reactor):
        self.sampled += words[40]
        if reactor is not None:
            self.by_reactor[reactor] += words[40]
        self._add_drops(words[41:57])

    def add_pairs(self, words):
        self._add_drops(words[40:56])
        names = ("compared", "agreed", "bit_equal", "non_finite", "diverged", "ran", *TRUTHS)
        self.counts.update({name: count for name, count in zip(names, words[56:67])})
        for score, start in (("time", 72), ("log_loss", 77), ("brier", 82)):
            count, primary, shadow, low, high = words[start:start + 5]
            parts = {"count": count, "primary": primary, "shadow": shadow, "squares": low + (high << 32)}
            self.sums.update({(score, part): value for part, value in parts.items()})
        outputs, classes = (words[33] // words[32], words[34] // words[32])
        for output in range(outputs):
            for part, kind in enumerate(("absolute", "relative")):
                start = 3_520 + 120 * output + 60 * part
                self.cells.update({(kind, output, cell): count for cell, count in enumerate(words[start:start + 58]) if count})
                [largest] = struct.unpack("<d", struct.pack("<Q", words[88 + 2 * output + part]))
                self.largest[kind, output] = max(largest, self.largest.get((kind, output), 0.0))
        table = 3_520 + 120 * outputs
        self.confusion.update(
            {divmod(place, classes): count for place, count in enumerate(words[table:table + classes * classes]) if count})

    def _add_drops(self, words):
        self.dropped.update({reason: count for reason, count in zip(REASONS, words) if count})


def figures(server, route):
    """What is counted about a route's shadows, by `Place`: in the counters of the living and in the ledger, each once."""
    while True:
        with contextlib.suppress(FileNotFoundError), ledger(server) as database:
            folded = _folded(database)
            stored = database.execute("SELECT kind, variant, revision, shape, words FROM cells WHERE route = ? AND kind IN (5, 6)", [route])
            blocks = [(kind, shadow, revision, shape, None, sparse_words(words)) for kind, shadow, revision, shape, words in stored]
            blocks += _living(server, route, folded)
            if _folded(database) == folded:
                return _by_place(blocks)


def _folded(database):
    """The blocks that the ledger has: nonce, reactor, serial."""
    return set(database.execute("SELECT worker, reactor, serial FROM folds"))


def _signed(word):
    return struct.unpack("<q", struct.pack("<Q", word))[0]


def _living(server, route, folded):
    """The blocks in files that the ledger does not have."""
    for path in server.shared_memory.glob("*.cells"):
        words = numpy.fromfile(path, dtype="<u8")
        nonce, reactor, place, end = _signed(int(words[3])), int(words[4]), 512, int(words[5]) // 8
        while place < end:
            head = [int(word) for word in words[place:place + 6]]
            kind, length, serial, state, revision, shape = head[0] & 0xFF, *head[1:]
            names = words[place + 8:place + 24].tobytes()
            if state and kind in (5, 6) and names[:64].rstrip(b"\0").decode() == route and (nonce, reactor, serial) not in folded:
                yield kind, names[64:].rstrip(b"\0").decode(), revision, _signed(shape), reactor, words[place:place + length].tolist()
            place += length


def _by_place(blocks):
    found = collections.defaultdict(Figures)
    for kind, shadow, revision, shape, reactor, words in blocks:
        place = Place(shadow, words[35] // words[32], shape, revision)
        if kind == 5:
            found[place].add_copies(words, reactor)
        else:
            found[place].add_pairs(words)
    return dict(found)


def total(found, shadow=None, variant=None, revision=None):
    """The sum of what was counted about a shadow, beside a variant, under a revision; None stands for all of them."""
    sum = Figures()
    for place, one in found.items():
        if shadow in (None, place.shadow) and revision in (None, place.revision) and (variant is None or name_hash(variant) == place.primary):
            sum.add(one)
    return sum


def settled(server, route, sampled=None, within=20, shadow=None):
    """Waits until it is known what became of every copy, of so many if it is said how many, and returns `figures`. A machine that others
    keep busy has no CPU for an idle process; here shadows get one."""
    found = {}

    def is_settled():
        hurry(server)
        found.clear()
        found.update(figures(server, route))
        sum = total(found, shadow)
        return all(one.sampled == one.settled for one in found.values()) and sampled in (None, sum.sampled) or time.sleep(0.02)

    try:
        eventually(is_settled, within, f"the end of all copies of {route}")
    except AssertionError as error:
        open_places = {place: (one.sampled, one.compared, +one.dropped) for place, one in found.items() if one.sampled != one.settled}
        raise AssertionError(f"{error}; under way, of {total(found, shadow).sampled}: {open_places}") from None
    return found


def counted(server, route, sampled=None, shadow=None, variant=None, **options):
    """The same, summed up."""
    return total(settled(server, route, sampled, shadow=shadow, **options), shadow, variant)


def examples(server, route, shadow=None):
    """The rows of a shadow on which it differs most, as the ledger has them: dictionaries, the largest difference first."""
    with ledger(server) as database:
        database.row_factory = sqlite3.Row
        rows = database.execute(
            "SELECT * FROM shadow_examples WHERE route = ?1 AND (?2 IS NULL OR shadow = ?2) ORDER BY divergence DESC, number", [route, shadow])
        return [dict(row) for row in rows]


# Processes


def processes(server):
    """The processes of shadows, of all workers."""
    return sorted(pid for worker in server.workers() for pid in _children(worker) if _is_shadow(pid))


def _children(pid):
    with contextlib.suppress(OSError):
        return {int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()}
    return set()


def _is_shadow(pid):
    with contextlib.suppress(OSError):
        return b"\0shadow\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def hurry(server):
    """Takes shadows' processes, and the thread that compares, out of the last place for a CPU."""
    for worker in server.workers():
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{worker}/task").iterdir():
                if (task / "comm").read_text().strip() == "weir-shadows":
                    os.sched_setscheduler(int(task.name), os.SCHED_OTHER, os.sched_param(0))
    for pid in processes(server):
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                os.sched_setscheduler(int(task.name), os.SCHED_OTHER, os.sched_param(0))


def log_lines(server, message, route=None):
    """Lines of the server's log with this message, about a route."""
    lines = [json.loads(text) for text in server.lines if text.startswith("{")]
    return [line for line in lines if line["message"] == message and route in (None, line.get("weir.route"))]


def practise(server, route, shadow, kind, **more):
    """Begins a fault, and waits until it is in force. The server's token must be allowed to `adjust`."""
    url = f"https://localhost:{server.control_port}/api/v1/routes/{route}/faults"
    with new_client(server) as client:
        answer = client.post(url, json={"variant": shadow, "kind": kind, "seconds": 300, "reason": "a test", **more})
    assert answer.status_code == 201, answer.text


def relent(server, route, shadow):
    """Ends the faults of a shadow, and waits until they are over."""
    url = f"https://localhost:{server.control_port}/api/v1/routes/{route}/faults?variant={shadow}"
    with new_client(server) as client:
        assert client.delete(url).status_code == 200
