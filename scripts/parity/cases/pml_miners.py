"""Cases of pytorch-metric-learning's miners."""
import torch
from pytorch_metric_learning import distances, miners

from cases.common import BATCHES, MASKS, RAW, REF, add, indices, label_tensors, named, on, pml, pml_miner


EXACT = ("collapsed", "duplicates", "ties", "arange")
PLAIN = [b for b in BATCHES if b not in EXACT and b != "printed sample"]
for part in ("BatchHardMiner", "BatchEasyHardMiner", "TripletMarginMiner", "PairMarginMiner"):
    for b in PLAIN:
        pml_miner(part, b, b)
    for b in EXACT:
        pml_miner(part, f"{b}, raw", b, distance=RAW)
    pml_miner(part, "cosine", "ragged", distance=pml("CosineSimilarity"))
    pml_miner(part, "l1", "ragged", distance=pml("LpDistance", p=1, normalize_embeddings=False))
    for r in REF:
        pml_miner(part, r, "ragged", r)
    pml_miner(part, "references, cosine", "ragged", "references", distance=pml("CosineSimilarity"))
for pos in ("easy", "semihard", "hard", "all"):
    for neg in ("easy", "semihard", "hard", "all"):
        if (pos, neg) not in (("semihard", "semihard"), ("semihard", "all"), ("all", "semihard")):
            for b, d in (("ragged", None), ("ragged", pml("CosineSimilarity")), ("ties", RAW)):
                pml_miner("BatchEasyHardMiner", f"{pos}, {neg}, {b}, {(d or pml('LpDistance'))['name']}", b, distance=d, pos_strategy=pos, neg_strategy=neg)
pml_miner("BatchEasyHardMiner", "ranges", "ragged", pos_strategy="hard", neg_strategy="hard", allowed_pos_range=(0.2, 1.1), allowed_neg_range=(0.9, 1.6))
pml_miner("BatchEasyHardMiner", "inclusive ranges", "arange", distance=RAW, pos_strategy="hard", neg_strategy="hard", allowed_pos_range=(1.0, 2.0), allowed_neg_range=(2.0, 3.0))
for kind in ("all", "hard", "semihard", "easy"):
    for d, margin in ((None, 0.15), (pml("CosineSimilarity"), 0.15)):
        pml_miner("TripletMarginMiner", f"{kind}, {margin}, {(d or pml('LpDistance'))['name']}", "ragged", distance=d, margin=margin, type_of_triplets=kind)
    pml_miner("TripletMarginMiner", f"{kind}, whole numbers", "arange", distance=RAW, margin=1.0, type_of_triplets=kind)
pml_miner("PairMarginMiner", "margins", "ragged", pos_margin=1.25, neg_margin=1.05)
pml_miner("PairMarginMiner", "whole numbers", "arange", distance=RAW, pos_margin=2.0, neg_margin=3.0)
pml_miner("PairMarginMiner", "similarity margins", "ragged", distance=pml("CosineSimilarity"), pos_margin=0.3, neg_margin=-0.1)


# --- the others -----------------------------------------------------------------------------------------------------
def found(part, name, batch, ref=None, distance=None, seed=None, tuples=None, dtype=None, unordered=False, **params):
    """A case of a miner that draws, keeps tuples or has no order; dtype: the one precision whose draws are meant."""
    labels, ref_labels = label_tensors(batch, ref)
    inputs, floats = on(batch, ref)
    miner = getattr(miners, part)(**params, **({"distance": named(distances, distance)} if distance else {}))

    def mine(x):
        if dtype:
            x = {k: v.to(getattr(torch, dtype)) for k, v in x.items()}
        if seed is not None:
            torch.manual_seed(seed)
        if tuples:
            miner.set_idx_externally(tuple(torch.tensor(t) for t in tuples), labels)
        out = miner(x["embeddings"], labels, x.get("ref_embeddings"), ref_labels)
        return [x for i in range(0, 4, 2) for x in zip(*sorted(zip(*out[i:i + 2])))] if unordered and len(out[0]) and len(out[2]) else out
    more = {"distance": distance, "seed": seed, "tuples": tuples, "dtype": dtype, "unordered": unordered}
    add(f"pml.{part}", name, inputs, indices(mine, floats, name), params, **{k: v for k, v in more.items() if v})


def by_masks(part, name, batch, ref=None, distance=None, masks=None, unordered=False, **params):
    """The source takes labels alone; but for one anchor at a time any mask is labels: 1 its own, 2 the others, and the rest left out."""
    miner = getattr(miners, part)(**params, **({"distance": named(distances, distance)} if distance else {}))
    inputs, floats = on(batch, ref)
    positive, ignored = masks

    def mine(x):
        anchors = x["embeddings"]
        others = x.get("ref_embeddings", anchors)
        parts = []
        for i in range(len(anchors)):
            counted = torch.tensor([j for j in range(len(others)) if not ignored[i, j] and (ref or i != j)])
            one = miner(anchors[i:i + 1], torch.tensor([1]), others[counted], torch.where(torch.tensor(positive[i])[counted], 1, 2))
            parts.append([t + i if k in (0, 2)[:len(one) - 2] else counted[t] for k, t in enumerate(one)])
        return [torch.cat(t) for t in zip(*parts)]
    inputs = {k: v for k, v in inputs.items() if "labels" not in k} | {"positive_mask": positive, "ignore_mask": ignored}
    more = {"distance": distance, "unordered": unordered}
    add(f"pml.{part}", name, inputs, indices(mine, floats, name), params, **{k: v for k, v in more.items() if v})


COSINE, L1 = pml("CosineSimilarity"), pml("LpDistance", p=1, normalize_embeddings=False)
for part in ("BatchHardMiner", "BatchEasyHardMiner", "TripletMarginMiner", "PairMarginMiner", "MultiSimilarityMiner", "AngularMiner"):
    order = {"unordered": part == "MultiSimilarityMiner"}
    by_masks(part, "masks", "ragged", masks=MASKS["masks"], **order)
    by_masks(part, "masks of references", "ragged", "references", masks=MASKS["masks of references"], **order)
    if part != "AngularMiner":
        by_masks(part, "masks, l1", "ragged", distance=L1, masks=MASKS["masks"], **order)

# The source sorts its pairs by distance, which is no promise.
for b in PLAIN:
    found("MultiSimilarityMiner", b, b, unordered=True)
for b in EXACT:
    found("MultiSimilarityMiner", f"{b}, raw", b, distance=RAW, unordered=True)
found("MultiSimilarityMiner", "whole numbers on the edge", "arange", distance=RAW, epsilon=1.0, unordered=True)
found("MultiSimilarityMiner", "products on the edge", "ties", distance=pml("DotProductSimilarity", normalize_embeddings=False), epsilon=2.0, unordered=True)
found("MultiSimilarityMiner", "epsilon", "ragged", epsilon=0.4, unordered=True)
found("MultiSimilarityMiner", "negative epsilon", "ragged", epsilon=-0.3, unordered=True)
found("MultiSimilarityMiner", "l1", "ragged", distance=L1, unordered=True)
for r in REF:
    found("MultiSimilarityMiner", r, "ragged", r, unordered=True)
found("MultiSimilarityMiner", "references, l1", "ragged", "references", distance=L1, unordered=True)

for b in PLAIN:
    found("AngularMiner", b, b)
for b in ("duplicates", "ties", "collapsed"):
    found("AngularMiner", b, b, angle=33.0)
found("AngularMiner", "no angle", "ragged", angle=0.0)
found("AngularMiner", "wide", "ragged", angle=50.0)
for r in REF:
    found("AngularMiner", r, "ragged", r, angle=25.0)

for b in PLAIN:
    if b != "30 rows":   # by the Gram form (i, j) and (j, i) are not equally far
        found("HDCMiner", b, b)
for b in EXACT:
    found("HDCMiner", f"{b}, raw", b, distance=RAW)
for p in (0.0, 0.13, 1.0):
    found("HDCMiner", f"{p} of them", "ragged", filter_percentage=p)
found("HDCMiner", "cosine", "ragged", distance=COSINE, filter_percentage=0.33, unordered=True)   # an even number: both directions or none
for r in REF:
    found("HDCMiner", r, "ragged", r)
found("HDCMiner", "references, cosine", "ragged", "references", distance=COSINE, filter_percentage=0.3)
found("HDCMiner", "pairs given", "ragged", tuples=[[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [1, 3, 5], [0, 2, 12]])
found("HDCMiner", "triplets given", "ragged", distance=L1, tuples=[[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [12, 11, 10, 1, 0]])

# Weights are drawn from in the precision of the embeddings, so each precision has draws of its own.
for dtype in ("float64", "float32"):
    for b in ("ragged", "uint8 labels", "int32 labels", "30 rows", "one class", "singletons", "one row"):
        found("DistanceWeightedMiner", f"{b}, {dtype}", b, seed=3, dtype=dtype)
    for b in ("collapsed", "ties", "duplicates"):
        found("DistanceWeightedMiner", f"{b}, {dtype}", b, seed=4, dtype=dtype)
    found("DistanceWeightedMiner", f"cutoffs, {dtype}", "ragged", seed=5, dtype=dtype, cutoff=0.9, nonzero_loss_cutoff=1.2)
    found("DistanceWeightedMiner", f"nothing near enough, {dtype}", "ragged", seed=6, dtype=dtype, cutoff=0.9, nonzero_loss_cutoff=0.8)
    for r in ("references", "one reference", "references of no class"):
        found("DistanceWeightedMiner", f"{r}, {dtype}", "ragged", r, seed=7, dtype=dtype)

for b in PLAIN:
    found("UniformHistogramMiner", b, b, seed=8)
for b in EXACT:
    found("UniformHistogramMiner", f"{b}, raw", b, distance=RAW, seed=9, num_bins=3)
found("UniformHistogramMiner", "one of each", "ragged", seed=10, num_bins=7, pos_per_bin=1, neg_per_bin=1)
found("UniformHistogramMiner", "one bin", "ragged", seed=11, num_bins=1, pos_per_bin=4, neg_per_bin=9)
found("UniformHistogramMiner", "cosine", "ragged", distance=COSINE, seed=12, num_bins=20)
for r in REF:
    found("UniformHistogramMiner", r, "ragged", r, seed=13, num_bins=10, pos_per_bin=3)

for name, rows in (("nine rows", "arange"), ("twelve rows", "ties"), ("six rows", "one class"), ("thirty rows", "30 rows"), ("six rows of one label each", "singletons")):
    found("EmbeddingsAlreadyPackagedAsTriplets", name, rows)
found("EmbeddingsAlreadyPackagedAsTriplets", "labels are not looked at", "collapsed")
