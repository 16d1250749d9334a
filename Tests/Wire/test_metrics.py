"""Metrics as their readers see them: promtool, a real Prometheus, and a stranger who would like to make labels."""

import json
import re
import secrets
import ssl
import subprocess
import urllib.parse
import urllib.request
from contextlib import contextmanager

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from conftest import new_client
from gateway import eventually, parse_metrics

ROW = {"a": 1, "b": 2}
FOREIGN = {
    "nv_inference_request_success": {"suffix"},
    "nv_inference_request_failure": {"suffix"},
    "nv_inference_count": {"suffix", "kept for histograms"},
    "nv_inference_request_duration_us": {"suffix", "abbreviated"},
    "nv_inference_queue_duration_us": {"suffix", "abbreviated"},
    "nv_inference_compute_infer_duration_us": {"suffix", "abbreviated"},
}
"""What promtool may say about Triton's names: they are Triton's, whose dashboards ask for them as they are. Ours get no exception."""
PHRASES = {
    'counter metrics should have "_total" suffix': "suffix",
    'non-histogram and non-summary metrics should not have "_count" suffix': "kept for histograms",
    "metric names should not contain abbreviated units": "abbreviated",
}
CLOSED = {
    "code": r"[1-5]\d\d|other", "le": r"[0-9.e+-]+|\+Inf", "version": r"1\.1|2|\d+\.\d+\.\d+\S*", "reason": r"[a-z_-]+|[A-Z]+",
    "result": r"[a-z-]+", "limit": r"[a-z]+",
}
"""Labels that do not come from the plan, and what their values look like."""


@pytest.fixture
def server(launch):
    return launch()


def scrape(server, token, **fields):
    """The metrics, as a reader with this token gets them."""
    request = urllib.request.Request(
        f"https://localhost:{server.control_port}/metrics", headers={"authorization": f"Bearer {token}", **fields})
    context = ssl.create_default_context(cafile=str(server.certs / "ca.pem"))
    with urllib.request.urlopen(request, context=context, timeout=10) as answer:
        return answer.headers["content-type"], answer.read().decode()


def ask(server, good, bad):
    with new_client(server) as client:
        for i in range(good):
            assert client.predict(ROW, x_user_id=f"u-{i}").status_code == 200
        for _ in range(bad):
            assert client.predict({"a": 1}).status_code == 400


def test_promtool_finds_nothing_but_triton_s_names(server):
    ask(server, good=20, bad=3)
    _, text = scrape(server, server.new_token("view"))
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30)
    said = {}
    for line in (checked.stdout + checked.stderr).splitlines():
        name, phrase = line.split(" ", 1)
        said.setdefault(name, set()).add(PHRASES.get(phrase, phrase))
    assert said == FOREIGN


# A real Prometheus


class Prometheus:
    """The HTTP API of a Prometheus process."""

    def __init__(self, address):
        self.address = address

    def query(self, expression):
        """Labels and value of each series."""
        with urllib.request.urlopen(f"http://{self.address}/api/v1/query?{urllib.parse.urlencode({'query': expression})}", timeout=5) as answer:
            body = json.load(answer)
        assert body["status"] == "success", body
        return [(series["metric"], float(series["value"][1])) for series in body["data"]["result"]]

    def value(self, expression):
        """The one value that an expression has by now, else nothing."""
        series = self.query(expression)
        assert len(series) <= 1, series
        return series[0][1] if series else None


@contextmanager
def prometheus(folder, server, token):
    """A Prometheus of Debian's that scrapes the server each 200 ms over TLS; on a port and in a folder of its own."""
    (folder / "token").write_text(token)
    (folder / "prometheus.yml").write_text(json.dumps({"scrape_configs": [{
        "job_name": "weir", "scheme": "https", "scrape_interval": "200ms", "scrape_timeout": "200ms",
        "authorization": {"credentials_file": str(folder / "token")},
        "tls_config": {"ca_file": str(server.certs / "ca.pem"), "server_name": "localhost"},
        "static_configs": [{"targets": [f"127.0.0.1:{server.control_port}"]}],
    }]}))
    subprocess.run(["promtool", "check", "config", folder / "prometheus.yml"], check=True, capture_output=True, timeout=30)
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            ["prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}",
             "--web.listen-address=127.0.0.1:0", "--log.level=info"], stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    try:
        address = eventually(lambda: listening(log, process), within=20, what="Prometheus")
        yield Prometheus(address)
    finally:
        process.terminate()
        process.wait(20)


def listening(log, process):
    """The address that the process says it listens on, once it is ready."""
    text = log.read_text()
    assert process.poll() is None, text
    address = re.search(r'msg="Listening on" address=(\S+)', text)
    return address and "Server is ready" in text and address[1]


def test_prometheus_scrapes_over_tls_with_a_token(server, tmp_path):
    with prometheus(tmp_path, server, server.new_token("view")) as reader:
        ask(server, good=40, bad=7)
        answered = 'sum(weir_requests_total{job="weir",route="probe",code="%s"})'
        eventually(lambda: reader.value(answered % 200) == 40, within=10, what="40 answers")
        eventually(lambda: reader.value(answered % 400) == 7, within=10, what="7 refusals")
        assert reader.value("up") == 1
        assert reader.value('sum(weir_request_duration_seconds_count{route="probe"})') >= 40
        assert reader.value('histogram_quantile(0.5, sum by (le) (weir_request_duration_seconds_bucket{route="probe"}))') > 0
        by_version = reader.query('sum by (model, version) (nv_inference_request_success{model="probe"})')
        assert sum(value for _, value in by_version) == 40
        assert {labels["version"] for labels, _ in by_version} == {"champion", "challenger"}


def test_prometheus_without_the_scope_is_refused(server, tmp_path):
    with prometheus(tmp_path, server, server.new_token("predict")) as reader:
        eventually(lambda: reader.value("up") == 0, within=10, what="a scrape")
        assert reader.value("count(weir_requests_total)") is None


# Labels


def stranger(mark):
    """Requests with the mark wherever a request can carry words: method, fields, path, body."""
    body = {"a": mark, mark: mark}
    words = {"x-user-id": mark, "x-weir-variant": mark, "traceparent": mark, "user-agent": mark, "cookie": f"{mark}={mark}", mark: mark}
    for method, path in [("POST", "/v1/probe"), ("POST", f"/v1/{mark}"), (mark.upper(), "/v1/probe"), ("GET", f"/metrics?{mark}={mark}"),
                         ("POST", "/v1/outcomes"), ("POST", f"/api/v1/routes/{mark}/revisions")]:
        yield method, path, words, json.dumps(body)
    yield "POST", "/v1/probe", {**words, "content-type": mark}, json.dumps([{"prediction": mark, "name": mark, "value": 1}])


def test_no_word_of_a_request_becomes_a_label(server):
    view = server.new_token("view")
    mark = "zq" + secrets.token_hex(6)
    for token in (server.token, view, mark):
        with new_client(server, token=token) as client:
            for method, path, fields, body in stranger(mark):
                for base in (server.url, f"https://localhost:{server.control_port}"):
                    client.request(method, base + path, headers=fields, content=body)
    _, text = scrape(server, view)
    assert mark not in text.lower()
    routes = {path.parent.name for path in server.routes.glob("*/route.yaml")}
    variants = {"champion", "challenger", "only"}
    samples = parse_metrics(text)
    assert sum(value for name, labels, value in samples if name == "weir_requests_total" and labels["code"].startswith("4")) >= 30
    for name, labels, _ in samples:
        for label, value in labels.items():
            if label in ("route", "model"):
                assert value in routes | {""}, (name, labels)
            elif label == "variant" or name.startswith("nv_") and label == "version":
                assert value in variants | {""}, (name, labels)
            else:
                assert re.fullmatch(CLOSED[label], value), (name, labels)


# OpenMetrics


def test_openmetrics_is_read_by_its_parser(server):
    """Prometheus' own parser is lenient; this one checks names, units, types, suffixes and the end."""
    ask(server, good=20, bad=3)
    token = server.new_token("view")
    kind, text = scrape(server, token, accept="application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5")
    assert kind == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    families = {family.name: family for family in text_string_to_metric_families(text)}
    answers = [sample for sample in families["weir_requests"].samples if sample.labels["route"] == "probe"]
    assert sum(sample.value for sample in answers if sample.labels["code"] == "200") == 20
    assert sum(sample.value for sample in answers if sample.labels["code"] == "400") == 3
    assert families["weir_request_duration_seconds"].unit == "seconds"
    assert {name for name, family in families.items() if family.type == "unknown"} == set(FOREIGN)
    assert families["weir_build"].type == "info"


@pytest.mark.parametrize("accept", ["", "*/*", "text/plain", "application/openmetrics-text;q=0.5,text/plain"])
def test_everybody_else_gets_the_older_format(server, accept):
    kind, text = scrape(server, server.new_token("view"), accept=accept)
    assert kind == "text/plain; version=0.0.4; charset=utf-8"
    assert text.endswith("\n") and "# EOF" not in text and parse_metrics(text)
