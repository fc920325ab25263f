"""Cases of pytorch-metric-learning's distances."""
from functools import partial

import numpy as np
import torch
from pytorch_metric_learning import distances

from cases.common import add, labelled, named, normal, pml, seeded, values, whole

rng = seeded("pml_distances")
normal, whole, labelled = (partial(f, rng=rng) for f in (normal, whole, labelled))


# distances: the matrix times fixed weights, so that no gradient cancels
def pml_distance(part, name, query, ref=None, **params):
    shape = (len(query), len(query if ref is None else ref))
    inputs = {"query": query, **({"ref": ref} if ref is not None else {})}
    weights, row_weights = normal(*shape), normal(len(query))
    d = named(distances, pml(part, **params))
    mat = values(lambda x: d(x["query"], x.get("ref")) * torch.tensor(weights, dtype=x["query"].dtype), inputs, name)
    expect = {"weighted": mat["loss"], "grads": mat["grads"], "inverted": d.is_inverted}
    if ref is not None and len(ref) == len(query):
        row = values(lambda x: d.pairwise_distance(x["query"], x["ref"]) * torch.tensor(row_weights, dtype=x["query"].dtype), inputs, name)
        expect |= {"pairwise": row["loss"], "pairwise_grads": row["grads"]}
    add(f"pml.{part}", name, {**inputs, "weights": weights, "row_weights": row_weights}, expect, params)


LP = [("defaults", {}), ("p 1", {"p": 1}), ("p 3, squared", {"p": 3, "power": 2}), ("raw, squared", {"power": 2, "normalize_embeddings": False}),
      ("raw, infinity", {"p": float("inf"), "normalize_embeddings": False}), ("raw, root", {"power": 0.5, "normalize_embeddings": False})]
for name, params in LP:
    pml_distance("LpDistance", name, normal(5, 4), normal(7, 4), **params)
    pml_distance("LpDistance", f"{name}, as many", normal(6, 3), normal(6, 3), **params)
pml_distance("LpDistance", "itself", normal(6, 4))
pml_distance("LpDistance", "integers", whole(8, 2), normalize_embeddings=False)
pml_distance("LpDistance", "30 rows", normal(30, 3), normal(28, 3))
pml_distance("LpDistance", "a row of zeros", np.vstack([normal(3, 4), np.zeros((1, 4), np.float32)]), normal(4, 4))
pml_distance("LpDistance", "no rows", normal(0, 4), normal(3, 4))
for part, all_params in (("CosineSimilarity", [{}, {"power": 2}, {"p": 1}]),
                         ("DotProductSimilarity", [{}, {"normalize_embeddings": False}, {"power": 3}]),
                         ("SNRDistance", [{}, {"normalize_embeddings": False}, {"power": 2}])):
    for params in all_params:
        name = ", ".join(f"{k} {v}" for k, v in params.items()) or "defaults"
        pml_distance(part, name, normal(5, 4), normal(7, 4), **params)
        pml_distance(part, f"{name}, as many", normal(6, 5), normal(6, 5), **params)
    pml_distance(part, "itself", normal(6, 4))
