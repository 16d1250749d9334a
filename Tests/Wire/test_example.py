"""The files of Routes/video-category belong together: pins, cards, held-out rows and the accuracies that are written down."""

import hashlib
import json
import pathlib
import re

import numpy
import onnxruntime
import pytest

ROUTE = pathlib.Path(__file__).parents[2] / "Routes" / "video-category"
MODELS = ["champion", "challenger", "candidate"]


def rows(name):
    return [json.loads(line) for line in (ROUTE / name).read_text().splitlines()]


def contract():
    """Name, smallest and largest value of each field in route.yaml, in order."""
    pattern = r"- \{ name: (\w+), +type: number, min: (\d+), +max: (\d+) \}"
    return [(name, int(low), int(high)) for name, low, high in re.findall(pattern, (ROUTE / "route.yaml").read_text())]


@pytest.mark.parametrize("name", MODELS)
def test_a_model_names_the_contracts_features_and_reaches_its_accuracy(name):
    session = onnxruntime.InferenceSession(ROUTE / f"{name}.onnx")
    card = session.get_modelmeta().custom_metadata_map
    features = [field for field, _, _ in contract()]
    assert json.loads(card["features"]) == features and len(features) == 14 and card["variant"] == name
    heldout = rows("heldout.ndjson")
    matrix = numpy.array([[row[feature] for feature in features] for row in heldout], numpy.float32)
    labels, probabilities = session.run(None, {"X": matrix})
    columns = numpy.array(json.loads(card["labels"]))
    assert (columns[probabilities.argmax(axis=1)] == labels).all()
    accuracy = round(float(numpy.mean(labels == [row["label"] for row in heldout])), 4)
    assert accuracy == json.loads((ROUTE / "accuracy.json").read_text())["accuracy"][name] == float(card["accuracy"])
    assert f"| {accuracy:.4f} |" in (ROUTE / "README.md").read_text()


def test_the_route_pins_the_files_that_lie_there():
    pins = re.findall(r"model: (\S+), +sha256: \"([0-9a-f]+)\"", (ROUTE / "route.yaml").read_text())
    assert [name for name, _ in pins] == [f"{name}.onnx" for name in MODELS]
    for name, digest in pins:
        assert hashlib.sha256((ROUTE / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("name, count", [("heldout.ndjson", 6093), ("sample.ndjson", 300)])
def test_rows_keep_to_the_contract(name, count):
    assert len(rows(name)) == count and (ROUTE / name).stat().st_size < 1_000_000
    for row in rows(name):
        assert list(row) == [field for field, _, _ in contract()] + ["label"]
        assert all(low <= row[field] <= high for field, low, high in contract())


def test_no_sample_row_is_held_out():
    def features(name):
        return {line.rpartition(',"label":')[0] for line in (ROUTE / name).read_text().splitlines()}

    assert not features("sample.ndjson") & features("heldout.ndjson")
