"""Cases of pytorch-metric-learning's index helpers."""
from functools import partial

import numpy as np
import torch
from pytorch_metric_learning.utils import loss_and_miner_utils as lmu

from cases.common import add, labelled, normal, seeded, whole

rng = seeded("index_helpers")
normal, whole, labelled = (partial(f, rng=rng) for f in (normal, whole, labelled))


def helper(part, name, f, labels, ref=None, **more):
    out = f(torch.tensor(labels), None if ref is None else torch.tensor(ref))
    names = ("anchor", "positive", "negative") if len(out) == 3 else ("anchor_positive", "positive", "anchor_negative", "negative")
    inputs = {"labels": labels, **({"ref_labels": ref} if ref is not None else {})}
    add(part, name, inputs, {n: [int(i) for i in x] for n, x in zip(names, out)}, **more)


LABELS = {
    "ragged": (labelled([4, 3, 1]), None), "one class": (labelled([4]), None), "singletons": (labelled([1, 1, 1]), None), "one": (labelled([1]), None),
    "references": (labelled([3, 2]), labelled([2, 2, 1])), "equal references are others": (np.array([1, 1, 2]), np.array([1, 1, 2])),
    "int32 against int64": (np.array([5, 6, 5], np.int32), np.array([6, 5])), "int8": (np.array([-1, 3, -1, 3], np.int8), None),
    "beyond 53 bits": (np.array([2**62, 2**62 + 1, 2**62]), None), "none": (np.zeros(0, np.int64), None), "none against some": (np.zeros(0, np.int64), np.array([1, 2])),
}
for name, (l, r) in LABELS.items():
    helper("lmu.get_all_pairs_indices", name, lmu.get_all_pairs_indices, l, r)
    helper("lmu.get_all_triplets_indices", name, lmu.get_all_triplets_indices, l, r)
    for per in (1, 3, None):
        for seed in (5, 23):
            def draw(l, r):
                torch.manual_seed(seed)
                return lmu.get_random_triplet_indices(l, r, t_per_anchor=per)
            helper("lmu.get_random_triplet_indices", f"{name}, {per} per anchor, seed {seed}", draw, l, r, params={"t_per_anchor": per}, seed=seed)
TUPLES = {"none": None, "triplets": [[0, 0, 3], [1, 2, 1], [4, 5, 6]], "pairs": [[4, 0, 4, 1, 4], [1, 2, 3, 5, 6], [4, 1, 7, 4, 0, 1], [9, 8, 7, 6, 5, 4]],
          "pairs without a common anchor": [[0, 1], [1, 0], [2], [0]], "no pairs": [[], [], [], []], "no negatives": [[0, 1], [1, 0], [], []]}
for name, t in TUPLES.items():
    given = None if t is None else tuple(torch.tensor(x, dtype=torch.int64) for x in t)
    l = LABELS["ragged"][0]
    helper("lmu.convert_to_pairs", name, lambda l, r: lmu.convert_to_pairs(given, l, r), l, tuples=t)
    helper("lmu.convert_to_triplets", name, lambda l, r: lmu.convert_to_triplets(given, l, r, t_per_anchor="all"), l, tuples=t)
