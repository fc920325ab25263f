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


class Given(torch.nn.Sequential):
    """A model whose texts are their embeddings."""

    def __init__(self, width):
        super().__init__(torch.nn.Identity())
        self.width = width

    device = torch.device("cpu")

    def get_embedding_dimension(self):
        return self.width

    def forward(self, features):
        return {"sentence_embedding": features["given"]}


class Answers(torch.nn.Module):
    """A model that gives some matrices one after the other, whatever it is asked."""

    def __init__(self, matrices):
        super().__init__()
        self.matrices = iter(matrices)

    def forward(self, features):
        return {"sentence_embedding": next(self.matrices)}


def made(cls, **params):
    return getattr(losses, cls)(Given(None), **params)


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
collapsed = {k: np.tile(whole(1, 4) + 1, (5, 1)) for k in ("anchor", "positive")}
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

# More matrices of negatives than the command line takes.
for name, count, params in [
    ("two negatives", 2, {}),
    ("three negatives, every direction", 3, {"directions": ALL, "scale": 5}),
    *((f"two negatives, {mode}", 2, {"hardness_mode": mode, "hardness_strength": 3.5, "scale": 5}) for mode in ("in_batch_negatives", "hard_negatives", "all_negatives")),
    ("two negatives, both ways, each", 2, {"directions": ("query_to_doc", "doc_to_query"), "partition_mode": "per_direction", "scale": 5}),
]:
    arrays = {**pairs(7, 5), **{f"negative_{i}": normal(7, 5) for i in range(count)}}
    loss = made("MultipleNegativesRankingLoss", **params)
    expect = values(lambda x: loss.compute_loss_from_embeddings(list(x.values()), None), arrays, name)
    add("st.MultipleNegativesRankingLoss.columns", name, arrays, expect, params)


# --- distillation, guides and wrappers --------------------------------------------------------------------------------
for name, arrays, distance, targets in [
    ("defaults", rows(8, 6), None, normal(8)),
    ("cosine", rows(8, 6), "cosine", normal(8)),
    ("euclidean", rows(8, 6), "euclidean", normal(8)),
    ("manhattan", rows(8, 6), "manhattan", normal(8)),
    ("dot by name", rows(5, 4), "dot", normal(5)),
    ("whole numbers", tied, None, np.arange(9) - 4),
    ("one row", rows(1, 3), None, normal(1)),
]:
    row_case("MarginMSELoss", name, arrays, None, distance, targets, {"similarity_fct": PAIRWISE[distance]} if distance else None)


def negatives_of(count, *shape):
    return {f"negative_{i}": normal(*shape) for i in range(count)}


for name, count, extra in (("two negatives", 2, 0), ("two negatives, scores", 2, 1), ("one negative, scores", 1, 1)):
    arrays = {**pairs(6, 5), **negatives_of(count, 6, 5)}
    targets = normal(6, count + extra)
    loss = made("MarginMSELoss")
    expect = values(lambda x: loss.compute_loss_from_embeddings(list(x.values()), torch.tensor(targets, dtype=x["anchor"].dtype)), arrays, name)
    add("st.MarginMSELoss.columns", name, {**arrays, "targets": targets}, expect)


def students(name, cls, columns, teacher, own=None, projection=None):
    """Columns named column_0 ..., one matrix of a teacher, or one for each column."""
    arrays = {f"column_{i}": c for i, c in enumerate(columns)}
    inputs = {**arrays, "teacher": teacher}

    def f(x):
        loss = made(cls, **(own or {}))
        if projection:
            loss.projection = torch.nn.Linear(*projection[0].T.shape)
            loss.projection.weight, loss.projection.bias = (torch.nn.Parameter(torch.tensor(p, dtype=x["column_0"].dtype)) for p in projection)
        wanted = torch.tensor(teacher)
        return loss.compute_loss_from_embeddings(list(x.values()), list(wanted) if wanted.dim() == 3 else [wanted] * len(x))
    if projection:
        inputs |= dict(zip(("projection_weight", "projection_bias"), projection))
    add(f"st.{cls}.columns", name, inputs, values(f, arrays, name), own or {})


def to_rows(cls, name, student, teacher, own=None, distance=None):
    """On the command line the anchors are the student's and the positives the teacher's, whose gradient is 0."""
    arrays = {"anchor": student, "positive": teacher}
    loss = made(cls, **(own or {}))
    f = lambda x: loss.compute_loss_from_embeddings([x["anchor"]], [x["positive"].detach()])
    add(f"st.{cls}", name, arrays, values(f, arrays, f"{cls} {name}"), {}, **({"distance": distance} if distance else {}))


far, equal = normal(4, 3), normal(5, 4)
for cls, words in (("EmbedDistillLoss", (None, "cosine", "mse", "l2")), ("MSELoss", (None,))):
    for word in words:
        own = {"distance_metric": word} if word else {}
        suffix = f", {word}" if word else ""
        to_rows(cls, f"rows{suffix}", normal(7, 5), normal(7, 5), own, word)
        to_rows(cls, f"equal rows{suffix}", equal, equal.copy(), own, word)
        to_rows(cls, f"one row{suffix}", normal(1, 6), normal(1, 6), own, word)
    if cls == "MSELoss":
        to_rows(cls, "far apart", far, far + 90)
        to_rows(cls, "whole numbers", whole(6, 4), whole(6, 4))
        to_rows(cls, "a row of zeros", np.zeros((2, 4), np.float32), whole(2, 4))
    own = {"distance_metric": "l2"} if cls == "EmbedDistillLoss" else {}
    students("two columns, one teacher", cls, [normal(6, 5), normal(6, 5)], normal(6, 5), own)
    students("two columns, a teacher each", cls, [normal(6, 5), normal(6, 5)], normal(2, 6, 5), own)
    students("projection", cls, [normal(6, 5), normal(6, 5)], normal(6, 3), own, (normal(3, 5), normal(3)))

for name, count, params in [
    ("defaults", 2, {}),
    ("four candidates", 4, {"temperature": 2.5}),
    ("two temperatures", 3, {"student_temperature": 0.7, "teacher_temperature": 3.0}),
    ("the teacher's temperature", 3, {"temperature": 2.0, "teacher_temperature": 0.5}),
    ("one row", 2, {"temperature": 1.5}),
    ("whole numbers", 3, {"temperature": 4.0}),
]:
    size = 1 if name == "one row" else 7
    draw = whole if name == "whole numbers" else normal
    arrays = {"anchor": draw(size, 5), **{f"candidate_{i}": draw(size, 5) for i in range(count)}}
    scores_of = draw(size, count) * 3
    loss = made("DistillKLDivLoss", **params)
    expect = values(lambda x: loss.compute_loss_from_embeddings(list(x.values()), torch.tensor(scores_of, dtype=x["anchor"].dtype)), arrays, name)
    add("st.DistillKLDivLoss", name, {**arrays, "scores": scores_of}, expect, params)


def guided(cls, name, count, params=None, size=7, noise=0.6, mini_batch_size=None):
    """count negatives. The guide sees nearly what the student sees."""
    arrays = {**pairs(size, 5), **negatives_of(count, size, 5)}
    guide = {f"guide_{k}": (a @ normal(5, 4) + noise * normal(size, 4)).astype(np.float32) for k, a in arrays.items()}
    params = params or {}
    loss = object.__new__(getattr(losses, cls))
    torch.nn.Module.__init__(loss)
    given = {"temperature": 0.01, "margin_strategy": "absolute", "margin": 0.0, "contrast_anchors": True, "contrast_positives": True, **params}
    for k, v in given.items():
        setattr(loss, k, v)
    loss.gather_across_devices, loss.must_retokenize, loss.show_progress_bar = False, False, False
    loss.similarity_fct, loss.cross_entropy_loss = torch.nn.CosineSimilarity(dim=-1), torch.nn.CrossEntropyLoss()
    if mini_batch_size:
        loss.mini_batch_size = mini_batch_size

    def f(x):
        theirs = [torch.tensor(g, dtype=x["anchor"].dtype) for g in guide.values()]
        if mini_batch_size:
            return loss.calculate_loss([[t] for t in x.values()], [[g] for g in theirs])
        # The source asks the model and then the guide, with the columns in order.
        loss.model = loss.guide = Answers([*x.values(), *theirs])
        return loss.forward([{} for _ in x], None)
    more = {**params, **({"mini_batch_size": mini_batch_size} if mini_batch_size else {})}
    add(f"st.{cls}", name, {**arrays, **guide}, values(f, arrays, f"{cls} {name}"), more)


for cls, size in (("GISTEmbedLoss", None), ("CachedGISTEmbedLoss", 3)):
    case = partial(guided, cls, mini_batch_size=size)
    case("defaults", 0, {"temperature": 0.3})
    case("cold", 0, {"temperature": 0.05}, noise=3.0)
    case("negatives", 1, {"temperature": 0.2}, noise=2.0)
    case("absolute margin", 1, {"temperature": 0.2, "margin": 0.15})
    case("relative margin", 1, {"temperature": 0.2, "margin_strategy": "relative", "margin": 0.3}, noise=1.0)
    case("anchors alone", 0, {"temperature": 0.2, "contrast_positives": False}, noise=2.0)
    case("positives alone", 1, {"temperature": 0.2, "contrast_anchors": False}, noise=2.0)
    case("neither", 1, {"temperature": 0.2, "contrast_anchors": False, "contrast_positives": False}, noise=2.0)
    case("one row", 1, {"temperature": 0.5}, size=1)
    if size:
        case("two negatives", 2, {"temperature": 0.2}, noise=2.0)

for name, params, targets in [
    ("defaults", {}, np.array([0, 2, 1, 1, 0, 2])),
    ("difference alone", {"concatenation_sent_rep": False}, np.array([0, 2, 1, 1, 0, 2], np.uint8)),
    ("everything", {"concatenation_sent_multiplication": True}, np.array([2, 2, 1, 0, 0, 1], np.int32)),
    ("product alone", {"concatenation_sent_rep": False, "concatenation_sent_difference": False, "concatenation_sent_multiplication": True}, np.array([1, 1, 1, 0, 0, 1])),
    ("one row", {}, np.array([2])),
    ("equal rows", {"concatenation_sent_multiplication": True}, np.array([0, 1, 2, 2, 1])),
]:
    arrays = dict(same) if name == "equal rows" else pairs(len(targets), 4)
    size = made("SoftmaxLoss", embedding_dimension=4, num_labels=3, **params).classifier.in_features
    arrays |= {"weight": normal(3, size), "bias": normal(3)}

    def f(x):
        loss = made("SoftmaxLoss", embedding_dimension=4, num_labels=3, **params)
        del loss.classifier._parameters["weight"], loss.classifier._parameters["bias"]
        loss.classifier.weight, loss.classifier.bias = x["weight"], x["bias"]
        return loss.forward([{"given": x["anchor"]}, {"given": x["positive"]}], torch.tensor(targets, dtype=torch.int64))
    add("st.SoftmaxLoss", name, {**arrays, "targets": targets}, values(f, arrays, name), params)

for name, arrays, params, distance in [
    ("defaults", pairs(8, 6), {}, None),
    ("negatives", rows(8, 6), {}, None),
    ("first term alone", rows(7, 5), {"mean_weight": 2.5, "second_moment_weight": 0.0}, None),
    ("second term alone", pairs(7, 3), {"mean_weight": 0.0, "second_moment_weight": 0.3}, None),
    ("sum", rows(7, 3), {"aggregation": "sum", "mean_weight": 0.5}, None),
    ("dot", pairs(7, 4), {}, "dot"),
    ("one row", pairs(1, 4), {}, None),
    ("equal rows", collapsed, {}, None),
]:
    own = {"similarity_fct": SIMILARITIES[distance]} if distance else {}
    loss = made("GlobalOrthogonalRegularizationLoss", **params, **own)

    def f(x):
        terms = loss.compute_loss_from_embeddings(list(x.values()))
        return sum(terms.values()), {k: float(v.detach()) for k, v in terms.items()}
    add("st.GlobalOrthogonalRegularizationLoss", name, arrays, values(f, arrays, name), params, **({"distance": distance} if distance else {}))

for name, arrays, targets in [
    ("defaults", pairs(8, 6), BINARY),
    ("bytes", pairs(3, 4), np.array([1, 0, 1], np.uint8)),
    ("all of one kind", pairs(5, 4), np.zeros(5, np.int64)),
    ("great products", {k: 30 * normal(4, 3) for k in ("anchor", "positive")}, np.array([1, 0, 1, 0])),
    ("one row", pairs(1, 3), np.array([1])),
    ("whole numbers", {k: whole(6, 2) for k in ("anchor", "positive")}, np.array([1, 1, 0, 0, 1, 0])),
]:
    loss = made("ContrastiveTensionLoss")
    f = lambda x: loss.forward(({"given": x["anchor"]}, {"given": x["positive"]}), torch.tensor(targets))
    add("st.ContrastiveTensionLoss", name, {**arrays, "targets": targets}, values(f, arrays, name))

for name, arrays, params, distance in [
    ("defaults", pairs(8, 6), {}, None),
    ("scale", pairs(8, 6), {"scale": 3.5}, None),
    ("dot", pairs(7, 4), {"scale": 0.7}, "dot"),
    ("euclidean", pairs(7, 4), {"scale": 1.5}, "euclidean"),
    ("manhattan", pairs(7, 4), {"scale": 0.9}, "manhattan"),
    ("one row", pairs(1, 4), {}, None),
    ("equal rows", collapsed, {"scale": 4}, None),
]:
    scale = params.get("scale", 20.0)
    arrays = {**arrays, "logit_scale": np.array(np.log(scale), np.float64)}

    def f(x):
        loss = made("ContrastiveTensionLossInBatchNegatives", **params, **({"similarity_fct": SIMILARITIES[distance]} if distance else {}))
        # The source keeps the logarithm of the scale in float32.
        del loss._parameters["logit_scale"]
        loss.logit_scale = x["logit_scale"]
        loss.model1 = loss.model2 = Answers((x["anchor"], x["positive"]))
        return loss.forward([{}], None)
    expect = values(f, arrays, name)
    fixed = {k: v for k, v in arrays.items() if k != "logit_scale"}
    add("st.ContrastiveTensionLossInBatchNegatives", name, fixed, {**expect, "grads": {k: expect["grads"][k] for k in fixed}}, params, **({"distance": distance} if distance else {}))
    if not distance:
        learns = {**fixed, "logit_scale": arrays["logit_scale"].astype(np.float32)}
        add("st.ContrastiveTensionLossInBatchNegatives.learns", name, learns, values(f, learns, name))


def matryoshka(name, inner, arrays, params, targets=None, own=None, cls=None):
    """inner: the loss as the command line writes it."""
    def f(x):
        model = Given(arrays["anchor"].shape[1])
        loss = losses.MatryoshkaLoss(model, getattr(losses, cls or inner.split("(")[0].removeprefix("st."))(model, **(own or {})), **params)
        return loss([{"given": t} for t in x.values()], None if targets is None else torch.tensor(targets))
    inputs = arrays if targets is None else {**arrays, "targets": targets}
    add("st.MatryoshkaLoss", name, inputs, values(f, arrays, name), {"loss": inner, **params})


matryoshka("ranking", "st.MultipleNegativesRankingLoss", pairs(7, 6), {"matryoshka_dims": [6, 3]})
matryoshka("ranking with negatives", "st.MultipleNegativesRankingLoss(scale=7)", rows(7, 6), {"matryoshka_dims": [2, 6, 3]}, own={"scale": 7})
matryoshka("weights", "st.TripletLoss(triplet_margin=1.2)", rows(7, 6), {"matryoshka_dims": [6, 1, 4], "matryoshka_weights": [0.5, 2, 1.5]}, own={"triplet_margin": 1.2})
matryoshka("targets", "st.CoSENTLoss(scale=3)", pairs(7, 6), {"matryoshka_dims": [5, 2]}, scores(7), {"scale": 3})
matryoshka("distance", "st.ContrastiveLoss(margin=1.5,distance=euclidean)", pairs(8, 6), {"matryoshka_dims": [6, 2]}, BINARY, {"margin": 1.5, **SIAMESE["euclidean"]})
matryoshka("one width", "st.CosineSimilarityLoss", pairs(6, 4), {"matryoshka_dims": [4]}, scores(6))
matryoshka("one row", "st.MultipleNegativesSymmetricRankingLoss(scale=2)", rows(1, 4), {"matryoshka_dims": [4, 2]}, own={"scale": 2})
