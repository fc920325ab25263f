"""Cases of torch.nn's losses and distances."""
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F

from cases.common import add, labelled, normal, seeded, values, whole

rng = seeded("torch_nn")
normal, whole, labelled = (partial(f, rng=rng) for f in (normal, whole, labelled))


def rows(*shape):
    a = normal(*shape)
    return {"anchor": a, "positive": (0.6 * a + 0.7 * normal(*shape)).astype(np.float32), "negative": normal(*shape)}


def torch_rows(part, name, loss, params, arrays, **more):
    add(part, name, arrays, values(lambda x: loss(x["anchor"], x["positive"], x["negative"]), arrays, name), params, **more)


same = rows(5, 4)
same["positive"] = same["anchor"].copy()
tied = {k: whole(7, 3) for k in ("anchor", "positive", "negative")}
tied["negative"][0] = tied["anchor"][0]
for name, params, arrays in [
    ("defaults", {}, rows(8, 6)),
    ("l1, sum", {"p": 1.0, "reduction": "sum", "margin": 2.5}, rows(7, 5)),
    ("infinity, none", {"p": float("inf"), "reduction": "none", "margin": 0.65}, rows(8, 6)),
    ("p 3, eps", {"p": 3.0, "eps": 0.02, "margin": 0.5}, rows(6, 5)),
    ("swap, none", {"swap": True, "reduction": "none", "margin": 1.7}, rows(9, 4)),
    ("swap, sum", {"swap": True, "reduction": "sum", "margin": 0.3, "p": 1.0}, rows(9, 4)),
    ("positive is the anchor", {"margin": 0.8}, same),
    ("integers", {"margin": 1.5, "swap": True, "reduction": "none"}, tied),
    ("one row", {}, rows(1, 3)),
    ("vectors", {"margin": 2.0}, rows(5)),
    ("no rows, sum", {"reduction": "sum"}, rows(0, 3)),
    ("broadcast negative", {"margin": 3.0}, {**rows(4, 3), "negative": normal(1, 3)}),
    ("all easy", {"margin": 0.01}, {"anchor": normal(3, 2), "positive": normal(3, 2), "negative": normal(3, 2) + 90}),
]:
    torch_rows("torch.TripletMarginLoss", name, torch.nn.TripletMarginLoss(**params), params, arrays)

FUNCTIONS = {
    "cosine": lambda x, y: 1 - F.cosine_similarity(x, y),
    "euclidean": torch.nn.PairwiseDistance(),
    "linf": lambda x, y: torch.max(torch.abs(x - y), dim=1).values,
    "l1": lambda x, y: torch.abs(x - y).sum(1),
}
for name, distance, params, arrays in [
    ("default", None, {}, rows(8, 6)),
    ("euclidean, swap", "euclidean", {"swap": True, "margin": 1.4}, rows(8, 6)),
    ("cosine", "cosine", {"margin": 0.35}, rows(8, 6)),
    ("cosine, swap, none", "cosine", {"margin": 0.35, "swap": True, "reduction": "none"}, rows(8, 6)),
    ("linf, sum", "linf", {"margin": 1.5, "reduction": "sum"}, rows(7, 5)),
    ("l1, swap", "l1", {"margin": 0.7, "swap": True}, rows(7, 5)),
    ("integers, l1", "l1", {"margin": 1.0, "swap": True, "reduction": "none"}, {k: whole(9, 3) for k in ("anchor", "positive", "negative")}),
    ("one row", "linf", {}, rows(1, 4)),
    ("no rows, sum", "l1", {"reduction": "sum"}, rows(0, 3)),
]:
    loss = torch.nn.TripletMarginWithDistanceLoss(distance_function=FUNCTIONS.get(distance), **params)
    torch_rows("torch.TripletMarginWithDistanceLoss", name, loss, params, arrays, distance=distance)

for name, params, shape in [
    ("defaults", {}, (6, 5)),
    ("l1", {"p": 1.0}, (6, 5)),
    ("infinity", {"p": float("inf")}, (6, 5)),
    ("p 0.5", {"p": 0.5}, (4, 3)),
    ("kept dimension", {"keepdim": True, "eps": 0.1}, (6, 5)),
    ("vectors", {}, (5,)),
    ("no rows", {}, (0, 5)),
]:
    arrays = {"x1": normal(*shape), "x2": normal(*shape)}
    add("torch.nn.PairwiseDistance", name, arrays, values(lambda x: torch.nn.PairwiseDistance(**params)(x["x1"], x["x2"]), arrays, name), params)
same = normal(3, 4)
add("torch.nn.PairwiseDistance", "identical rows", {"x1": same, "x2": same}, values(lambda x: torch.nn.PairwiseDistance()(x["x1"], x["x2"]), {"x1": same, "x2": same}, "identical"), {})


# --- a target for each pair -----------------------------------------------------------------------------------------
def targeted(part, name, arrays, targets, **params):
    """A target for each row; MarginRankingLoss wants as many dimensions as the scores have."""
    loss = getattr(torch.nn, part)(**params)
    t = torch.tensor(targets)
    if part == "MarginRankingLoss":
        t = t[:, None]
    expect = values(lambda x: loss(x["anchor"], x["positive"], t), arrays, name)
    add(f"torch.{part}", name, {**arrays, "targets": targets}, expect, params)


def pairs(*shape):
    return {k: v for k, v in rows(*shape).items() if k != "negative"}


def signs(n):
    return rng.choice([-1, 1], n)


alike = normal(4, 3)
for part in ("CosineEmbeddingLoss", "MarginRankingLoss"):
    targeted(part, "defaults", pairs(8, 6), signs(8))
    targeted(part, "margin", pairs(9, 5), signs(9), margin=0.3)
    targeted(part, "negative margin, sum", pairs(7, 4), signs(7), margin=-0.4, reduction="sum")
    targeted(part, "none", pairs(8, 3), signs(8), margin=0.2, reduction="none")
    if part == "MarginRankingLoss":   # the cosine of two numbers has no gradient
        targeted(part, "one column", pairs(10, 1), signs(10), margin=0.1)
    targeted(part, "float targets", pairs(6, 4), signs(6).astype(np.float32), margin=0.1)
    targeted(part, "other targets", pairs(6, 4), np.array([1, 0, -1, 2, 1, -1]), margin=0.1, reduction="none")
    targeted(part, "all 1", pairs(5, 4), np.ones(5, np.int64))
    targeted(part, "all -1", pairs(5, 4), -np.ones(5, np.int64), margin=0.2)
    targeted(part, "identical rows", {"anchor": alike, "positive": alike.copy()}, np.array([1, -1, 1, -1]), margin=0.5)
    targeted(part, "zeros and whole numbers", {"anchor": np.vstack([np.zeros((1, 3), np.float32), whole(5, 3)]), "positive": whole(6, 3)}, signs(6), margin=1.0)
    targeted(part, "one row", pairs(1, 4), signs(1))
    targeted(part, "no rows, sum", pairs(0, 4), np.zeros(0, np.int64), reduction="sum")


# --- distances of all pairs: the matrix times fixed weights, so that no gradient cancels ----------------------------------
def all_pairs(part, name, f, query, ref=None, inverted=False, row_by_row=None, **params):
    """f of rows that broadcast; row_by_row where that is another function."""
    inputs = {"query": query, **({"ref": ref} if ref is not None else {})}
    weights, row_weights = normal(len(query), len(query if ref is None else ref)), normal(len(query))
    times = lambda d, w: d * torch.tensor(w, dtype=d.dtype)
    mat = values(lambda x: times(f(x["query"], x.get("ref", x["query"])), weights), inputs, name)
    expect = {"weighted": mat["loss"], "grads": mat["grads"], "inverted": inverted}
    if ref is not None and len(ref) == len(query):
        row = values(lambda x: times(row_by_row(x["query"], x["ref"]), row_weights), inputs, name)
        expect |= {"pairwise": row["loss"], "pairwise_grads": row["grads"]}
    add(f"torch.{part}", name, {**inputs, "weights": weights, "row_weights": row_weights}, expect, params)


def measures(part, name, query, ref=None, **params):
    if part == "cdist":
        f = lambda x, y: torch.cdist(x, y, **params)
        all_pairs(part, name, f, query, ref, row_by_row=lambda x, y: f(x, y).diagonal(), **params)
        return
    rows = torch.nn.PairwiseDistance(**params) if part == "PairwiseDistance" else lambda x, y: torch.cosine_similarity(x, y, dim=-1, **params)
    all_pairs(part, name, lambda x, y: rows(x[:, None], y[None]), query, ref, part != "PairwiseDistance", rows, **params)


OPTIONS = {
    "PairwiseDistance": [{}, {"p": 1.0}, {"p": float("inf")}, {"p": 3.0, "eps": 0.1}],
    "cosine_similarity": [{}, {"eps": 0.9}, {"eps": 0.0}],
    "cdist": [{}, {"p": 1.0}, {"p": float("inf")}, {"p": 0.0}, {"compute_mode": "use_mm_for_euclid_dist"}, {"compute_mode": "donot_use_mm_for_euclid_dist", "p": 3.0}],
}
for part, options in OPTIONS.items():
    for params in options:
        name = ", ".join(f"{k} {v}" for k, v in params.items()) or "defaults"
        measures(part, name, normal(5, 4), normal(7, 4), **params)
        measures(part, f"{name}, as many", normal(6, 3), normal(6, 3), **params)
    measures(part, "itself", normal(6, 4))
    measures(part, "30 rows", normal(30, 3), normal(28, 3))
    measures(part, "whole numbers", whole(6, 2), whole(6, 2))
    measures(part, "a row of zeros", np.vstack([normal(3, 4), np.zeros((1, 4), np.float32)]), normal(4, 4))
    measures(part, "no rows", normal(0, 4), normal(3, 4))
