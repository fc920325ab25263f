"""Cases of what no package computes: negatives from scores and a mask, and the loss over them, as plain loops."""
from functools import partial

import numpy as np

from cases.common import add, encoded, labelled, normal, seeded, whole

rng = seeded("scores")
normal, whole, labelled = (partial(f, rng=rng) for f in (normal, whole, labelled))


def hard_negatives(scores, mask, strategy="hardest", per="positive", margin=None, all=False, distances=False, keep_diagonal=False, ignore=None):
    likeness = -scores.astype(float) if distances else scores.astype(float)
    rows, columns = scores.shape

    def left_out(a, j):
        return (ignore is not None and ignore[a, j]) or (rows == columns and not keep_diagonal and a == j)

    def admitted(s, limit):
        if strategy == "hard":
            return s > limit
        if strategy == "semihard":
            return s < limit and (margin is None or limit - s < margin)
        if strategy == "easy":
            return limit - s > (margin or 0)
        return True

    found, without = [], 0
    for a in range(rows):
        positives = [j for j in range(columns) if mask[a, j] and not left_out(a, j)]
        if per == "anchor" and positives:
            positives = [min(positives, key=lambda j: (likeness[a, j], j))]
        for p in positives:
            negatives = [j for j in range(columns) if not mask[a, j] and not left_out(a, j) and admitted(likeness[a, j], likeness[a, p])]
            if not negatives:
                without += 1
            elif all:
                found += [(a, p, n) for n in negatives]
            else:
                found.append((a, p, max(negatives, key=lambda j: (likeness[a, j], -j))))
    return *([list(x) for x in zip(*found)] if found else [[], [], []]), without


def grid(*shape):
    """Scores on a grid of quarters, full of ties that both precisions see."""
    return (rng.integers(-4, 5, size=shape) / 4).astype(np.float32)


def mask(b, n, density=0.3):
    return rng.random((b, n)) < density


odd = mask(7, 12)
odd[2], odd[4] = False, True
square = labelled([4, 3, 2, 1, 1])
SCORES = {
    "tied": (grid(7, 12), odd), "scores": (normal(6, 9), mask(6, 9)), "square": (normal(11, 11), square[:, None] == square),
    "square, tied": (grid(8, 8), mask(8, 8, 0.4)), "tall": (grid(9, 2), mask(9, 2, 0.5)), "no positives": (grid(3, 4), np.zeros((3, 4), bool)),
    "no negatives": (grid(3, 4), np.ones((3, 4), bool)), "one cell": (grid(1, 1), np.ones((1, 1), bool)), "no rows": (grid(0, 4), mask(0, 4)),
    "no columns": (grid(3, 0), mask(3, 0)), "equal": (np.full((4, 5), 0.5, np.float32), mask(4, 5, 0.5)),
}
for key, (s, m) in SCORES.items():
    for options in [
        {}, {"strategy": "hard"}, {"strategy": "semihard"}, {"strategy": "semihard", "margin": 0.5}, {"strategy": "easy"}, {"strategy": "easy", "margin": 0.5},
        {"per": "anchor"}, {"per": "anchor", "strategy": "semihard", "distances": True}, {"per": "anchor", "strategy": "hard", "all": True}, {"all": True},
        {"strategy": "semihard", "margin": 0.5, "all": True, "distances": True}, {"strategy": "easy", "margin": 0.25, "distances": True}, {"keep_diagonal": True},
        {"keep_diagonal": True, "strategy": "hard", "distances": True},
    ]:
        a, p, n, without = hard_negatives(s, m, **options)
        expect = {"anchor": a, "positive": p, "negative": n, "without_negative": without}
        add("hard_negatives", f"{key}: " + (", ".join(f"{k} {v}" for k, v in options.items()) or "defaults"), {"scores": s, "mask": m}, expect, options)
s, m = SCORES["square, tied"]
ignore = mask(8, 8, 0.3)
a, p, n, without = hard_negatives(s, m, ignore=ignore)
add("hard_negatives", "some ignored", {"scores": s, "mask": m, "ignore": ignore}, {"anchor": a, "positive": p, "negative": n, "without_negative": without}, {})


def masked_loss(s, m, alpha, strategy="hardest", margin=None, all=False, distances=False, keep_diagonal=False):
    """Value and gradient by hand."""
    a, p, n, without = hard_negatives(s, m, strategy, "positive", margin, all, distances, keep_diagonal)
    total, grad = 0.0, np.zeros(s.shape)
    for i, j, k in zip(a, p, n):
        to_positive, to_negative = (float(s[i, x]) if distances else 1 - float(s[i, x]) for x in (j, k))
        term = to_positive - to_negative + alpha
        if term > 0:
            total += term
            sign = 1 if distances else -1
            grad[i, j] += sign
            grad[i, k] -= sign
    count = max(len(a), 1)
    return total / count, grad / count, {"num_triplets": float(len(a)), "without_negative": float(without)}


for key, (s, m) in SCORES.items():
    for alpha, options in [(0.2, {}), (0.1875, {"strategy": "semihard"}), (0.3125, {"strategy": "semihard", "distances": True}), (0.4375, {"keep_diagonal": True}),
                           (0.0625, {"strategy": "hard", "all": True}), (-0.1875, {"strategy": "easy", "margin": 0.25})]:
        value, grad, stats = masked_loss(s, m, alpha, **options)
        name = f"{key}: alpha {alpha:g}" + "".join(f", {k} {v}" for k, v in options.items())
        add("masked.TripletLoss", name, {"scores": s, "mask": m}, {"loss": encoded(np.array(value)), "grads": {"scores": encoded(grad)}, "stats": stats}, {"alpha": alpha, **options})
