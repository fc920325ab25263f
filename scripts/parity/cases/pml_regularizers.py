"""Cases of pytorch-metric-learning's regularizers."""
from functools import partial

import numpy as np
import torch
from pytorch_metric_learning import distances, reducers, regularizers

from cases.common import add, encoded, named, normal, pml, seeded, values, whole

rng = seeded("pml_regularizers")
normal, whole = (partial(f, rng=rng) for f in (normal, whole))
ROWS = {
    "rows": normal(9, 4),
    "many": normal(30, 6),
    "one row": normal(1, 3),
    "one column": normal(5, 1),
    "two equal rows": whole(3, 4)[[0, 0, 1, 2]] + 0.5,
    "whole": whole(8, 3),
}


def regularizer(part, name, rows, distance=None, reducer=None, expected=None, **params):
    """expected: (value, gradient) where the source has none to give."""
    rows = ROWS[rows] if isinstance(rows, str) else np.array(rows, np.float32)
    made = {k: named(package, v) for k, package, v in (("distance", distances, distance), ("reducer", reducers, reducer)) if v}
    more = {k: v for k, v in (("distance", distance), ("reducer", reducer)) if v}

    def f(x):
        out = named_with(part, params, made)(x["rows"])
        return out["loss"]["losses"] if isinstance(out, dict) else out
    if expected is None:
        expect = values(f, {"rows": rows}, f"{part} {name}")
    else:
        value, gradient = (np.array(x, np.float64) for x in expected)
        expect = {"loss": encoded(value), "grads": {"rows": encoded(gradient)}, "stats": {}}
    add(f"pml.{part}", name, {"rows": rows}, expect, params, **more)


def named_with(part, params, made):
    return getattr(regularizers, part)(**params, **made)


SUM, ALL = pml("SumReducer"), pml("DoNothingReducer")
for part in ("LpRegularizer", "ZeroMeanRegularizer", "CenterInvariantRegularizer", "RegularFaceRegularizer"):
    for rows in ROWS:
        if part == "RegularFaceRegularizer" and rows in ("one row", "one column", "two equal rows", "whole"):
            continue  # cosines of equal rows, or of a row and itself, differ by rounding; see below
        regularizer(part, rows, rows)
    regularizer(part, "sum", "rows", reducer=SUM)
    regularizer(part, "as they are", "rows", reducer=ALL)
    regularizer(part, "between", "many", reducer=pml("ThresholdReducer", low=0.4, high=2.5))
    regularizer(part, "weighted", "rows", reducer=pml("ClassWeightedReducer", weights=[0.5 * i for i in range(9)]))
for p, power in ((1, 1), (1, 2), (2, 2), (3, 1), (2, 0.5), (np.inf, 1), (np.inf, 3), (2, -1)):
    regularizer("LpRegularizer", f"p {p:g}, power {power:g}", "rows", p=p, power=power)
regularizer("LpRegularizer", "a row of zeros", [[0, 0], [3, 4]])
regularizer("LpRegularizer", "a row of zeros, squared", [[0, 0], [3, 4]], power=2)
# The source's gradient is NaN: the slope of the root at 0 times that of the norm.
regularizer("LpRegularizer", "a row of zeros, root", [[0, 0], [3, 4]], power=0.5, expected=(5 ** 0.5 / 2, [[0, 0], [0.25 * 5 ** -0.5 * 0.6, 0.25 * 5 ** -0.5 * 0.8]]))
regularizer("ZeroMeanRegularizer", "sums of 0", [[1, -1, 0], [2, 2, -4], [1, 2, 3]])
for p in (1, 3):
    regularizer("CenterInvariantRegularizer", f"p {p}", "rows", distance=pml("LpDistance", p=p, normalize_embeddings=False))
regularizer("CenterInvariantRegularizer", "a row of zeros", [[0, 0], [3, 4]])
regularizer("CenterInvariantRegularizer", "equal norms", [[5, 0], [3, 4], [-4, 3]])
regularizer("RegularFaceRegularizer", "dot product", "rows", distance=pml("DotProductSimilarity"))
for rows in ("whole", "two equal rows"):
    regularizer("RegularFaceRegularizer", f"{rows}, dot product as they are", rows, distance=pml("DotProductSimilarity", normalize_embeddings=False))
regularizer("RegularFaceRegularizer", "one row", [[0, 2, 0]])
regularizer("RegularFaceRegularizer", "opposite rows", [[0, 2], [0, -3], [0.5, 0]])

for n, c, rows in ((3, 3, "rows"), (15, 2, "many"), (2, 15, "many"), (1, 9, "rows"), (10, 3, "many"), (1, 30, "many")):
    regularizer("SparseCentersRegularizer", f"{n} of {c}", rows, num_classes=n, centers_per_class=c)
regularizer("SparseCentersRegularizer", "mean", "rows", reducer=pml("MeanReducer"), num_classes=3, centers_per_class=3)
regularizer("SparseCentersRegularizer", "as they are", "rows", reducer=ALL, num_classes=3, centers_per_class=3)
regularizer("SparseCentersRegularizer", "squared cosine", "rows", distance=pml("CosineSimilarity", power=2), num_classes=3, centers_per_class=3)
regularizer("SparseCentersRegularizer", "opposite and orthogonal", [[0, 2], [0, -3], [5, 0], [0, 4]], num_classes=2, centers_per_class=2)
# The source's gradient is NaN: the slope of the root is infinite at 0.
regularizer("SparseCentersRegularizer", "centers that point the same way", [[0, 2], [0, 3], [0, 1], [0, 7]], num_classes=2, centers_per_class=2,
            expected=(0.0, np.zeros((4, 2))))
