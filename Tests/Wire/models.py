"""Small models with known answers, and the routes that serve them."""

import hashlib
import json

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


def save(path, nodes, outputs, constants, columns=3):
    """Writes a model of one matrix `input` with so many columns. `outputs`: (name, kind, shape) each; `constants`: arrays by name."""
    graph = helper.make_graph(
        nodes, "probe", [helper.make_tensor_value_info("input", FLOAT, ["rows", columns])],
        [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in outputs],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _constants(weights):
    return {
        "weights": numpy.array(weights, dtype=numpy.float32), "bias": numpy.array([0.1, -0.1], dtype=numpy.float32),
        "zero": numpy.array(0, dtype=numpy.float32), "true": numpy.array(True),
    }


def _spin():
    """Nodes that go round a loop as often as the largest value of column 2 says, and yield zero as `nothing`."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["go_on"]), helper.make_node("Cos", ["sum"], ["next"])], "turn",
        [helper.make_tensor_value_info("turn", INT64, []), helper.make_tensor_value_info("go", BOOL, []),
         helper.make_tensor_value_info("sum", FLOAT, [])],
        [helper.make_tensor_value_info("go_on", BOOL, []), helper.make_tensor_value_info("next", FLOAT, [])],
    )
    return [
        helper.make_node("Constant", [], ["two"], value=numpy_helper.from_array(numpy.array(2, dtype=numpy.int64))),
        helper.make_node("Gather", ["input", "two"], ["column"], axis=1),
        helper.make_node("ReduceMax", ["column"], ["largest"], keepdims=0),
        helper.make_node("Cast", ["largest"], ["turns"], to=INT64),
        helper.make_node("Loop", ["turns", "true", "zero"], ["spun"], body=body),
        helper.make_node("Mul", ["spun", "zero"], ["nothing"]),
    ]


def classifier(path, weights):
    """softmax(input · weights + bias): `label` (int64) and `probabilities`; column 2 only costs time."""
    nodes = _spin() + [
        helper.make_node("MatMul", ["input", "weights"], ["product"]), helper.make_node("Add", ["product", "bias"], ["raw"]),
        helper.make_node("Add", ["raw", "nothing"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0),
    ]
    save(path, nodes, [("label", INT64, ["rows"]), ("probabilities", FLOAT, ["rows", 2])], _constants(weights))


def regression(path, weights):
    """input · weights + bias[0]: `variable`, one value a row."""
    constants = _constants(weights)
    constants["bias"] = constants["bias"][:1]
    nodes = [helper.make_node("MatMul", ["input", "weights"], ["product"]), helper.make_node("Add", ["product", "bias"], ["variable"])]
    used = {name: constants[name] for name in ("weights", "bias")}
    save(path, nodes, [("variable", FLOAT, ["rows", 1])], used)


def broken(path):
    """The logarithm of a negative number: NaN for every row with a > 0."""
    nodes = [
        helper.make_node("Constant", [], ["first"], value=numpy_helper.from_array(numpy.array([0], dtype=numpy.int64))),
        helper.make_node("Gather", ["input", "first"], ["a"], axis=1), helper.make_node("Neg", ["a"], ["negative"]),
        helper.make_node("Log", ["negative"], ["variable"]),
    ]
    save(path, nodes, [("variable", FLOAT, ["rows", 1])], {})


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run(path, rows):
    """What ONNX Runtime in Python says about these rows, by output name."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    values = session.run(None, {session.get_inputs()[0].name: numpy.array(rows, dtype=numpy.float32)})
    return dict(zip([output.name for output in session.get_outputs()], values))


CONTRACT = """input:
  - { name: a, type: number, min: -1000, max: 1000 }
  - { name: b, type: number, min: -1000, max: 1000 }
  - { name: spin, type: integer, min: 0, max: 2000000, default: 0 }
"""

CHAMPION = [[0.5, -0.5], [0.25, -0.25], [0.0, 0.0]]
CHALLENGER = [[-0.5, 0.5], [0.25, -0.25], [0.0, 0.0]]


def route_text(name, variants, more="", contract=CONTRACT):
    """A route file. `variants`: name to (model's path, weight), and further keys if it has any, such as "run: workers"."""
    lines = [f"route: {name}", "unit: { header: x-user-id }", "sample: sample.ndjson"]
    lines += [more] if more else []
    lines += ["variants:"]
    for variant, (path, weight, *keys) in variants.items():
        entry = [f"model: {path.name}", f'sha256: "{sha256(path)}"', f"weight: {weight}", *keys]
        lines.append(f"  {variant}: {{ {', '.join(entry)} }}")
    return "\n".join(lines) + "\n" + contract


def write_routes(folder):
    """probe: two classifiers 90 to 10; linear: a regression; slow: a classifier with a short deadline; broken: answers NaN."""
    classes = "labels: [low, high]\nrows: 32\nbody: 262144\ndeadline: 10s"
    for name in ("probe", "slow", "linear", "broken"):
        (folder / name).mkdir(parents=True)
        row = {"a": -1, "b": 1, "spin": 0}
        (folder / name / "sample.ndjson").write_text("".join(json.dumps({**row, "b": b}) + "\n" for b in range(8)))
    probe = folder / "probe"
    classifier(probe / "champion.onnx", CHAMPION)
    classifier(probe / "challenger.onnx", CHALLENGER)
    (probe / "route.yaml").write_text(route_text(
        "probe", {"champion": (probe / "champion.onnx", 90), "challenger": (probe / "challenger.onnx", 10)}, classes))
    classifier(folder / "slow" / "only.onnx", CHAMPION)
    (folder / "slow" / "route.yaml").write_text(route_text(
        "slow", {"only": (folder / "slow" / "only.onnx", 1)}, classes.replace("10s", "100ms")))
    regression(folder / "linear" / "only.onnx", [[2.0], [3.0], [0.0]])
    (folder / "linear" / "route.yaml").write_text(route_text("linear", {"only": (folder / "linear" / "only.onnx", 1)}))
    broken(folder / "broken" / "only.onnx")
    (folder / "broken" / "route.yaml").write_text(route_text("broken", {"only": (folder / "broken" / "only.onnx", 1)}))
    return folder


OUTCOMES = """outcomes:
  clicked: { kind: rate, window: 1h, absence: zero }
  quick: { kind: rate, window: 1s }
  spent: { kind: mean, window: 1h, cap: 100 }
  truth: { kind: label, window: 1h }
log: { percent: 100 }"""


def write_scored_routes(folder, outcomes=OUTCOMES, weights=(50, 50)):
    """scored: two classifiers, with outcomes of every kind; plain: one, without any."""
    classes = "labels: [low, high]\nrows: 1000\nbody: 1MiB\ndeadline: 10s"
    for name, more in (("scored", f"{classes}\n{outcomes}"), ("plain", classes)):
        (folder / name).mkdir(parents=True)
        (folder / name / "sample.ndjson").write_text("".join(json.dumps({"a": -1, "b": b, "spin": 0}) + "\n" for b in range(8)))
        classifier(folder / name / "champion.onnx", CHAMPION)
        classifier(folder / name / "challenger.onnx", CHALLENGER)
        shares = zip(("champion", "challenger"), weights)
        (folder / name / "route.yaml").write_text(
            route_text(name, {variant: (folder / name / f"{variant}.onnx", weight) for variant, weight in shares}, more))
    return folder


def write_logged_routes(folder):
    """all: every prediction is logged, and b is private; tenth: one in ten; failing: answers NaN, and logs failures alone."""
    classes = "labels: [low, high]\nrows: 1000\ndeadline: 10s"
    private = CONTRACT.replace("{ name: b,", "{ name: b, private: true,")
    for name, more, contract in (
            ("all", OUTCOMES, private), ("tenth", "log: { percent: 10 }", CONTRACT), ("failing", "log: { percent: 0 }", CONTRACT)):
        (folder / name).mkdir(parents=True)
        (folder / name / "sample.ndjson").write_text("".join(json.dumps({"a": -1, "b": b, "spin": 0}) + "\n" for b in range(8)))
        if name == "failing":
            broken(folder / name / "only.onnx")
            text = route_text(name, {"only": (folder / name / "only.onnx", 1)}, more)
        else:
            classifier(folder / name / "champion.onnx", CHAMPION)
            classifier(folder / name / "challenger.onnx", CHALLENGER)
            variants = {variant: (folder / name / f"{variant}.onnx", 1) for variant in ("champion", "challenger")}
            text = route_text(name, variants, f"{classes}\n{more}", contract)
        (folder / name / "route.yaml").write_text(text)
    return folder


def _save_only(path, node, kind, columns, output):
    """A model of a single node, as `save` does not make one: with inputs of another kind, or without constants."""
    name, output_kind, shape = output
    graph = helper.make_graph(
        [node], "odd", [helper.make_tensor_value_info("input", kind, ["rows", columns])],
        [helper.make_tensor_value_info(name, output_kind, shape)])
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), path)


def label_only(path):
    """The number of the greater of two columns: `label`, and no scores."""
    _save_only(path, helper.make_node("ArgMax", ["input"], ["label"], axis=1, keepdims=0), FLOAT, 2, ("label", INT64, ["rows"]))


def texts(path):
    """1 for the text "a", else 0: `variable`."""
    node = helper.make_node(
        "LabelEncoder", ["input"], ["variable"], domain="ai.onnx.ml", keys_strings=["a"], values_floats=[1.0], default_float=0.0)
    _save_only(path, node, TensorProto.STRING, 1, ("variable", FLOAT, ["rows", 1]))


def many_classes(path, count):
    """A classifier into so many classes; the last one wins for positive columns."""
    nodes = [
        helper.make_node("MatMul", ["input", "weights"], ["logits"]), helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0),
    ]
    weights = numpy.tile(numpy.arange(count, dtype=numpy.float32) / count, (3, 1))
    save(path, nodes, [("label", INT64, ["rows"]), ("probabilities", FLOAT, ["rows", count])], {"weights": weights})


def write_odd_routes(folder):
    """verdict: a classifier without scores; texts: one column of long strings; wordy: 48 rows are answered with 6.5 MB."""
    made = {"verdict": label_only, "texts": texts, "wordy": lambda path: many_classes(path, 512)}
    for name, make in made.items():
        (folder / name).mkdir()
        make(folder / name / "only.onnx")
    columns = "input:\n" + "".join(f"  - {{ name: {name}, type: number }}\n" for name in "abc")
    labels = ", ".join(f"{i:x>250}" for i in range(512))
    for name, more, contract in (
            ("verdict", 'labels: ["no", "yes"]', columns.replace("  - { name: c, type: number }\n", "")),
            ("texts", "deadline: 5s", "input:\n  - { name: t, type: string, max_length: 65536 }\n"),
            ("wordy", f"rows: 48\nlabels: [{labels}]", columns)):
        text = route_text(name, {"only": (folder / name / "only.onnx", 1)}, more, contract)
        (folder / name / "route.yaml").write_text(text.replace("sample: sample.ndjson\n", ""))
    return folder
