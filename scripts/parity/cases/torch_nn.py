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
    add("torch.PairwiseDistance", name, arrays, values(lambda x: torch.nn.PairwiseDistance(**params)(x["x1"], x["x2"]), arrays, name), params)
same = normal(3, 4)
add("torch.PairwiseDistance", "identical rows", {"x1": same, "x2": same}, values(lambda x: torch.nn.PairwiseDistance()(x["x1"], x["x2"]), {"x1": same, "x2": same}, "identical"), {})
