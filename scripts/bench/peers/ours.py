"""Our own operators, called by torch.ops."""
import torch

from .common import MARGIN, WIDE_MARGIN, step

VERSION = torch.__version__
OPS = torch.ops.tripoint


def hard_negatives_mask(inputs):
    x, labels = inputs.embeddings, inputs.labels
    scores, positives = x @ x.t(), labels[:, None] == labels[None]
    return lambda: OPS.hard_negatives(scores, positives)


def semihard(x, labels):
    with torch.no_grad():
        positive, negative = OPS.batch_easy_hard(x, labels)
        (anchor,) = ((positive >= 0) & (negative >= 0)).nonzero(as_tuple=True)
    return OPS.triplet_margin(x, anchor, positive[anchor], negative[anchor], MARGIN)[0]


CASES = {
    "batch_hard_l2": step(lambda x, labels: OPS.batch_hard(x, labels, MARGIN)[0]),
    "batch_hard_cosine": step(lambda x, labels: OPS.batch_hard(x, labels, MARGIN, distance="cosine")[0]),
    "batch_all_l2": step(lambda x, labels: OPS.batch_all(x, labels, WIDE_MARGIN)[0]),
    "semihard_l2": step(semihard),
    "hard_negatives_mask": hard_negatives_mask,
    "call_overhead": step(lambda x, labels: OPS.batch_hard(x, labels, MARGIN)[0]),
}
