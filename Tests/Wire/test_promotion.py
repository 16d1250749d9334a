"""A shadow on its way to live traffic, by the command and over the control plane, and a new model compared without a server."""

import json
import shutil

import pytest

import models
from conftest import new_client
from gateway import eventually, run_weir
from shadows import hurry
from test_control import check, control

CLASSES = "labels: [low, high]\nrows: 32\ndeadline: 10s\nlog: { percent: 100 }"
CONTRARY = [[-weight for weight in row] for row in models.CHAMPION]


@pytest.fixture(scope="module")
def shadowed(tmp_path_factory):
    """The route trees: a champion, and two shadows of which one answers the same and one the contrary."""
    home = tmp_path_factory.mktemp("routes") / "trees"
    home.mkdir()
    (home / "sample.ndjson").write_text("".join(json.dumps({"a": -1, "b": b, "spin": 0}) + "\n" for b in range(8)))
    for name, weights in {"champion": models.CHAMPION, "same": models.CHAMPION, "contrary": CONTRARY}.items():
        models.classifier(home / f"{name}.onnx", weights)
    shadows = "".join(
        f'\n  - {{ name: {name}, model: {name}.onnx, sha256: "{models.sha256(home / f"{name}.onnx")}" }}' for name in ("same", "contrary"))
    (home / "route.yaml").write_text(models.route_text(
        "trees", {"champion": (home / "champion.onnx", 90)}, f"{CLASSES}\nshadows:{shadows}"))
    return home.parent


@pytest.fixture
def server(launch, shadowed):
    return launch(shadowed, scopes=("predict", "view", "adjust"))


def ask(server, count):
    """The variants that served so many units."""
    with new_client(server) as client:
        answers = [client.predict({"a": -1, "b": 1}, route="trees", x_user_id=f"unit-{number}") for number in range(count)]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.headers["x-weir-variant"] for answer in answers]


def shadows(client):
    return {shadow["name"]: shadow for shadow in check(client.get("/api/v1/routes/trees/shadows"), 200).json()["shadows"]}


def compared(server, client, name):
    hurry(server)
    return shadows(client)[name].get("figures", {}).get("compared", 0)


def promote(client, name, query="", match="*", **body):
    return client.post(
        f"/api/v1/routes/trees/shadows/{name}/promote{query}", json={"weight": 90, "reason": "a test", **body}, headers={"if-match": match})


def test_over_the_control_plane(server):
    with control(server, server.token) as client:
        check(promote(client, "same"), 409, "never-compared")
        check(promote(client, "nobody"), 404, "shadow-unknown")
        assert ask(server, 50) == ["champion"] * 50
        eventually(lambda: compared(server, client, "same") == compared(server, client, "contrary") == 50, within=20, what="50 pairs")
        found = shadows(client)
        assert found["same"]["figures"]["diverged"] == 0 and "obstacle" not in found["same"]
        assert found["contrary"]["figures"]["diverged"] == 50 and found["contrary"]["obstacle"] == "diverges"
        eventually(lambda: shadows(client)["same"]["standing"]["process"] == "running", within=5, what="where it stands, looked at ten times a second")
        assert shadows(client)["same"]["standing"]["breaker"]["state"] == "closed"
        eventually(lambda: shadows(client)["contrary"]["examples"], within=20, what="examples")
        example = shadows(client)["contrary"]["examples"][0]
        assert example["answer"]["label"] != example["shadow_answer"]["label"] and example["input"]["b"] == 1
        refused = check(promote(client, "contrary"), 409, "diverges").json()
        assert "50 of 50 pairs" in refused["error"]
        draft = check(promote(client, "same", "?dry_run=true"), 200).json()
        assert draft["to"]["revision"] == 2 and draft["moves"]["champion"]["same"] == pytest.approx(0.5)
        made = check(promote(client, "same", match='"1"'), 201).json()
        assert made["in_force"] and made["comparison"]["compared"] == 50
        check(promote(client, "same"), 409, "already-live")
        # In force when it is answered: about half of the units are served by it, and the other shadow follows both.
        served = ask(server, 200)
        assert 60 < served.count("same") < 140 and served.count("same") + served.count("champion") == 200
        eventually(lambda: compared(server, client, "contrary") == 250, within=20, what="250 pairs")
        assert compared(server, client, "same") == 50 and shadows(client)["same"]["live"] and "standing" not in shadows(client)["same"]


def test_by_the_command(server):
    ask(server, 20)
    words = ["promote", "trees", "same", "--weight", "10", "--why", "as good", "--state", server.state]

    def would_go():
        hurry(server)
        return run_weir(*words, "--dry-run").returncode == 0

    eventually(would_go, within=20, what="pairs")
    assert "20 pairs compared, 0 diverged" in run_weir(*words).stdout
    eventually(lambda: "same" in ask(server, 60), within=10, what="the shadow live")
    with control(server, server.token) as client:
        # Whatever stands against it, somebody may want it.
        check(promote(client, "contrary", anyway=True), 201)
        route = check(client.get("/api/v1/routes/trees"), 200).json()
        assert [variant["name"] for variant in route["variants"]] == ["champion", "same", "contrary"]
    shown = run_weir("breaker", "trees", "--state", server.state).stdout
    assert "contrary" in shown


def test_a_shadow_whose_file_is_gone_goes_live_when_it_is_back(launch, shadowed, tmp_path):
    """Meanwhile the route is served as before, and whatever else is decided is in force."""
    routes = shutil.copytree(shadowed, tmp_path / "routes")
    server = launch(routes, scopes=("predict", "view", "adjust"))
    model = routes / "trees" / "contrary.onnx"
    good = model.read_bytes()
    with control(server, server.token) as client:
        model.write_bytes(b"rubbish")
        assert not check(promote(client, "contrary", anyway=True), 202).json()["in_force"]
        assert ask(server, 20) == ["champion"] * 20
        guest = server.new_token("view", name="guest")
        with control(server, guest) as other:
            check(other.get("/api/v1/routes"), 200)
            assert run_weir("token", "revoke", "guest", "--state", server.state).returncode == 0
            eventually(lambda: other.get("/api/v1/routes").status_code == 401, within=10, what="the token's end")
        model.write_bytes(good)
        eventually(lambda: "contrary" in ask(server, 60), within=20, what="the shadow live")


def test_where_shadows_stand_is_shown_to_commands(server):
    def shown():
        return run_weir("breaker", "trees", "same", "--state", server.state).stdout

    eventually(lambda: "running (pid " in shown(), within=20, what="the shadow's process")
    assert "shadow  process" in shown() and "contrary" not in shown()
    assert run_weir("fault", "trees", "same", "--crash", "--why", "a test", "--state", server.state).stderr == ""


def test_a_comparison_without_a_server_is_what_python_computes(shadowed, tmp_path):
    rows = [{"a": -1 + number / 50, "b": 1, "spin": 0} for number in range(100)]
    path = tmp_path / "rows.ndjson"
    path.write_text("".join(json.dumps({**row, "label": "low", "more": [1]}) + "\n" for row in rows))
    models.classifier(tmp_path / "new.onnx", models.CHALLENGER)
    found = run_weir("compare", "trees", "--routes", shadowed, "--model", tmp_path / "new.onnx", "--rows", path, "--json")
    assert found.returncode == 0, found.stderr
    figures = json.loads(found.stdout)["comparison"]
    columns = [[row["a"], row["b"], row["spin"]] for row in rows]
    primary, shadow = (models.run(model, columns)["probabilities"] for model in (shadowed / "trees" / "champion.onnx", tmp_path / "new.onnx"))
    labels = [(int(p.argmax()), int(s.argmax())) for p, s in zip(primary, shadow)]
    assert figures["compared"] == 100
    assert figures["confusion"]["counts"] == [[labels.count((row, column)) for column in range(2)] for row in range(2)]
    for place in range(2):
        largest = max(abs(float(p[place]) - float(s[place])) for p, s in zip(primary, shadow))
        assert figures["outputs"][place]["absolute"]["largest"] == pytest.approx(largest, rel=1e-6)
    assert figures["outcomes"]["accuracy"] == {
        "primary": pytest.approx(sum(p == 0 for p, _ in labels) / 100), "shadow": pytest.approx(sum(s == 0 for _, s in labels) / 100)}


def test_a_comparison_with_what_was_answered(server, shadowed, tmp_path):
    """Of the prediction log, beside the server that writes it."""
    models.classifier(tmp_path / "new.onnx", CONTRARY)
    ask(server, 20)

    def comparison():
        found = run_weir(
            "compare", "trees", "--routes", shadowed, "--state", server.state, "--model", tmp_path / "new.onnx", "--log", "--json")
        return json.loads(found.stdout)["comparison"] if found.returncode == 0 else {}

    figures = eventually(lambda: (found := comparison()).get("compared") == 20 and found, within=20, what="20 logged predictions")
    primary, shadow = (
        models.run(model, [[-1, 1, 0]])["probabilities"][0] for model in (shadowed / "trees" / "champion.onnx", tmp_path / "new.onnx"))
    assert figures["diverged"] == 20
    assert figures["confusion"]["counts"][int(primary.argmax())][int(shadow.argmax())] == 20
    for place in range(2):
        largest = abs(float(primary[place]) - float(shadow[place]))
        assert figures["outputs"][place]["absolute"]["largest"] == pytest.approx(largest, rel=1e-5)
