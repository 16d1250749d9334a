"""Route files: what is complained about, and that a running server follows good edits and outlives bad ones."""

import json
import shutil
import signal

import pytest

import models
from conftest import new_client
from gateway import eventually, run_weir

ROW = {"a": 1, "b": 2}
SOON = 2.0
"""Seconds within which an edit is seen and its models are loaded."""


@pytest.fixture
def own(launch, routes):
    return launch(routes=routes)


def edit(folder, old, new, route="probe"):
    """Replaces the file in one step, as editors do."""
    path = folder / route / "route.yaml"
    text = path.read_text()
    assert old in text
    (folder / route / "route.yaml.new").write_text(text.replace(old, new))
    (folder / route / "route.yaml.new").rename(path)


def ask(server, row=ROW, route="probe"):
    with new_client(server) as client:
        return client.predict(row, route=route)


def test_an_edit_of_the_contract_is_picked_up(own):
    row = {"a": 1500, "b": 2}
    assert ask(own, row).status_code == 400
    edit(own.routes, "{ name: a, type: number, min: -1000, max: 1000 }", "{ name: a, type: number, min: -1000, max: 2000 }")
    eventually(lambda: ask(own, row).status_code == 200, within=SOON, what="the wider range")


def test_a_new_route_is_picked_up_and_an_old_one_goes(own):
    folder = own.routes / "second"
    shutil.copytree(own.routes / "linear", own.routes / ".second")
    path = own.routes / ".second" / "route.yaml"
    path.write_text(path.read_text().replace("route: linear", "route: second"))
    (own.routes / ".second").rename(folder)
    eventually(lambda: ask(own, route="second").status_code == 200, within=SOON, what="the new route")
    shutil.rmtree(folder)
    eventually(lambda: ask(own, route="second").status_code == 404, within=SOON, what="its end")
    assert ask(own).status_code == 200


def test_new_weights_in_the_file_are_a_revision_by_the_file(own):
    revision = int(ask(own).headers["x-weir-revision"])
    edit(own.routes, "weight: 10 }", "weight: 0 }")
    eventually(lambda: int(ask(own).headers["x-weir-revision"]) == revision + 1, within=SOON, what="the revision")
    assert "file" in own.weir("history", "probe", "--state", own.state)


def test_an_edit_that_leaves_the_weights_does_not_undo_a_split(own):
    old = ask(own).headers["x-weir-revision"]
    own.split("champion=0", "challenger=1")
    revision = eventually(lambda: (new := ask(own).headers["x-weir-revision"]) != old and new, within=SOON, what="the split")
    edit(own.routes, "rows: 32", "rows: 2")
    eventually(lambda: ask(own, {"instances": [ROW] * 3}).status_code == 400, within=SOON, what="the edit")
    assert (ask(own).headers["x-weir-variant"], ask(own).headers["x-weir-revision"]) == ("challenger", revision)


def test_sighup_reads_the_files_again(own):
    edit(own.routes, "rows: 32", "rows: 2")
    own.terminate(signal.SIGHUP)
    eventually(lambda: ask(own, {"instances": [ROW] * 3}).status_code == 400, within=SOON, what="the edit")
    assert own.is_well()


BAD_EDITS = {
    "no YAML": ("route: probe", "route: [probe"), "an unknown key": ("rows: 32", "rosw: 32"), "a bad weight": ("weight: 90", "weight: -90"),
    "another hash": ('sha256: "', 'sha256: "00'), "a missing model": ("champion.onnx", "absent.onnx"), "an unknown type": ("type: integer", "type: colour"),
}


@pytest.mark.parametrize("old, new", BAD_EDITS.values(), ids=BAD_EDITS.keys())
def test_a_bad_edit_keeps_the_plan(own, old, new):
    """It is complained about with its file; a good edit afterwards is taken."""
    edit(own.routes, old, new)
    eventually(lambda: "route.yaml" in own.log(), within=SOON, what="a complaint")
    assert ask(own).status_code == 200 and own.is_well()
    edit(own.routes, new, old)
    edit(own.routes, "rows: 32", "rows: 2")
    eventually(lambda: ask(own, {"instances": [ROW] * 3}).status_code == 400, within=SOON, what="the good edit")


CORRUPTIONS = {
    "empty": lambda data: b"", "cut off": lambda data: data[: len(data) // 2], "a text": lambda data: b"not a model\n",
    "a changed byte": lambda data: data[:-10] + bytes([data[-10] ^ 0xFF]) + data[-9:],
}


@pytest.mark.parametrize("pinned", [True, False], ids=["with the old hash", "with its own hash"])
@pytest.mark.parametrize("corrupt", CORRUPTIONS.values(), ids=CORRUPTIONS.keys())
def test_a_corrupt_model_keeps_the_service(own, corrupt, pinned):
    """Even a file that is pinned as it is must not reach traffic unless it loads and fits."""
    model = own.routes / "probe" / "challenger.onnx"
    old = models.sha256(model)
    model.write_bytes(corrupt(model.read_bytes()))
    edit(own.routes, "rows: 32", "rows: 31")
    if not pinned:
        edit(own.routes, old, models.sha256(model))
    with new_client(own) as client:
        for i in range(50):
            answer = client.predict(ROW, x_user_id=f"u-{i}")
            assert answer.status_code == 200 and answer.json()["label"] in ("low", "high")
    assert own.is_well()


def test_a_new_model_is_taken_into_service(own):
    new = own.routes / "probe" / "newer.onnx"
    models.classifier(new, [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    champion = own.routes / "probe" / "champion.onnx"
    edit(own.routes, models.sha256(champion), models.sha256(new))
    edit(own.routes, "model: champion.onnx", "model: newer.onnx")
    own.split("champion=1", "challenger=0")
    expected = [float(p) for p in models.run(new, [[1, 2, 0]])["probabilities"][0]]
    eventually(lambda: list(ask(own).json()["probabilities"].values()) == pytest.approx(expected, abs=1e-5), within=SOON, what="the new model")


def test_check_is_content_with_good_routes(routes):
    result = run_weir("check", routes)
    assert result.returncode == 0, result


def test_check_lists_every_complaint(routes):
    """One mistake in each of three files, two in another: all five are told, each with its file."""
    edit(routes, "weight: 90", "weight: -90")
    edit(routes, "max: 1000 }", "max: -2000 }")
    edit(routes, "unit:", "unti:", route="linear")
    edit(routes, 'sha256: "', 'sha256: "00', route="slow")
    (routes / "broken" / "only.onnx").write_bytes(b"no model")
    result = run_weir("check", routes)
    said = result.stdout + result.stderr
    assert result.returncode == 1, result
    for route in ("probe", "linear", "slow", "broken"):
        assert f"{route}/route.yaml:" in said, f"nothing about {route}: {said}"
    for word in ("weight", "max", "unti", "unit", "sha256"):
        assert word in said, f"no {word!r} in: {said}"
    assert models.sha256(routes / "slow" / "only.onnx") in said, "the right hash is told"


MISTAKES = {
    "no route": ("route: probe\n", ""), "no variants": ("variants:", "variant:"), "a name with a control character": ("champion:", '"cham\\u001fpion":'),
    "the same feature twice": ("name: b", "name: a"), "an unknown type": ("type: number", "type: real"), "a bad duration": ("deadline: 10s", "deadline: soon"),
    "too many rows": ("rows: 32", "rows: 100000"), "a default beyond the range": ("default: 0", "default: -1"), "too few features": ("  - { name: b, type: number, min: -1000, max: 1000 }\n", ""),
    "a model outside the folder": ("model: champion.onnx", "model: ../slow/only.onnx"), "a key of a later version": ("sample:", "experiment: { name: a }\nsample:"),
    "a labels list too short": ("labels: [low, high]", "labels: [low]"), "a sample that is absent": ("sample.ndjson", "absent.ndjson"),
}


@pytest.mark.parametrize("old, new", MISTAKES.values(), ids=MISTAKES.keys())
def test_check_names_file_and_line(routes, old, new):
    edit(routes, old, new)
    result = run_weir("check", routes)
    said = result.stdout + result.stderr
    assert result.returncode == 1, result
    assert "probe/route.yaml:" in said, said
    assert "Traceback" not in said and "Fatal error" not in said


def test_two_routes_with_one_path_are_refused(routes):
    edit(routes, "route: linear", "route: linear\npath: /v1/probe", route="linear")
    result = run_weir("check", routes)
    assert result.returncode == 1 and "/v1/probe" in result.stdout + result.stderr


def test_a_sample_row_against_the_contract_is_refused(routes):
    with (routes / "probe" / "sample.ndjson").open("a") as file:
        file.write(json.dumps({"a": 5000, "b": 1, "spin": 0}) + "\n")
    result = run_weir("check", routes)
    said = result.stdout + result.stderr
    assert result.returncode == 1 and "sample" in said and "line 9" in said, result


def test_a_server_without_any_good_plan_does_not_start(routes, certs, tmp_path):
    edit(routes, "weight: 90", "weight: -90")
    result = run_weir("serve", "--routes", routes, "--certs", certs, "--state", tmp_path / "state", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0")
    assert result.returncode != 0 and "route.yaml" in result.stderr, result
