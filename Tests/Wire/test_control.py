"""The control plane's API: who may do what, one winner of a race, pages, limits, and an audit that stays whole."""

import hashlib
import json
import re
import sqlite3
import threading
import time

import httpx
import pytest

from conftest import new_client
from gateway import eventually, run_weir
from peers import H1Peer, H2Peer, tls_context

ROW = {"a": 1, "b": 2}
PATH = "/api/v1/routes/probe/revisions"


@pytest.fixture
def own(launch):
    return launch()


@pytest.fixture(params=[False, True], ids=["h1", "h2"])
def ann(own, request):
    """Somebody who may view and adjust, over either version."""
    with control(own, own.new_token("view", "adjust", name="ann"), http2=request.param) as client:
        yield client


def control(server, token=None, http2=True):
    return httpx.Client(
        base_url=f"https://localhost:{server.control_port}", verify=tls_context(server.certs, alpn=()), http1=not http2, http2=http2, timeout=10,
        headers={"authorization": f"Bearer {token}"} if token else {})


def move(client, champion, challenger, match="*", path=PATH, why="a test"):
    headers = {"if-match": match} if match else {}
    return client.post(path, json={"weights": {"champion": champion, "challenger": challenger}, "reason": why}, headers=headers)


def check(answer, status, code=None):
    """Status and code, and what every answer of the control plane says to browsers and caches."""
    assert answer.status_code == status, answer.text
    assert answer.headers["cache-control"] == "no-store" and answer.headers["x-content-type-options"] == "nosniff"
    if code:
        body = answer.json()
        assert body["code"] == code and body["error"]
    return answer


def verify_audit(server):
    """Recomputes the chain from a dump, by its published formula. Returns its entries."""
    with sqlite3.connect(f"file:{server.state}/ledger.sqlite?mode=ro", uri=True) as ledger:
        rows = ledger.execute("SELECT number, at, author, action, subject, previous, hash FROM audit ORDER BY number").fetchall()
    previous = bytes(32)
    for place, (number, at, author, action, subject, before, digest) in enumerate(rows, start=1):
        assert number == place and before == previous
        text = b"weir-audit-1" + number.to_bytes(8, "big") + at.to_bytes(8, "big")
        for field in (author, action, subject):
            text += len(field.encode()).to_bytes(8, "big") + field.encode()
        previous = hashlib.sha256(text + before).digest()
        assert digest == previous, f"entry {number}"
    return rows


def served(server, unit="u-1"):
    with new_client(server) as client:
        return client.predict(ROW, x_user_id=unit).headers


# Reading


def test_what_there_is(ann):
    resources = {entry["path"]: entry["methods"] for entry in check(ann.get("/api/v1"), 200).json()["resources"]}
    assert resources[PATH.replace("probe", "{route}")] == {"GET": "view", "POST": "adjust"}
    routes = {route["route"]: route for route in check(ann.get("/api/v1/routes"), 200).json()["routes"]}
    assert {"probe", "linear", "slow", "broken"} <= set(routes)
    one = check(ann.get("/api/v1/routes/probe"), 200)
    assert one.json() == routes["probe"] and one.headers["etag"] == '"1"' and one.headers["content-type"] == "application/json"
    assert one.json()["path"] == "/v1/probe" and one.json()["revision"] == 1
    assert [(v["name"], v["weight"], v["share"]) for v in one.json()["variants"]] == [("champion", 90, 0.9), ("challenger", 10, 0.1)]


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/routes", "/api/v1/routes/probe", PATH, PATH + "/1", "/metrics", "/nothing"])
def test_head_is_get_without_a_body(ann, path):
    get, head = ann.get(path), ann.head(path)
    assert head.status_code == get.status_code and head.content == b""
    same = {"content-type", "etag", "cache-control", "x-content-type-options"}
    assert {n: v for n, v in head.headers.items() if n in same} == {n: v for n, v in get.headers.items() if n in same}
    if path != "/metrics":  # its figures change from one look to the next
        assert head.headers["content-length"] == get.headers["content-length"] == str(len(get.content))


@pytest.mark.parametrize("method, path, allow", [
    ("POST", "/api/v1/routes", "GET, HEAD"), ("PUT", PATH, "GET, HEAD, POST"), ("DELETE", PATH + "/1", "GET, HEAD"), ("OPTIONS", PATH, "GET, HEAD, POST"),
    ("POST", "/metrics", "GET, HEAD"), ("PATCH", "/healthz", None), ("POST", "/readyz", "GET, HEAD"),
])
def test_other_methods_are_told_which_are_served(ann, method, path, allow):
    answer = check(ann.request(method, path), 405, "method-not-allowed")
    assert answer.headers["allow"] == (allow or "GET, HEAD")


def test_the_history_in_pages(own, ann):
    for number in range(2, 8):
        assert move(ann, number, 1).status_code == 201
    found, path = [], PATH + "?limit=3"
    while path:
        page = check(ann.get(path), 200)
        assert page.headers["etag"] == '"7"' and page.json()["route"] == "probe"
        found += page.json()["revisions"]
        path = page.json().get("next")
    assert [entry["revision"] for entry in found] == [7, 6, 5, 4, 3, 2, 1]
    assert [entry["author"] for entry in found] == ["ann"] * 6 + ["file"]
    assert json.loads(own.weir("history", "probe", "--json", "--state", own.state)) == found, "the command line says the same"
    assert ann.get(PATH + "/4").json() == found[3]
    for query in ("limit=0", "limit=201", "limit=ten", "before=0", "limit=1&limit=2", "limit=%zz"):
        check(ann.get(f"{PATH}?{query}"), 400, "parameter-malformed")
    check(ann.get(PATH + "?limits=1"), 400, "parameter-unknown")
    check(ann.get(PATH + "/99"), 404, "revision-unknown")
    check(ann.get("/api/v1/routes/none/revisions"), 404, "route-unknown")


# Moving


def test_a_move_is_in_force_when_it_is_answered(own, ann):
    """The very next request is answered by it, however short the pause."""
    for turn in range(10):
        champion = turn % 2
        answer = check(move(ann, champion, 1 - champion), 201)
        number = answer.json()["revision"]
        assert answer.headers["etag"] == f'"{number}"' and answer.headers["location"] == f"{PATH}/{number}"
        assert answer.json()["in_force"] is True and answer.json()["author"] == "ann" and answer.json()["reason"] == "a test"
        headers = served(own)
        assert int(headers["x-weir-revision"]) == number and headers["x-weir-variant"] == ("champion" if champion else "challenger")
        assert ann.get(answer.headers["location"]).json()["revision"] == number
    verify_audit(own)


def test_it_is_in_force_at_every_reactor_within_milliseconds(own, capsys):
    """Open connections spread over the reactors ask without pause while the split moves; from the answer on nobody gets the old one."""
    token, over, seen, failures = own.new_token("view", "adjust"), threading.Event(), [], []

    def ask():
        with new_client(own, http2=False) as client:
            while not over.is_set():
                began = time.monotonic()
                answer = client.predict(ROW, x_user_id="u-1")
                if answer.status_code == 200:
                    seen.append((began, int(answer.headers["x-weir-revision"])))
                else:
                    failures.append(answer.text)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    took, moved = [], []
    try:
        eventually(lambda: len(seen) > 20, within=5, what="answers")
        with control(own, token) as client:
            for turn in range(10):
                began = time.monotonic()
                answer = check(move(client, turn + 1, 1), 201)
                moved.append((time.monotonic(), answer.json()["revision"]))
                took.append(time.monotonic() - began)
                before = len(seen)
                eventually(lambda: len(seen) > before + 20, within=5, what="answers")
    finally:
        over.set()
        for thread in threads:
            thread.join(10)
    assert not failures
    late = [began - at for at, number in moved for began, revision in seen if began > at and revision < number]
    with capsys.disabled():
        print(f"\n  a move over the control plane: {1000 * sorted(took)[5]:.1f} ms at the median, {1000 * max(took):.1f} at most; "
              f"{len(late)} of {len(seen)} predictions began after the answer and had the old split")
    assert all(delay < 0.005 for delay in late)


def test_a_split_by_command_line_and_over_https_are_one_history(own, ann):
    own.split("champion=50", "challenger=50")
    eventually(lambda: served(own)["x-weir-revision"] == "2", within=1, what="the revision")
    check(move(ann, 60, 40, match='"1"'), 412, "precondition-failed")
    assert check(move(ann, 60, 40, match='"2"'), 201).json()["revision"] == 3
    assert "champion 60 %" in own.weir("history", "probe", "--state", own.state)


def test_one_of_two_wins(own):
    """Two clients who have seen the same revision both move: exactly one is let, each time."""
    tokens = [own.new_token("view", "adjust", name=name) for name in ("bea", "cid")]
    with control(own, tokens[0]) as bea, control(own, tokens[1], http2=False) as cid:
        for turn in range(1, 16):
            gate, answers = threading.Barrier(2), {}

            def go(name, client, champion):
                gate.wait()
                answers[name] = move(client, champion, 100 - champion, match=f'"{turn}"')

            pair = [threading.Thread(target=go, args=("bea", bea, turn)), threading.Thread(target=go, args=("cid", cid, turn + 40))]
            for thread in pair:
                thread.start()
            for thread in pair:
                thread.join(10)
            assert sorted(answer.status_code for answer in answers.values()) == [201, 412], [a.text for a in answers.values()]
            winner = next(name for name, answer in answers.items() if answer.status_code == 201)
            loser = check(next(answer for answer in answers.values() if answer.status_code == 412), 412, "precondition-failed")
            assert loser.headers["etag"] == f'"{turn + 1}"' and f"by {winner}" in loser.json()["error"]
        assert bea.get(PATH).headers["etag"] == '"16"'
    moves = [row for row in verify_audit(own) if row[3] == "revision.create" and row[2] in ("bea", "cid")]
    assert len(moves) == 15


def test_without_having_looked_nobody_moves(own, ann):
    check(move(ann, 1, 1, match=None), 428, "precondition-missing")
    for tag in ("1", 'W/"1"', '"1", "2"', '"x"', '"1" ' + " " * 80 + '"2"'):
        check(move(ann, 1, 1, match=tag), 400, "precondition-malformed")
    twice = ann.post(PATH, json={"weights": {"champion": 1, "challenger": 1}, "reason": "r"}, headers=[("if-match", '"1"'), ("if-match", '"1"')])
    check(twice, 400, "precondition-malformed")
    assert served(own)["x-weir-revision"] == "1"


def test_the_weights_in_force_make_no_revision(own, ann):
    entries = len(verify_audit(own))
    answer = check(move(ann, 90, 10, match='"1"'), 200)
    assert answer.json()["revision"] == 1 and answer.json()["author"] == "file" and "location" not in answer.headers
    assert len(verify_audit(own)) == entries


def test_a_dry_run_moves_nobody(own, ann):
    entries = len(verify_audit(own))
    body = check(move(ann, 80, 20, match=None, path=PATH + "?dry_run=true"), 200).json()
    assert body["from"]["revision"] == 1 and body["to"]["revision"] == 2
    assert body["moved"] == pytest.approx(0.1) and body["moves"]["champion"]["challenger"] == pytest.approx(0.1)
    assert body["moves"]["challenger"]["champion"] == 0
    assert len(verify_audit(own)) == entries and served(own)["x-weir-revision"] == "1"
    printed = own.weir("split", "probe", "champion=80", "challenger=20", "--why", "try", "--dry-run", "--state", own.state)
    assert "10 % of units move: champion → challenger 10 %" in printed


RUBBISH = [
    b"", b"{", b"[]", b"null", b"\xff\xfe", b"\x00" * 100, b'{"weights":', b"[" * 60_000, b'{"a":' * 10_000, b'{"weights":{"champion":NaN,"challenger":1},"reason":"r"}',
    b'{"weights":{"champion":1,"champion":2,"challenger":1},"reason":"r"}', b'{"weights":{"champion":1,"challenger":1},"reason":"r","x":1}',
    b'{"weights":{"champion":"1","challenger":1},"reason":"r"}', b'{"weights":{"champion":1,"challenger":1},"reason":null}', b"weights=1",
]


@pytest.mark.parametrize("body", RUBBISH, ids=lambda body: repr(body[:40]))
def test_rubbish_is_told_what_it_is(gateway, rubbish_client, body):
    answer = rubbish_client.post(PATH, content=body, headers={"if-match": "*", "content-type": "application/json"})
    check(answer, 400, "body-malformed")


@pytest.fixture(scope="module", params=[False, True], ids=["h1", "h2"])
def rubbish_client(gateway, request):
    with control(gateway, gateway.new_token("adjust"), http2=request.param) as client:
        yield client


def test_splits_that_are_none(gateway, rubbish_client):
    for weights in ({"champion": 1}, {"champion": 0, "challenger": 0}, {"champion": -1, "challenger": 1}, {"champion": 1, "challenger": 1, "x": 1}, {}):
        body = {"weights": weights, "reason": "r"}
        assert check(rubbish_client.post(PATH, json=body, headers={"if-match": "*"}), 400, "split-malformed").json()["field"] == "weights"
    for reason in ("", " x", "x" * 1001, "two\nlines"):
        body = {"weights": {"champion": 1, "challenger": 1}, "reason": reason}
        assert check(rubbish_client.post(PATH, json=body, headers={"if-match": "*"}), 400, "split-malformed").json()["field"] == "reason"


def test_a_body_is_64_kib_at_most_and_json(gateway, rubbish_client):
    text = json.dumps({"weights": {"champion": 1}, "reason": "r"}).encode()
    headers = {"if-match": "*", "content-type": "application/json"}
    check(rubbish_client.post(PATH, content=text + b" " * (65_536 - len(text)), headers=headers), 400, "split-malformed")
    check(rubbish_client.post(PATH, content=text + b" " * (65_537 - len(text)), headers=headers), 413, "body-too-large")
    check(rubbish_client.post(PATH, content=text, headers={**headers, "content-type": "text/plain"}), 415, "media-type-unknown")
    check(rubbish_client.get("/api/" + "x" * 508), 404, "path-unknown")


# Who may


def test_each_scope_opens_its_own(own):
    doors = [("GET", "/api/v1", "view"), ("GET", "/api/v1/routes", "view"), ("GET", "/api/v1/routes/probe", "view"), ("GET", PATH, "view"),
             ("GET", PATH + "/1", "view"), ("GET", "/metrics", "view"), ("POST", PATH, "adjust")]
    tokens = {scope: own.make_token(scope) for scope in ("predict", "outcome", "override", "view", "adjust", "admin")}
    last = own.new_token("view")
    assert last
    for scope, token in tokens.items():
        with control(own, token) as client:
            for method, path, needed in doors:
                answer = client.request(method, path)
                if scope != needed:
                    check(answer, 403, "scope-missing")
                else:
                    assert answer.status_code == (428 if method == "POST" else 200), answer.text
    for token, code in ((None, "token-missing"), ("weir_unknown", "token-unknown")):
        with control(own, token) as client:
            for method, path, _ in doors:
                assert check(client.request(method, path), 401, code).headers["www-authenticate"].startswith("Bearer")


def test_a_token_for_one_route(own):
    token = own.new_token("view", "adjust", name="lina", more=("--route", "linear"))
    with control(own, token) as client:
        assert [route["route"] for route in client.get("/api/v1/routes").json()["routes"]] == ["linear"]
        check(client.get("/api/v1/routes/linear/revisions"), 200)
        for path in (PATH, "/api/v1/routes/probe", "/api/v1/routes/none", "/metrics"):
            check(client.get(path), 403, "route-forbidden")
        check(move(client, 1, 1), 403, "route-forbidden")
    assert served(own)["x-weir-revision"] == "1"


def test_a_revoked_token_moves_nothing(own):
    with control(own, own.new_token("view", "adjust", name="gone")) as client:
        check(client.get(PATH), 200)
        own.weir("token", "revoke", "gone", "--state", own.state)
        eventually(lambda: client.get(PATH).status_code == 401, within=1, what="the refusal")
        check(move(client, 1, 1), 401, "token-unknown")


# Open metrics


def test_open_metrics_are_for_loopback(gateway, tmp_path, launch):
    refused = run_weir("serve", "--state", tmp_path / "state", "--routes", gateway.routes, "--certs", gateway.certs, "--listen", "127.0.0.1:0",
                       "--control", "0.0.0.0:0", "--metrics-open")
    assert refused.returncode == 1 and "--metrics-open needs a control plane on loopback" in refused.stderr, refused
    server = launch(arguments=["--metrics-open"])
    assert server.get("/metrics", control=True)[0] == 200
    assert server.get("/api/v1", control=True)[0] == 401, "nothing else is open"


# Trouble


def test_a_locked_ledger_is_a_503_and_heals(own):
    """Somebody else holds the write lock for longer than the ledger waits."""
    with control(own, own.new_token("view", "adjust")) as client:
        with sqlite3.connect(f"{own.state}/ledger.sqlite", isolation_level=None) as holder:
            holder.execute("BEGIN IMMEDIATE")
            answer = check(move(client, 1, 1), 503, "ledger-unavailable")
            assert int(answer.headers["retry-after"]) >= 1 and str(own.state) not in answer.text
            assert check(client.get(PATH), 200).headers["etag"] == '"1"', "reading goes on"
            assert served(own)["x-weir-revision"] == "1", "predictions go on"
            holder.execute("ROLLBACK")
        check(move(client, 1, 1), 201)
    eventually(lambda: any("the ledger cannot be used" in line for line in own.lines), within=2, what="a log line")
    verify_audit(own)


def test_garbage_on_the_control_port_ends_alone(gateway):
    with H1Peer(gateway, port=gateway.control_port) as peer:
        peer.send(b"POST " + PATH.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nabcde")
        answer = peer.last_answer()
        assert answer.status == 400
    with H2Peer(gateway, port=gateway.control_port) as peer:
        assert peer.answer(peer.ask(path="/api/v1", method="GET")).status == 403, "a token for predictions"
    assert gateway.is_well()


def test_many_at_once_over_one_connection(gateway):
    """Requests of one HTTP/2 connection get their own answers, with their own fields."""
    with H2Peer(gateway, port=gateway.control_port) as peer:
        gateway_token = gateway.new_token("view")
        streams = {}
        for number in range(60):
            path = PATH if number % 2 else "/api/v1/routes/linear"
            fields = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", path), ("authorization", f"Bearer {gateway_token}")]
            streams[peer.ask(fields=fields)] = path
        answers = peer.answers(*streams)
    for stream, path in streams.items():
        body = json.loads(answers[stream].body)
        assert answers[stream].status == 200 and re.fullmatch(r'"\d+"', answers[stream].headers["etag"])
        assert body["route"] == ("probe" if path == PATH else "linear")
