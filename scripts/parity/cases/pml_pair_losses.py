"""Cases of pytorch-metric-learning's losses over pairs."""
from functools import partial

import numpy as np
import torch
from pytorch_metric_learning import losses
from pytorch_metric_learning.utils import loss_and_miner_utils as lmu

from cases.common import BATCHES, MASKS, RAW, REF, mask_of_labels, pml, pml_loss

COSINE = pml("CosineSimilarity")
PAIRS = [[0, 3, 3, 12, 3], [1, 4, 6, 0, 4], [3, 5, 0, 3, 3, 9], [2, 6, 7, 8, 2, 1]]
TRIPLETS = [[0, 3, 3, 12], [1, 1, 1, 0], [2, 2, 5, 5]]
TO_REFERENCES = [[0, 12, 12, 4], [8, 1, 1, 0], [2, 2, 5, 12], [3, 3, 7, 6]]


def usual(part, batches, **with_):
    """What every loss over pairs has to stand."""
    case = partial(pml_loss, part)
    case("defaults", "30 rows", **with_)
    for b in batches:
        case(b, b, **with_)
    for r in REF:
        case(r, "ragged", r, **with_)
    case("pairs given", "ragged", tuples=PAIRS, **with_)
    case("triplets given", "ragged", tuples=TRIPLETS, **with_)
    case("pairs to references", "ragged", "references", tuples=TO_REFERENCES, **with_)
    case("no pairs given", "ragged", tuples=[[], [], [], []], **with_)
    case("one pair of either side given", "ragged", tuples=[[0], [1], [0], [2]], **with_)
    case("positives alone given", "ragged", tuples=[[0, 1], [1, 2], [], []], **with_)
    case("negatives alone given", "ragged", tuples=[[], [], [0, 1], [1, 2]], **with_)
    case("masks", "ragged", masks=MASKS["masks"], **with_)
    case("masks of references", "ragged", "references", masks=MASKS["masks of references"], **with_)
    case("masks that labels make", "ragged", masks=mask_of_labels("ragged"), **with_)


GENERAL = ["ragged", "uint8 labels", "one class", "singletons", "one row", "two of one class", "two of two classes"]
EXACT = ["collapsed", "duplicates", "ties"]

# --- each pair by itself ------------------------------------------------------------------------------------------
usual("ContrastiveLoss", GENERAL)
for b in EXACT:
    pml_loss("ContrastiveLoss", f"{b}, raw", b, distance=RAW, params={"pos_margin": 0.5, "neg_margin": 2.0})
pml_loss("ContrastiveLoss", "margins", "ragged", params={"pos_margin": 0.9, "neg_margin": 1.4})
pml_loss("ContrastiveLoss", "cosine", "ragged", distance=COSINE, params={"pos_margin": 1, "neg_margin": 0})
pml_loss("ContrastiveLoss", "squared", "int32 labels", distance=pml("LpDistance", power=2))
pml_loss("ContrastiveLoss", "l1, references", "ragged", "references", distance=pml("LpDistance", p=1))
pml_loss("ContrastiveLoss", "mean", "ragged", reducer=pml("MeanReducer"))
pml_loss("ContrastiveLoss", "as they are", "uint8 labels", reducer=pml("DoNothingReducer"))
pml_loss("ContrastiveLoss", "threshold", "ragged", params={"pos_margin": 0.15, "neg_margin": 1.45}, reducer=pml("ThresholdReducer", low=0.2))

# --- each anchor with all its pairs -----------------------------------------------------------------------------------
usual("MultiSimilarityLoss", GENERAL)
for b in EXACT:
    pml_loss("MultiSimilarityLoss", f"{b}, dot product", b, distance=pml("DotProductSimilarity", normalize_embeddings=False), params={"beta": 5})
pml_loss("MultiSimilarityLoss", "parameters", "ragged", params={"alpha": 3, "beta": 30, "base": 0.4})
pml_loss("MultiSimilarityLoss", "euclidean", "ragged", distance=pml("LpDistance"), params={"base": 1.1})
pml_loss("MultiSimilarityLoss", "euclidean, references", "ragged", "references", distance=RAW, params={"beta": 4})
pml_loss("MultiSimilarityLoss", "sum", "ragged", reducer=pml("SumReducer"))
pml_loss("MultiSimilarityLoss", "between", "ragged", reducer=pml("ThresholdReducer", low=0.3, high=0.9))
pml_loss("MultiSimilarityLoss", "large exponents", "ragged", params={"alpha": 900, "beta": 2000})

# --- each positive pair against negatives ----------------------------------------------------------------------------
usual("NTXentLoss", GENERAL)
for b in EXACT:
    pml_loss("NTXentLoss", f"{b}, dot product", b, distance=pml("DotProductSimilarity", normalize_embeddings=False), params={"temperature": 0.9})
pml_loss("NTXentLoss", "temperature", "ragged", params={"temperature": 0.35})
pml_loss("NTXentLoss", "euclidean", "ragged", distance=pml("LpDistance"))
pml_loss("NTXentLoss", "euclidean, references", "ragged", "references", distance=RAW, params={"temperature": 0.5})
pml_loss("NTXentLoss", "sum", "ragged", reducer=pml("SumReducer"))
pml_loss("NTXentLoss", "as they are", "uint8 labels", reducer=pml("DoNothingReducer"))
pml_loss("NTXentLoss", "between", "ragged", reducer=pml("ThresholdReducer", low=0.3, high=9))

# --- the others, of the same three kinds ------------------------------------------------------------------------------
SNR = pml("SNRDistance", normalize_embeddings=False)
FEW = ["ragged", "one class", "singletons", "one row", "two of two classes"]
usual("SignalToNoiseRatioContrastiveLoss", FEW, params={"neg_margin": 3})
pml_loss("SignalToNoiseRatioContrastiveLoss", "own margins", "ragged")
pml_loss("SignalToNoiseRatioContrastiveLoss", "duplicates, raw", "duplicates", distance=SNR, params={"pos_margin": 0.5, "neg_margin": 2.0})
pml_loss("SignalToNoiseRatioContrastiveLoss", "margins, mean", "int32 labels", params={"pos_margin": 0.4, "neg_margin": 2.5}, reducer=pml("MeanReducer"))

usual("IntraPairVarianceLoss", FEW)
pml_loss("IntraPairVarianceLoss", "parameters", "ragged", params={"pos_eps": 0.3, "neg_eps": 0.2})
pml_loss("IntraPairVarianceLoss", "euclidean", "ragged", distance=pml("LpDistance"), params={"pos_eps": 0.05, "neg_eps": 0.1})
pml_loss("IntraPairVarianceLoss", "average of what is left", "int32 labels", reducer=pml("AvgNonZeroReducer"))
for b in EXACT:
    pml_loss("IntraPairVarianceLoss", f"{b}, dot product", b, distance=pml("DotProductSimilarity", normalize_embeddings=False), params={"pos_eps": 0.25, "neg_eps": 0.5})

usual("SupConLoss", FEW)
for b in EXACT:
    pml_loss("SupConLoss", f"{b}, dot product", b, distance=pml("DotProductSimilarity", normalize_embeddings=False), params={"temperature": 0.9})
pml_loss("SupConLoss", "temperature", "ragged", params={"temperature": 0.35})
pml_loss("SupConLoss", "euclidean", "int32 labels", distance=pml("LpDistance"))
pml_loss("SupConLoss", "mean", "ragged", reducer=pml("MeanReducer"))
pml_loss("SupConLoss", "as they are", "uint8 labels", reducer=pml("DoNothingReducer"))

usual("CircleLoss", FEW)
pml_loss("CircleLoss", "parameters", "ragged", params={"m": 0.25, "gamma": 16})
pml_loss("CircleLoss", "mean", "int32 labels", params={"gamma": 4}, reducer=pml("MeanReducer"))
pml_loss("CircleLoss", "sum, references", "ragged", "references", params={"m": 0.1, "gamma": 256}, reducer=pml("SumReducer"))
for b in ("duplicates", "ties"):
    pml_loss("CircleLoss", b, b, params={"gamma": 4})

usual("GeneralizedLiftedStructureLoss", FEW)
pml_loss("GeneralizedLiftedStructureLoss", "margins", "ragged", params={"neg_margin": 0.4, "pos_margin": 0.9})
pml_loss("GeneralizedLiftedStructureLoss", "cosine", "ragged", distance=COSINE, params={"neg_margin": 0.1, "pos_margin": 0.6})
pml_loss("GeneralizedLiftedStructureLoss", "sum, references", "ragged", "references", reducer=pml("SumReducer"))
for b in EXACT:
    pml_loss("GeneralizedLiftedStructureLoss", f"{b}, raw", b, distance=RAW)

usual("LiftedStructureLoss", FEW)
pml_loss("LiftedStructureLoss", "margins", "ragged", params={"neg_margin": 0.4, "pos_margin": 0.9})
pml_loss("LiftedStructureLoss", "cosine", "ragged", distance=COSINE, params={"neg_margin": 0.1, "pos_margin": 0.6})
pml_loss("LiftedStructureLoss", "sum, references", "ragged", "references", reducer=pml("SumReducer"))
pml_loss("LiftedStructureLoss", "a row as its own positive given", "ragged", tuples=[[0, 3, 3], [0, 4, 3], [3, 0, 0, 3], [2, 6, 7, 2]])
for b in EXACT:
    pml_loss("LiftedStructureLoss", f"{b}, raw", b, distance=RAW)

usual("TupletMarginLoss", [b for b in FEW if b != "one row"])
pml_loss("TupletMarginLoss", "parameters", "ragged", params={"margin": 20, "scale": 8})
pml_loss("TupletMarginLoss", "negative margin, sum", "int32 labels", params={"margin": -11, "scale": 30}, reducer=pml("SumReducer"))
pml_loss("TupletMarginLoss", "as they are", "uint8 labels", params={"scale": 6}, reducer=pml("DoNothingReducer"))


class TupletOfParallels(losses.TupletMarginLoss):
    """The source where its arc cosine has a derivative, and past that the angle 0, which moves by the cosine alone."""

    def _compute_loss(self, pos_pairs, neg_pairs, indices_tuple):
        a1, p, a2, _ = indices_tuple
        apart = pos_pairs < 1
        angle = torch.acos(torch.where(apart, pos_pairs, torch.zeros_like(pos_pairs)))
        self.set_stats(torch.where(apart, angle, torch.zeros_like(angle)), neg_pairs.clamp(-1, 1))
        near = torch.where(apart, torch.cos(angle - self.margin), pos_pairs * np.cos(self.margin))
        inside = self.scale * (neg_pairs - near.unsqueeze(1))
        loss = lmu.logsumexp(inside, keep_mask=a2.unsqueeze(0) == a1.unsqueeze(1), add_one=True, dim=1)
        return {"loss": {"losses": loss, "indices": (a1, p), "reduction_type": "pos_pair"}}


# Each row is one of the axes, so that all cosines are 0 or 1 to the last bit.
BATCHES["axes"] = (np.eye(3, dtype=np.float32)[[0, 0, 1, 1, 2, 1, 2]] * np.arange(1, 8, dtype=np.float32)[:, None], np.array([2, 2, 5, 5, 5, 8, 8]))
pml_loss("TupletMarginLoss", "parallel rows", "axes", params={"scale": 4}, cls=TupletOfParallels)
del BATCHES["axes"]  # other modules go through all batches


# --- rows by themselves -----------------------------------------------------------------------------------------------
class NCAWithoutShares(losses.NCALoss):
    """The source where some row has a share of its class; where none has, its mean of nothing is NaN, and ours 0."""

    def nca_computation(self, *batch):
        found = super().nca_computation(*batch)
        return found if len(found["loss"]["losses"]) else self.zero_losses()


class NCAOfMasks(losses.NCALoss):
    """The source's formula for pairs: a softmax over a row's pairs, and what its positives have of it."""

    def compute_loss(self, embeddings, labels, indices_tuple, ref_emb, ref_labels):
        a1, p, a2, n = indices_tuple
        mat = -self.distance(embeddings, ref_emb)
        positives, others = torch.ones_like(mat, dtype=torch.bool), torch.ones_like(mat, dtype=torch.bool)
        positives[a1, p], others[a1, p], others[a2, n] = False, False, False
        shares = torch.softmax((self.softmax_scale * mat).masked_fill(others, -torch.inf), dim=1).masked_fill(positives, 0).sum(dim=1)
        rows = torch.where(shares != 0)[0]
        return {"loss": {"losses": -torch.log(shares[rows]), "indices": rows, "reduction_type": "element"}}


usual_nca = partial(pml_loss, "NCALoss")
usual_nca("defaults", "30 rows")
for b in ("ragged", "uint8 labels", "one class", "one row", "duplicates", "ties"):
    usual_nca(b, b)
for b in ("singletons", "two of two classes"):
    usual_nca(b, b, cls=NCAWithoutShares)
for r in REF:
    usual_nca(r, "ragged", r, cls=NCAWithoutShares)
usual_nca("scale", "ragged", params={"softmax_scale": 3.5})
usual_nca("shares too small to tell", "ties", params={"softmax_scale": 9000}, distance=RAW)
usual_nca("cosine", "int32 labels", distance=COSINE)
usual_nca("sum", "ragged", reducer=pml("SumReducer"))
usual_nca("as they are", "ragged", reducer=pml("DoNothingReducer"))
usual_nca("rows weighed by pairs", "ragged", tuples=PAIRS)
usual_nca("rows weighed by triplets", "ragged", tuples=TRIPLETS)
usual_nca("anchors weighed by pairs", "ragged", "references", tuples=TO_REFERENCES)
usual_nca("anchors weighed by triplets", "ragged", "references", tuples=[[0, 12, 12], [8, 1, 1], [2, 2, 5]])
usual_nca("no pairs given", "ragged", tuples=[[], [], [], []])
usual_nca("masks", "ragged", masks=MASKS["masks"], cls=NCAOfMasks)
usual_nca("masks of references", "ragged", "references", masks=MASKS["masks of references"], cls=NCAOfMasks)
usual_nca("masks that labels make", "ragged", masks=mask_of_labels("ragged"), cls=NCAOfMasks)

# --- triplets and a boundary ------------------------------------------------------------------------------------------
BETAS = np.linspace(0.7, 1.5, 15).astype(np.float32)
beside = partial(pml_loss, "MarginLoss")
for b in FEW:
    beside(b, b)
for r in REF:
    beside(r, "ragged", r)
for b in EXACT:
    beside(f"{b}, raw", b, params={"margin": 0.5, "beta": 2}, distance=RAW)
beside("parameters", "ragged", params={"margin": 0.05, "beta": 1.05})
beside("cosine", "ragged", params={"beta": 0.1}, distance=COSINE)
beside("mean", "ragged", reducer=pml("MeanReducer"))
beside("nothing active", "ragged", params={"margin": -5})
beside("triplets given", "ragged", tuples=TRIPLETS)
beside("pairs given", "ragged", tuples=PAIRS)
beside("no triplets given", "ragged", tuples=[[], [], []])
beside("3 per anchor", "ragged", params={"triplets_per_anchor": 3}, seed=29)
beside("masks", "ragged", masks=MASKS["masks"])
beside("masks of references", "ragged", "references", masks=MASKS["masks of references"])
beside("masks that labels make", "ragged", masks=mask_of_labels("ragged"))
beside("a boundary for each class", "ragged", params={"num_classes": 15})
beside("learnt", "ragged", params={"learn_beta": True, "nu": 0.3}, weights=np.array([0.9], np.float32))
beside("learnt for each class", "ragged", params={"learn_beta": True, "nu": 0.3, "num_classes": 15}, weights=BETAS)
beside("learnt for each class, references", "ragged", "references", params={"learn_beta": True, "nu": 0.3, "num_classes": 15}, weights=BETAS)
beside("learnt for each class, triplets given", "ragged", params={"learn_beta": True, "nu": 0.1, "num_classes": 15}, weights=BETAS, tuples=TRIPLETS)
beside("learnt for each class, mean", "ragged", params={"learn_beta": True, "nu": 2, "num_classes": 15}, weights=BETAS, reducer=pml("MeanReducer"))
beside("learnt for each class, as they are", "two of two classes", params={"learn_beta": True, "nu": 2, "num_classes": 15}, weights=BETAS, tuples=[[0], [0], [1]], reducer=pml("DoNothingReducer"))
beside("learnt, nothing to learn from", "singletons", params={"learn_beta": True, "nu": 2}, weights=np.array([0.9], np.float32))
beside("to be learnt", "ragged", params={"learn_beta": True, "nu": 0.3, "beta": 1.1})
