"""Model files that must never come near traffic. Each is refused with its reason, and nobody who is served notices."""

import shutil
import subprocess
import threading

import pytest

import troubles
from conftest import new_client
from gateway import ROOT, eventually, run_weir
from steps import ask
from troubles import steady

PATIENCE_MS = 3_000
"""What quarantine may take here, so that tests need not wait for its default."""
MUTANTS_EACH = 15
"""Damaged copies of each of four models. All 400 of each were run by hand."""

REASONS = {
    "hungry": ("memory",), "hungry-at-load": ("memory",), "endless": ("time",), "stuck": ("time",), "crowded": ("nodes",),
}
"""A word of the reason that is told."""


@pytest.fixture(scope="module")
def hostile_files(tmp_path_factory):
    """Each hostile model's bytes, by name."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, make in troubles.HOSTILE.items():
        make(folder / f"{name}.onnx")
    return {name: (folder / f"{name}.onnx").read_bytes() for name in troubles.HOSTILE}


@pytest.fixture
def busy(launch, tmp_path):
    """A server of one good route that a client asks without pause; what the client saw is in `.seen`."""
    server = launch(routes=troubles.add_route(tmp_path / "routes", "good", champion=(steady, 1)), limits={"quarantine-ms": PATIENCE_MS})
    over, server.seen = threading.Event(), []

    def keep_asking():
        with new_client(server) as client:
            while not over.is_set():
                server.seen.append(ask(client, "good", "anybody").status)

    thread = threading.Thread(target=keep_asking)
    thread.start()
    yield server
    over.set()
    thread.join(15)


def complaint_about(server, name):
    return next((line for line in server.lines if f"{name}/route.yaml" in line), None)


@pytest.mark.parametrize("name", troubles.HOSTILE)
def test_it_is_refused_while_the_service_goes_on(busy, hostile_files, name):
    processes = busy.processes()
    troubles.add_candidate(busy.routes, name, hostile_files[name])
    line = eventually(lambda: complaint_about(busy, name), within=30, what="a complaint")
    assert any(word in line.lower() for word in REASONS[name]), line
    with new_client(busy) as client:
        assert client.predict({"a": 1, "b": 2}, route=name).status_code == 404
    count = len(busy.seen)
    eventually(lambda: len(busy.seen) > count + 10, within=10, what="further answers")
    assert set(busy.seen) == {200}
    eventually(lambda: busy.processes() == processes, within=10, what="the candidate's end")
    shutil.rmtree(busy.routes / name)
    troubles.add_route(busy.routes, "later", champion=(steady, 1))
    with new_client(busy) as client:
        eventually(lambda: ask(client, "later", "anybody").status == 200, within=10, what="a good route after the bad one")


def test_a_good_route_follows_while_a_candidate_is_tried(busy, hostile_files):
    """Trying one takes seconds; tokens and splits are followed meanwhile."""
    troubles.add_candidate(busy.routes, "endless", hostile_files["endless"])
    eventually(lambda: len(busy.processes()) > 2 or complaint_about(busy, "endless"), within=10, what="the trial")
    token = busy.make_token()
    def status():
        with new_client(busy, token=token) as client:
            return ask(client, "good", "anybody").status
    eventually(lambda: status() == 200, within=2, what="the new token")


def test_check_refuses_them_too(hostile_files, tmp_path):
    """One for each reason, in one go; by the limits that a server has, too."""
    names = ["hungry", "endless", "crowded"]
    for name in names:
        troubles.add_candidate(tmp_path, name, hostile_files[name])
    result = run_weir("check", tmp_path)
    said = result.stdout + result.stderr
    assert result.returncode == 1, result
    for name in names:
        [line] = [line for line in said.splitlines() if f"{name}/route.yaml" in line]
        assert any(word in line.lower() for word in REASONS[name]), line


FILMS = ROOT / "Routes/video-category"


@pytest.mark.parametrize("source", ["champion", "challenger", "candidate", "troubled"])
def test_damaged_copies_are_refused_or_sound(source, tmp_path):
    """Each gets an answer with its file's name, or is as good as any; none takes the checking process down."""
    contract, more = troubles.CONTRACT, "labels: [low, high]"
    whole = tmp_path / "troubled.onnx"
    if source == "troubled":
        troubles.troubled(whole, [[1, -1], [1, -1]])
    else:
        text = (FILMS / "route.yaml").read_text()
        contract, more = text[text.index("input:"):text.index("variants:")], ""
        whole = FILMS / f"{source}.onnx"
    routes = tmp_path / "routes"
    for number, data in enumerate(troubles.mutants(whole, MUTANTS_EACH, seed=1)):
        troubles.add_candidate(routes, f"m-{number}", data, contract, more)
    result = run_weir("check", routes)
    said = (result.stdout + result.stderr).splitlines()
    assert result.returncode == 1, result
    complaints = {number: [line for line in said if f"m-{number}/route.yaml:" in line] for number in range(MUTANTS_EACH)}
    assert sum(map(bool, complaints.values())) >= MUTANTS_EACH // 4, "those cut short, at least"
    assert all(len(lines) <= 1 for lines in complaints.values()), complaints
