"""Under load, whatever happens: of every prediction that is copied it is known in the end what became of its copy, and it is counted once."""

import contextlib
import itertools
import os
import re
import signal
import threading
from pathlib import Path

import pytest

import shadows
import troubles
from gateway import eventually
from models import CHALLENGER, CHAMPION
from peers import Closed, H1Peer, H2Peer, request
from shadows import counted, figures, name_hash, practise, predict, relent, settled, total
from steps import row
from test_crashes import AGAIN
from test_supervisor import new_worker, renew
from troubles import TURNS_A_MILLISECOND, steady, troubled

VARIANTS = {"champion": (lambda path: steady(path, CHAMPION), 50), "challenger": (lambda path: steady(path, CHALLENGER), 50)}
OBSERVERS = {"observer": (lambda path: steady(path, CHALLENGER),)}
MORE = "labels: [low, high]\ndeadline: 10s\nbreaker: off"
CALL = 64
"""Rows that a shadow is given at once."""


@pytest.fixture
def duo(launch, tmp_path):
    """A server of one route with a shadow that gets everything."""
    shadows.add_route(tmp_path / "routes", "duo", VARIANTS, OBSERVERS, MORE, troubles.CONTRACT, [row(a=-1)])
    return launch(routes=tmp_path / "routes", scopes=("predict", "adjust", "view"), arguments=["--metrics-open"])


class Load:
    """Clients that ask without pause, four bodies of four rows at a time."""

    def __init__(self, server, clients=3):
        self.server, self.over, self.lock = server, threading.Event(), threading.Lock()
        self.answered, self.lost, self.failures = 0, 0, []
        self.threads = [threading.Thread(target=self._work, args=[number]) for number in range(clients)] + [threading.Thread(target=self._hurry)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        self.go_on()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(15)

    def go_on(self, rows=200):
        """Waits for so many further answers."""
        seen = self.answered
        eventually(lambda: self.answered >= seen + rows, within=20, what="answers")

    def _hurry(self):
        """Load is all that this machine's CPUs do: a shadow would get none."""
        while not self.over.wait(0.02):
            shadows.hurry(self.server)

    def _work(self, client):
        numbers = itertools.count()
        while not self.over.is_set():
            under_way = 0
            try:
                with H2Peer(self.server) as peer:
                    while not self.over.is_set() and not peer.is_dismissed:
                        under_way = 16
                        streams = [shadows.ask(peer, "duo", [row(a=a) for a in range(4)], f"{client}-{next(numbers)}") for _ in range(4)]
                        answers = peer.answers(*streams, timeout=15)
                        assert {answer.status for answer in answers.values()} == {200}, answers
                        under_way = 0
                        self._note(answered=16)
            except Exception as error:  # whatever it is, requests may have been lost by it
                self._note(lost=under_way, failure=error)

    def _note(self, answered=0, lost=0, failure=None):
        with self.lock:
            self.answered += answered
            self.lost += lost
            self.failures += [failure] if failure else []


def check(server, load, *reasons):
    """The account of all predictions, from whose end on nothing is under way; copies were dropped for these reasons alone. Returns the sum."""
    found = settled(server, "duo", within=30)
    assert all(one.sampled == one.settled for one in found.values())
    sum = total(found)
    assert load.answered <= sum.sampled <= load.answered + load.lost, (load.answered, load.lost, sum)
    assert {reason for reason, count in sum.dropped.items() if count} <= set(reasons), sum
    return sum


# Clients


def test_clients_that_leave(launch, tmp_path):
    """In the middle of a body, of a model's run, by a reset of the stream or of the connection: whoever was assigned was copied, and what a model had
    begun it ended, so that it can be compared."""
    only = {"only": (lambda path: troubled(path, CHAMPION), 1, "run: workers")}
    shadows.add_route(tmp_path / "routes", "duo", only, OBSERVERS, MORE, troubles.CONTRACT, [row(a=-1)])
    server = launch(routes=tmp_path / "routes", arguments=["--metrics-open"])
    slow = row(spin=30 * TURNS_A_MILLISECOND)
    for number in range(6):
        with H2Peer(server) as peer:
            for _ in range(4):
                shadows.ask(peer, "duo", [slow] * 3, f"unit-{number}")
            peer.ping()
            peer.reset()
        with contextlib.suppress(Closed), H1Peer(server) as peer:
            peer.send(request(path="/v1/duo", token=server.token, fields=["Content-Length: 1000"], length=False) + b'{"instances":[{"a":1')
            assert peer.is_open()
            peer.reset()
    figures = counted(server, "duo", 72)
    assert figures.dropped.keys() <= {"primary-failed"} and figures.counts["ran"] == 72
    assert figures.compared >= 6, "of each client the first run, at least"
    assert server.is_well()
    predict(server, "duo", [row()] * 10)
    assert counted(server, "duo", 82).compared == figures.compared + 10


# Ends


def test_an_orderly_end_settles_every_copy(duo):
    """What waits for a shadow that stands still is dropped, and the ledger says so."""
    practise(duo, "duo", "observer", "delay", delay_ms=60_000)
    with Load(duo) as load:
        load.go_on()
        duo.terminate()
        assert duo.exit_code() == 0
    assert not shadows.log_lines(duo, "worker died") and not duo.shared_memory.exists()
    assert check(duo, load, "shutdown", "queue-full").dropped["shutdown"] > 0


def test_an_orderly_end_waits_for_what_is_done_soon(duo):
    predict(duo, "duo", [row(a=number) for number in range(500)], together=20)
    assert duo.stop() == 0
    sum = total(figures(duo, "duo"))
    assert (sum.sampled, sum.settled) == (500, 500) and sum.compared > 0


def test_a_shadow_that_is_killed_loses_one_call(duo):
    """And is started again, over and over; nobody who asks notices."""
    worker, killed = duo.worker_pid, 0
    with Load(duo) as load:
        for _ in range(3):
            [pid] = eventually(lambda: shadows.processes(duo), within=10, what="the shadow's process")
            os.kill(pid, signal.SIGKILL)
            killed += 1
            eventually(lambda: pid not in shadows.processes(duo), within=5, what="its end")
            before = total(figures(duo, "duo")).compared
            eventually(lambda: total(figures(duo, "duo")).compared > before, within=20, what="further comparisons")
    assert not load.failures
    sum = check(duo, load, "shadow-crash", "queue-full")
    assert sum.sampled == load.answered and sum.dropped["shadow-crash"] <= killed * CALL
    assert duo.worker_pid == worker


def test_the_rows_of_a_killed_call_are_lost_and_no_others(duo):
    """What waited behind them goes to the next process."""
    rows = [row(a=number) for number in range(20)]
    predict(duo, "duo", rows)
    counted(duo, "duo", 20)
    practise(duo, "duo", "observer", "delay", delay_ms=2_000)
    [pid] = shadows.processes(duo)
    before = sleeps(pid)
    predict(duo, "duo", rows, together=20)
    eventually(lambda: sleeps(pid) > before, within=10, what="the call, which begins with a sleep")
    predict(duo, "duo", rows, together=20)
    os.kill(pid, signal.SIGKILL)
    figures = counted(duo, "duo", 60)
    assert (figures.compared, +figures.dropped) == (40, {"shadow-crash": 20})


def sleeps(pid):
    """How often a process went to sleep."""
    return int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)[1])


def test_a_worker_that_is_killed_leaves_its_account(duo):
    """What it had in hand is lost, and counted as that when the next one begins."""
    practise(duo, "duo", "observer", "delay", delay_ms=200)
    with Load(duo) as load:
        for _ in range(2):
            old = duo.worker_pid
            eventually(lambda: total(figures(duo, "duo")).sampled > total(figures(duo, "duo")).settled, within=10, what="copies that wait")
            os.kill(old, signal.SIGKILL)
            new_worker(duo, old, within=AGAIN)
            load.go_on()
    relent(duo, "duo", "observer")
    sum = check(duo, load, "worker-crash", "queue-full", "expired")
    assert sum.dropped["worker-crash"] > 0 and sum.compared > 0
    assert duo.stop() == 0
    after = total(figures(duo, "duo"))
    assert (after.sampled, after.counts, +after.dropped) == (sum.sampled, sum.counts, +sum.dropped), "the ledger has the same"


# Changes


def test_a_split_that_moves_takes_nothing_along(duo):
    """The shadow goes on; each revision has its own account."""
    with Load(duo) as load:
        for number, share in enumerate((10, 90, 30, 70) * 3, 2):
            duo.split(f"champion={share}", f"challenger={100 - share}", route="duo")
            eventually(lambda: len({place.revision for place in figures(duo, "duo")}) == number, within=10, what="copies under the new split")
    assert not load.failures
    sum = check(duo, load, "queue-full")
    assert sum.sampled == load.answered
    assert len({place.revision for place in figures(duo, "duo")}) == 13
    assert len(shadows.log_lines(duo, "a shadow is ready")) == 1, "one process for all of them"


def test_a_shadow_that_is_taken_out_and_one_that_is_replaced(duo):
    """What waits for a model that is gone is dropped; the next one, under the same name, has figures of its own."""
    home = duo.routes / "duo"
    [first] = eventually(lambda: shadows.processes(duo), within=10, what="the shadow")
    compared = lambda: {place: one.compared for place, one in figures(duo, "duo").items() if one.compared}
    with Load(duo) as load:
        eventually(lambda: len(compared()) == 2, within=20, what="comparisons with both variants")
        before = compared().keys()
        shadows.write_route(home, VARIANTS, {}, MORE, troubles.CONTRACT)
        eventually(lambda: not shadows.processes(duo), within=10, what="its end")
        load.go_on()
        steady(home / "later.onnx", CHAMPION)
        (home / "later.onnx").rename(home / "observer.onnx")
        shadows.write_route(home, VARIANTS, OBSERVERS, MORE, troubles.CONTRACT)
        eventually(lambda: len(compared()) == 4, within=20, what="comparisons with the next model")
    assert not load.failures and first not in shadows.processes(duo)
    found = settled(duo, "duo", within=30)
    sum = total(found)
    assert sum.sampled <= load.answered - 200 and sum.dropped.keys() <= {"shutdown", "queue-full"}
    twins = {(place in before, place.primary) for place, one in found.items() if one.counts["bit_equal"] == one.compared}
    assert twins == {(True, name_hash("challenger")), (False, name_hash("champion"))}


def test_new_code_takes_over_with_every_copy_counted(duo):
    """The old worker settles what it has before it goes."""
    with Load(duo) as load:
        for _ in range(2):
            renew(duo)
            load.go_on()
    assert not load.failures
    assert check(duo, load, "shutdown", "queue-full").sampled == load.answered
    assert len(shadows.processes(duo)) == 1
