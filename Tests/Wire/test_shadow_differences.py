"""What is counted about two models' answers, and about outcomes of both: the very numbers that anybody computes from the same rows."""

import bisect
import collections
import itertools
import json
import math
import time

import numpy
import onnx
import pytest
from onnx import helper

import models
import shadows
from books import key_of
from conftest import new_client
from gateway import Gateway, eventually
from models import FLOAT, INT64
from shadows import EDGES, counted, practise, predict, settled, total
from test_outcomes import outcome, results

LABELS = {"champion": ["low", "high", "odd"], "challenger": ["low", "high", "odd"], "same": ["low", "high", "odd"], "near": ["low", "high", "odd"],
          "turned": ["odd", "low", "high"]}
"""The classes of each model, in its own order."""
WEIGHTS = {
    "champion": [[0.5, -0.5, 0.25], [0.25, -0.25, 0.5], [0, 0, 0]], "challenger": [[-0.5, 0.5, 0.25], [0.25, -0.25, 0.5], [0, 0, 0]],
    "near": [[0.5, -0.75, 0.25], [0.5, -0.25, 0.5], [0, 0, 0]],
}
"""Of each class in the order low, high, odd. Fractions of four: sums are exact, and do not depend on how many rows share a call."""
WEIGHTS |= {"same": WEIGHTS["champion"], "turned": WEIGHTS["near"]}
VALUES = {"only": [1.0, 0.0, 0.0], "close": [1.0, 0.25, 0.0]}
TOLERANCE = 0.2

ROWS = [{"a": a / 4, "b": b / 4} for a, b in itertools.product(range(-40, 40, 3), range(-20, 20, 3))]
PRIVATE = 987.0625
"""A value of the private field that nothing else has by chance; exact in binary."""

SCORED = "deadline: 10s\nrows: 1000\nbody: 1MiB\nbreaker: off\noutcomes:\n  truth: { kind: label, window: %s }\n  clicked: { kind: rate, window: 1h }"


def classifier(path):
    """softmax(input · weights): the classes stand in the metadata."""
    labels = LABELS[path.stem]
    order = [LABELS["champion"].index(label) for label in labels]
    nodes = [
        helper.make_node("MatMul", ["input", "weights"], ["logits"]), helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0),
    ]
    weights = numpy.array(WEIGHTS[path.stem], dtype=numpy.float32)[:, order]
    models.save(path, nodes, [("label", INT64, ["rows"]), ("probabilities", FLOAT, ["rows", 3])], {"weights": weights})
    model = onnx.load(path)
    model.metadata_props.add(key="labels", value=json.dumps(labels))
    onnx.save(model, path)


def value(path):
    """input · weights."""
    weights = numpy.array(VALUES[path.stem], dtype=numpy.float32).reshape(3, 1)
    models.save(path, [helper.make_node("MatMul", ["input", "weights"], ["variable"])], [("variable", FLOAT, ["rows", 1])], {"weights": weights})


@pytest.fixture(scope="module")
def server(tmp_path_factory, certs):
    folder = tmp_path_factory.mktemp("different")
    both = {"champion": (classifier, 50), "challenger": (classifier, 50)}
    shadows.add_route(folder, "classes", both, {name: (classifier,) for name in ("same", "near", "turned")}, "deadline: 10s")
    observers = {"close": (value, f"tolerance: {TOLERANCE}"), "broken": (models.broken,)}
    shadows.add_route(folder, "values", {"only": (value, 1)}, observers, "deadline: 10s\nbreaker: off")
    for name, window in (("scored", "1h"), ("early", "1h"), ("brief", "1s"), ("lost", "1h")):
        shadows.add_route(folder, name, both, {"turned": (classifier,)}, SCORED % window)
    private = models.CONTRACT.replace("{ name: b,", "{ name: b, private: true,")
    shadows.add_route(folder, "shown", both, {"near": (classifier,)}, "deadline: 10s", private)
    server = Gateway(tmp_path_factory.mktemp("differences"), certs, folder)
    server.token = server.make_token("predict", "outcome", "adjust", "view")
    server.start()
    yield server
    assert server.discard() == 0


@pytest.fixture
def client(server):
    with new_client(server) as opened:
        yield opened


# The same numbers, computed here


def matrix(rows):
    return [[row["a"], row["b"], row.get("spin", 0)] for row in rows]


def answers(server, route, model, rows):
    """(label, scores) of each row, classes by their numbers at the primary; scores as the model gives them, 32 bits wide."""
    said = models.run(server.routes / route / f"{model}.onnx", matrix(rows))
    if "label" not in said:
        return [(None, list(one)) for one in said["variable"].reshape(len(rows), -1)]
    labels, names = LABELS["champion"], LABELS[model]
    order = [names.index(label) for label in labels]
    return [(labels.index(names[label]), [scores[place] for place in order]) for label, scores in zip(said["label"], said["probabilities"])]


Pair = collections.namedtuple("Pair", "prediction primary shadow")
"""A prediction and both answers, (label, scores) each."""


def pairs_of(server, route, shadow, predictions):
    """What both models answer to the rows of these predictions."""
    pairs = []
    for variant, group in itertools.groupby(sorted(predictions, key=lambda one: one.served), key=lambda one: one.served):
        group = list(group)
        rows = [one.row for one in group]
        pairs += map(Pair, group, answers(server, route, variant, rows), answers(server, route, shadow, rows))
    return pairs


def gaps(pair):
    """(absolute, relative) difference of each output; None where one is no number."""
    found = []
    for primary, shadow in zip(pair.primary[1], pair.shadow[1]):
        primary, shadow = float(primary), float(shadow)
        if not (math.isfinite(primary) and math.isfinite(shadow)):
            found.append(None)
            continue
        larger = max(abs(primary), abs(shadow))
        found.append((abs(shadow - primary), abs(shadow - primary) / larger if larger else 0.0))
    return found


def cell(difference):
    return 0 if difference == 0 else 1 + bisect.bisect_right(EDGES, difference)


def divergence(pair):
    """By which examples are ranked: another label first, then the largest difference of a probability."""
    largest = max(gap[0] for gap in gaps(pair))
    return (1 if pair.primary[0] != pair.shadow[0] else 0) + min(largest, 1)


def expected(pairs, tolerance=None):
    """What must be counted about these pairs."""
    figures, largest = shadows.Figures(sampled=len(pairs)), collections.defaultdict(float)
    for pair in pairs:
        same, bits = pair.primary[0] == pair.shadow[0], [numpy.array(scores).tobytes() for _, scores in (pair.primary, pair.shadow)]
        found = gaps(pair)
        diverged = None in found or (not same if pair.primary[0] is not None else max(gap[1] for gap in found) > tolerance)
        figures.counts.update(
            compared=1, ran=1, agreed=same, bit_equal=same and bits[0] == bits[1], non_finite=None in found, diverged=diverged)
        for output, gap in enumerate(found):
            for part, kind in enumerate(("absolute", "relative")):
                figures.cells[kind, output, 57 if gap is None else cell(gap[part])] += 1
                largest[kind, output] = max(largest[kind, output], 0 if gap is None else gap[part])
        if pair.primary[0] is not None:
            figures.confusion[pair.primary[0], pair.shadow[0]] += 1
    figures.largest = dict(largest)
    return figures


def check(figures, wanted):
    assert (figures.sampled, +figures.dropped) == (wanted.sampled, {})
    for name in wanted.counts:
        assert figures.counts[name] == wanted.counts[name], name
    assert (+figures.confusion, figures.largest, +figures.cells) == (+wanted.confusion, wanted.largest, +wanted.cells)


# Differences


@pytest.fixture(scope="module")
def classes(server):
    """Predictions of every row of `classes`, alone and in bodies of 13, with what was counted about them."""
    predictions = predict(server, "classes", ROWS) + predict(server, "classes", ROWS, together=13)
    return predictions, settled(server, "classes", 3 * len(predictions))


@pytest.mark.parametrize("shadow", ["same", "near", "turned"])
@pytest.mark.parametrize("variant", ["champion", "challenger"])
def test_every_figure_is_that_of_the_rows(server, classes, shadow, variant):
    """One of the shadows has its classes in another order: they are told apart by their names."""
    predictions, found = classes
    pairs = [pair for pair in pairs_of(server, "classes", shadow, predictions) if pair.prediction.served == variant]
    check(total(found, shadow, variant), expected(pairs))


def test_rows_tell_models_apart(server, classes):
    """The test above would see it if labels were swapped, differences were none, or all alike."""
    found = classes[1]
    same, near, turned = (total(found, shadow, "champion") for shadow in ("same", "near", "turned"))
    assert same.counts["bit_equal"] == same.compared and set(same.largest.values()) == {0.0}
    assert 0 < near.counts["diverged"] < near.compared and len({place for kind, _, place in near.cells if kind == "absolute"}) > 10
    assert len(near.confusion) >= 5 and near.confusion == turned.confusion
    total_of_others = total(found, "same", "challenger")
    assert 0 < total_of_others.counts["agreed"] < total_of_others.compared


def test_values_diverge_beyond_the_tolerance(server):
    """And not at it: 1 and 1.25 differ by 0.2 of the larger."""
    rows = [*ROWS, {"a": 1, "b": 1}, {"a": 0, "b": 0}, {"a": -1, "b": -1}, {"a": 1, "b": 1.25}]
    assert gaps(Pair(None, *(answers(server, "values", model, [{"a": 1, "b": 1}])[0] for model in ("only", "close")))) == [(0.25, TOLERANCE)]
    predictions = predict(server, "values", rows)
    found = settled(server, "values", 2 * len(rows))
    figures, wanted = total(found, "close"), expected(pairs_of(server, "values", "close", predictions), TOLERANCE)
    check(figures, wanted)
    assert 0 < figures.counts["diverged"] < len(rows)


def test_what_is_no_number_is_counted_apart(server):
    """A shadow that answers NaN for every row with a > 0, and minus infinity for 0."""
    before = counted(server, "values", shadow="broken")
    predictions = predict(server, "values", ROWS)
    figures = counted(server, "values", before.sampled + len(ROWS), shadow="broken")
    figures.add(shadows.Figures(sampled=-before.sampled))
    for name in ("counts", "cells"):
        getattr(figures, name).subtract(getattr(before, name))
    wanted = expected(pairs_of(server, "values", "broken", predictions), 0.1)
    assert (figures.sampled, +figures.counts, +figures.cells) == (wanted.sampled, +wanted.counts, +wanted.cells)
    assert figures.counts["non_finite"] == sum(row["a"] >= 0 for row in ROWS)


# Outcomes


def scores(probabilities, truth):
    """Log loss and Brier score, in millionths, ties to even."""
    probability = min(max(float(probabilities[truth]), 1e-15), 1 - 1e-15)
    squares = 0.0
    for place, one in enumerate(probabilities):
        distance = float(one) - (place == truth)
        squares += distance * distance
    return {"log_loss": round(-math.log(probability) * 1e6), "brier": round(squares * 1e6)}


def expected_truths(pairs, truths):
    """What must be counted about outcomes: `truths` are labels by the prediction's id."""
    counts, sums = collections.Counter(), collections.Counter()
    for pair in pairs:
        if pair.prediction.id not in truths:
            continue
        truth = LABELS["champion"].index(truths[pair.prediction.id])
        primary, shadow = pair.primary[0] == truth, pair.shadow[0] == truth
        counts["both_right" if primary and shadow else "only_primary" if primary else "only_shadow" if shadow else "both_wrong"] += 1
        own, others = scores(pair.primary[1], truth), scores(pair.shadow[1], truth)
        for score in own:
            difference = others[score] - own[score]
            parts = {"count": 1, "primary": own[score], "shadow": others[score], "squares": difference * difference}
            sums.update({(score, part): amount for part, amount in parts.items()})
    return counts, sums


def counted_truths(figures):
    return (
        +collections.Counter({name: figures.counts[name] for name in shadows.TRUTHS}),
        +collections.Counter({place: figures.sums[place] for place in figures.sums if place[0] != "time"}))


def have_truths(server, route, count, within=10):
    """Waits until so many outcomes are counted for the shadow; its figures."""
    def enough():
        figures = counted(server, route)
        return figures if sum(figures.counts[name] for name in shadows.TRUTHS) == count else None

    return eventually(enough, within, what=f"{count} outcomes")


def truth(id, number, **more):
    return outcome(id, "truth", LABELS["champion"][number % 3], **more)


def test_outcomes_score_both(server, client):
    """Each once: not for another value sent later, and by the newer one if it replaces. Other outcomes say nothing."""
    predictions = predict(server, "scored", ROWS[:200])
    settled(server, "scored", 200)
    ids = [one.id for one in predictions]
    assert set(results(client, [truth(id, number) for number, id in enumerate(ids[:120])])) == {"recorded"}
    assert set(results(client, [truth(id, number + 1) for number, id in enumerate(ids[:60])])) == {"duplicate"}
    assert set(results(client, [outcome(id) for id in ids])) == {"recorded"}
    replaced = [truth(id, number + 2, replace=True) for number, id in enumerate(ids[40:80], 40)]
    assert set(results(client, replaced)) == {"replaced"}
    truths = {item["prediction"]: item["value"] for item in [truth(id, number) for number, id in enumerate(ids[:120])] + replaced}
    wanted = expected_truths(pairs_of(server, "scored", "turned", predictions), truths)
    assert len(wanted[0]) == 4, "the rows tell both models apart"
    eventually(lambda: counted_truths(counted(server, "scored")) == wanted, within=10, what=f"{wanted}")


def test_an_outcome_may_come_before_the_pair(server, client):
    """The shadow takes a second for each call: outcomes wait for it, and the last word counts."""
    practise(server, "early", "turned", "delay", delay_ms=1_000)
    predictions = predict(server, "early", ROWS[:48], together=16, connections=1)
    assert counted_now(server, "early").compared == 0, "nothing is compared yet"
    ids = [one.id for one in predictions]
    assert set(results(client, [truth(id, number) for number, id in enumerate(ids)])) == {"recorded"}
    replaced = [truth(id, number + 1, replace=True) for number, id in enumerate(ids[:10])]
    assert set(results(client, replaced)) == {"replaced"}
    assert counted_now(server, "early").compared < 48, "the outcomes were there first"
    truths = {item["prediction"]: item["value"] for item in [truth(id, number) for number, id in enumerate(ids)] + replaced}
    wanted = expected_truths(pairs_of(server, "early", "turned", predictions), truths)
    eventually(lambda: counted_truths(counted(server, "early", 48)) == wanted, within=10, what=f"{wanted}")


def counted_now(server, route):
    """What is counted at this moment, settled or not."""
    return total(shadows.figures(server, route))


def test_a_late_outcome_scores_nobody(server, client):
    """The window is a second."""
    old, said = [one.id for one in predict(server, "brief", ROWS[:60])], []
    settled(server, "brief", 60)
    eventually(lambda: said.extend(results(client, [truth(old.pop(), 0)])) or said[-1] == "late" or time.sleep(0.1), within=5, what="a late one")
    assert set(results(client, [truth(id, 0) for id in old])) == {"late"}
    eventually(lambda: said.extend(results(client, [truth(predict(server, "brief", ROWS[:1])[0].id, 0)])) or said[-1] == "recorded", within=10)
    have_truths(server, "brief", said.count("recorded"))


def test_outcomes_without_a_pair_are_counted_as_such(server, client):
    """Of copies that the shadow did not answer. 4096 outcomes wait for their pairs, some seconds long; those beyond are counted at once. One that
    is replaced meanwhile is still one."""
    practise(server, "lost", "turned", "abort")
    ids = [one.id for one in predict(server, "lost", ROWS[:100] * 50, together=250, streams=4)]
    assert counted(server, "lost", 5_000).compared == 0
    assert set(results(client, [truth(id, 0) for id in ids])) == {"recorded"}
    assert have_truths(server, "lost", 5_000 - 4_096).counts["without_pair"] == 5_000 - 4_096
    assert set(results(client, [truth(id, 1, replace=True) for id in ids[:10] + ids[-10:]])) == {"replaced"}
    assert have_truths(server, "lost", 5_000, within=30).counts["without_pair"] == 5_000


# Examples


def test_examples_are_the_rows_that_differ_most(server):
    """At most 32 of a model, without private fields, and none of a unit that is forgotten."""
    rows = [{"a": a / 4, "b": PRIVATE if a % 10 == 0 else b / 4} for a, b in itertools.product(range(-30, 30, 2), range(-9, 9, 2))]
    predictions = predict(server, "shown", rows)
    settled(server, "shown", len(rows))
    pairs = pairs_of(server, "shown", "near", predictions)
    ranks = {key_of(pair.prediction.id): divergence(pair) for pair in pairs}
    largest = sorted(ranks.values(), reverse=True)[:32]
    kept = lambda: shadows.examples(server, "shown")
    eventually(lambda: [one["divergence"] for one in kept()] == largest, within=10, what="the largest differences")
    by_key = {key_of(pair.prediction.id): pair for pair in pairs}
    for example in kept():
        pair = by_key[example["key"]]
        assert ranks[example["key"]] == example["divergence"]
        assert (example["shadow"], example["variant"], example["sha256"]) == (
            "near", pair.prediction.served, models.sha256(server.routes / "shown/near.onnx"))
        assert json.loads(example["input"]) == {"a": pair.prediction.row["a"], "spin": 0}, "b is private"
        assert {json.loads(example[side])["label"] for side in ("answer", "shadow_answer")} == {
            LABELS["champion"][label] for label, _ in (pair.primary, pair.shadow)}
    unit_of = {key_of(one.id): f"unit-{number}" for number, one in enumerate(predictions)}
    first = kept()[0]["key"]
    server.weir("forget", "--route", "shown", "--unit", unit_of[first], "--why", "a test", "--state", server.state)
    assert first not in {one["key"] for one in kept()} and len(kept()) == 31
