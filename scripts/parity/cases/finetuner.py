"""Cases of finetuner 0.4.1, which no longer installs: its rules written out as its source has them, miners as plain loops.

References beside the batch and masks are ours; finetuner has neither, so the same rules are applied to them.
"""
import numpy as np
import torch
import torch.nn.functional as F

from cases.common import BATCHES, REF, add, indices, on, seeded, values

rng = seeded("finetuner")


def distance(x, y, word):
    if word == "cosine":
        return 1 - F.normalize(x) @ F.normalize(y).T
    return torch.cdist(x, y) ** (2 if word == "sqeuclidean" else 1)


def relation(batch, ref=None, masks=None):
    """Who is a positive and who a negative of whom."""
    if masks is not None:
        positive, ignored = masks
        alike, counted = positive & ~ignored, ~ignored
    else:
        labels = BATCHES[batch][1]
        alike = labels[:, None] == (REF[ref][1] if ref else labels)
        counted = np.ones_like(alike)
    if ref is None:
        counted = counted & ~np.eye(len(counted), dtype=bool)
    return alike & counted, ~alike & counted


def given(batch, ref, masks):
    inputs, floats = on(batch, ref)
    if masks is not None:
        inputs = {**{k: v for k, v in inputs.items() if "labels" not in k}, "positive_mask": masks[0], "ignore_mask": masks[1]}
    return inputs, floats


def some_masks(rows, columns):
    return rng.random((rows, columns)) < 0.3, rng.random((rows, columns)) < 0.2


# --- miners ---------------------------------------------------------------------------------------------------------
def all_triplets(alike, other):
    return [list(x) for x in np.nonzero(alike[:, :, None] & other[:, None])]


def once(alike, other, ref):
    """Each pair of a batch counts once, by the row that comes first."""
    return (alike, other) if ref else (np.triu(alike, 1), np.triu(other, 1))


def choose(d, allowed, farthest, limits):
    """Per row the one allowed column at the greatest or smallest distance, and that distance.

    The source's matrices hold 0 where nothing is allowed, so a pair at distance 0 is passed over, and a row without a choice
    has the distance 0 when the farthest is looked for and 1 when the nearest is.
    """
    chosen, limit = np.zeros_like(allowed), []
    for i in range(len(d)):
        columns = [j for j in range(d.shape[1]) if allowed[i, j] and d[i, j] > 0
                   and (limits is None or (d[i, j] < limits[i] if farthest else d[i, j] > limits[i]))]
        if columns:
            best = (max if farthest else min)(columns, key=lambda j: d[i, j])
            chosen[i, best] = True
        limit.append(d[i, best] if columns else 0.0 if farthest else 1.0)
    return chosen, limit


def easy_hard(d, alike, other, pos, neg):
    positives = lambda limits=None: choose(d, alike, pos != "easy", limits)
    negatives = lambda limits=None: choose(d, other, neg == "easy", limits)
    if pos == "semihard":
        n, limits = negatives()
        return positives(limits)[0], n
    if neg == "semihard":
        p, limits = positives()
        return p, negatives(limits)[0]
    return alike if pos == "all" else positives()[0], other if neg == "all" else negatives()[0]


def mined(part, name, batch, ref=None, word=None, masks=None, **params):
    alike, other = relation(batch, ref, masks)
    inputs, floats = given(batch, ref, masks)

    def mine(x):
        a, o = alike, other
        if part.startswith("Siamese"):
            a, o = once(a, o, ref)
        if "EasyHard" in part:
            d = distance(x["embeddings"], x.get("ref_embeddings", x["embeddings"]), word or "cosine").numpy()
            a, o = easy_hard(d, a, o, params.get("pos_strategy", "hard"), params.get("neg_strategy", "hard"))
        return all_triplets(a, o) if part.startswith("Triplet") else [*map(list, (*np.nonzero(a), *np.nonzero(o)))]
    add(f"finetuner.{part}", name, inputs, indices(mine, floats, name), params, **({"distance": word} if word else {}))


PLAIN = ["ragged", "uint8 labels", "one class", "singletons", "one row", "two of two classes"]
for part in ("TripletMiner", "SiameseMiner", "TripletEasyHardMiner", "SiameseEasyHardMiner"):
    for b in PLAIN:
        mined(part, b, b)
    mined(part, "references", "ragged", "references")
    mined(part, "masks", "ragged", masks=some_masks(13, 13))
    mined(part, "masks, references", "ragged", "references", masks=some_masks(13, 9))
for part in ("TripletEasyHardMiner", "SiameseEasyHardMiner"):
    for pos in ("hard", "semihard", "easy", "all"):
        for neg in ("hard", "semihard", "easy", "all"):
            if (pos, neg) in (("semihard", "semihard"), ("semihard", "all"), ("all", "semihard")):
                continue
            for b, word in (("ragged", "cosine"), ("int32 labels", "euclidean"), ("int16 labels", "sqeuclidean")):
                mined(part, f"{pos}, {neg}, {word}", b, word=word, pos_strategy=pos, neg_strategy=neg)
            if (pos, neg) != ("all", "all"):
                mined(part, f"{pos}, {neg}, ties", "ties", word="sqeuclidean", pos_strategy=pos, neg_strategy=neg)
        if pos != "semihard":
            mined(part, f"{pos}, duplicates", "duplicates", word="euclidean", pos_strategy=pos)
    mined(part, "collapsed", "collapsed", word="euclidean")
    mined(part, "semihard, references", "ragged", "references", word="euclidean", neg_strategy="semihard")
    mined(part, "semihard, masks", "ragged", masks=some_masks(13, 13), pos_strategy="semihard")


# --- losses ---------------------------------------------------------------------------------------------------------
def triplet_loss(d, tuples, margin=1.0):
    a, p, n = tuples
    return F.relu(d[a, p] - d[a, n] + margin)


def siamese_loss(d, tuples, margin=1.0):
    a1, p, a2, n = tuples
    return torch.cat([d[a1, p], F.relu(margin - d[a2, n])])


def as_triplets(tuples):
    if len(tuples) == 3:
        return tuples
    a1, p, a2, n = tuples
    return [list(x) for x in zip(*((a, b, d) for a, b in zip(a1, p) for c, d in zip(a2, n) if a == c))]


def as_pairs(tuples):
    return tuples if len(tuples) == 4 else (tuples[0], tuples[1], tuples[0], tuples[2])


def lost(part, name, batch, ref=None, word=None, masks=None, tuples=None, **params):
    alike, other = relation(batch, ref, masks)
    inputs, floats = given(batch, ref, masks)
    if part == "TripletLoss":
        chosen = as_triplets(tuples) if tuples else all_triplets(alike, other)
    else:
        chosen = as_pairs(tuples) if tuples else [list(x) for m in once(alike, other, ref) for x in np.nonzero(m)]

    def f(x):
        e = x["embeddings"]
        if not any(len(c) for c in chosen):
            return (e * 0).sum()   # the source refuses an empty choice
        d = distance(e, x.get("ref_embeddings", e), word or "cosine")
        return (triplet_loss if part == "TripletLoss" else siamese_loss)(d, chosen, **params).mean()
    expect = values(f, floats, name)
    del expect["stats"]
    more = {k: v for k, v in (("distance", word), ("tuples", tuples)) if v is not None}
    add(f"finetuner.{part}", name, inputs, expect, params, **more)


TRIPLETS = [[0, 1, 5, 5, 12], [3, 2, 6, 6, 1], [8, 9, 10, 10, 4]]
PAIRS = [[0, 1, 5], [3, 2, 6], [0, 5, 5, 12, 7], [8, 10, 11, 4, 2]]
for part in ("TripletLoss", "SiameseLoss"):
    for b in ("ragged", "int16 labels", "30 rows", "one class", "singletons", "two of one class"):
        lost(part, b, b)
    lost(part, "one row", "one row")
    lost(part, "euclidean", "ragged", word="euclidean", margin=4.5)
    lost(part, "sqeuclidean", "uint8 labels", word="sqeuclidean", margin=0.3)
    lost(part, "references", "ragged", "references", word="euclidean", margin=2.0)
    lost(part, "references, cosine", "ragged", "references", margin=0.4)
    lost(part, "triplets", "ragged", tuples=TRIPLETS, margin=0.7)
    lost(part, "pairs", "ragged", tuples=PAIRS, margin=0.7, word="euclidean")
    lost(part, "duplicates", "duplicates", word="euclidean")
    lost(part, "collapsed", "collapsed", word="euclidean", margin=0.6)
    lost(part, "masks", "ragged", masks=some_masks(13, 13), word="euclidean", margin=2.0)
    lost(part, "masks, references", "ragged", "references", masks=some_masks(13, 9), margin=0.8)
lost("SiameseLoss", "negative pairs alone", "ragged", tuples=[[], [], *PAIRS[2:]])


# --- two views ------------------------------------------------------------------------------------------------------
def views(name, rows, columns, labels, ref=None, masks=None, **params):
    """The log of a sum of exponentials, as the source has it, so that small temperatures overflow there and not here."""
    embeddings = rng.normal(size=(rows, columns)).astype(np.float32)
    floats = {"embeddings": embeddings}
    inputs = {"embeddings": embeddings}
    if ref is not None:
        floats["ref_embeddings"] = inputs["ref_embeddings"] = rng.normal(size=(len(ref), columns)).astype(np.float32)
    alike = labels[:, None] == (labels if ref is None else ref)
    ignored = np.zeros_like(alike) if masks is None else masks & ~alike
    inputs |= {"labels": labels, **({"ref_labels": ref} if ref is not None else {})} if masks is None else {"positive_mask": alike, "ignore_mask": ignored}
    counted = torch.tensor(~ignored & (~np.eye(len(alike), dtype=bool) if ref is None else True))
    alike = torch.tensor(alike) & counted

    def f(x):
        s = F.normalize(x["embeddings"]) @ F.normalize(x.get("ref_embeddings", x["embeddings"])).T / params.get("temperature", 0.1)
        upper = (s * alike).sum(1)
        lower = (s.exp() * counted).sum(1).log()
        return -(upper - lower).mean()
    expect = values(f, floats, name)
    del expect["stats"]
    add("finetuner.NTXentLoss", name, inputs, expect, params)


PAIRED = lambda n: rng.permutation(np.repeat(np.arange(n) * 5 + 1, 2))
views("defaults", 16, 7, PAIRED(8))
views("temperature", 16, 7, PAIRED(8), temperature=0.25)
views("warm", 12, 3, PAIRED(6), temperature=2.0)
views("cold", 12, 6, PAIRED(6), temperature=0.03)
views("uint8 labels", 10, 5, PAIRED(5).astype(np.uint8))
views("one pair", 2, 4, np.array([7, 7]))
views("references", 6, 5, np.array([0, 1, 2, 3, 4, 5]), ref=rng.permutation(np.arange(9)), temperature=0.2)
views("masks", 12, 5, PAIRED(6), masks=rng.random((12, 12)) < 0.3)
views("masks, references", 6, 5, np.arange(6), ref=np.arange(8), masks=rng.random((6, 8)) < 0.3, temperature=0.3)
