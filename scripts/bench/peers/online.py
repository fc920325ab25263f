"""online-triplet-loss."""
from importlib.metadata import version

from online_triplet_loss.losses import batch_all_triplet_loss, batch_hard_triplet_loss

from .common import MARGIN, WIDE_MARGIN, step

VERSION = version("online-triplet-loss")
HARD = step(lambda x, labels: batch_hard_triplet_loss(labels, x, margin=MARGIN))
CASES = {
    "batch_hard_l2": HARD,
    "batch_all_l2": step(lambda x, labels: batch_all_triplet_loss(labels, x, margin=WIDE_MARGIN)[0]),
    "call_overhead": HARD,
}
