"""Cases of sentence-transformers' losses."""
from functools import partial

import numpy as np
import torch
from sentence_transformers import util
from sentence_transformers.sentence_transformer import losses
from sentence_transformers.sentence_transformer.losses import BatchHardTripletLossDistanceFunction as Batch
from sentence_transformers.sentence_transformer.losses import SiameseDistanceMetric as Siamese
from sentence_transformers.sentence_transformer.losses import TripletDistanceMetric as Triplet

from cases.common import BATCHES, add, label_tensors, labelled, normal, on, seeded, values, whole

rng = seeded("st")
normal, whole, labelled = (partial(f, rng=rng) for f in (normal, whole, labelled))


def made(cls, **params):
    return getattr(losses, cls)(torch.nn.Sequential(torch.nn.Identity()), **params)


# --- over a batch -----------------------------------------------------------------------------------------------------
BATCH_DISTANCES = {
    None: {},
    "euclidean": {"distance_metric": Batch.euclidean_distance},
    "cosine": {"distance_metric": Batch.cosine_distance},
    "sqeuclidean": {"distance_metric": lambda e: Batch.euclidean_distance(e, squared=True)},
}


def batch_case(cls, batch, params=None, distance=None, inputs=None, name=None):
    params = params or {}
    name = name or ", ".join([batch, *(f"{k} {v:g}" for k, v in params.items()), *([distance] if distance else [])])
    labels = label_tensors(batch)[0]
    loss = made(cls, **params, **BATCH_DISTANCES[distance])
    own, floats = on(batch)
    expect = values(lambda x: loss.compute_loss_from_embeddings([x["embeddings"]], labels), floats, f"{cls} {name}")
    add(f"st.{cls}", name, inputs or own, expect, params, **({"distance": distance} if distance else {}))


# The source's rules with masks of positives P and negatives N in place of labels.
def hardest(d, P, N):
    tops = torch.stack([torch.stack([d[a, p] for p in range(len(d)) if P[a, p]]).max() if P[a].any() else d[a, a] * 0 for a in range(len(d))])
    return torch.stack([tops[a] - torch.stack([d[a, n] for n in range(len(d)) if N[a, n]]).min() if N[a].any() else d[a, a] * 0 for a in range(len(d))])


def masked_hard(d, P, N, margin):
    return torch.relu(hardest(d, P, N) + margin).mean()


def masked_soft(d, P, N):
    return torch.nn.functional.softplus(hardest(d, P, N)).mean()


def masked_all(d, P, N, margin):
    terms = torch.stack([torch.relu(d[a, p] - d[a, n] + margin) for a, p in P.nonzero() for n in N[a].nonzero()[:, 0]])
    return terms.sum() / (terms > 1e-16).sum()


def masked_semihard(d, P, N, margin):
    terms = []
    for a, p in P.nonzero():
        negatives = d[a, N[a]]
        if not len(negatives):
            negative = d[a].min()
        else:
            negative = negatives[negatives > d[a, p]].min() if (negatives > d[a, p]).any() else negatives.max()
        terms.append(torch.relu(d[a, p] - negative + margin))
    return torch.stack(terms).mean()


def mask_cases(cls, rule, params, batch="ragged"):
    """Masks as the labels make them give the source's answer; then some of each are ignored."""
    embeddings, labels = BATCHES[batch]
    size = len(labels)
    same = labels[:, None] == labels
    positives = same & ~np.eye(size, dtype=bool)
    batch_case(cls, batch, params, inputs={"embeddings": embeddings, "positive_mask": positives}, name="mask of the labels")
    for distance in ("cosine", None):
        metric = BATCH_DISTANCES[distance or "euclidean"]["distance_metric"]
        ours = lambda x, ignored=np.zeros((size, size), bool): rule(
            metric(x["embeddings"]), torch.tensor(positives & ~ignored), torch.tensor(~same & ~ignored), **params)
        loss = made(cls, **params, distance_metric=metric)
        check = torch.tensor(embeddings, dtype=torch.float64)
        wanted = loss.compute_loss_from_embeddings([check], torch.tensor(labels))
        assert abs(ours({"embeddings": check}) - wanted) < 1e-12, (cls, distance)
        ignored = rng.random((size, size)) < 0.3
        ignored[4] = True
        ignored[7] = positives[7]
        name = "ignore mask" + (f", {distance}" if distance else "")
        inputs = {"embeddings": embeddings, "positive_mask": positives | np.eye(size, dtype=bool), "ignore_mask": ignored}
        expect = values(lambda x: ours(x, ignored), {"embeddings": embeddings}, f"{cls} {name}")
        add(f"st.{cls}", name, inputs, expect, params, **({"distance": distance} if distance else {}))


for cls, params, rule in (
    ("BatchHardTripletLoss", {"margin": 0.9}, masked_hard),
    ("BatchHardSoftMarginTripletLoss", {}, masked_soft),
    ("BatchAllTripletLoss", {"margin": 0.9}, masked_all),
    ("BatchSemiHardTripletLoss", {"margin": 0.9}, masked_semihard),
):
    for batch in [b for b in BATCHES if b not in ("printed sample", "arange", "ties")]:
        batch_case(cls, batch)
    if params:
        batch_case(cls, "ragged", params)
        batch_case(cls, "30 rows", {"margin": 0.3}, "cosine")
        batch_case(cls, "singletons", {"margin": 40.0})
        batch_case(cls, "ties", {"margin": 2.7})
        batch_case(cls, "int32 labels", {"margin": 3.5}, "sqeuclidean")
        batch_case(cls, "ragged", {"margin": -0.4}, "euclidean")
        batch_case(cls, "one class", {"margin": 0.3}, "sqeuclidean")
    else:
        batch_case(cls, "30 rows", None, "cosine")
        batch_case(cls, "ties")
        batch_case(cls, "int32 labels", None, "sqeuclidean")
    mask_cases(cls, rule, params)


# --- over rows --------------------------------------------------------------------------------------------------------
def rows(*shape):
    a = normal(*shape)
    return {"anchor": a, "positive": (0.6 * a + 0.7 * normal(*shape)).astype(np.float32), "negative": normal(*shape)}


def pairs(*shape):
    found = rows(*shape)
    del found["negative"]
    return found


def row_case(cls, name, arrays, params=None, distance=None, targets=None, own=None):
    """own: what the word stands for, as the class's own arguments, and parameters that the command line writes otherwise."""
    params = params or {}
    loss = made(cls, **{**params, **(own or {})})
    wanted = None if targets is None else torch.tensor(targets)
    f = getattr(loss, "compute_loss_from_embeddings", None) or (lambda tensors, labels: loss.calculate_loss([[t] for t in tensors]))
    inputs = arrays if targets is None else {**arrays, "targets": targets}
    expect = values(lambda x: f(list(x.values()), wanted), arrays, f"{cls} {name}")
    add(f"st.{cls}", name, inputs, expect, params, **({"distance": distance} if distance else {}))


SIAMESE = {"cosine": {"distance_metric": Siamese.COSINE_DISTANCE}, "euclidean": {"distance_metric": Siamese.EUCLIDEAN}, "manhattan": {"distance_metric": Siamese.MANHATTAN}}
same = pairs(5, 4)
same["positive"] = same["anchor"].copy()
BINARY = np.array([1, 0, 0, 1, 1, 0, 1, 0])

for name, arrays, params, distance, targets in [
    ("defaults", pairs(8, 6), {}, None, BINARY),
    ("margin, sum", pairs(8, 6), {"margin": 0.8, "size_average": False}, None, BINARY),
    ("euclidean", pairs(8, 6), {"margin": 2.5}, "euclidean", BINARY),
    ("manhattan, sum", pairs(8, 6), {"margin": 4.5, "size_average": False}, "manhattan", BINARY),
    ("cosine by name", pairs(8, 6), {"margin": 1.2}, "cosine", BINARY),
    ("bool targets", pairs(3, 5), {}, None, np.array([1, 0, 1], np.uint8)),
    ("targets between", pairs(4, 5), {"margin": 1.5}, None, np.array([0.25, 0.5, 1, 0], np.float32)),
    ("all of one kind", pairs(4, 5), {}, None, np.ones(4, np.int64)),
    ("equal rows", same, {"margin": 0.8}, "euclidean", np.array([1, 0, 0, 1, 0])),
    ("equal rows, cosine", same, {}, None, np.array([1, 0, 0, 1, 0])),
    ("one row", pairs(1, 3), {}, None, np.array([0])),
    ("zero margin", pairs(8, 6), {"margin": 0.0}, "euclidean", BINARY),
]:
    row_case("ContrastiveLoss", name, arrays, params, distance, targets, SIAMESE.get(distance))

TRIPLET = {"cosine": {"distance_metric": Triplet.COSINE}, "euclidean": {"distance_metric": Triplet.EUCLIDEAN}, "manhattan": {"distance_metric": Triplet.MANHATTAN}}
near = rows(5, 4)
near["positive"] = near["anchor"].copy()
tied = {k: whole(9, 3) for k in ("anchor", "positive", "negative")}
for name, arrays, params, distance in [
    ("defaults", rows(8, 6), {}, None),
    ("margin", rows(8, 6), {"triplet_margin": 0.7}, None),
    ("cosine", rows(8, 6), {"triplet_margin": 0.4}, "cosine"),
    ("manhattan", rows(8, 6), {"triplet_margin": 1.5}, "manhattan"),
    ("euclidean by name", rows(6, 3), {"triplet_margin": 1.2}, "euclidean"),
    ("positive is the anchor", near, {"triplet_margin": 2.0}, None),
    ("positive is the anchor, manhattan", near, {}, "manhattan"),
    ("whole numbers", tied, {"triplet_margin": 1.3}, None),
    ("whole numbers, manhattan", tied, {"triplet_margin": 2.5}, "manhattan"),
    ("one row", rows(1, 3), {}, None),
    ("all easy", {**rows(4, 3), "negative": normal(4, 3) + 90}, {}, None),
]:
    row_case("TripletLoss", name, arrays, params, distance, None, TRIPLET.get(distance))

for name, arrays, params, distance, targets in [
    ("defaults", pairs(8, 6), {}, None, BINARY),
    ("margin", pairs(8, 6), {"margin": 1.3}, None, BINARY),
    ("euclidean", pairs(9, 5), {"margin": 3.5}, "euclidean", rng.integers(0, 2, 9)),
    ("manhattan", pairs(9, 5), {"margin": 9.5}, "manhattan", rng.integers(0, 2, 9)),
    ("positives only", pairs(6, 4), {"margin": 0.9}, None, np.ones(6, np.int64)),
    ("negatives only", pairs(6, 4), {"margin": 0.9}, None, np.zeros(6, np.int64)),
    ("other targets", pairs(8, 6), {"margin": 1.9}, "cosine", np.array([1, 0, 2, 0, 1, -1, 0, 1])),
    ("other targets only", pairs(3, 4), {}, None, np.array([2, 3, -1])),
    ("far apart", {"anchor": normal(4, 3), "positive": np.array([[0], [0], [90], [90]], np.float32) + normal(4, 3)}, {}, "euclidean", np.array([1, 1, 0, 0])),
    ("whole numbers", {k: whole(12, 2) for k in ("anchor", "positive")}, {"margin": 4.0}, "manhattan", rng.integers(0, 2, 12)),
    ("equal rows", same, {"margin": 1.5}, "euclidean", np.array([1, 0, 0, 1, 0])),
    ("one row", pairs(1, 3), {}, None, np.array([1])),
]:
    row_case("OnlineContrastiveLoss", name, arrays, params, distance, targets, SIAMESE.get(distance))


def scores(n):
    """Targets, some of which are equal."""
    return (rng.integers(0, 5, n) / 4).astype(np.float32)


for name, arrays, targets in [
    ("defaults", pairs(8, 6), scores(8)),
    ("negative targets", pairs(7, 5), rng.uniform(-1, 1, 7).astype(np.float32)),
    ("whole targets", pairs(6, 4), np.array([1, 0, 0, 1, 1, 0])),
    ("equal rows", same, scores(5)),
    ("a row of zeros", {"anchor": np.zeros((3, 4), np.float32), "positive": normal(3, 4)}, scores(3)),
    ("one row", pairs(1, 3), scores(1)),
    ("whole numbers", {k: whole(9, 2) for k in ("anchor", "positive")}, scores(9)),
]:
    row_case("CosineSimilarityLoss", name, arrays, targets=targets)

SIMILARITIES = {"cosine": util.cos_sim, "dot": util.dot_score, "euclidean": util.euclidean_sim, "manhattan": util.manhattan_sim}
PAIRWISE = {"cosine": util.pairwise_cos_sim, "dot": util.pairwise_dot_score, "euclidean": util.pairwise_euclidean_sim, "manhattan": util.pairwise_manhattan_sim}
for cls in ("CoSENTLoss", "AnglELoss"):
    for name, arrays, params, distance, targets in [
        ("defaults", pairs(8, 6), {}, None, scores(8)),
        ("scale", pairs(9, 5), {"scale": 3.5}, None, scores(9)),
        ("whole targets", pairs(7, 4), {"scale": 5}, None, np.array([3, 1, 2, 1, 0, 5, 3])),
        ("small targets", pairs(6, 4), {"scale": 2}, None, np.array([3, 1, 2, 1, 0, 5], np.uint8)),
        ("equal targets", pairs(6, 4), {}, None, np.ones(6, np.float32)),
        ("odd width", pairs(5, 7), {"scale": 4}, None, scores(5)),
        ("one row", pairs(1, 3), {}, None, scores(1)),
        ("whole numbers", {k: whole(9, 2) + np.eye(9, 2, dtype=np.float32) / 2 for k in ("anchor", "positive")}, {"scale": 1}, None, scores(9)),
        ("many rows", pairs(40, 3), {"scale": 6}, None, scores(40)),
        *([(f"by {d}", pairs(7, 5), {"scale": 0.8}, d, scores(7)) for d in SIMILARITIES] if cls == "CoSENTLoss" else []),
    ]:
        row_case(cls, name, arrays, params, distance, targets, {"similarity_fct": PAIRWISE[distance]} if distance else None)
row_case("AnglELoss", "negatives, no targets", rows(7, 6), {"scale": 4})
row_case("AnglELoss", "negatives and targets", rows(7, 5), {"scale": 4}, targets=scores(7))
row_case("AnglELoss", "negatives, one row", rows(1, 4), {"scale": 1.5})

for name, arrays, params in [
    ("defaults", pairs(8, 6), {}),
    ("margins", pairs(9, 5), {"positive_margin": 0.95, "negative_margin": -0.2}),
    ("blocks", pairs(11, 5), {"mini_batch_size": 4, "negative_margin": 0.05}),
    ("blocks of one", pairs(6, 5), {"mini_batch_size": 1, "positive_margin": 1.1}),
    ("one block", pairs(6, 5), {"use_mini_batched_version": False, "positive_margin": 0.9}),
    ("equal rows", same, {"positive_margin": 1.2}),
    ("one row", pairs(1, 4), {"positive_margin": 0.99}),
    ("two rows", pairs(2, 4), {"positive_margin": 0.99, "negative_margin": -0.9}),
    ("more rows than a block has", pairs(55, 3), {}),
]:
    row_case("MegaBatchMarginLoss", name, arrays, params)

ALL = ("query_to_doc", "query_to_query", "doc_to_query", "doc_to_doc")


def ranking_case(cls, name, arrays, params=None, distance=None, **more):
    params = dict(params or {})
    own = {"similarity_fct": SIMILARITIES[distance]} if distance else {}
    if "directions" in params:
        own["directions"] = tuple(params["directions"])
    row_case(cls, name, arrays, params | more, distance, None, own)


def ranking_cases(cls, symmetric=False, **more):
    case = partial(ranking_case, cls, **more)
    collapsed = {k: np.tile(whole(1, 4) + 1, (5, 1)) for k in ("anchor", "positive")}
    case("defaults", pairs(8, 6))
    case("negatives", rows(7, 5))
    case("scale", rows(8, 6), {"scale": 12})
    case("one row", pairs(1, 4))
    case("one row, negative", rows(1, 4), {"scale": 4})
    case("equal rows", same)
    case("collapsed", collapsed, {"scale": 4})
    case("whole numbers", {k: whole(9, 2) for k in ("anchor", "positive", "negative")}, {"scale": 0.5}, "dot")
    for distance in SIMILARITIES:
        case(distance, rows(7, 5), {"scale": 1.5}, distance)
    if symmetric:
        return
    case("every direction", pairs(7, 5), {"directions": ALL})
    case("every direction, negatives", rows(7, 5), {"directions": ALL, "scale": 6})
    case("every direction, one row", rows(1, 4), {"directions": ALL, "scale": 2})
    case("both ways", rows(7, 5), {"directions": ("query_to_doc", "doc_to_query")})
    case("both ways, each", rows(7, 5), {"directions": ("query_to_doc", "doc_to_query"), "partition_mode": "per_direction"})
    case("one way, each", rows(7, 5), {"partition_mode": "per_direction"})
    case("queries too", pairs(7, 5), {"directions": ("query_to_query", "query_to_doc"), "scale": 9})
    case("documents too", rows(7, 5), {"directions": ("query_to_doc", "doc_to_doc"), "scale": 9}, "euclidean")
    for mode in ("in_batch_negatives", "hard_negatives", "all_negatives"):
        case(mode, rows(7, 5), {"hardness_mode": mode, "hardness_strength": 4.5})
        case(f"{mode}, no negatives", pairs(6, 4), {"hardness_mode": mode, "hardness_strength": 2.0})
    case("hardness, every direction", rows(6, 4), {"directions": ALL, "hardness_mode": "all_negatives", "hardness_strength": 3.0, "scale": 5})
    case("hardness without strength", rows(6, 4), {"hardness_mode": "all_negatives"})


ranking_cases("MultipleNegativesRankingLoss")
ranking_cases("CachedMultipleNegativesRankingLoss", mini_batch_size=3)
ranking_cases("MultipleNegativesSymmetricRankingLoss", symmetric=True)
ranking_cases("CachedMultipleNegativesSymmetricRankingLoss", symmetric=True, mini_batch_size=2)
for cls in ("CachedMultipleNegativesRankingLoss", "CachedMultipleNegativesSymmetricRankingLoss"):
    ranking_case(cls, "blocks by default", rows(35, 3), {"scale": 4})
    ranking_case(cls, "blocks of one", rows(5, 3), {"scale": 4, "mini_batch_size": 1})
    ranking_case(cls, "a block larger than the batch", rows(5, 3), {"scale": 4, "mini_batch_size": 50})
