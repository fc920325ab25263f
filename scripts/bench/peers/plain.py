"""Plain torch: what one writes by hand, whole matrices and all."""
import torch
from torch.nn.functional import cross_entropy, normalize

from .common import MARGIN, NEGATIVES, WIDE_MARGIN, step

VERSION = torch.__version__
CHUNK = 20_000


def l2(x):
    return torch.cdist(x, x)


def cosine(x):
    x = normalize(x)
    return 1 - x @ x.t()


def masks(labels):
    same = labels[:, None] == labels[None]
    return same & ~torch.eye(len(labels), dtype=torch.bool), ~same


def batch_hard(distance):
    def loss(x, labels):
        d, (positive, negative) = distance(x), masks(labels)
        hardest = d.masked_fill(~positive, 0).amax(1) - d.masked_fill(~negative, torch.inf).amin(1)
        return torch.relu(hardest + MARGIN).mean()

    return loss


def batch_all(x, labels):
    d, (positive, negative) = l2(x), masks(labels)
    triplets = positive[:, :, None] & negative[:, None, :]
    losses = torch.relu(d[:, :, None] - d[:, None, :] + WIDE_MARGIN) * triplets
    return losses.sum() / ((losses > 1e-16).sum() + 1e-16)


def semihard(x, labels):
    d, (positive, negative) = l2(x), masks(labels)
    with torch.no_grad():
        easiest, p = d.masked_fill(~positive, torch.inf).min(1)
        admitted = negative & (d > easiest[:, None])
        n = d.masked_fill(~admitted, torch.inf).argmin(1)
        a = torch.where(admitted.any(1) & positive.any(1))[0]
    return torch.relu(d[a, p[a]] - d[a, n[a]] + MARGIN).mean()


def nt_xent(x, labels):
    x = normalize(x)
    s, (positive, negative) = x @ x.t() / 0.07, masks(labels)
    others = s.masked_fill(~negative, -torch.inf).logsumexp(1, keepdim=True)
    a, p = torch.where(positive)
    return (torch.logaddexp(s[a, p], others[a, 0]) - s[a, p]).mean()


def multiple_negatives(queries, documents, _):
    return cross_entropy(20 * normalize(queries) @ normalize(documents).t(), torch.arange(len(queries)))


def hard_negatives_mask(inputs):
    x, labels = inputs.embeddings, inputs.labels
    scores, positive = x @ x.t(), labels[:, None] == labels[None]

    def call():
        counted = positive.clone()
        counted.fill_diagonal_(False)
        a, p = torch.where(counted)
        # Own columns are positives here, so the diagonal is no negative.
        n = scores.masked_fill(positive, -torch.inf).argmax(1)
        return [a, p, n[a]]

    return call


def top_k(inputs):
    queries, corpus = inputs.queries, inputs.embeddings

    def call():
        q, values, rows = normalize(queries), [], []
        for start in range(0, len(corpus), CHUNK):
            v, r = (q @ normalize(corpus[start:start + CHUNK]).t()).topk(NEGATIVES + 1)
            values.append(v)
            rows.append(r + start)
        best = torch.cat(values, 1).topk(NEGATIVES + 1)
        return [best.values, torch.cat(rows, 1).gather(1, best.indices)]

    return call


def eval_map_at_r(inputs):
    x, labels = inputs.embeddings, inputs.labels

    def call():
        s = normalize(x) @ normalize(x).t()
        s.fill_diagonal_(-torch.inf)
        counts = torch.bincount(labels)[labels] - 1
        most = int(counts.max())
        hit = labels[s.topk(most).indices] == labels[:, None]
        ranks = torch.arange(1, most + 1)
        hit &= ranks <= counts[:, None]
        return [((hit.cumsum(1) / ranks * hit).sum(1) / counts.clamp(min=1)).mean()]

    return call


CASES = {
    "batch_hard_l2": step(batch_hard(l2)),
    "batch_hard_cosine": step(batch_hard(cosine)),
    "batch_all_l2": step(batch_all),
    "semihard_l2": step(semihard),
    "nt_xent": step(nt_xent),
    "multiple_negatives": step(multiple_negatives, "embeddings", "positives"),
    "hard_negatives_mask": hard_negatives_mask,
    "top_k": top_k,
    "eval_map_at_r": eval_map_at_r,
    "call_overhead": step(batch_hard(l2)),
}
