"""Cases of pytorch-metric-learning's wrappers of losses."""
from functools import partial

import numpy as np
import torch
from pytorch_metric_learning import distances, losses, miners, reducers, regularizers
from pytorch_metric_learning.utils import common_functions as c_f

from cases.common import add, encoded, label_tensors, labelled, normal, on, pml, recorded, seeded, values, whole

rng = seeded("pml_wrappers")
normal, whole, labelled = (partial(f, rng=rng) for f in (normal, whole, labelled))


def nested(chosen):
    """A part of any kind whose parameters may be parts."""
    name = chosen["name"].removeprefix("pml.")
    package = next(p for p in (losses, miners, distances, reducers, regularizers) if hasattr(p, name))
    return getattr(package, name)(**{k: nested(v) if isinstance(v, dict) else v for k, v in chosen["params"].items()})


def with_stats(make):
    """What make gives, recording statistics all the way down."""
    c_f.COLLECT_STATS = True
    try:
        return make()
    finally:
        c_f.COLLECT_STATS = False


# --- two views ------------------------------------------------------------------------------------------------------
VIEWS = {"views": (normal(7, 4), normal(7, 4)), "one thing": (normal(1, 3), normal(1, 3)), "two things": (normal(2, 3), normal(2, 3)),
         "equal views": (whole(5, 3),) * 2}
RAW = pml("LpDistance", normalize_embeddings=False)
LOSSES = {
    "NT-Xent": pml("NTXentLoss", temperature=0.2),
    "triplet margin": pml("TripletMarginLoss", margin=0.3),
    "triplet margin, smooth, cosine": pml("TripletMarginLoss", margin=0.3, smooth_loss=True, distance=pml("CosineSimilarity")),
    "contrastive": pml("ContrastiveLoss", neg_margin=0.9),
    "contrastive, sum": pml("ContrastiveLoss", reducer=pml("SumReducer")),
    "multi-similarity": pml("MultiSimilarityLoss"),
}


def views(name, batch, loss, **more):
    first, second = VIEWS[batch]
    wrapper = with_stats(lambda: losses.SelfSupervisedLoss(nested(loss), **more))
    floats = {"anchor": first, "positive": second}
    expect = values(lambda x: (wrapper(x["anchor"], x["positive"]), recorded(wrapper.loss.reducer)), floats, name)
    add("pml.SelfSupervisedLoss", name, floats, expect, {"loss": loss, **more})


for symmetric in (True, False):
    for name, loss in LOSSES.items():
        views(f"{name}, {'symmetric' if symmetric else 'to the second view'}", "views", loss, symmetric=symmetric)
    views(f"one thing, {symmetric}", "one thing", LOSSES["triplet margin"], symmetric=symmetric)
    views(f"two things, {symmetric}", "two things", LOSSES["NT-Xent"], symmetric=symmetric)
    views(f"equal views, {symmetric}", "equal views", pml("TripletMarginLoss", margin=2.5, distance=RAW), symmetric=symmetric)
views("symmetric by default", "views", LOSSES["NT-Xent"])


# --- several losses ---------------------------------------------------------------------------------------------------
def several(name, batch, chosen, weights=None, mining=None, tuples=None):
    labels, _ = label_tensors(batch)
    given = None if tuples is None else tuple(torch.tensor(t, dtype=torch.int64) for t in tuples)

    def f(x):
        made = with_stats(lambda: {k: nested(v) for k, v in chosen.items()})
        chosen_miners = None if mining is None else {k: nested(v) for k, v in mining.items()}
        loss = losses.MultipleLosses(made, chosen_miners, None if weights is None else dict(zip(chosen, weights)))
        value = loss(x["embeddings"], labels, given)
        return value, {f"{k}.{stat}": v for k, each in made.items() for stat, v in recorded(each.reducer).items()}
    inputs, floats = on(batch)
    params = {"losses": chosen, **({} if weights is None else {"weights": weights}), **({} if mining is None else {"miners": mining})}
    add("pml.MultipleLosses", name, inputs, values(f, floats, name), params, **({} if tuples is None else {"tuples": tuples}))


TWO = {"first": LOSSES["triplet margin"], "second": LOSSES["NT-Xent"]}
THREE = {**TWO, "third": LOSSES["contrastive"]}
several("one", "ragged", {"first": LOSSES["triplet margin"]})
several("two", "ragged", TWO)
several("three", "30 rows", THREE)
several("weights", "ragged", THREE, weights=[0.5, 2.0, -1.0])
several("a miner each", "ragged", TWO, mining={"first": pml("BatchHardMiner"), "second": pml("PairMarginMiner", pos_margin=0.3, neg_margin=1.0)})
several("a miner for one", "30 rows", THREE, weights=[1.0, 0.1, 3.0], mining={"third": pml("TripletMarginMiner", margin=0.1, distance=pml("CosineSimilarity"))})
several("tuples given", "ragged", TWO, tuples=[[0, 3, 3, 12], [1, 1, 1, 0], [2, 2, 2, 5]])
several("one class", "one class", TWO)
several("singletons", "singletons", TWO)
several("int32 labels", "int32 labels", TWO)


# --- a memory of batches ----------------------------------------------------------------------------------------------
class Memory:
    """The queue written out: a list of places; the pairs of each batch by loops, no row with itself."""

    def __init__(self, loss, embedding_size, memory_size=1024, miner=None):
        self.loss, self.size, self.places, self.next = loss, memory_size, [], 0

    def remember(self, rows, labels):
        slots = []
        for row, label in zip(rows.detach(), labels):
            self.places[self.next:self.next + 1] = [(row, int(label))]
            slots.append(self.next)
            self.next = (self.next + 1) % self.size
        return slots

    def __call__(self, embeddings, labels, tuples=None, enqueue_mask=None):
        slots = None
        if enqueue_mask is None:
            slots = self.remember(embeddings, labels)
        else:
            self.remember(embeddings[enqueue_mask], labels[enqueue_mask])
            embeddings, labels = embeddings[~enqueue_mask], labels[~enqueue_mask]
        memory = torch.stack([row for row, _ in self.places])
        classes = [label for _, label in self.places]
        pairs = [(i, j) for i in range(len(embeddings)) for j in range(len(classes)) if slots is None or j != slots[i]]
        positive = [(i, j) for i, j in pairs if classes[j] == int(labels[i])]
        negative = [(i, j) for i, j in pairs if classes[j] != int(labels[i])]
        if tuples is not None:
            a, p, b, n = tuples if len(tuples) == 4 else (tuples[0], tuples[1], tuples[0], tuples[2])
            positive += [(int(i), slots[j]) for i, j in zip(a, p)]
            negative += [(int(i), slots[j]) for i, j in zip(b, n)]
        found = [torch.tensor([pair[k] for pair in side], dtype=torch.int64) for side in (positive, negative) for k in (0, 1)]
        return self.loss(embeddings, labels, tuple(found), memory, torch.tensor(classes))


def remembered(name, batches, right=True, part="CrossBatchMemory.sequences", **params):
    """A sequence of (embeddings, labels[, {"tuples" or "enqueue": …}]). right: whether the source gets it right."""
    params = {"embedding_size": batches[0][0].shape[1], **params}

    def run(cls, dtype):
        made = {k: with_stats(partial(nested, v)) if isinstance(v, dict) else v for k, v in params.items()}
        memory, found = cls(**made), []
        for embeddings, labels, *more in batches:
            more = more[0] if more else {}
            x = torch.tensor(embeddings, dtype=dtype, requires_grad=True)
            tuples = tuple(torch.tensor(t, dtype=torch.int64) for t in more["tuples"]) if "tuples" in more else None
            mask = torch.tensor(more["enqueue"]) if "enqueue" in more else None
            value = memory(x, torch.tensor(labels), tuples, enqueue_mask=mask)
            value.backward()
            found.append((value.item(), x.grad.numpy(), recorded(made["loss"].reducer)))
        return found
    found = run(losses.CrossBatchMemory if right else Memory, torch.float64)
    for other in ([run(Memory, torch.float64)] if right and "miner" not in params else []) + [run(losses.CrossBatchMemory if right else Memory, torch.float32)]:
        for (value, grad, _), (rough, rough_grad, _) in zip(found, other):
            assert abs(value - rough) < 1e-4 * max(1, abs(value)) and np.abs(grad - rough_grad).max(initial=0) < 1e-4, name
    inputs, tuples = {}, []
    for i, (embeddings, labels, *more) in enumerate(batches):
        inputs |= {f"embeddings{i}": embeddings, f"labels{i}": labels}
        if more and "enqueue" in more[0]:
            inputs[f"enqueue{i}"] = more[0]["enqueue"]
        tuples.append(more[0].get("tuples") if more else None)
    add(part, name, inputs, {"losses": [v for v, _, _ in found], "grads": [encoded(g) for _, g, _ in found]}, params, tuples=tuples)


def rows(*sizes, classes=4, width=4):
    return [(normal(n, width), rng.integers(0, classes, n)) for n in sizes]


def enqueue(batch, mask):
    return (*batch, {"enqueue": np.array(mask)})


CONTRASTIVE, TRIPLET = pml("ContrastiveLoss", neg_margin=1.2), pml("TripletMarginLoss", margin=0.4)
for name, loss in (("contrastive", CONTRASTIVE), ("triplets", TRIPLET), ("NT-Xent", pml("NTXentLoss", temperature=0.5)),
                   ("multi-similarity", pml("MultiSimilarityLoss")), ("cosine", pml("ContrastiveLoss", pos_margin=1, neg_margin=0, distance=pml("CosineSimilarity")))):
    remembered(f"{name}, never full", rows(5, 5, 5), loss=loss, memory_size=64)
    remembered(f"{name}, wraps around", rows(5, 5, 5, 5, 5), loss=loss, memory_size=12)
remembered("uneven batches", rows(3, 6, 2, 7, 4, 5), loss=CONTRASTIVE, memory_size=10)
remembered("uneven batches, triplets", rows(2, 6, 3, 5, 8, 2), loss=TRIPLET, memory_size=9)
remembered("a batch as large as the memory", rows(6, 6, 4, 6, 5), loss=CONTRASTIVE, memory_size=6)
remembered("the memory fills exactly", rows(4, 4, 4, 4), loss=CONTRASTIVE, memory_size=8)
remembered("1024 places by default", rows(6, 6), loss=CONTRASTIVE)
remembered("a miner of pairs", rows(5, 5, 5), loss=CONTRASTIVE, memory_size=12, miner=pml("PairMarginMiner", pos_margin=0.3, neg_margin=1.0))
remembered("a miner of triplets", rows(5, 5, 5), loss=TRIPLET, memory_size=12, miner=pml("TripletMarginMiner", margin=0.3))
remembered("batch-hard", rows(6, 6, 6, 6, classes=2), loss=TRIPLET, memory_size=15, miner=pml("BatchHardMiner"))
remembered("some rows enter", [enqueue(b, np.array(m, bool)) for b, m in zip(rows(6, 5, 6), ([1, 0, 1, 0, 1, 0], [0, 0, 1, 1, 1], [1, 1, 1, 1, 0, 0]))], loss=CONTRASTIVE, memory_size=7)
remembered("first all enter, then some", [rows(5)[0], enqueue(rows(6)[0], np.array([1, 1, 0, 0, 0, 1], bool)), rows(4)[0]], loss=TRIPLET, memory_size=9)
remembered("tuples of the first batch", [(*rows(6)[0], {"tuples": [[0, 1], [2, 3], [4, 4], [5, 1]]})], loss=CONTRASTIVE, memory_size=9)

# What the source gets wrong, by the queue written out.
remembered("batches of one row", rows(1, 1, 1, 1, 1, classes=2), right=False, loss=CONTRASTIVE, memory_size=4)
remembered("a last batch of one row", rows(5, 5, 1, classes=3), right=False, loss=CONTRASTIVE, memory_size=11)
remembered("tuples of later batches", [rows(5)[0], (*rows(6)[0], {"tuples": [[0, 1], [2, 3], [4, 4], [5, 1]]}), (*rows(4)[0], {"tuples": [[0, 3], [1, 2], [2, 0]]})],
           right=False, loss=CONTRASTIVE, memory_size=8)
remembered("no row enters", [rows(5)[0], enqueue(rows(4)[0], np.zeros(4, bool)), enqueue(rows(5)[0], np.array([0, 1, 0, 1, 0], bool))], right=False, loss=CONTRASTIVE, memory_size=20)
remembered("more rows enter than fit", [rows(3)[0], enqueue(rows(9)[0], np.array([1, 1, 1, 1, 1, 1, 1, 0, 0], bool)), rows(4)[0]], right=False, loss=CONTRASTIVE, memory_size=5)
remembered("a sum", rows(5, 5, 5), loss=pml("ContrastiveLoss", reducer=pml("SumReducer")), memory_size=12)


def first_batch(name, batch, right=True, tuples=None, **params):
    """One batch, as the catalogue runs it."""
    labels, _ = label_tensors(batch)
    given = None if tuples is None else tuple(torch.tensor(t, dtype=torch.int64) for t in tuples)

    def f(x):
        made = {k: with_stats(partial(nested, v)) if isinstance(v, dict) else v for k, v in params.items()}
        value = (losses.CrossBatchMemory if right else Memory)(**made)(x["embeddings"], labels, given)
        return value, recorded(made["loss"].reducer)
    inputs, floats = on(batch)
    add("pml.CrossBatchMemory", name, inputs, values(f, floats, name), params, **({} if tuples is None else {"tuples": tuples}))


for batch, width in (("ragged", 5), ("int32 labels", 6), ("one class", 4), ("singletons", 4), ("two of two classes", 3)):
    first_batch(batch, batch, loss=CONTRASTIVE, embedding_size=width)
first_batch("triplets", "ragged", loss=TRIPLET, embedding_size=5, memory_size=20)
first_batch("a memory of the batch's size", "ragged", loss=TRIPLET, embedding_size=5, memory_size=13)
first_batch("a miner", "ragged", loss=TRIPLET, embedding_size=5, miner=pml("BatchHardMiner"))
first_batch("tuples given", "ragged", loss=CONTRASTIVE, embedding_size=5, tuples=[[0, 3, 3, 12], [1, 1, 1, 0], [2, 2, 2, 5]])
first_batch("one row", "one row", right=False, loss=CONTRASTIVE, embedding_size=3)
