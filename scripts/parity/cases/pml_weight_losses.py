"""Cases of pytorch-metric-learning's losses with weights of their own, and of its instance loss."""
from functools import partial

import numpy as np
import torch
from pytorch_metric_learning import losses

from cases.common import BATCHES, add, encoded, labelled, normal, pml, pml_loss, seeded, whole

rng = seeded("pml_weight_losses")
normal, whole, labelled = (partial(f, rng=rng) for f in (normal, whole, labelled))


def classes(sizes, dtype=np.int64):
    """Labels that are numbers of classes, from 0."""
    return rng.permutation(np.repeat(np.arange(len(sizes)), sizes)).astype(dtype)


# Four classes of embeddings of size 5 wherever it can be; "two of four classes" leaves two without rows.
BATCHES |= {
    "classes": (normal(11, 5), classes([4, 3, 3, 1])),
    "classes, int32": (normal(9, 5), classes([3, 2, 2, 2], np.int32)),
    "two of four classes": (normal(6, 5), np.array([3, 1, 1, 3, 3, 1])),
    "one class of four": (normal(5, 5), np.full(5, 2)),
    "each class once": (normal(4, 5), np.array([2, 0, 3, 1])),
    "one row of a class": (normal(1, 5), np.array([1])),
    "equal rows of classes": (np.repeat(whole(2, 5) + 0.5, 3, 0), np.array([0, 1, 2, 3, 3, 0])),
    "40 rows of classes": (normal(40, 5), classes([10, 12, 13, 5])),
}
BATCH = ["classes", "classes, int32", "two of four classes", "one class of four", "each class once", "one row of a class", "40 rows of classes"]
TRIPLETS = [[0, 3, 3, 8, 8, 8], [1, 4, 2, 0, 9, 10], [2, 5, 7, 6, 1, 3]]
PAIRS = [[0, 3, 3, 8], [1, 4, 2, 0], [5, 5, 1], [2, 6, 10]]
SUM, ALL = pml("SumReducer"), pml("DoNothingReducer")


def cases(part, shape, others, distances=(), regularized=(), **always):
    """Those that every one of the losses has. shape: of the weights; others: more parameters with a name each."""
    sizes = {"num_classes": 4, "embedding_size": 5, **always}
    loss = partial(pml_loss, part, weights=normal(*shape))
    for batch in BATCH:
        loss(batch, batch, params=sizes)
    for name, params in others.items():
        loss(name, "classes", params={**sizes, **params})
    loss("other weights", "classes", params=sizes, weights=normal(*shape) * 3)
    loss("triplets given", "classes", params=sizes, tuples=TRIPLETS)
    loss("pairs given", "classes", params=sizes, tuples=PAIRS)
    loss("no triplets given", "classes", params=sizes, tuples=[[], [], []])
    for name, distance in distances:
        loss(name, "classes", params=sizes, distance=distance)
    loss("sum", "classes", params=sizes, reducer=SUM)
    loss("as they are", "classes", params=sizes, reducer=ALL)
    loss("above a threshold", "two of four classes", params=sizes, reducer=pml("ThresholdReducer", low=0.1))
    loss("class weights", "classes", params=sizes, reducer=pml("ClassWeightedReducer", weights=[0.5, 2.0, 1.25, 0.1]))
    pml_loss(part, "weights of its own", "classes", params=sizes, init_seed=7)
    loss("regularized embeddings", "classes", params=sizes, regularizer={**pml("LpRegularizer"), "weight": 0.3})
    for name, regularizer, weight in regularized:
        loss(f"regularized weights: {name}", "classes", params={**sizes, "weight_regularizer": regularizer, "weight_reg_weight": weight})


REGULARIZERS = [
    ("regular face", pml("RegularFaceRegularizer"), 0.5),
    ("center invariant", pml("CenterInvariantRegularizer"), 2.0),
    ("lp", pml("LpRegularizer", p=1, power=2), 0.1),
]
COSINES = [("squared cosine", pml("CosineSimilarity", power=2)), ("cosine by another norm", pml("CosineSimilarity", p=3))]

ANGLES = {f"margin {m}": {"margin": m} for m in (1, 2, 3, 5)}
cases("LargeMarginSoftmaxLoss", (5, 4), {**ANGLES, "scale": {"scale": 2.5}}, COSINES[1:], REGULARIZERS)
cases("SphereFaceLoss", (5, 4), {**ANGLES, "scale": {"scale": 2.5}}, COSINES[1:], REGULARIZERS[:1])
cases("ArcFaceLoss", (5, 4), {"margin 10": {"margin": 10.0}, "margin 90": {"margin": 90.0}, "no margin": {"margin": 0.0}, "scale": {"scale": 8}}, COSINES, REGULARIZERS)
cases("CosFaceLoss", (5, 4), {"margin": {"margin": 0.1}, "below 0": {"margin": -0.2}, "scale": {"scale": 8}}, COSINES, REGULARIZERS[:1])
cases("SubCenterArcFaceLoss", (5, 12), {"margin": {"margin": 10.0}, "scale": {"scale": 8}}, COSINES[1:],
      [*REGULARIZERS[:1], ("sparse centers", pml("SparseCentersRegularizer", num_classes=4, centers_per_class=3), 0.5)])
for centers in (1, 5):
    pml_loss("SubCenterArcFaceLoss", f"{centers} centers", "classes", params={"num_classes": 4, "embedding_size": 5, "sub_centers": centers}, weights=normal(5, 4 * centers))
cases("NormalizedSoftmaxLoss", (5, 4), {"temperature": {"temperature": 0.5}},
      [("euclidean", pml("LpDistance")), ("squared, as they are", pml("LpDistance", power=2, normalize_embeddings=False)),
       ("dot product, as they are", pml("DotProductSimilarity", normalize_embeddings=False)), ("l1", pml("LpDistance", p=1)), COSINES[0]], REGULARIZERS[:1])
cases("SoftTripleLoss", (5, 12), {"la": {"la": 5}, "gamma": {"gamma": 0.5}, "margin": {"margin": 0.2}},
      [("dot product", pml("DotProductSimilarity", normalize_embeddings=False))],
      [("sparse centers", pml("SparseCentersRegularizer", num_classes=4, centers_per_class=3), 0.2)], centers_per_class=3)
pml_loss("SoftTripleLoss", "1 center", "classes", params={"num_classes": 4, "embedding_size": 5, "centers_per_class": 1}, weights=normal(5, 4))
pml_loss("SoftTripleLoss", "10 centers", "classes", params={"num_classes": 4, "embedding_size": 5}, weights=normal(5, 40))
cases("ProxyAnchorLoss", (4, 5), {"margin": {"margin": 0.3}, "alpha": {"alpha": 4}},
      [("euclidean", pml("LpDistance")), ("dot product", pml("DotProductSimilarity"))], REGULARIZERS)
PROXIES = {"num_classes": 4, "embedding_size": 5}
proxy_anchor = partial(pml_loss, "ProxyAnchorLoss", batch="classes", params=PROXIES, weights=normal(4, 5))
proxy_anchor(name="a reducer each", reducer=pml("MultipleReducers", reducers={"pos_loss": SUM, "neg_loss": pml("ThresholdReducer", low=0.5)}))
proxy_anchor(name="the negatives' reducer by default", reducer=pml("MultipleReducers", reducers={"pos_loss": SUM}, default_reducer=pml("DivisorReducer")), stats=False)
proxy_anchor(name="mean", reducer=pml("MeanReducer"))
cases("ProxyNCALoss", (4, 5), {"scale": {"softmax_scale": 8}},
      [("euclidean, not normalised", pml("LpDistance", power=2, normalize_embeddings=False)), ("cosine", pml("CosineSimilarity")), ("l1", pml("LpDistance", p=1))], REGULARIZERS)

for batch in BATCH + ["equal rows of classes"]:
    pml_loss("P2SGradLoss", batch, batch, params={"descriptors_dim": 5, "num_classes": 4}, weights=normal(5, 4))
pml_loss("P2SGradLoss", "long weights", "classes", params={"descriptors_dim": 5, "num_classes": 4}, weights=normal(5, 4) * 50)
pml_loss("P2SGradLoss", "more classes", "classes", params={"descriptors_dim": 5, "num_classes": 9}, weights=normal(5, 9))
pml_loss("P2SGradLoss", "regularized embeddings", "classes", params={"descriptors_dim": 5, "num_classes": 4}, weights=normal(5, 4), regularizer={**pml("LpRegularizer"), "weight": 0.3})
pml_loss("P2SGradLoss", "weights of its own", "classes", params={"descriptors_dim": 5, "num_classes": 4}, init_seed=7)
pml_loss("P2SGradLoss", "sum", "classes", params={"descriptors_dim": 5, "num_classes": 4}, weights=normal(5, 4), reducer=SUM)

for batch in ("ragged", "int16 labels", "int32 labels", "singletons", "one class", "one row", "two of two classes", "30 rows"):
    pml_loss("InstanceLoss", batch, batch)
for name, params in (("gamma", {"gamma": 4}), ("gamma below 1", {"gamma": 0.25})):
    pml_loss("InstanceLoss", name, "ragged", params=params)
for name, distance in COSINES:
    pml_loss("InstanceLoss", name, "ragged", params={"gamma": 8}, distance=distance)
pml_loss("InstanceLoss", "sum", "ragged", reducer=SUM)
pml_loss("InstanceLoss", "as they are", "ragged", reducer=ALL)


def outliers(name, batch, centers, threshold):
    """SubCenterArcFaceLoss.get_outliers; of a class without rows the source leaves the center as memory had it."""
    e, l = BATCHES[batch]
    weights = normal(5, 4 * centers)
    loss = losses.SubCenterArcFaceLoss(num_classes=4, embedding_size=5, sub_centers=centers)
    loss.W.data = torch.tensor(weights, dtype=torch.float64)
    found, dominant = loss.get_outliers(torch.tensor(e, dtype=torch.float64), torch.tensor(l), threshold=threshold)
    dominant[:, [c for c in range(4) if c not in l]] = 0
    add("SubCenterArcFaceLoss.get_outliers", name, {"embeddings": e, "labels": l, "weights": weights},
        {"outliers": [int(i) for i in found], "dominant": encoded(dominant)}, centers=centers, threshold=threshold)


for batch in ("classes", "40 rows of classes", "two of four classes", "each class once"):
    for centers, threshold in ((3, 75), (2, 40), (1, 90)):
        outliers(f"{batch}, {centers} centers, {threshold} degrees", batch, centers, threshold)
