"""Cases of pytorch-metric-learning's miners."""
import numpy as np
import torch
from pytorch_metric_learning import distances, miners

from cases.common import BATCHES, RAW, REF, add, indices, label_tensors, mined, named, on, pml, pml_miner, seeded

rng = seeded("pml_miners")

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


# --- by masks -------------------------------------------------------------------------------------------------------
# The source takes labels alone. A batch of several labels a row is split into one row for each anchor, whose own labels then
# say who is a positive (1), a negative (2) or ignored (3, at no row's disposal).
def by_masks(part, name, batch, ref=None, distance=None, **params):
    parts = {"distance": named(distances, distance)} if distance else {}
    miner = getattr(miners, part)(**params, **parts)
    inputs, floats = on(batch, ref)
    inputs = {k: v for k, v in inputs.items() if "labels" not in k}
    rows, columns = len(floats["embeddings"]), len(floats.get("ref_embeddings", floats["embeddings"]))
    positive, ignored = rng.random((rows, columns)) < 0.35, rng.random((rows, columns)) < 0.25

    def mine(x):
        found = None
        for i in range(rows):
            others = x.get("ref_embeddings", x["embeddings"])
            counted = [j for j in range(columns) if not ignored[i, j] and (ref or i != j)]
            labels = torch.tensor([1 if positive[i, j] else 2 for j in counted], dtype=torch.int64)
            one = miner(x["embeddings"][i:i + 1], torch.tensor([1]), others[counted], labels)
            place = torch.tensor(counted)
            one = [torch.full_like(t, i) if k in ((0,) if len(one) == 3 else (0, 2)) else place[t] for k, t in enumerate(one)]
            found = one if found is None else [torch.cat(t) for t in zip(found, one)]
        return found
    more = {"distance": distance} if distance else {}
    add(f"pml.{part}", name, {**inputs, "positive_mask": positive, "ignore_mask": ignored}, indices(mine, floats, name), params, **more)


for part in ("BatchHardMiner", "BatchEasyHardMiner", "TripletMarginMiner", "PairMarginMiner", "MultiSimilarityMiner", "AngularMiner"):
    more = {"unordered": True} if part == "MultiSimilarityMiner" else {}
    by_masks(part, "masks", "ragged")
    by_masks(part, "masks, references", "ragged", "references")
    if part != "AngularMiner":
        by_masks(part, "masks, l1", "int32 labels", distance=pml("LpDistance", p=1, normalize_embeddings=False))


# --- pairs by the hardest of the other kind --------------------------------------------------------------------------
def unordered(part, name, *args, **params):
    pml_miner(part, name, *args, **params)
