"""Models that give trouble when a row asks for it, and models that must never come near traffic."""

import json
import random

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

import models
from models import BOOL, CHALLENGER, CHAMPION, FLOAT, INT64, route_text, save

STEADY, FAILS, NOT_A_NUMBER, STUCK = range(4)
"""What the column `trouble` asks of `troubled`: nothing, an error, no number for that row, a call that takes ten seconds and cannot be ended."""

CONTRACT = """input:
  - { name: a, type: number, min: -1000, max: 1000 }
  - { name: b, type: number, min: -1000, max: 1000 }
  - { name: spin, type: number, min: 0, default: 0 }
  - { name: trouble, type: integer, min: 0, max: 9, default: 0 }
"""

ENDLESS = 2.0 ** 52
"""Turns of `spin` that no deadline outlives: a century. The sum over 1024 rows is still a whole number of 64 bits."""

STUCK_SIDE = 4000
"""Side of the matrices that a stuck call multiplies as whole numbers: one operator of ten seconds, in 200 MB."""


def _constant(name, value, kind=numpy.float32):
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(numpy.array(value, dtype=kind)))


def _loop(turns, result):
    """Nodes that take the cosine of zero so many times in turn; the terminate flag is looked at on every turn."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["go_on"]), helper.make_node("Cos", ["sum"], ["next"])], f"turn of {result}",
        [helper.make_tensor_value_info("turn", INT64, []), helper.make_tensor_value_info("go", BOOL, []),
         helper.make_tensor_value_info("sum", FLOAT, [])],
        [helper.make_tensor_value_info("go_on", BOOL, []), helper.make_tensor_value_info("next", FLOAT, [])],
    )
    return [
        _constant(f"{result}_start", 0), _constant(f"{result}_go", True, bool),
        helper.make_node("Loop", [turns, f"{result}_go", f"{result}_start"], [result], body=body),
    ]


def _product(side, result):
    """Nodes that multiply two square matrices of whole numbers in a single operator, which is deaf to the terminate flag."""
    return [
        _constant(f"{result}_one", 1, numpy.int32), helper.make_node("Concat", [side, side], [f"{result}_shape"], axis=0),
        helper.make_node("Expand", [f"{result}_one", f"{result}_shape"], [f"{result}_square"]),
        helper.make_node("MatMul", [f"{result}_square", f"{result}_square"], [f"{result}_product"]),
        helper.make_node("ReduceMax", [f"{result}_product"], [f"{result}_largest"], keepdims=0),
        helper.make_node("Cast", [f"{result}_largest"], [result], to=FLOAT),
    ]


def _classes(logits):
    """Nodes from logits to `probabilities` and `label`."""
    return [
        helper.make_node("Softmax", [logits], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0),
    ]


def _save_classifier(path, nodes, weights):
    constants = {"weights": numpy.array([*weights[:2], [0, 0], [0, 0]], dtype=numpy.float32), "bias": numpy.array([0.1, -0.1], dtype=numpy.float32)}
    product = [helper.make_node("MatMul", ["input", "weights"], ["product"]), helper.make_node("Add", ["product", "bias"], ["raw"])]
    save(path, product + nodes, [("label", INT64, ["rows"]), ("probabilities", FLOAT, ["rows", 2])], constants, columns=4)


def steady(path, weights):
    """softmax(input · weights + bias) from a and b alone: whatever the other columns ask for, it answers at once."""
    _save_classifier(path, _classes("raw"), weights)


def troubled(path, weights, turns=0):
    """The same numbers as `steady`, from a model that costs `turns` turns of a loop a row and those of the column `spin`, and does what the
    column `trouble` says. An error or a stuck call takes the whole batch along; no number concerns its own row alone."""
    nodes = [
        *(_constant(name, index, numpy.int64) for name, index in (("second", 2), ("third", 3))),
        helper.make_node("Gather", ["input", "second"], ["spin"], axis=1), helper.make_node("Gather", ["input", "third"], ["trouble"], axis=1),
        # Turns: the rows' own and those of the model, summed.
        _constant("turns", turns), helper.make_node("Add", ["spin", "turns"], ["each"]),
        helper.make_node("ReduceSum", ["each"], ["all"], keepdims=0), helper.make_node("Cast", ["all"], ["whole"], to=INT64),
        *_loop("whole", "spun"),
        # An error: the second of one element.
        _constant("fails", FAILS), helper.make_node("Equal", ["trouble", "fails"], ["failing"]),
        helper.make_node("Cast", ["failing"], ["place"], to=INT64), _constant("single", [0.0]),
        helper.make_node("Gather", ["single", "place"], ["found"]),
        # No number.
        _constant("odd", NOT_A_NUMBER), helper.make_node("Equal", ["trouble", "odd"], ["is_odd"]), _constant("none", numpy.nan),
        helper.make_node("Where", ["is_odd", "none", "found"], ["taint"]),
        # A long product, if any row asks for it.
        _constant("stuck", STUCK), helper.make_node("Equal", ["trouble", "stuck"], ["is_stuck"]),
        helper.make_node("Cast", ["is_stuck"], ["stuck_rows"], to=INT64), helper.make_node("ReduceMax", ["stuck_rows"], ["any_stuck"], keepdims=1),
        _constant("long", [STUCK_SIDE], numpy.int64), _constant("unit", [1], numpy.int64),
        helper.make_node("Mul", ["any_stuck", "long"], ["longest"]), helper.make_node("Max", ["longest", "unit"], ["side"]),
        *_product("side", "multiplied"),
        # All of it costs time and changes nothing, but for the taint.
        _constant("zero", 0), helper.make_node("Add", ["spun", "multiplied"], ["work"]), helper.make_node("Mul", ["work", "zero"], ["nothing"]),
        helper.make_node("Add", ["taint", "nothing"], ["change"]), _constant("columns", [1], numpy.int64),
        helper.make_node("Unsqueeze", ["change", "columns"], ["changes"]), helper.make_node("Add", ["raw", "changes"], ["logits"]),
    ]
    _save_classifier(path, nodes + _classes("logits"), weights)


TURNS_A_MILLISECOND = 1_400
"""Turns of the loop that take a millisecond on the machine at hand: 0.7 us each. Tests depend on the order of magnitude alone."""


def add_route(folder, name, more="", **variants):
    """Writes a route that serves `variants`: each what makes its model, its weight, and further keys of the route file if it has any. The
    first one finds rows with a > 0 `low`, the others find them `high`."""
    home = folder / name
    home.mkdir(parents=True)
    (home / "sample.ndjson").write_text("".join(json.dumps({"a": -1, "b": b, "spin": 0, "trouble": 0}) + "\n" for b in range(8)))
    entries = {}
    for variant, (make, *keys) in variants.items():
        path = home / f"{variant}.onnx"
        make(path, CHALLENGER if entries else CHAMPION)
        entries[variant] = (path, *keys)
    _put(home / "route.yaml", route_text(name, entries, f"labels: [low, high]\n{more}".rstrip(), CONTRACT))
    return folder


def _put(path, text):
    """Writes a file in one step: a server may be looking."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.rename(path)


def add_candidate(folder, name, data, contract=models.CONTRACT, more=""):
    """Writes a route whose only variant is this file, pinned as it is."""
    home = folder / name
    home.mkdir(parents=True)
    path = home / "only.onnx"
    path.write_bytes(data)
    _put(home / "route.yaml", route_text(name, {"only": (path, 1)}, more, contract).replace("sample: sample.ndjson\n", ""))


# Candidates that quarantine must refuse. Each would answer a regression over three columns.


def _save_hostile(path, nodes, result):
    """`variable`: the first column plus a single value that is made in a hostile way."""
    first = [_constant("start", [0], numpy.int64), helper.make_node("Gather", ["input", "start"], ["first"], axis=1)]
    last = [helper.make_node("Add", ["first", result], ["variable"])]
    save(path, first + nodes + last, [("variable", FLOAT, ["rows", 1])], {})


def hungry(path):
    """4 GB of numbers on every call, all of them written."""
    one = numpy_helper.from_array(numpy.array([1], dtype=numpy.float32))
    _save_hostile(path, [
        helper.make_node("Shape", ["first"], ["shape"]), _constant("last", [1], numpy.int64), _constant("many", [1 << 30], numpy.int64),
        helper.make_node("Gather", ["shape", "last"], ["columns"]), helper.make_node("Mul", ["columns", "many"], ["size"]),
        helper.make_node("ConstantOfShape", ["size"], ["numbers"], value=one), helper.make_node("ReduceMax", ["numbers"], ["largest"], keepdims=0),
    ], "largest")


def hungry_at_load(path):
    """4 GB of numbers that are made while the file is opened, in parts that the runtime still finds small enough to fold."""
    parts = []
    for i in range(16):
        parts += [
            _constant(f"start{i}", i), _constant(f"size{i}", [1 << 26], numpy.int64),
            helper.make_node("Expand", [f"start{i}", f"size{i}"], [f"numbers{i}"]),
            helper.make_node("ReduceMax", [f"numbers{i}"], [f"largest{i}"], keepdims=0),
        ]
    _save_hostile(path, [*parts, helper.make_node("Max", [f"largest{i}" for i in range(16)], ["largest"])], "largest")


def endless(path):
    """A loop of 2^62 turns."""
    _save_hostile(path, [_constant("turns", 1 << 62, numpy.int64), *_loop("turns", "spun")], "spun")


def stuck(path):
    """One operator that takes ten seconds and cannot be ended. Its size depends on the input, so that it is not folded while opening."""
    _save_hostile(path, [
        helper.make_node("Shape", ["first"], ["shape"]), _constant("last", [1], numpy.int64),
        helper.make_node("Gather", ["shape", "last"], ["columns"]), _constant("long", [STUCK_SIDE], numpy.int64),
        helper.make_node("Mul", ["columns", "long"], ["side"]), *_product("side", "multiplied"),
    ], "multiplied")


def crowded(path, count=50_000):
    """So many nodes in a row, none of which can be folded away. Each doubles the one before: the time to open them grows with the square of
    their number, and takes minutes here."""
    chain = [helper.make_node("Add", 2 * ["first" if i == 0 else f"n{i - 1}"], [f"n{i}"]) for i in range(count)]
    _save_hostile(path, chain, f"n{count - 1}")


HOSTILE = {"hungry": hungry, "hungry-at-load": hungry_at_load, "endless": endless, "stuck": stuck, "crowded": crowded}


def mutants(path, count, seed):
    """So many damaged copies of a file: one to four bytes changed, or, a quarter of them, cut short. The same for the same seed."""
    whole, rng = path.read_bytes(), random.Random(f"{path.name} {seed}")
    for number in range(count):
        copy = bytearray(whole)
        if number % 4 == 3:
            del copy[rng.randrange(len(copy)):]
        for _ in range(rng.randint(1, 4) if number % 4 != 3 else 0):
            place = rng.randrange(len(copy))
            copy[place] ^= rng.randint(1, 255)
        yield bytes(copy)
