"""Cases of the two miners of pytorch-metric-learning's guide, as the script of `tripoint verify` has them."""
from pytorch_metric_learning import distances
from reference import example_miner

from cases.common import RAW, mined, named, pml

for cls in (example_miner("PairMiner"), example_miner("TripletMiner")):
    for name, batch, ref, distance, margin in [
        ("defaults", "ragged", None, None, 0.1), ("wide", "ragged", None, None, 0.9), ("cosine", "ragged", None, pml("CosineSimilarity"), 0.25),
        ("references", "ragged", "references", None, 0.6), ("references, cosine", "ragged", "references", pml("CosineSimilarity"), 0.25),
        ("whole numbers", "arange", None, RAW, 2.0), ("one class", "one class", None, None, 0.1), ("singletons", "singletons", None, None, 0.1),
        ("ties", "ties", None, RAW, 1.0), ("below", "uint8 labels", None, None, -0.3),
    ]:
        parts = {"distance": named(distances, distance)} if distance else {}
        mined(f"example.{cls.__name__}", name, cls(margin=margin, **parts), batch, ref, {"margin": margin}, **({"distance": distance} if distance else {}))
