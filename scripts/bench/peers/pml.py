"""pytorch-metric-learning."""
import pytorch_metric_learning as package
from pytorch_metric_learning import losses, miners
from pytorch_metric_learning.distances import CosineSimilarity, LpDistance
from pytorch_metric_learning.reducers import AvgNonZeroReducer, MeanReducer

from .common import MARGIN, WIDE_MARGIN, step

VERSION = package.__version__
L2 = LpDistance(normalize_embeddings=False)


def mined(miner, distance):
    loss = losses.TripletMarginLoss(MARGIN, distance=distance, reducer=MeanReducer())
    return step(lambda x, labels: loss(x, labels, miner(x, labels)))


def eval_map_at_r(inputs):
    from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator

    x, labels = inputs.embeddings, inputs.labels
    calculator = AccuracyCalculator(include=("mean_average_precision_at_r",), k="max_bin_count")

    def call():
        calculator.get_accuracy(x, labels)
        return []

    return call


ALL = losses.TripletMarginLoss(WIDE_MARGIN, distance=L2, reducer=AvgNonZeroReducer())
NT_XENT = losses.NTXentLoss()
CASES = {
    "batch_hard_l2": mined(miners.BatchHardMiner(distance=L2), L2),
    "batch_hard_cosine": mined(miners.BatchHardMiner(distance=CosineSimilarity()), CosineSimilarity()),
    "batch_all_l2": step(ALL),
    "semihard_l2": mined(miners.BatchEasyHardMiner(distance=L2), L2),
    "nt_xent": step(NT_XENT),
    "eval_map_at_r": eval_map_at_r,
    "call_overhead": mined(miners.BatchHardMiner(distance=L2), L2),
}
