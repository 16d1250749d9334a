"""What the tests share: certificates, routes, one server for most of them, and a way to start others."""

import shutil
import subprocess
from types import SimpleNamespace

import httpx
import pytest

import models
from gateway import ROOT, Gateway
from peers import H1Peer, H2Peer, tls_context

SHORT = {
    "handshake-ms": 300, "head-ms": 300, "body-ms": 300, "idle-ms": 500, "write-stall-ms": 300, "linger-ms": 300, "drain-ms": 2000,
    "connections": 20,
}
"""Limits under which a slow peer is found out while a test waits."""


@pytest.fixture(scope="session")
def certs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certs")
    subprocess.run([ROOT / "Certs/issue", "--into", folder], check=True)
    return folder


@pytest.fixture(scope="session")
def model_routes(tmp_path_factory):
    return models.write_routes(tmp_path_factory.mktemp("routes"))


@pytest.fixture(scope="session")
def scored_routes(tmp_path_factory):
    """scored: as probe, with outcomes of every kind; plain: without any."""
    return models.write_scored_routes(tmp_path_factory.mktemp("scored"))


@pytest.fixture
def routes(model_routes, tmp_path):
    """A copy of the routes that a test may change."""
    return shutil.copytree(model_routes, tmp_path / "routes")


@pytest.fixture(scope="session")
def gateway(tmp_path_factory, certs, model_routes):
    """The server that most tests share; nobody stops it or changes its split."""
    server = Gateway(tmp_path_factory.mktemp("gateway"), certs, model_routes).start()
    yield server
    assert server.discard() == 0


@pytest.fixture(scope="session")
def hurried(tmp_path_factory, certs, model_routes):
    """A server that loses patience quickly, shared by the tests of its limits."""
    server = Gateway(tmp_path_factory.mktemp("hurried"), certs, model_routes, limits=SHORT).start()
    yield server
    assert server.discard() == 0


@pytest.fixture
def launch(tmp_path_factory, certs, model_routes):
    """Starts a server of a test's own, with a token of these scopes; all are stopped at the test's end."""
    started = []

    def start(routes=model_routes, wait=True, folder=None, scopes=("predict",), **options):
        server = Gateway(folder or tmp_path_factory.mktemp("own"), certs, routes, **options)
        server.token = server.make_token(*scopes)
        started.append(server)
        return server.start(wait=wait)

    yield start
    for server in started:
        server.discard()


@pytest.fixture
def h1(gateway):
    with H1Peer(gateway) as peer:
        yield peer


@pytest.fixture
def h2(gateway):
    with H2Peer(gateway) as peer:
        yield peer


@pytest.fixture
def client(gateway):
    """A well-behaved client of the shared server; `client.predict(row)` is the shortest way to an answer."""
    with new_client(gateway) as opened:
        yield opened


def new_client(gateway, token=None, http2=True):
    """An httpx client that trusts the tests' authority and sends a token."""
    opened = httpx.Client(
        base_url=gateway.url, verify=tls_context(gateway.certs, alpn=()), http2=http2, timeout=10,
        headers={"authorization": f"Bearer {token or gateway.token}"})
    opened.predict = lambda row, route="probe", **headers: opened.post(
        f"/v1/{route}", json=row, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return opened


@pytest.fixture(scope="session")
def film_route():
    """The example route: its folder, its held-out rows with their labels, and the order of its columns."""
    import json

    folder = ROOT / "Routes/video-category"
    rows = [json.loads(line) for line in (folder / "heldout.ndjson").read_text().splitlines()]
    columns = ["year", "length", "rating", "votes", *(f"r{i}" for i in range(1, 11))]
    return SimpleNamespace(folder=folder, rows=rows, columns=columns)


@pytest.fixture(scope="session")
def films(tmp_path_factory, certs, film_route):
    """A server of the example route."""
    server = Gateway(tmp_path_factory.mktemp("films"), certs, film_route.folder.parent).start()
    yield server
    assert server.discard() == 0
