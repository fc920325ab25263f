"""Cases of pytorch-metric-learning's miners."""
from cases.common import BATCHES, RAW, REF, pml, pml_miner


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
