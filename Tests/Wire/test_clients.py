"""Clients that people have: each gets a prediction, and the same one."""

import json
import re
import subprocess

import httpx
import pytest
import requests

import models
from peers import tls_context

ROW = {"a": 1.5, "b": -2.25}
UNIT = "u-17"


@pytest.fixture(scope="module")
def expected(gateway, model_routes):
    """The answer to ROW for UNIT, and the probabilities that Python's ONNX Runtime gives for the variant that answered."""
    answer = requests.post(f"{gateway.url}/v1/probe", json=ROW, verify=gateway.certs / "ca.pem", timeout=10,
                           headers={"authorization": f"Bearer {gateway.token}", "x-user-id": UNIT})
    assert answer.status_code == 200, answer.text
    model = model_routes / "probe" / f"{answer.headers['x-weir-variant']}.onnx"
    return answer.json(), models.run(model, [[ROW["a"], ROW["b"], 0]])["probabilities"][0]


def check(answer, expected):
    first, probabilities = expected
    assert answer.keys() == {"id", "route", "label", "probabilities"}
    assert answer["route"] == "probe" and answer["label"] == first["label"]
    assert list(answer["probabilities"]) == ["low", "high"]
    assert list(answer["probabilities"].values()) == pytest.approx(list(map(float, probabilities)), abs=1e-5)


def curl(gateway, *options):
    return subprocess.run(
        ["curl", "--silent", "--show-error", "--cacert", gateway.certs / "ca.pem", "-H", f"Authorization: Bearer {gateway.token}",
         "-H", f"x-user-id: {UNIT}", *options, f"{gateway.url}/v1/probe"], capture_output=True, text=True, timeout=20)


@pytest.mark.parametrize("version", ["1.1", "2"])
def test_curl(gateway, expected, version):
    option = {"1.1": "--http1.1", "2": "--http2"}[version]
    result = curl(gateway, option, "--json", json.dumps(ROW), "--write-out", "\n%{http_version} %{response_code}")
    body, last = result.stdout.rsplit("\n", 1)
    assert last == f"{version} 200", result.stdout + result.stderr
    check(json.loads(body), expected)


@pytest.mark.parametrize("content_type", ["application/json", "application/vnd.rows+json", "application/json; charset=utf-8", "", None])
def test_curl_content_types_that_are_read_as_json(gateway, expected, content_type):
    """None: curl's own application/x-www-form-urlencoded; empty: no Content-Type at all."""
    options = [] if content_type is None else ["-H", f"Content-Type: {content_type}".rstrip()]
    result = curl(gateway, *options, "--data", json.dumps(ROW), "--fail-with-body")
    assert result.returncode == 0, result.stdout + result.stderr
    check(json.loads(result.stdout), expected)


def test_curl_sends_chunks(gateway, expected):
    result = curl(gateway, "--http1.1", "-H", "Transfer-Encoding: chunked", "--json", json.dumps(ROW), "--fail-with-body")
    check(json.loads(result.stdout), expected)


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1"])
def test_requests_keeps_its_connection(gateway, expected, address):
    with requests.Session() as session:
        session.headers.update({"authorization": f"Bearer {gateway.token}", "x-user-id": UNIT})
        for _ in range(3):
            answer = session.post(f"https://{address}:{gateway.port}/v1/probe", json=ROW, verify=gateway.certs / "ca.pem", timeout=10)
            check(answer.json(), expected)
        pools = session.get_adapter("https://").poolmanager.pools
        assert [pools[key].num_connections for key in pools.keys()] == [1]


@pytest.mark.parametrize("http2", [False, True])
def test_httpx(gateway, expected, http2):
    with httpx.Client(http2=http2, verify=tls_context(gateway.certs, alpn=()), timeout=10) as client:
        answer = client.post(f"{gateway.url}/v1/probe", json=ROW, headers={"authorization": f"Bearer {gateway.token}", "x-user-id": UNIT})
    assert answer.http_version == ("HTTP/2" if http2 else "HTTP/1.1")
    check(answer.json(), expected)


def test_nghttp(gateway, expected, tmp_path):
    (tmp_path / "row.json").write_text(json.dumps(ROW))
    result = subprocess.run(
        ["nghttp", "--no-verify-peer", "-H", "content-type: application/json", "-H", f"authorization: Bearer {gateway.token}",
         "-H", f"x-user-id: {UNIT}", "-d", tmp_path / "row.json", f"{gateway.url}/v1/probe"], capture_output=True, text=True, timeout=20)
    assert result.returncode == 0, result.stderr
    check(json.loads(result.stdout), expected)


@pytest.mark.parametrize("protocol", [["-m", "10"], ["--h1"]])
def test_h2load_gets_a_thousand_answers(gateway, tmp_path, protocol):
    (tmp_path / "row.json").write_text(json.dumps(ROW))
    result = subprocess.run(
        ["h2load", "-n", "1000", "-c", "4", *protocol, "-H", "content-type: application/json",
         "-H", f"authorization: Bearer {gateway.token}", "-d", tmp_path / "row.json", f"{gateway.url}/v1/probe"],
        capture_output=True, text=True, timeout=60)
    assert re.search(r"1000 done, 1000 succeeded, 0 failed, 0 errored, 0 timeout", result.stdout), result.stdout
    assert "status codes: 1000 2xx" in result.stdout
