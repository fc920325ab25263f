"""Cases of pml.TripletMarginLoss."""
import torch.nn.functional as F
from pytorch_metric_learning import distances, losses, reducers
from pytorch_metric_learning.utils import loss_and_miner_utils as lmu

from cases.common import BATCHES, RAW, REF, add, label_tensors, named, on, pml, pml_loss, recorded, values


for b in BATCHES:
    if b not in ("duplicates", "collapsed", "printed sample"):
        pml_loss("TripletMarginLoss", b, b, params={"margin": 0.4})
pml_loss("TripletMarginLoss", "defaults", "ragged")
for b, margin in (("duplicates", 2.0), ("collapsed", 0.7), ("ties", 1.5)):
    pml_loss("TripletMarginLoss", f"{b}, raw", b, params={"margin": margin}, distance=RAW)
    pml_loss("TripletMarginLoss", f"{b}, raw, swap", b, params={"margin": margin, "swap": True}, distance=RAW)
pml_loss("TripletMarginLoss", "swap", "ragged", params={"margin": 0.5, "swap": True})
pml_loss("TripletMarginLoss", "swap, cosine", "ragged", params={"margin": 0.5, "swap": True}, distance=pml("CosineSimilarity"))
pml_loss("TripletMarginLoss", "smooth", "ragged", params={"margin": 0.6, "smooth_loss": True})
pml_loss("TripletMarginLoss", "smooth, cosine, mean", "uint8 labels", params={"margin": 0.3, "smooth_loss": True}, distance=pml("CosineSimilarity"), reducer=pml("MeanReducer"))
pml_loss("TripletMarginLoss", "dot product", "ragged", params={"margin": 1.0}, distance=pml("DotProductSimilarity", normalize_embeddings=False))
pml_loss("TripletMarginLoss", "squared", "int32 labels", params={"margin": 0.6}, distance=pml("LpDistance", power=2, normalize_embeddings=False))
pml_loss("TripletMarginLoss", "l1", "int32 labels", params={"margin": 0.6}, distance=pml("LpDistance", p=1))
pml_loss("TripletMarginLoss", "mean", "ragged", params={"margin": 0.2}, reducer=pml("MeanReducer"))
pml_loss("TripletMarginLoss", "sum", "ragged", params={"margin": 0.2}, reducer=pml("SumReducer"))
pml_loss("TripletMarginLoss", "as they are", "uint8 labels", params={"margin": 0.2}, reducer=pml("DoNothingReducer"))
pml_loss("TripletMarginLoss", "between", "ragged", params={"margin": 0.8}, reducer=pml("ThresholdReducer", low=0.3, high=0.9))
pml_loss("TripletMarginLoss", "all easy", "ragged", params={"margin": -4.0})
for r in REF:
    pml_loss("TripletMarginLoss", r, "ragged", r, params={"margin": 0.4})
pml_loss("TripletMarginLoss", "references, cosine, smooth", "ragged", "references", params={"margin": 0.4, "smooth_loss": True}, distance=pml("CosineSimilarity"))
pml_loss("TripletMarginLoss", "triplets given", "ragged", params={"margin": 0.9}, tuples=[[0, 3, 3, 12], [1, 1, 1, 0], [2, 2, 2, 5]])
pml_loss("TripletMarginLoss", "pairs given", "ragged", params={"margin": 0.9}, tuples=[[0, 3, 3, 12], [1, 4, 2, 0], [3, 5, 0, 3], [2, 6, 7, 8]])
pml_loss("TripletMarginLoss", "no triplets given", "ragged", params={"margin": 0.9}, tuples=[[], [], []])
pml_loss("TripletMarginLoss", "pairs that share no anchor", "ragged", params={"margin": 0.9}, tuples=[[0, 1], [1, 2], [3, 4], [5, 6]])
pml_loss("TripletMarginLoss", "triplets to references", "ragged", "references", params={"margin": 0.9}, tuples=[[0, 12, 12], [8, 1, 1], [2, 2, 5]])
for name, each in (("lp", pml("LpRegularizer")), ("zero mean", pml("ZeroMeanRegularizer")), ("squared norms, sum", pml("LpRegularizer", power=2))):
    pml_loss("TripletMarginLoss", f"regularized: {name}", "ragged", params={"margin": 0.4}, regularizer={**each, "weight": 0.25},
             reducer=pml("SumReducer") if "sum" in name else None)
pml_loss("TripletMarginLoss", "regularized, references", "ragged", "references", params={"margin": 0.4}, regularizer={**pml("LpRegularizer"), "weight": 3.0})
pml_loss("TripletMarginLoss", "regularized, one class", "one class", params={"margin": 0.4}, regularizer={**pml("LpRegularizer"), "weight": 0.5})
for n, seed in ((1, 7), (4, 11), (20, 13)):
    pml_loss("TripletMarginLoss", f"{n} per anchor", "ragged", params={"margin": 0.5, "triplets_per_anchor": n}, seed=seed)
pml_loss("TripletMarginLoss", "5 per anchor, references", "ragged", "references", params={"margin": 0.5, "triplets_per_anchor": 5}, seed=17)
pml_loss("TripletMarginLoss", "3 per anchor, singletons", "singletons", params={"margin": 0.5, "triplets_per_anchor": 3}, seed=19)


class SwapAmongReferences(losses.TripletMarginLoss):
    """The source with the one line that fails with references put right: p and n both index the references."""

    def compute_loss(self, embeddings, labels, indices_tuple, ref_emb, ref_labels):
        a, p, n = lmu.convert_to_triplets(indices_tuple, labels, ref_labels, t_per_anchor=self.triplets_per_anchor)
        mat, among = self.distance(embeddings, ref_emb), self.distance(ref_emb, ref_emb)
        closest = self.distance.smallest_dist(mat[a, n], among[p, n])
        loss = F.relu(self.distance.margin(mat[a, p], closest) + self.margin)
        return {"loss": {"losses": loss, "indices": (a, p, n), "reduction_type": "triplet"}}


for name, distance in (("swap among references", None), ("swap among references, cosine", pml("CosineSimilarity"))):
    inputs, floats = on("ragged", "references")
    l, rl = label_tensors("ragged", "references")
    loss = SwapAmongReferences(margin=0.6, swap=True, reducer=reducers.AvgNonZeroReducer(collect_stats=True),
                               **({"distance": named(distances, distance)} if distance else {}))
    expect = values(lambda x: (loss(x["embeddings"], l, None, x["ref_embeddings"], rl), recorded(loss.reducer)), floats, name)
    add("pml.TripletMarginLoss", name, inputs, expect, {"margin": 0.6, "swap": True}, **({"distance": distance} if distance else {}))
