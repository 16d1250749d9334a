#!/usr/bin/env python3
"""Makes Tests/Fixtures/models: small ONNX files in every shape that notebooks export, and the answers ONNX Runtime gives in Python.

    python3 -m venv .venv
    .venv/bin/pip install numpy==2.4.6 pandas==3.1.1 scikit-learn==1.9.1 skl2onnx==1.20.0 onnx==1.23.2 onnxruntime==1.32.0
    .venv/bin/python Tests/Fixtures/make_models.py [FOLDER]

FOLDER defaults to `models` beside this script. The data is drawn from a seed, so a second run writes the same bytes.

`expected.json` maps each file name to
    about      why the file is here
    task       "classification" or "regression"
    inputs     [{name, type, shape}] as the file declares them; null in a shape is a dimension without value or name
    outputs    the same; `seq(map(string,tensor(float)))` is what ZipMap makes
    features   column names, in column order
    labels     class names in the order of the probability columns (classification)
    rows       a few rows, values in column order
    label      per row, the class (classification)
    probabilities  per row, in the order of `labels`; null stands for NaN (classification)
    value      per row; null stands for NaN (regression)
"""

import json
import math
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
import pandas as pd
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeRegressor

SEED = 20_260_101
FEATURES = ["a", "b", "c", "d"]
NAMES = np.array(["oak", "pine", "willow"])
OPSET = {"": 17, "ai.onnx.ml": 3}


def draw():
    """240 rows of four features around three centres, and the number of the centre."""
    random = np.random.default_rng(SEED)
    kind = random.integers(0, 3, 240)
    centres = np.array([[0, 0, 1, 5], [2, 1, 0, 7], [1, 3, 2, 6]])
    rows = centres[kind] + random.normal(0, 0.8, (240, 4))
    return np.round(rows, 2).astype(np.float32), kind.astype(np.int64)


def export(model, width, *, zipmap=False, element=FloatTensorType):
    """The file that skl2onnx makes of a fitted model with one input matrix of `width` columns."""
    options = None if not hasattr(model, "classes_") else {id(model): {"zipmap": zipmap}}
    return convert(model, [("X", element([None, width]))], options)


def convert(model, types, options):
    """skl2onnx's file; its list of opsets, written in the order of a set, is put in order so that the bytes do not vary."""
    exported = to_onnx(model, initial_types=types, options=options, target_opset=OPSET, name="fixture")
    exported.opset_import.sort(key=lambda opset: opset.domain)
    return exported


def hand_made(nodes, outputs, initializers, *, rows="N"):
    """A graph written by hand over a float matrix `x` [rows, 4], for shapes that scikit-learn never makes but others do."""
    matrix = helper.make_tensor_value_info("x", TensorProto.FLOAT, [rows, 4])
    graph = helper.make_graph(nodes, "fixture", [matrix], outputs, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="hand")


def constants(**arrays):
    return [numpy_helper.from_array(value, name) for name, value in arrays.items()]


def softmax_nodes(source):
    """x·w + b, softmax and the number of the largest column, from the tensor called `source`."""
    return [
        helper.make_node("MatMul", [source, "w"], ["product"]),
        helper.make_node("Add", ["product", "b"], ["score"]),
        helper.make_node("Softmax", ["score"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["score"], ["label"], axis=1, keepdims=0),
    ]


def classifier_outputs(label_shape, rows="N"):
    return [
        helper.make_tensor_value_info("label", TensorProto.INT64, label_shape),
        helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [rows, 3]),
    ]


def linear_weights():
    random = np.random.default_rng(SEED + 1)
    return constants(w=random.normal(0, 1, (4, 3)).astype(np.float32).round(3), b=np.array([0.1, 0, -0.1], np.float32))


def logistic_fixtures(x, kind):
    """The same classifier in the four ways a label and its probabilities leave a file, plus other input types and another width."""
    numbers = make_pipeline(StandardScaler(), LogisticRegression()).fit(x, kind)
    named = make_pipeline(StandardScaler(), LogisticRegression()).fit(x, NAMES[kind])
    narrow = make_pipeline(StandardScaler(), LogisticRegression()).fit(x[:, :3], NAMES[kind])
    whole = np.rint(x).astype(np.int64)
    return {
        "zipmap-string.onnx": (export(named, 4, zipmap=True), NAMES, x, "ZipMap with string labels: the default export of a notebook"),
        "zipmap-int64.onnx": (export(numbers, 4, zipmap=True), [0, 1, 2], x, "ZipMap with int64 labels"),
        "tensor-string.onnx": (export(named, 4), NAMES, x, "zipmap=False with string labels; names columns and labels in metadata_props"),
        "tensor-int64.onnx": (export(numbers, 4), [0, 1, 2], x, "zipmap=False with int64 labels"),
        "narrow.onnx": (export(narrow, 3), NAMES, x[:, :3], "three columns where the others have four"),
        "float64.onnx": (export(numbers, 4, element=DoubleTensorType), [0, 1, 2], x.astype(np.float64), "a float64 matrix"),
        "int64.onnx": (
            export(make_pipeline(StandardScaler(), LogisticRegression()).fit(whole, NAMES[kind]), 4, element=Int64TensorType),
            NAMES, whole, "an int64 matrix",
        ),
    }


def tree_and_network_fixtures(x, kind):
    boosted = GradientBoostingClassifier(n_estimators=10, max_depth=3, random_state=SEED).fit(x, (kind == 2).astype(np.int64))
    forest = RandomForestClassifier(n_estimators=8, max_depth=4, random_state=SEED).fit(x, NAMES[kind])
    network = make_pipeline(StandardScaler(), MLPClassifier((8,), max_iter=2000, random_state=SEED)).fit(x, NAMES[kind])
    return {
        "binary-boosting.onnx": (export(boosted, 4), [0, 1], x, "two classes from one margin: one weight column and LOGISTIC"),
        "forest.onnx": (export(forest, 4), NAMES, x, "a random forest"),
        "network.onnx": (export(network, 4), NAMES, x, "a small multi-layer perceptron, its labels through ArrayFeatureExtractor"),
    }


def regression_fixtures(x):
    target = (x @ np.array([1.5, -2, 0.5, 3]) + 4).astype(np.float32)
    flat = [
        helper.make_node("MatMul", ["x", "w"], ["column"]),
        helper.make_node("Squeeze", ["column", "axis"], ["value"]),
    ]
    value = [helper.make_tensor_value_info("value", TensorProto.FLOAT, ["N"])]
    weights = constants(w=np.array([[1.5], [-2], [0.5], [3]], np.float32), axis=np.array([1], np.int64))
    return {
        "linear-regression.onnx": (export(LinearRegression().fit(x, target), 4), None, x, "a value in a [N,1] tensor"),
        "tree-regression.onnx": (
            export(DecisionTreeRegressor(max_depth=4, random_state=SEED).fit(x, target), 4), None, x, "a value from a decision tree",
        ),
        "flat-regression.onnx": (hand_made(flat, value, weights), None, x, "a value in a [N] tensor, as a squeezed network gives"),
    }


def graph_fixtures(x):
    """Declared shapes and answers that need care: a label of shape {1} that grows, a batch of one only, NaN for some rows."""
    logarithm = [helper.make_node("Log", ["x"], ["logarithm"]), *softmax_nodes("logarithm")]
    spoilt = np.abs(x) + 0.5
    spoilt[1, 2] = -1
    return {
        "declared-one.onnx": (
            hand_made(softmax_nodes("x"), classifier_outputs([1]), linear_weights()), [0, 1, 2], x,
            "declares the label's shape as {1} and answers N, as LightGBM's converter does",
        ),
        "single-row.onnx": (
            hand_made(softmax_nodes("x"), classifier_outputs([1], rows=1), linear_weights(), rows=1), [0, 1, 2], x,
            "a fixed batch of one row, as an export without dynamic axes gives; its rows are run one at a time",
        ),
        "logarithm.onnx": (
            hand_made(logarithm, classifier_outputs(["N"]), linear_weights()), [0, 1, 2], spoilt,
            "takes the logarithm of its input: NaN for the second row only",
        ),
    }


def columns_fixture(x, kind):
    """A pipeline fitted on a DataFrame: one named [N,1] input per column, one of them text."""
    colours = np.array(["blue", "green", "red"])[(kind + (x[:, 0] > 1)) % 3]
    frame = pd.DataFrame({"height": x[:, 0], "width": x[:, 1], "colour": colours})
    encode = ColumnTransformer([
        ("numbers", StandardScaler(), ["height", "width"]),
        ("words", OneHotEncoder(handle_unknown="ignore"), ["colour"]),
    ])
    model = make_pipeline(encode, LogisticRegression()).fit(frame, NAMES[kind])
    types = [(name, (StringTensorType if name == "colour" else FloatTensorType)([None, 1])) for name in frame]
    exported = convert(model, types, {id(model): {"zipmap": False}})
    about = "one [N,1] input per column, one of strings, as a DataFrame pipeline gives"
    return {"columns.onnx": (exported, NAMES, frame, about)}


def feeds(session, rows):
    """What to hand to `session.run` for `rows`, a matrix or a DataFrame."""
    if not isinstance(rows, pd.DataFrame):
        return {session.get_inputs()[0].name: rows}
    return {name: rows[[name]].to_numpy(object if rows[name].dtype.kind not in "f" else np.float32) for name in rows}


def plain(value):
    """A number or text as JSON has it: the shortest decimal of a float32, null for NaN."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, np.integer)):
        return int(value)
    return None if math.isnan(value) else float(str(value))


def answers(session, rows, labels):
    """ONNX Runtime's answers for `rows`, in the words of `expected.json`."""
    results = session.run(None, feeds(session, rows))
    if labels is None:
        return {"value": [plain(v) for v in results[0].reshape(-1)]}
    table = results[1]
    if isinstance(table, list):
        table = [[np.float32(row[label]) for label in labels] for row in table]
    return {"label": [plain(v) for v in results[0]], "probabilities": [[plain(v) for v in row] for row in table]}


def describe(session, model, labels, rows, about):
    """One entry of `expected.json`, from the first rows of `rows`."""
    few = rows[:4]
    declared = [
        [{"name": i.name, "type": i.type, "shape": i.shape} for i in side] for side in (session.get_inputs(), session.get_outputs())
    ]
    frame = isinstance(rows, pd.DataFrame)
    entry = {"about": about, "task": "classification" if labels is not None else "regression"}
    entry |= {"inputs": declared[0], "outputs": declared[1]}
    entry["features"] = list(rows) if frame else FEATURES[: rows.shape[1]]
    if labels is not None:
        entry["labels"] = [plain(label) for label in labels]
    entry["rows"] = [[plain(v) for v in row] for row in (few.to_numpy(object) if frame else few)]
    batches = [few] if declared[0][0]["shape"][0] != 1 else [few[i : i + 1] for i in range(len(few))]
    for batch in batches:
        for key, values in answers(session, batch, labels).items():
            entry.setdefault(key, []).extend(values)
    return entry


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "models"
    folder.mkdir(parents=True, exist_ok=True)
    x, kind = draw()
    fixtures = logistic_fixtures(x, kind) | tree_and_network_fixtures(x, kind) | regression_fixtures(x)
    fixtures |= graph_fixtures(x) | columns_fixture(x, kind)
    props = {"labels": json.dumps(NAMES.tolist()), "features": json.dumps(FEATURES), "variant": "tensor"}
    helper.set_model_props(fixtures["tensor-string.onnx"][0], props)
    fixtures["tensor-string.onnx"][0].model_version = 3

    expected = {}
    for name, (model, labels, rows, about) in fixtures.items():
        onnx.checker.check_model(model)
        data = model.SerializeToString(deterministic=True)
        (folder / name).write_bytes(data)
        expected[name] = describe(onnxruntime.InferenceSession(data), model, labels, rows, about)
        print(f"{name:24} {len(data):6} bytes  {about}")
    text = ",\n".join(f"{json.dumps(n)}: {json.dumps(e, allow_nan=False)}" for n, e in expected.items())
    (folder / "expected.json").write_text("{\n" + text + "\n}\n")


if __name__ == "__main__":
    main()
