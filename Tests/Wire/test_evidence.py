"""What a worker died of is found out also when the one that comes after it does not get so far."""

import os
import signal
import sqlite3

import pytest

import troubles
from conftest import new_client
from gateway import Gateway, eventually
from steps import row
from troubles import steady


@pytest.fixture
def server(tmp_path_factory, certs):
    folder = troubles.add_route(tmp_path_factory.mktemp("evidence-routes"), "duo", champion=(steady, 50), challenger=(steady, 50))
    server = Gateway(tmp_path_factory.mktemp("evidence"), certs, folder, arguments=["--allow-crash-faults"])
    server.token = server.make_token("predict", "override")
    yield server.start()
    assert server.discard() == 0


def crash(server):
    """Has the challenger end the worker; the id of that worker."""
    worker = server.worker_pid
    with new_client(server) as client, pytest.raises(Exception):
        client.predict(row(), route="duo", x_weir_variant="challenger", x_weir_fault="crash")
    return worker



def is_put_aside(server):
    return "a worker died in a variant, which is put aside" in server.log()


def test_though_the_next_worker_is_killed_while_it_starts(server):
    dead = crash(server)
    [next_one] = eventually(lambda: [pid for pid in server.workers() if pid != dead], within=10, what="another worker")
    os.kill(next_one, signal.SIGKILL)
    eventually(lambda: is_put_aside(server), within=30, what="the finding")


def test_though_it_cannot_be_written_down_at_first(server):
    """Another program writes the ledger for longer than a worker waits."""
    held = sqlite3.connect(server.state / "ledger.sqlite", isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    try:
        crash(server)
        eventually(lambda: server.log().count('"worker died"') > 1, within=40, what="a worker that gives up")
    finally:
        held.execute("ROLLBACK")
        held.close()
    eventually(lambda: is_put_aside(server), within=30, what="the finding")
