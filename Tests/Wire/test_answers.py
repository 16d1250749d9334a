"""What an answer says: the model's own numbers, who gave them, and under which id."""

import base64
import json

import numpy
import pytest
import xxhash

import models
from conftest import new_client

ROWS = [{"a": a, "b": b} for a, b in ((0, 0), (1, 2), (-3.5, 0.25), (1000, -1000), (1e-7, 12.125))]


def matrix(rows):
    return [[row["a"], row["b"], row.get("spin", 0)] for row in rows]


def unique_ids(*ids):
    assert all(len(one) == 88 and len(base64.urlsafe_b64decode(one)) == 66 for one in ids), ids
    return len(set(ids)) == len(ids)


@pytest.mark.parametrize("row", ROWS, ids=json.dumps)
def test_one_row(client, model_routes, row):
    answer = client.predict(row, x_user_id="u-1")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("application/json")
    expected = models.run(model_routes / "probe" / f"{answer.headers['x-weir-variant']}.onnx", matrix([row]))
    said = answer.json()
    assert said["label"] == ["low", "high"][expected["label"][0]]
    assert list(said["probabilities"].values()) == pytest.approx([float(p) for p in expected["probabilities"][0]], abs=1e-5)


@pytest.mark.parametrize("count", [1, 2, 32])
def test_many_rows_are_one_assignment_and_many_predictions(client, model_routes, count):
    rows = [{"a": i, "b": -i} for i in range(count)]
    answer = client.predict({"instances": rows}, x_user_id="u-2")
    said = answer.json()
    assert answer.status_code == 200 and said.keys() == {"ids", "route", "predictions"}
    expected = models.run(model_routes / "probe" / f"{answer.headers['x-weir-variant']}.onnx", matrix(rows))["probabilities"]
    found = [list(one["probabilities"].values()) for one in said["predictions"]]
    numpy.testing.assert_allclose(found, expected, atol=1e-5)
    assert len(said["ids"]) == count and unique_ids(*said["ids"])
    assert answer.headers["x-weir-prediction"] == said["ids"][0]


def test_a_regression(client):
    answer = client.predict({"a": 1, "b": 2}, route="linear").json()
    assert answer.keys() == {"id", "route", "value"} and answer["value"] == pytest.approx(8.1, abs=1e-5)


def test_headers_name_who_answered(client):
    answer = client.predict(ROWS[0], x_user_id="u-3")
    assert answer.headers["x-weir-variant"] in ("champion", "challenger")
    assert int(answer.headers["x-weir-revision"]) >= 1
    assert answer.headers["x-weir-reason"] == "assigned"
    assert answer.headers["x-weir-prediction"] == answer.json()["id"]
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_ids_are_long_and_unique(gateway):
    with new_client(gateway) as one, new_client(gateway, http2=False) as other:
        ids = [client.predict(ROWS[0]).json()["id"] for client in (one, other) for _ in range(50)]
    assert unique_ids(*ids)


WEIGHTS = {"champion": 90, "challenger": 10}


def assigned(unit, salt="probe", weights=WEIGHTS):
    """The published rule, written a second time: weighted rendezvous over XXH64 with seed 0."""
    def score(variant):
        hashed = xxhash.xxh64_intdigest("\x1f".join((salt, variant, unit)).encode(), seed=0)
        return -numpy.log(((hashed >> 12) + 0.5) * 2.0**-52) / weights[variant]

    return min(sorted(weights), key=score)


def test_assignment_is_the_published_rule(client):
    units = [f"unit-{i}" for i in range(300)] + ["", "ü-ß-日本", "x" * 200]
    expected = {unit: assigned(unit) for unit in units if unit}
    found = {unit: client.predict(ROWS[0], x_user_id=unit.encode()).headers["x-weir-variant"] for unit in expected}
    assert found == expected
    assert set(found.values()) == set(WEIGHTS), "the units must reach both variants, else this proves nothing"


def test_a_unit_keeps_its_variant_on_every_connection(gateway):
    for http2 in (True, False):
        with new_client(gateway, http2=http2) as client:
            assert {client.predict(ROWS[0], x_user_id="u-9").headers["x-weir-variant"] for _ in range(10)} == {assigned("u-9")}


def test_override_needs_its_scope(gateway, client):
    refused = client.predict(ROWS[0], x_weir_variant="challenger")
    assert refused.status_code == 403 and refused.json()["code"] == "override-forbidden"
    with new_client(gateway, token=gateway.new_token("predict", "override")) as trusted:
        for variant in WEIGHTS:
            answer = trusted.predict(ROWS[0], x_weir_variant=variant, x_user_id="u-9")
            assert (answer.headers["x-weir-variant"], answer.headers["x-weir-reason"]) == (variant, "override")
        assert trusted.predict(ROWS[0], x_weir_variant="nobody").json()["code"] == "variant-unknown"


@pytest.mark.parametrize("variant", ["champion", "challenger"])
def test_held_out_films_get_the_answers_of_onnx_runtime(films, film_route, variant):
    """Every 20th held-out film, 32 at a time."""
    rows = film_route.rows[::20]
    features = [[row[name] for name in film_route.columns] for row in rows]
    expected = models.run(film_route.folder / f"{variant}.onnx", features)
    labels = next(values for values in expected.values() if numpy.ndim(values) == 1)
    probabilities = next(values for values in expected.values() if numpy.ndim(values) == 2)
    found = []
    with new_client(films, token=films.new_token("predict", "override")) as client:
        for start in range(0, len(rows), 32):
            part = [{name: row[name] for name in film_route.columns} for row in rows[start:start + 32]]
            answer = client.predict({"instances": part}, route="video-category", x_weir_variant=variant)
            assert answer.status_code == 200, answer.text
            found += answer.json()["predictions"]
    numpy.testing.assert_allclose([list(one["probabilities"].values()) for one in found], probabilities, atol=1e-5)
    assert [one["label"] for one in found] == [str(label) for label in labels]
    right = numpy.mean([one["label"] == row["label"] for one, row in zip(found, rows)])
    assert right > 0.5, "labels are no better than guessing: are the columns in order?"


def test_one_held_out_film(films, film_route):
    row = {name: film_route.rows[0][name] for name in film_route.columns}
    with new_client(films) as client:
        answer = client.predict(row, route="video-category", x_user_id="u-17")
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-weir-variant"] == assigned("u-17", salt="video-category")
    assert sum(answer.json()["probabilities"].values()) == pytest.approx(1, abs=1e-5)
