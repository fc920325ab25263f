"""sentence-transformers."""
import sentence_transformers
import torch
from sentence_transformers import util
from sentence_transformers.sentence_transformer import losses
from sentence_transformers.sentence_transformer.losses import BatchHardTripletLossDistanceFunction as Distance

from .common import MARGIN, NEGATIVES, WIDE_MARGIN, step

VERSION = sentence_transformers.__version__


class Given(torch.nn.Sequential):
    """A model whose texts are their embeddings."""

    def __init__(self):
        super().__init__(torch.nn.Identity())

    device = torch.device("cpu")


def of_batch(name, **settings):
    loss = getattr(losses, name)(Given(), **settings)
    return step(lambda x, labels: loss.compute_loss_from_embeddings([x], labels))


def multiple_negatives():
    loss = losses.MultipleNegativesRankingLoss(Given())
    return step(lambda queries, documents, labels: loss.compute_loss_from_embeddings([queries, documents], labels), "embeddings", "positives")


def top_k(inputs):
    queries, corpus = inputs.queries, inputs.embeddings

    def call():
        util.semantic_search(queries, corpus, top_k=NEGATIVES + 1)
        return []

    return call


HARD = of_batch("BatchHardTripletLoss", margin=MARGIN, distance_metric=Distance.euclidean_distance)
CASES = {
    "batch_hard_l2": HARD,
    "batch_hard_cosine": of_batch("BatchHardTripletLoss", margin=MARGIN, distance_metric=Distance.cosine_distance),
    "batch_all_l2": of_batch("BatchAllTripletLoss", margin=WIDE_MARGIN, distance_metric=Distance.euclidean_distance),
    "multiple_negatives": multiple_negatives(),
    "top_k": top_k,
    "call_overhead": HARD,
}
