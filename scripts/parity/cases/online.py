"""Cases of online-triplet-loss."""
import numpy as np
import torch
from online_triplet_loss.losses import batch_all_triplet_loss, batch_hard_triplet_loss

from cases.common import BATCHES, add, label_tensors, on, seeded, values

rng = seeded("online")


def online_hard(labels, e, margin, squared):
    return batch_hard_triplet_loss(labels, e, margin=margin, squared=squared)


def online_all(labels, e, margin, squared):
    loss, fraction = batch_all_triplet_loss(labels, e, margin=margin, squared=squared)
    return loss, {"fraction_positive": float(fraction)}


SAMPLE = np.array([
    [1.5905, 1.0234, 0.5070, -1.1889, -0.2513, 1.4140, -1.3998, -0.5610, -1.8737, 2.1783],
    [-1.3731, -0.9758, -0.8194, 0.7589, -2.7509, 1.5812, 0.7562, -0.7153, -2.0529, 0.3074],
    [1.4821, -0.6232, -0.1070, -0.3533, -0.5412, 1.6558, 0.6346, -0.0507, -1.1239, -1.7728]], np.float32)[[0, 0, 1, 2, 2]]
BATCHES["printed sample"] = (SAMPLE, np.array([9, 9, 0, 6, 6]))
# The reference subtracts squared norms, so for the sample's equal rows it finds rounding, not 0, and rounding decides which
# of two equal rows gets the gradient: the value is compared, more loosely, and the gradient is not.
EDGES = {"printed sample": {"float64": 1e-6, "float32": 1e-3, "reason": "equal rows in the Gram form of the distance"}}
for part, f in (("online.batch_hard", online_hard), ("online.batch_all", online_all)):
    for batch, margin, squared in [
        *[(b, 0.9, False) for b in BATCHES if b != "printed sample"],
        ("ragged", 0.45, True), ("ragged", 2.5, False), ("duplicates", 3.0, True), ("ties", 2.0, True), ("ties", 0.0, False),
        ("30 rows", 0.2, True), ("collapsed", 0.5, True), ("one class", 0.4, True), ("singletons", 40.0, True),
        ("ragged", -0.3, False), ("printed sample", 100.0, False),
    ]:
        name = f"{batch}, margin {margin:g}" + (", squared" if squared else "")
        inputs, floats = on(batch)
        labels = label_tensors(batch)[0]
        expect = values(lambda x: f(labels, x["embeddings"], margin, squared), floats, name, gradient=batch not in EDGES)
        more = {"tolerance": EDGES[batch]} if batch in EDGES else {}
        add(part, name, inputs, expect, {"margin": margin, "squared": squared}, **more)


# By a mask of the labels, and by one that ignores pairs: the source's rules in plain torch.
def by_mask(part, e, positives, ignored, margin, squared):
    d = (e[:, None] - e[None]).square().sum(2)
    if not squared:
        d = torch.where(d == 0, 0.0, d.where(d > 0, torch.ones_like(d)).sqrt())
    counted = ~ignored & ~torch.eye(len(e), dtype=torch.bool)
    p, n = positives & counted, ~positives & counted
    if part == "online.batch_all":
        losses = torch.relu(d[:, :, None] - d[:, None, :] + margin)[p[:, :, None] & n[:, None, :]]
        return losses.sum() / ((losses > 1e-16).sum() + 1e-16), {"fraction_positive": float((losses > 1e-16).sum() / (len(losses) + 1e-16))}
    hardest = torch.stack([(d[i][p[i]].max() if p[i].any() else d[i].sum() * 0) - d[i][n[i]].min() if n[i].any() else d[i].sum() * 0 for i in range(len(e))])
    return torch.relu(hardest + margin).mean()


for part in ("online.batch_hard", "online.batch_all"):
    for batch, density, margin, squared in (("ragged", 0, 0.9, False), ("ragged", 0.3, 0.7, True), ("30 rows", 0.5, 0.4, False), ("singletons", 0.2, 2.5, False), ("one class", 0.3, 0.6, False)):
        e, l = BATCHES[batch]
        positives = l[:, None] == l[None]
        ignored = rng.random(positives.shape) < density
        inputs = {"embeddings": e, "positive_mask": positives, **({"ignore_mask": ignored} if density else {})}
        name = f"{batch} by a mask" + (f", {density:g} ignored" if density else "")
        masks = torch.tensor(positives), torch.tensor(ignored)
        expect = values(lambda x: by_mask(part, x["embeddings"], *masks, margin, squared), {"embeddings": e}, name)
        add(part, name, inputs, expect, {"margin": margin, "squared": squared})
