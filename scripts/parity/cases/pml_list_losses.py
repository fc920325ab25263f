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
for n in (1, 2, 3, 4):
    BATCHES[f"{n} classes of {n}"] = (rng.normal(size=(n * n, 4)).astype(np.float32), np.repeat(rng.permutation(n), n))
NINE = "3 classes of 3"
for n in (1, 2, 3, 4):
    pml_loss("SmoothAPLoss", f"{n} classes of {n}", f"{n} classes of {n}", **ROUNDED)
for t in (0.1, 1.0):
    pml_loss("SmoothAPLoss", f"temperature {t}", NINE, params={"temperature": t}, **ROUNDED)
pml_loss("SmoothAPLoss", "normalised by l1", NINE, distance=pml("CosineSimilarity", p=1), params={"temperature": 0.1}, **ROUNDED)
pml_loss("SmoothAPLoss", "sum", NINE, params={"temperature": 0.1}, reducer=pml("SumReducer"), **ROUNDED)
pml_loss("SmoothAPLoss", "triplets given", NINE, params={"temperature": 0.1}, tuples=[[0, 3, 3], [1, 4, 5], [4, 0, 8]], **ROUNDED)
pml_loss("SmoothAPLoss", "pairs given", NINE, params={"temperature": 0.1}, tuples=[[0, 3], [1, 4], [3, 5, 0], [2, 6, 7]], **ROUNDED)
pml_loss("SmoothAPLoss", "nothing given", NINE, params={"temperature": 0.1}, tuples=NO_TRIPLETS, **ROUNDED)
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
