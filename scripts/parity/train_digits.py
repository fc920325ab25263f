#!/usr/bin/env python3
"""The training of ./tripoint train, written in Python: the same data, split, network, loss and schedule.

  python3 scripts/parity/train_digits.py            seeds 0 to 4 on the held-back half, as ./tripoint train measures
  python3 scripts/parity/train_digits.py --tune     the choices that docs/training.md lists, on the training half alone

Needs torch, scikit-learn (for its digits) and online-triplet-loss. Seeds do not give the same batches as in Java.
"""
import argparse
import math
import pathlib
import time

import numpy as np
import torch
import torch.nn.functional as F
from online_triplet_loss.losses import batch_all_triplet_loss, batch_hard_triplet_loss
from sklearn.datasets import load_digits

SPLIT = pathlib.Path(__file__).parents[2] / "src/main/resources/dev/tripoint/data/digits-split.txt"


def measures(embeddings, labels):
    """MAP@R, recall at 1 and R-precision; cosine, the query left out, ties by index."""
    unit = F.normalize(torch.as_tensor(embeddings).double())
    labels = torch.as_tensor(labels)
    similarity = unit @ unit.T
    similarity.fill_diagonal_(-math.inf)
    order = torch.sort(similarity, dim=1, descending=True, stable=True)[1][:, :-1]
    hit = (labels[order] == labels[:, None]).double()
    r = (labels[:, None] == labels[None]).sum(1) - 1
    first = torch.arange(hit.shape[1])[None] < r[:, None]
    precision = hit.cumsum(1) / torch.arange(1, hit.shape[1] + 1)
    return (
        ((precision * hit * first).sum(1) / r).mean().item(),
        hit[:, 0].mean().item(),
        ((hit * first).sum(1) / r).mean().item(),
    )


def batches(labels, per_class, classes, rng):
    """One pass of PML's MPerClassSampler."""
    rows = {c: np.flatnonzero(labels == c) for c in np.unique(labels)}
    for _ in range(len(labels) // (per_class * classes)):
        chosen = rng.permutation(list(rows))[:classes]
        yield np.concatenate([rng.choice(rows[c], per_class, len(rows[c]) < per_class) for c in chosen])


def shifted(pixels, share, rng):
    """A share of the pictures moved by up to one pixel each way."""
    padded = np.pad(pixels.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    at = rng.integers(0, 3, (len(pixels), 2))
    moved = np.stack([p[y : y + 8, x : x + 8] for p, (y, x) in zip(padded, at)]).reshape(-1, 64)
    return np.where(rng.random((len(pixels), 1)) < share, moved, pixels)


def train(train_x, train_y, test_x, test_y, seed, loss="batch_all", margin=0.5, epochs=100, per_class=4,
          widths=(512, 256), share=0.5, noise=0.1, rate=1e-3):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    sizes = [train_x.shape[1], *widths, 64]
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(a, b), torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers[:-1])
    adam = torch.optim.Adam(network.parameters(), rate)
    steps, step = epochs * (len(train_y) // (per_class * 10)), 0
    for _ in range(epochs):
        for rows in batches(train_y, per_class, 10, rng):
            x = torch.as_tensor(shifted(train_x[rows], share, rng), dtype=torch.float32) / 16
            embeddings = F.normalize(network(x + noise * torch.randn_like(x)))
            labels = torch.as_tensor(train_y[rows])
            if loss == "batch_all":
                value, _ = batch_all_triplet_loss(labels, embeddings, margin)
            else:
                value = batch_hard_triplet_loss(labels, embeddings, margin)
            adam.zero_grad()
            value.backward()
            step += 1
            adam.param_groups[0]["lr"] = rate * 0.5 * (1 + math.cos(math.pi * step / steps))
            adam.step()
    with torch.no_grad():
        return measures(F.normalize(network(torch.as_tensor(test_x) / 16)), test_y)


def tune(x, y):
    """Each choice trained on 70 % of the training half and measured on its other 30 %, four times."""
    tries = [
        dict(),
        dict(margin=0.2),
        dict(margin=1.0),
        dict(widths=(256,)),
        dict(widths=(512,)),
        dict(per_class=8),
        dict(share=0, noise=0),
        dict(share=0.3, noise=0.05),
        dict(share=0.8, noise=0.15),
        dict(loss="batch_hard"),
        dict(loss="batch_hard", margin=0.2),
    ]
    for choice in tries:
        results = []
        for seed in range(4):
            rng = np.random.default_rng(7 + seed)
            inner = np.zeros(len(y), bool)
            for c in range(10):
                rows = np.flatnonzero(y == c)
                rng.shuffle(rows)
                inner[rows[: len(rows) * 7 // 10]] = True
            results.append(train(x[inner], y[inner], x[~inner], y[~inner], seed, **choice))
        print("MAP@R %.4f  Recall@1 %.4f  R-precision %.4f " % tuple(np.mean(results, 0)), choice or "default", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tune", action="store_true", help="try the choices, on the training half alone")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    data = load_digits()
    x, y = data.data.astype(np.float32), data.target
    training = np.zeros(len(y), bool)
    for line in SPLIT.read_text().splitlines():
        if not line.startswith("#"):
            training[[int(row) for row in line.split()]] = True
    if options.tune:
        tune(x[training], y[training])
        return
    print("raw      MAP@R %.4f  Recall@1 %.4f  R-precision %.4f" % measures(x[~training], y[~training]))
    results = []
    for seed in range(options.seeds):
        start = time.time()
        results.append(train(x[training], y[training], x[~training], y[~training], seed))
        print("seed %d   MAP@R %.4f  Recall@1 %.4f  R-precision %.4f" % (seed, *results[-1]),
              " %.1f s" % (time.time() - start), flush=True)
    print("mean     MAP@R %.4f  Recall@1 %.4f  R-precision %.4f" % tuple(np.mean(results, 0)))
    print("worst    MAP@R %.4f  Recall@1 %.4f  R-precision %.4f" % tuple(np.min(results, 0)))


if __name__ == "__main__":
    main()
