"""Cases of the losses of pytorch-metric-learning that rank, cluster or compare whole batches."""
from contextlib import contextmanager
from unittest import mock

import numpy as np
import torch
from pytorch_metric_learning import losses
from pytorch_metric_learning.utils import loss_and_miner_utils as lmu

from cases.common import BATCHES, MASKS, PARTS, RAW, REF, encoded, mask_of_labels, pml, pml_loss

TRIPLETS = [[0, 3, 3, 12], [1, 1, 1, 0], [2, 2, 2, 5]]
PAIRS = [[0, 3, 3, 12], [1, 4, 2, 0], [3, 5, 0, 3], [2, 6, 7, 8]]
NO_TRIPLETS = [[], [], []]
EVERY = [b for b in BATCHES if b not in ("printed sample", "arange")]

# --- masks ----------------------------------------------------------------------------------------------------------
SAME, NONE = mask_of_labels("ragged")
POSITIVE, IGNORED = MASKS["masks"]


@contextmanager
def related_by(positive, ignored):
    """The package with its label comparison replaced by masks, as every pair and triplet of it goes through that."""
    counted = ~ignored & ~np.eye(len(positive), dtype=bool)
    matches, diffs = (torch.tensor(m & counted).byte() for m in (positive, ~positive))
    with mock.patch.object(lmu, "get_matches_and_diffs", lambda *_: (matches, diffs)):
        yield


def masked(part, name, positive=SAME, ignored=NONE, **more):
    """A case of the ragged batch by masks in place of labels."""
    with related_by(positive, ignored):
        pml_loss(part, name, "ragged", **more)
    inputs = PARTS[f"pml.{part}"][-1]["inputs"]
    del inputs["labels"]
    inputs |= {"positive_mask": encoded(positive), "ignore_mask": encoded(ignored)}


# --- AngularLoss ------------------------------------------------------------------------------------------------------
for b in EVERY:
    pml_loss("AngularLoss", b, b)
for alpha in (0, 25, 60):
    pml_loss("AngularLoss", f"{alpha} degrees", "ragged", params={"alpha": alpha})
for r in REF:
    # One reference leaves the pairs' anchors without a negative, so that the source's average angle is 0 / 0.
    pml_loss("AngularLoss", r, "ragged", r, stats=r != "one reference")
pml_loss("AngularLoss", "sum", "ragged", reducer=pml("SumReducer"))
pml_loss("AngularLoss", "triplets given", "ragged", tuples=TRIPLETS)
pml_loss("AngularLoss", "pairs given", "ragged", tuples=PAIRS)
pml_loss("AngularLoss", "pairs to references", "ragged", "references", tuples=[[0, 3], [1, 1], [2], [4]])
pml_loss("AngularLoss", "nothing given", "ragged", tuples=NO_TRIPLETS)
masked("AngularLoss", "mask of the labels")


class AngularByMasks(losses.AngularLoss):
    """The source with negatives by masks, which it takes by labels alone."""

    def get_pairs(self, embeddings, labels, indices_tuple, ref_emb, ref_labels):
        found = super().get_pairs(embeddings, labels, indices_tuple, ref_emb, ref_labels)
        keep = lmu.get_matches_and_diffs(labels)[1].bool()[found[3]]
        self.set_stats(found[0], found[1], embeddings, ref_emb, keep)
        return found[0], found[1], keep, found[3], found[4]


masked("AngularLoss", "masks", POSITIVE, IGNORED, cls=AngularByMasks)

# --- NPairsLoss -------------------------------------------------------------------------------------------------------
for b in EVERY:
    pml_loss("NPairsLoss", b, b)
pml_loss("NPairsLoss", "distances", "ragged", distance=pml("LpDistance"))
pml_loss("NPairsLoss", "cosine", "30 rows", distance=pml("CosineSimilarity"))
pml_loss("NPairsLoss", "dot product", "ragged", distance=pml("DotProductSimilarity", normalize_embeddings=False))
pml_loss("NPairsLoss", "distances of whole numbers", "ties", distance=RAW)
pml_loss("NPairsLoss", "sum", "ragged", reducer=pml("SumReducer"))
pml_loss("NPairsLoss", "as they are", "30 rows", reducer=pml("DoNothingReducer"))
pml_loss("NPairsLoss", "triplets given", "ragged", tuples=TRIPLETS)
pml_loss("NPairsLoss", "pairs given", "ragged", tuples=PAIRS)
pml_loss("NPairsLoss", "nothing given", "ragged", tuples=NO_TRIPLETS)

# --- FastAPLoss -------------------------------------------------------------------------------------------------------
for b in EVERY:
    if b != "ties":  # these stand on the edges of bins, where rounding decides which gradient holds
        pml_loss("FastAPLoss", b, b)
for n in (1, 3, 25):
    pml_loss("FastAPLoss", f"{n} bins", "ragged", params={"num_bins": n})
for power in (1, 3):
    pml_loss("FastAPLoss", f"power {power}", "ragged", distance=pml("LpDistance", power=power))
pml_loss("FastAPLoss", "every bin empty", "int32 labels", distance=pml("LpDistance", power=-9), params={"num_bins": 2})
pml_loss("FastAPLoss", "sum", "ragged", reducer=pml("SumReducer"))
pml_loss("FastAPLoss", "as they are", "ragged", reducer=pml("DoNothingReducer"))
pml_loss("FastAPLoss", "triplets given", "ragged", tuples=TRIPLETS)
pml_loss("FastAPLoss", "pairs given", "ragged", tuples=PAIRS)
pml_loss("FastAPLoss", "nothing given", "ragged", tuples=NO_TRIPLETS)
masked("FastAPLoss", "mask of the labels")
masked("FastAPLoss", "masks", POSITIVE, IGNORED)
masked("FastAPLoss", "masks, pairs given", POSITIVE, IGNORED, tuples=PAIRS)
