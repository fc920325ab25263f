"""Cases of the two miners of pytorch-metric-learning's guide."""
from pytorch_metric_learning import distances, miners
from pytorch_metric_learning.utils import loss_and_miner_utils as lmu

from cases.common import RAW, mined, named, pml


class PairMiner(miners.BaseMiner):
    def __init__(self, margin=0.1, **kwargs):
        super().__init__(**kwargs)
        self.margin = margin

    def mine(self, embeddings, labels, ref_emb, ref_labels):
        mat = self.distance(embeddings, ref_emb)
        a1, p, a2, n = lmu.get_all_pairs_indices(labels, ref_labels)
        sign = -1 if self.distance.is_inverted else 1
        far, near = sign * mat[a1, p] > sign * self.margin, sign * mat[a2, n] < sign * self.margin
        return a1[far], p[far], a2[near], n[near]


class TripletMiner(PairMiner):
    def mine(self, embeddings, labels, ref_emb, ref_labels):
        mat = self.distance(embeddings, ref_emb)
        a, p, n = lmu.get_all_triplets_indices(labels, ref_labels)
        gap = (mat[a, n] - mat[a, p]) * (-1 if self.distance.is_inverted else 1)
        return a[gap <= self.margin], p[gap <= self.margin], n[gap <= self.margin]


for part, cls in (("example.PairMiner", PairMiner), ("example.TripletMiner", TripletMiner)):
    for name, batch, ref, distance, margin in [
        ("defaults", "ragged", None, None, 0.1), ("wide", "ragged", None, None, 0.9), ("cosine", "ragged", None, pml("CosineSimilarity"), 0.25),
        ("references", "ragged", "references", None, 0.6), ("references, cosine", "ragged", "references", pml("CosineSimilarity"), 0.25),
        ("whole numbers", "arange", None, RAW, 2.0), ("one class", "one class", None, None, 0.1), ("singletons", "singletons", None, None, 0.1),
        ("ties", "ties", None, RAW, 1.0), ("below", "uint8 labels", None, None, -0.3),
    ]:
        parts = {"distance": named(distances, distance)} if distance else {}
        mined(part, name, cls(margin=margin, **parts), batch, ref, {"margin": margin}, **({"distance": distance} if distance else {}))
