#!/usr/bin/env python3
"""Makes Tests/Fixtures/hostile: valid ONNX files that do harm, or fail, when they run. Each takes four columns and would answer a value.

    .venv/bin/python Tests/Fixtures/make_hostile.py [FOLDER]

FOLDER defaults to `hostile` beside this script. A second run writes the same bytes.
"""

import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def constant(name, value, kind):
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.array(value, dtype=kind)))


def model(nodes, result):
    """The sum of a row plus the single value `result`."""
    sums = [
        constant("axis", [1], np.int64), helper.make_node("ReduceSum", ["x", "axis"], ["sum"]), *nodes,
        helper.make_node("Add", ["sum", result], ["y"]),
    ]
    graph = helper.make_graph(
        sums, "hostile", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["rows", 1])])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 8
    return made


def ones(size):
    """The largest of so many ones, `size` being the name of a shape that is known at run time only: nothing is made while the file is opened."""
    one = numpy_helper.from_array(np.array([1], dtype=np.float32))
    return [
        helper.make_node("ConstantOfShape", [size], ["ones"], value=one), helper.make_node("ReduceMax", ["ones"], ["largest"], keepdims=0),
    ]


def hungry():
    """4 GB of ones on every call."""
    return model([
        helper.make_node("Shape", ["sum"], ["shape"]), constant("last", [1], np.int64), constant("many", [1 << 30], np.int64),
        helper.make_node("Gather", ["shape", "last"], ["columns"]), helper.make_node("Mul", ["columns", "many"], ["size"]), *ones("size"),
    ], "largest")


def endless():
    """A loop of 2^62 turns."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["go_on"]), helper.make_node("Cos", ["value"], ["next"])], "turn",
        [helper.make_tensor_value_info("turn", TensorProto.INT64, []), helper.make_tensor_value_info("go", TensorProto.BOOL, []),
         helper.make_tensor_value_info("value", TensorProto.FLOAT, [])],
        [helper.make_tensor_value_info("go_on", TensorProto.BOOL, []), helper.make_tensor_value_info("next", TensorProto.FLOAT, [])])
    return model([
        constant("turns", 1 << 62, np.int64), constant("true", True, bool), constant("zero", 0, np.float32),
        helper.make_node("Loop", ["turns", "true", "zero"], ["spun"], body=body),
    ], "spun")


def picky():
    """4 GB of ones on a call whose rows are all zeros, a single one on others."""
    return model([
        constant("all", [0, 1], np.int64), helper.make_node("ReduceSum", ["x", "all"], ["total"], keepdims=0), constant("none", 0, np.float32),
        helper.make_node("Equal", ["total", "none"], ["is_none"]), helper.make_node("Cast", ["is_none"], ["zeros"], to=TensorProto.INT64),
        constant("many", [1 << 30], np.int64), helper.make_node("Mul", ["zeros", "many"], ["more"]), constant("single", [1], np.int64),
        helper.make_node("Add", ["more", "single"], ["size"]), *ones("size"),
    ], "largest")


def brittle():
    """Fails on a call whose rows are all zeros: it looks up the place behind a table's end."""
    made = model([
        constant("all", [0, 1], np.int64), helper.make_node("ReduceSum", ["x", "all"], ["total"], keepdims=0), constant("none", 0, np.float32),
        helper.make_node("Equal", ["total", "none"], ["is_none"]), helper.make_node("Cast", ["is_none"], ["place"], to=TensorProto.INT64),
        helper.make_node("Gather", ["table", "place"], ["found"]),
    ], "found")
    made.graph.initializer.append(numpy_helper.from_array(np.zeros(1, dtype=np.float32), "table"))
    return made


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "hostile"
    folder.mkdir(parents=True, exist_ok=True)
    for make in (hungry, endless, picky, brittle):
        made = make()
        onnx.checker.check_model(made)
        (folder / f"{make.__name__}.onnx").write_bytes(made.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
