"""Cases of the losses of pytorch-metric-learning that rank, cluster or compare whole batches."""
from contextlib import contextmanager
from unittest import mock

import numpy as np
import torch
from pytorch_metric_learning import losses
from pytorch_metric_learning.utils import loss_and_miner_utils as lmu

from cases.common import BATCHES, MASKS, PARTS, RAW, REF, encoded, mask_of_labels, pml, pml_loss, seeded

TRIPLETS = [[0, 3, 3, 12], [1, 1, 1, 0], [2, 2, 2, 5]]
PAIRS = [[0, 3, 3, 12], [1, 4, 2, 0], [3, 5, 0, 3], [2, 6, 7, 8]]
NO_TRIPLETS = [[], [], []]
EVERY = [b for b in BATCHES if b not in ("printed sample", "arange")]

# --- masks ----------------------------------------------------------------------------------------------------------
SAME, NONE = mask_of_labels("ragged")
POSITIVE, IGNORED = MASKS["masks"]


@contextmanager
def related_by(positive, ignored):
    """The package with its label comparison replaced by masks, as every pair and triplet of it goes through that."""
    counted = ~ignored & ~np.eye(len(positive), dtype=bool)
    matches, diffs = (torch.tensor(m & counted).byte() for m in (positive, ~positive))
    with mock.patch.object(lmu, "get_matches_and_diffs", lambda *_: (matches, diffs)):
        yield


def masked(part, name, positive=SAME, ignored=NONE, **more):
    """A case of the ragged batch by masks in place of labels."""
    with related_by(positive, ignored):
        pml_loss(part, name, "ragged", **more)
    inputs = PARTS[f"pml.{part}"][-1]["inputs"]
    del inputs["labels"]
    inputs |= {"positive_mask": encoded(positive), "ignore_mask": encoded(ignored)}


# --- AngularLoss ------------------------------------------------------------------------------------------------------
for b in EVERY:
    pml_loss("AngularLoss", b, b)
for alpha in (0, 25, 60):
    pml_loss("AngularLoss", f"{alpha} degrees", "ragged", params={"alpha": alpha})
for r in REF:
    # One reference leaves the pairs' anchors without a negative, so that the source's average angle is 0 / 0.
    pml_loss("AngularLoss", r, "ragged", r, stats=r != "one reference")
pml_loss("AngularLoss", "sum", "ragged", reducer=pml("SumReducer"))
pml_loss("AngularLoss", "triplets given", "ragged", tuples=TRIPLETS)
pml_loss("AngularLoss", "pairs given", "ragged", tuples=PAIRS)
pml_loss("AngularLoss", "pairs to references", "ragged", "references", tuples=[[0, 3], [1, 1], [2], [4]])
pml_loss("AngularLoss", "nothing given", "ragged", tuples=NO_TRIPLETS)
masked("AngularLoss", "mask of the labels")


class AngularByMasks(losses.AngularLoss):
    """The source with negatives by masks, which it takes by labels alone."""

    def get_pairs(self, embeddings, labels, indices_tuple, ref_emb, ref_labels):
        found = super().get_pairs(embeddings, labels, indices_tuple, ref_emb, ref_labels)
        keep = lmu.get_matches_and_diffs(labels)[1].bool()[found[3]]
        self.set_stats(found[0], found[1], embeddings, ref_emb, keep)
        return found[0], found[1], keep, found[3], found[4]


masked("AngularLoss", "masks", POSITIVE, IGNORED, cls=AngularByMasks)

# --- NPairsLoss -------------------------------------------------------------------------------------------------------
for b in EVERY:
    pml_loss("NPairsLoss", b, b)
pml_loss("NPairsLoss", "distances", "ragged", distance=pml("LpDistance"))
pml_loss("NPairsLoss", "cosine", "30 rows", distance=pml("CosineSimilarity"))
pml_loss("NPairsLoss", "dot product", "ragged", distance=pml("DotProductSimilarity", normalize_embeddings=False))
pml_loss("NPairsLoss", "distances of whole numbers", "ties", distance=RAW)
pml_loss("NPairsLoss", "sum", "ragged", reducer=pml("SumReducer"))
pml_loss("NPairsLoss", "as they are", "30 rows", reducer=pml("DoNothingReducer"))
pml_loss("NPairsLoss", "triplets given", "ragged", tuples=TRIPLETS)
pml_loss("NPairsLoss", "pairs given", "ragged", tuples=PAIRS)
pml_loss("NPairsLoss", "nothing given", "ragged", tuples=NO_TRIPLETS)

# --- FastAPLoss -------------------------------------------------------------------------------------------------------
for b in EVERY:
    if b != "ties":  # these stand on the edges of bins, where rounding decides which gradient holds
        pml_loss("FastAPLoss", b, b)
for n in (1, 3, 25):
    pml_loss("FastAPLoss", f"{n} bins", "ragged", params={"num_bins": n})
for power in (1, 3):
    pml_loss("FastAPLoss", f"power {power}", "ragged", distance=pml("LpDistance", power=power))
pml_loss("FastAPLoss", "every bin empty", "int32 labels", distance=pml("LpDistance", power=-9), params={"num_bins": 2})
pml_loss("FastAPLoss", "sum", "ragged", reducer=pml("SumReducer"))
pml_loss("FastAPLoss", "as they are", "ragged", reducer=pml("DoNothingReducer"))
pml_loss("FastAPLoss", "triplets given", "ragged", tuples=TRIPLETS)
pml_loss("FastAPLoss", "pairs given", "ragged", tuples=PAIRS)
pml_loss("FastAPLoss", "nothing given", "ragged", tuples=NO_TRIPLETS)
masked("FastAPLoss", "mask of the labels")
masked("FastAPLoss", "masks", POSITIVE, IGNORED)
masked("FastAPLoss", "masks, pairs given", POSITIVE, IGNORED, tuples=PAIRS)

# --- HistogramLoss ----------------------------------------------------------------------------------------------------
class HistogramToTheEnd(losses.HistogramLoss):
    """The source with similarities of 1 in the last bin, where it looks for one bin more than it has."""

    def compute_density(self, distances):
        floor, last = torch.floor, round(2 / self.delta) - 1
        with mock.patch.object(torch, "floor", lambda x: floor(x).clamp(max=last)):
            return super().compute_density(distances)


for b in EVERY:
    if b in ("collapsed", "duplicates"):
        pml_loss("HistogramLoss", b, b, params={"n_bins": 4}, cls=HistogramToTheEnd)
    else:
        pml_loss("HistogramLoss", b, b)
for params in ({"n_bins": 7}, {"n_bins": 1}, {"delta": 0.05}, {"delta": 0.3}, {"n_bins": 20, "delta": 0.1}):
    pml_loss("HistogramLoss", ", ".join(f"{k} {v}" for k, v in params.items()), "ragged", params=params)
pml_loss("HistogramLoss", "squared cosine", "ragged", distance=pml("CosineSimilarity", power=2))
pml_loss("HistogramLoss", "dot product", "int32 labels", distance=pml("DotProductSimilarity", p=1), params={"n_bins": 9})
pml_loss("HistogramLoss", "sum", "ragged", reducer=pml("SumReducer"))
pml_loss("HistogramLoss", "triplets given", "ragged", tuples=TRIPLETS)
pml_loss("HistogramLoss", "pairs given", "ragged", tuples=PAIRS)
pml_loss("HistogramLoss", "nothing given", "ragged", tuples=NO_TRIPLETS)
masked("HistogramLoss", "mask of the labels")
masked("HistogramLoss", "masks", POSITIVE, IGNORED)


# --- PNPLoss ----------------------------------------------------------------------------------------------------------
class PNPByMasks(losses.PNPLoss):
    """The source with the negatives of the anchor in place of those of its positive. By labels they are the same."""

    def compute_loss(self, embeddings, labels, indices_tuple, ref_emb, ref_labels):
        matches, diffs = (x.to(embeddings.dtype) for x in lmu.get_matches_and_diffs(labels))
        rows = matches.sum(1) > 0
        ranked = (matches + torch.eye(len(matches), dtype=matches.dtype))[rows]
        sims = self.distance(embeddings)[rows]
        before = (self.sigmoid(sims[:, None, :] - sims[:, :, None], temp=self.anneal) * diffs[rows][:, None, :]).sum(-1)
        loss = ((torch.log(1 + before) * ranked).sum(1) / ranked.sum(1)).mean()
        return {"loss": {"losses": loss, "indices": None, "reduction_type": "already_reduced"}}


for b in EVERY:
    pml_loss("PNPLoss", b, b)
for params in ({"variant": "Ds"}, {"variant": "Dq"}, {"variant": "Dq", "alpha": 3}, {"variant": "Iu"}, {"variant": "Ib"}, {"variant": "Ib", "b": 5}, {"anneal": 0.3}):
    pml_loss("PNPLoss", ", ".join(f"{k} {v}" for k, v in params.items()), "ragged", params=params)
pml_loss("PNPLoss", "cubed cosine", "ragged", distance=pml("CosineSimilarity", power=3), params={"anneal": 0.1})
pml_loss("PNPLoss", "normalised by l1", "ragged", distance=pml("CosineSimilarity", p=1), params={"anneal": 0.1})
pml_loss("PNPLoss", "sum", "ragged", reducer=pml("SumReducer"))
masked("PNPLoss", "mask of the labels")
masked("PNPLoss", "masks", POSITIVE, IGNORED, params={"variant": "Ds"}, cls=PNPByMasks)


# --- RankedListLoss ---------------------------------------------------------------------------------------------------
class RankedByMasks(losses.RankedListLoss):
    """The source with positives and negatives by masks, which it takes by labels alone."""

    def compute_loss(self, embeddings, labels, indices_tuple, ref_emb, ref_labels):
        def weighted(violation, pairs, temperature):
            chosen = pairs.bool() & (violation > 0) & (mat > 0)
            w = torch.where(chosen, torch.exp(temperature * violation), 0)
            return (w * violation).sum(1) / (w + 1e-5).sum(1)
        mat = self.distance(embeddings, embeddings)
        matches, diffs = lmu.get_matches_and_diffs(labels)
        pos = weighted(mat - (self.alpha - self.margin), matches, self.Tp)
        neg = weighted(self.alpha - mat, diffs, self.Tn)
        loss = (1 - self.imbalance) * pos + self.imbalance * neg
        return {"loss": {"losses": loss, "indices": torch.arange(len(loss)), "reduction_type": "element"}}


RANKED = {"margin": 0.4, "Tn": 1}
for b in EVERY:
    pml_loss("RankedListLoss", b, b, params=RANKED)
for params in ({"Tp": 2}, {"Tn": 0}, {"imbalance": 0}, {"imbalance": 1}, {"alpha": 0.9}, {"margin": 2.5}, {"margin": 0}):
    pml_loss("RankedListLoss", ", ".join(f"{k} {v}" for k, v in params.items()), "ragged", params=RANKED | params)
pml_loss("RankedListLoss", "cosine", "ragged", params=RANKED, distance=pml("CosineSimilarity"))
pml_loss("RankedListLoss", "distances of whole numbers", "ties", params={"margin": 1, "Tn": 0.5, "alpha": 3}, distance=RAW)
pml_loss("RankedListLoss", "sum", "ragged", params=RANKED, reducer=pml("SumReducer"))
pml_loss("RankedListLoss", "above 0", "ragged", params=RANKED, reducer=pml("AvgNonZeroReducer"))
masked("RankedListLoss", "mask of the labels", params=RANKED | {"Tp": 1}, cls=RankedByMasks)
masked("RankedListLoss", "masks", POSITIVE, IGNORED, params=RANKED | {"Tp": 1}, cls=RankedByMasks)


# --- SmoothAPLoss -----------------------------------------------------------------------------------------------------
# The source takes consecutive rows as classes, as many to a class as there are classes: these batches are so. It stores
# precisions in float32.
ROUNDED = {"tolerance": {"float64": 2e-7, "float32": 2e-5, "reason": "the source stores precisions in float32"},
           "gradient_tolerance": {"float64": 1e-6, "float32": 2e-3, "reason": "the source stores precisions in float32"}}


class SmoothAPByMasks(losses.SmoothAPLoss):
    """The published definition for classes of any size and order, by masks."""

    def compute_loss(self, embeddings, labels, indices_tuple, ref_emb, ref_labels):
        matches, diffs = (x.to(embeddings.dtype) for x in lmu.get_matches_and_diffs(labels))
        own = torch.eye(len(matches), dtype=matches.dtype)
        sims = self.distance(embeddings)
        before = torch.sigmoid((sims[:, None, :] - sims[:, :, None]) / self.temperature) * (1 - own)
        ranked = matches + own
        among = 1 + (before * ranked[:, None, :]).sum(-1)
        all_ranks = 1 + (before * (ranked + diffs)[:, None, :]).sum(-1)
        loss = 1 - (among / all_ranks * ranked).sum(1) / ranked.sum(1)
        loss = loss * lmu.convert_to_weights(indices_tuple, labels, dtype=loss.dtype)
        return {"ap_loss": {"losses": loss, "indices": torch.arange(len(loss)), "reduction_type": "element"}}


rng = seeded("squares")
SQUARES = {f"{n} classes of {n}": (rng.normal(size=(n * n, 4)).astype(np.float32), np.repeat(rng.permutation(n), n)) for n in (1, 2, 3, 4)}
NINE = "3 classes of 3"
WIDE = {"temperature": 0.1}
with mock.patch.dict(BATCHES, SQUARES):
    for b in SQUARES:
        pml_loss("SmoothAPLoss", b, b, **ROUNDED)
    for t in (0.1, 1.0):
        pml_loss("SmoothAPLoss", f"temperature {t}", NINE, params={"temperature": t}, **ROUNDED)
    pml_loss("SmoothAPLoss", "normalised by l1", NINE, distance=pml("CosineSimilarity", p=1), params=WIDE, **ROUNDED)
    pml_loss("SmoothAPLoss", "sum", NINE, params=WIDE, reducer=pml("SumReducer"), **ROUNDED)
    pml_loss("SmoothAPLoss", "triplets given", NINE, params=WIDE, tuples=[[0, 3, 3], [1, 4, 5], [4, 0, 8]], **ROUNDED)
    pml_loss("SmoothAPLoss", "pairs given", NINE, params=WIDE, tuples=[[0, 3], [1, 4], [3, 5, 0], [2, 6, 7]], **ROUNDED)
    pml_loss("SmoothAPLoss", "nothing given", NINE, params=WIDE, tuples=NO_TRIPLETS, **ROUNDED)
    pml_loss("SmoothAPLoss", "as the source, by its definition", NINE, cls=SmoothAPByMasks)
for b in EVERY:
    pml_loss("SmoothAPLoss", b, b, params={"temperature": 0.05}, cls=SmoothAPByMasks)
masked("SmoothAPLoss", "mask of the labels", params={"temperature": 0.05}, cls=SmoothAPByMasks)
masked("SmoothAPLoss", "masks, triplets given", POSITIVE, IGNORED, params={"temperature": 0.05}, tuples=TRIPLETS, cls=SmoothAPByMasks)


# --- ThresholdConsistentMarginLoss ------------------------------------------------------------------------------------
class ThresholdAmongReferences(losses.ThresholdConsistentMarginLoss):
    """The source with positives and negatives looked up in the references that they index."""

    def compute_loss(self, embeddings, labels, indices_tuple, ref_emb, ref_labels):
        a, p, b, n = lmu.convert_to_pairs(indices_tuple, labels, ref_labels)
        both = torch.cat((embeddings, ref_emb))
        return super().compute_loss(both, None, (a, p + len(embeddings), b, n + len(embeddings)), None, None)


for b in EVERY:
    pml_loss("ThresholdConsistentMarginLoss", b, b)
for params in ({"lambda_plus": 0.3, "lambda_minus": 2}, {"margin_plus": 0.1}, {"margin_minus": -0.4}, {"margin_plus": -1.1, "margin_minus": 0.2}, {"margin_plus": -1.1, "margin_minus": 1.1}):
    pml_loss("ThresholdConsistentMarginLoss", ", ".join(f"{k} {v}" for k, v in params.items()), "ragged", params=params)
for r in REF:
    pml_loss("ThresholdConsistentMarginLoss", r, "ragged", r, cls=ThresholdAmongReferences)
pml_loss("ThresholdConsistentMarginLoss", "sum", "ragged", reducer=pml("SumReducer"))
pml_loss("ThresholdConsistentMarginLoss", "triplets given", "ragged", tuples=TRIPLETS)
pml_loss("ThresholdConsistentMarginLoss", "pairs given", "ragged", tuples=PAIRS)
pml_loss("ThresholdConsistentMarginLoss", "nothing given", "ragged", tuples=NO_TRIPLETS)
masked("ThresholdConsistentMarginLoss", "mask of the labels")
masked("ThresholdConsistentMarginLoss", "masks", POSITIVE, IGNORED)


# --- without labels -----------------------------------------------------------------------------------------------------
rng = seeded("views")
VIEWS = {f"view of {b}": (BATCHES[b][0] + rng.normal(size=BATCHES[b][0].shape).astype(np.float32) / 2, BATCHES[b][1]) for b in EVERY}
VIEWS |= {"more": (rng.normal(size=(17, 5)).astype(np.float32), np.zeros(17, np.int64)),
          "fewer": (rng.normal(size=(6, 5)).astype(np.float32), np.zeros(6, np.int64)),
          "a single one": (rng.normal(size=(1, 5)).astype(np.float32), np.zeros(1, np.int64))}


def unlabelled(part, name, batch, view=None, **more):
    """A case of a batch, and of a view of it as references, without labels."""
    with mock.patch.dict(REF, VIEWS), mock.patch("cases.common.label_tensors", lambda *_: (None, None)):
        pml_loss(part, name, batch, view, **more)
    inputs = PARTS[f"pml.{part}"][-1]["inputs"]
    inputs.pop("labels")
    inputs.pop("ref_labels", None)


# --- VICRegLoss ---------------------------------------------------------------------------------------------------------
class VICRegOfOneRow(losses.VICRegLoss):
    """The source with the variances and covariances of a single row as 0."""

    def compute_loss(self, embeddings, labels, indices_tuple, ref_emb, ref_labels):
        def var(x, dim):
            return own(x, dim, unbiased=False)
        own = torch.Tensor.var
        with mock.patch.object(torch.Tensor, "var", var), mock.patch.object(losses.VICRegLoss, "covariance_loss", lambda *_: embeddings.sum() * 0):
            return super().compute_loss(embeddings, labels, indices_tuple, ref_emb, ref_labels)


for b in EVERY:
    unlabelled("VICRegLoss", b, b, f"view of {b}", cls=VICRegOfOneRow if b == "one row" else None)
unlabelled("VICRegLoss", "its own view", "ragged")
for params in ({"invariance_lambda": 3}, {"variance_mu": 0.5}, {"covariance_v": 10}, {"eps": 0.3}, {"invariance_lambda": 0, "variance_mu": 0}):
    unlabelled("VICRegLoss", ", ".join(f"{k} {v}" for k, v in params.items()), "ragged", "view of ragged", params=params)
unlabelled("VICRegLoss", "sum", "ragged", "view of ragged", reducer=pml("SumReducer"))
unlabelled("VICRegLoss", "above 0", "ragged", "view of ragged", reducer=pml("AvgNonZeroReducer"))
unlabelled("VICRegLoss", "as they are", "ragged", "view of ragged", reducer=pml("DoNothingReducer"))


# --- DynamicSoftMarginLoss ----------------------------------------------------------------------------------------------
class DynamicToTheEnds(losses.DynamicSoftMarginLoss):
    """The source with differences beyond the histogram in its end bins, where it looks for a bin that it does not have."""

    def place(self, data):
        at = ((data - self.min_val) / self.delta).clamp(0, self.num_bins - 1)
        return at.long(), torch.frac(at)

    def update_histogram(self, data):
        idx, alpha = self.place(data)
        momentum = self.momentum if self.hist_.sum() != 0 else 1.0
        hist = torch.scatter_add((1.0 - momentum) * self.hist_, 0, idx, momentum * (1 - alpha))
        hist = torch.scatter_add(hist, 0, (idx + 1).clamp(max=self.num_bins - 1), momentum * alpha)
        self.hist_ = hist / hist.sum()

    def weigh_loss(self, data):
        return torch.cumsum(self.hist_, 0)[self.place(data)[0]] * data


class DynamicOfRows(losses.DynamicSoftMarginLoss):
    """The source with a copy of the distances to write infinities to: it writes them to what its gradient needs."""

    def compute_loss(self, *args):
        own = self.distance.forward
        self.distance.forward = lambda *x: own(*x).clone()
        return super().compute_loss(*args)


def dynamic_after(name, earlier, batch, **more):
    """A case of the batch that comes after others."""
    before = [BATCHES[b] for b in earlier]

    class After(DynamicToTheEnds):
        def compute_loss(self, embeddings, *args):
            with torch.no_grad():
                for e, l in ((torch.tensor(e, dtype=embeddings.dtype), torch.tensor(l)) for e, l in before):
                    super().compute_loss(e, l, None, e, l)
            return super().compute_loss(embeddings, *args)
    pml_loss("DynamicSoftMarginLoss", name, batch, cls=After, **more)
    PARTS["pml.DynamicSoftMarginLoss"][-1]["earlier"] = [{"embeddings": encoded(e), "labels": encoded(l)} for e, l in before]


BEYOND = ("int16 labels", "duplicates", "ties", "30 rows")
for b in EVERY:
    pml_loss("DynamicSoftMarginLoss", b, b, cls=DynamicToTheEnds if b in BEYOND else None)
for params in ({"num_bins": 8}, {"num_bins": 50}, {"min_val": -2.5}, {"min_val": -3.0, "num_bins": 7}):
    pml_loss("DynamicSoftMarginLoss", ", ".join(f"{k} {v}" for k, v in params.items()), "ragged", params=params)
for params in ({"min_val": -1.0}, {"min_val": 0.25}, {"min_val": -2.0, "num_bins": 2}):
    pml_loss("DynamicSoftMarginLoss", ", ".join(f"{k} {v}" for k, v in params.items()), "ragged", params=params, cls=DynamicToTheEnds)
pml_loss("DynamicSoftMarginLoss", "squared", "ragged", distance=pml("LpDistance", power=2), params={"min_val": -5.0})
for r in REF:
    pml_loss("DynamicSoftMarginLoss", r, "ragged", r)
pml_loss("DynamicSoftMarginLoss", "sum", "ragged", reducer=pml("SumReducer"))
pml_loss("DynamicSoftMarginLoss", "triplets given", "ragged", tuples=TRIPLETS)
pml_loss("DynamicSoftMarginLoss", "pairs given", "ragged", tuples=PAIRS)
pml_loss("DynamicSoftMarginLoss", "nothing given", "ragged", tuples=NO_TRIPLETS)
masked("DynamicSoftMarginLoss", "mask of the labels")
masked("DynamicSoftMarginLoss", "masks", POSITIVE, IGNORED, cls=DynamicToTheEnds)
dynamic_after("a second batch", ("uint8 labels",), "ragged")
dynamic_after("a third batch", ("uint8 labels", "int32 labels"), "ragged", params={"momentum": 0.3})
dynamic_after("after a batch without triplets", ("singletons", "int32 labels"), "uint8 labels", params={"momentum": 1.0})
for v in (None, "view of ragged", "more", "fewer", "a single one"):
    unlabelled("DynamicSoftMarginLoss", f"no labels, {v or 'its own references'}", "ragged", v, cls=DynamicOfRows)


# --- CentroidTripletLoss ------------------------------------------------------------------------------------------------
# The package removed it with version 2.0. This is its definition, which gives what version 1.7.3 gives for up to four classes
# of one size; of more classes that version keeps three negatives alone.
class CentroidTripletLoss(losses.TripletMarginLoss):
    def __init__(self, margin=0.05, swap=False, smooth_loss=False, **kwargs):
        super().__init__(margin, swap, smooth_loss, **kwargs)

    def compute_loss(self, embeddings, labels, indices_tuple, ref_emb, ref_labels):
        classes = labels.unique()
        others = (labels[:, None] == labels) & ~torch.eye(len(labels), dtype=torch.bool)
        triplets = [(i, len(labels) + i, 2 * len(labels) + c) for i in range(len(labels)) if others[i].any()
                    for c in range(len(classes)) if classes[c] != labels[i]]
        if not triplets:
            return self.zero_losses()
        positives = torch.stack([embeddings[m].mean(0) if m.any() else embeddings.sum(0) * 0 for m in others])
        negatives = torch.stack([embeddings[labels == c].mean(0) for c in classes])
        everything = torch.cat((embeddings, positives, negatives))
        return super().compute_loss(everything, None, tuple(torch.tensor(triplets).T), everything, None)


for b in EVERY:
    pml_loss("CentroidTripletLoss", b, b, params={"margin": 0.4}, cls=CentroidTripletLoss)
with mock.patch.dict(BATCHES, SQUARES):
    for b in SQUARES:
        pml_loss("CentroidTripletLoss", b, b, cls=CentroidTripletLoss)
for params in ({"swap": True}, {"smooth_loss": True}, {"margin": 0.9, "swap": True, "smooth_loss": True}):
    pml_loss("CentroidTripletLoss", ", ".join(f"{k} {v}" for k, v in params.items()), "ragged", params=params, cls=CentroidTripletLoss)
pml_loss("CentroidTripletLoss", "cosine", "ragged", params={"margin": 0.3, "swap": True}, distance=pml("CosineSimilarity"), cls=CentroidTripletLoss)
pml_loss("CentroidTripletLoss", "raw", "ties", params={"margin": 0.6}, distance=RAW, cls=CentroidTripletLoss)
pml_loss("CentroidTripletLoss", "squared", "ragged", params={"margin": 0.6}, distance=pml("LpDistance", power=2), cls=CentroidTripletLoss)
pml_loss("CentroidTripletLoss", "mean", "ragged", params={"margin": 0.4}, reducer=pml("MeanReducer"), cls=CentroidTripletLoss)
pml_loss("CentroidTripletLoss", "as they are", "ragged", params={"margin": 0.4}, reducer=pml("DoNothingReducer"), cls=CentroidTripletLoss)


# --- ManifoldLoss -------------------------------------------------------------------------------------------------------
class ManifoldInItsDtype(losses.ManifoldLoss):
    """The source with the precision of its input, where it inverts in float32, and with infinity as it says of it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.context_alone = self.lambdaC == np.inf

    def compute_loss(self, *args):
        with mock.patch.object(torch.Tensor, "float", lambda x: x):
            if not self.context_alone:
                return super().compute_loss(*args)
            # Two finite factors tell what the second part is.
            self.lambdaC = 2.0
            twice = super().compute_loss(*args)
            self.lambdaC = 1.0
            once = super().compute_loss(*args)
            return {"loss": {**once["loss"], "losses": twice["loss"]["losses"] - once["loss"]["losses"]}}


def manifold(name, batch, count, cls=ManifoldInItsDtype, meta=None, **more):
    """A case with meta classes in place of tuples, which stand in the case as labels, or with drawn ones."""
    e, _ = BATCHES[batch]
    params = {"l": e.shape[1], "K": count} | more.pop("params", {})
    proxies = more.pop("weights", None)
    if proxies is None:
        proxies = seeded(name).normal(size=(count, e.shape[1])).astype(np.float32)

    class Given(cls):
        def compute_loss(self, embeddings, labels, indices_tuple, ref_emb, ref_labels):
            return super().compute_loss(embeddings, labels, None if meta is None else torch.tensor(meta), ref_emb, ref_labels)
    unlabelled("ManifoldLoss", name, batch, params=params, weights=proxies, cls=Given, **more)
    if meta is not None:
        PARTS["pml.ManifoldLoss"][-1]["inputs"]["labels"] = encoded(np.array(meta))


LEAST = {"tolerance": {"float64": 1e-6, "float32": 2e-5, "reason": "the source inverts its matrix in float32"},
         "gradient_tolerance": {"float64": 1e-3, "float32": 1e-2, "reason": "the source inverts its matrix in float32"}}
META = [0, 1, 2, 3, 3, 2, 1, 0, 0, 1, 2, 3, 0]
manifold("as the source", "ragged", 4, losses.ManifoldLoss, META, **LEAST)
manifold("as the source, drawn", "30 rows", 5, losses.ManifoldLoss, seed=3, **LEAST)
for b, count, meta in (("ragged", 4, META), ("int16 labels", 3, [0, 1, 2, 0, 1, 2, 2, 2]), ("ties", 2, [0, 1] * 6), ("duplicates", 3, [0] * 4 + [1] * 4 + [2] * 4), ("one row", 2, [1]), ("two of one class", 1, [0, 0])):
    manifold(f"meta classes of {b}", b, count, meta=meta)
for seed in (1, 2):
    manifold(f"drawn with seed {seed}", "ragged", 3, seed=seed)
for params in ({"lambdaC": 0.0}, {"lambdaC": 2.5}, {"lambdaC": np.inf}, {"alpha": 0.3}, {"alpha": 0.0}, {"margin": 0.2}):
    manifold(", ".join(f"{k} {v}" for k, v in params.items()), "ragged", 4, meta=META, params=params)
manifold("distances", "ragged", 4, meta=META, distance=pml("LpDistance"))
manifold("sum", "ragged", 4, meta=META, reducer=pml("SumReducer"))
