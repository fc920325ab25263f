"""Evaluation: pytorch-metric-learning's AccuracyCalculator, scikit-learn's mutual information and k-means,
sentence-transformers' evaluators. The files lie in a folder of their own, parity/eval."""
import logging
import warnings
from unittest import mock

import numpy as np
import torch
from pytorch_metric_learning import distances
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
from pytorch_metric_learning.utils.inference import CustomKNN
from sentence_transformers.sentence_transformer.evaluation import (
    BinaryClassificationEvaluator, EmbeddingSimilarityEvaluator, InformationRetrievalEvaluator, TripletEvaluator)
from sentence_transformers.util import SimilarityFunction
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_mutual_info_score, normalized_mutual_info_score

from .common import add, seeded

rng = seeded("evaluation")
logging.getLogger("PML").setLevel(logging.ERROR)


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return None if np.isnan(value) else float(value)


def blobs(sizes, width, spread=0.7):
    """Rows around one centre for each class, in a random order, and labels that are not 0, 1, 2, …"""
    labels = rng.permutation(np.repeat(np.arange(len(sizes)) * 3 - 2, sizes))
    centres = spread * rng.normal(size=(len(sizes), width))
    rows = centres[(labels + 2) // 3] + rng.normal(size=(len(labels), width))
    return rows.astype(np.float32), labels.astype(np.int64)


# --- AccuracyCalculator -----------------------------------------------------------------------------------------------
DISTANCES = {
    "cosine": distances.CosineSimilarity(),
    "dot": distances.DotProductSimilarity(normalize_embeddings=False),
    "euclidean": distances.LpDistance(normalize_embeddings=False),
    "manhattan": distances.LpDistance(normalize_embeddings=False, p=1),
    "normalized_euclidean": distances.LpDistance(),
}
COMPARISONS = {
    "within 3": lambda x, y: (x - y).abs() <= 3,
    "first number": lambda x, y: x[..., 0] == y[..., 0],
}
# What the source records for MRR is float32.
RECIPROCAL = {"tolerance": {"float64": 1e-6, "float32": 2e-5, "reason": "mean_reciprocal_rank is float32 there"}}


def accuracy(name, batch, ref=None, clusters=None, included=False, distance="cosine", comparison=None, **params):
    rows, labels = batch
    made = dict(params)
    if clusters is None and not comparison:
        clusters = rng.integers(0, len(np.unique(labels, axis=0)), len(labels))
    if comparison:
        made["label_comparison_fn"] = COMPARISONS[comparison]
        made["exclude"] = params["exclude"] = ("AMI", "NMI")
    calculator = AccuracyCalculator(
        **made, device=torch.device("cpu"), knn_func=CustomKNN(DISTANCES[distance]),
        kmeans_func=lambda x, n: torch.tensor(clusters))
    given = (torch.tensor(rows), torch.tensor(labels))
    if ref:
        given += (torch.tensor(ref[0]), torch.tensor(ref[1]), included)
    found = calculator.get_accuracy(*given)
    inputs = {"embeddings": rows, "labels": labels}
    inputs |= {"clusters": clusters} if clusters is not None else {}
    inputs |= {"ref_embeddings": ref[0], "ref_labels": ref[1]} if ref else {}
    params = {k: list(v) if isinstance(v, tuple) else v for k, v in params.items()}
    params |= {"distance": distance} | ({"ref_includes_query": True} if included else {})
    params |= {"label_comparison": comparison} if comparison else {}
    add("eval/pml.AccuracyCalculator", name, inputs, plain(found), params, **RECIPROCAL)


EVEN = blobs([8] * 5, 4)
RAGGED = blobs([16, 7, 3, 1, 1, 1, 1], 4)
MANY = blobs([9, 8, 7, 6, 5, 4, 3, 2, 1], 4)
ONE_CLASS = blobs([12], 3)
LONE = blobs([1] * 9, 3)
PAIR = blobs([2], 3)
REF = blobs([6, 1, 0, 4, 12], 4)
for name, batch in (("even", EVEN), ("ragged", RAGGED), ("many", MANY), ("one class", ONE_CLASS), ("all lone", LONE), ("one pair", PAIR)):
    accuracy(name, batch)
    accuracy(f"{name}, average of averages", batch, avg_of_avgs=True)
    accuracy(f"{name}, per class", batch, return_per_class=True)
for distance in DISTANCES:
    accuracy(distance, RAGGED, distance=distance)
    accuracy(f"{distance}, references", EVEN, REF, distance=distance)
for k in (1, 2, 5, "max_bin_count"):
    accuracy(f"k = {k}", RAGGED, k=k)
    accuracy(f"k = {k}, references", EVEN, REF, k=k)
accuracy("k below R, per class", RAGGED, k=4, return_per_class=True)
accuracy("references", RAGGED, REF)
accuracy("references, average of averages", RAGGED, REF, avg_of_avgs=True)
accuracy("references, per class", RAGGED, REF, return_per_class=True)
accuracy("references of no class of the queries", EVEN, (REF[0], REF[1] + 1000))
accuracy("references of no class, per class", EVEN, (REF[0], REF[1] + 1000), return_per_class=True)
accuracy("one reference", EVEN, (EVEN[0][:1] + 1, EVEN[1][:1]))
BOTH = tuple(np.concatenate(x) for x in zip(EVEN, REF))
for distance in ("cosine", "dot", "euclidean"):
    accuracy(f"references include the queries, {distance}", EVEN, BOTH, included=True, distance=distance)
accuracy("references include the queries, k = 3", EVEN, BOTH, included=True, k=3)
accuracy("references include the queries, dot, k = 3", EVEN, BOTH, included=True, k=3, distance="dot")
accuracy("references include the queries, max_bin_count", EVEN, BOTH, included=True, k="max_bin_count")
accuracy("references are the queries", MANY, MANY, included=True)
accuracy("queries among references as rows of their own", MANY, MANY)
accuracy("include", EVEN, include=("precision_at_1", "AMI"))
accuracy("exclude", EVEN, exclude=("precision_at_1", "NMI", "mean_average_precision"))
accuracy("negative and large labels", (EVEN[0], EVEN[1] * 100_000 - 5))
SETS = np.stack([MANY[1] // 6, MANY[1] % 2], 1)
accuracy("labels compared by a function", MANY, comparison="within 3")
accuracy("labels compared by a function, references", EVEN, REF, comparison="within 3")
accuracy("labels of two numbers by a function", (MANY[0], SETS), comparison="first number")
accuracy("labels of two numbers by a function, per class", (MANY[0], SETS), comparison="first number", return_per_class=True)
# Every row is the same, but so is every label: ties decide nothing.
accuracy("collapsed, one class", (np.ones((6, 3), np.float32), np.full(6, 4)), distance="euclidean")


# --- mutual information -----------------------------------------------------------------------------------------------
def information(name, labels, clusters):
    labels, clusters = np.asarray(labels, np.int64), np.asarray(clusters, np.int64)
    found = {"AMI": adjusted_mutual_info_score(labels, clusters), "NMI": normalized_mutual_info_score(labels, clusters)}
    add("eval/sklearn.mutual_info", name, {"labels": labels, "clusters": clusters}, plain(found))


information("ragged", rng.choice([0, 0, 0, 1, 1, 2, 9], 60), rng.integers(-2, 3, 60))
information("near", np.repeat(np.arange(6), 10), np.where(rng.random(60) < 0.8, np.repeat(np.arange(6), 10), 3))
information("renamed", np.repeat(np.arange(5), 4), np.repeat([7, -1, 3, 2, 100], 4))
information("one class", np.zeros(9), rng.integers(0, 3, 9))
information("one cluster", rng.integers(0, 3, 9), np.full(9, 5))
information("one class and one cluster", np.zeros(4), np.ones(4))
information("single rows as clusters", np.repeat(np.arange(4), 3), np.arange(12))
information("single rows as classes", np.arange(12), np.repeat(np.arange(4), 3))
information("single rows twice", np.arange(7), rng.permutation(7))
information("nothing", [], [])
information("one row", [3], [8])
information("independent", np.repeat([0, 1], 8), np.tile([0, 1], 8))
information("halves of classes", np.repeat(np.arange(4), 6), np.repeat(np.arange(8), 3))
information("many rows", rng.integers(0, 40, 900), rng.integers(0, 25, 900))


# --- k-means: how small the sum of squares gets -----------------------------------------------------------------------
def kmeans(name, rows, clusters):
    """faiss starts once from rows drawn evenly and takes 20 steps."""
    def inertia(**how):
        return KMeans(clusters, max_iter=20, tol=0, algorithm="lloyd", **how).fit(rows.astype(np.float64)).inertia_
    mean = float(np.mean([inertia(init="random", n_init=1, random_state=seed) for seed in range(100)]))
    best = inertia(init="k-means++", n_init=100, random_state=0)
    add("eval/sklearn.KMeans", name, {"rows": rows}, {"mean": mean, "best": best}, {"clusters": clusters})


kmeans("far apart", blobs([30] * 5, 3, 20)[0], 5)
kmeans("touching", blobs([20] * 6, 4, 2)[0], 6)
kmeans("no clusters", rng.normal(size=(150, 3)).astype(np.float32), 8)
kmeans("ragged", blobs([90, 20, 10, 5, 3], 5, 3)[0], 5)
kmeans("two", blobs([40, 40], 2, 2)[0], 2)
kmeans("one", blobs([40], 3)[0], 1)


# --- sentence-transformers' evaluators --------------------------------------------------------------------------------
class Encoded:
    """A model whose inputs are (side, row)."""
    similarity_fn_name = "cosine"
    model_card_data = mock.Mock()

    def __init__(self, **sides):
        self.sides = {k: torch.tensor(v, dtype=torch.float64) for k, v in sides.items()}

    def encode(self, inputs, convert_to_tensor=False, **_):
        rows = torch.stack([self.sides[side][i] for side, i in inputs])
        return rows if convert_to_tensor else rows.numpy()

    encode_query = encode_document = encode


def keys(side, rows):
    return [(side, i) for i in range(len(rows))]


def retrieval(name, queries, corpus, relevant, distance="cosine", chunk=50000, **params):
    evaluator = InformationRetrievalEvaluator(
        dict(enumerate(keys("queries", queries))), dict(enumerate(keys("corpus", corpus))),
        {i: set(r) for i, r in enumerate(relevant)}, corpus_chunk_size=chunk, **params,
        score_functions={distance: SimilarityFunction.to_similarity_fn(distance)})
    found = evaluator.compute_all_metrics(Encoded(queries=queries, corpus=corpus))[distance]
    found = {kind.replace("@k", f"@{k}"): v for kind, each in found.items() for k, v in each.items()}
    add("eval/st.InformationRetrievalEvaluator", name, {"queries": queries, "corpus": corpus}, plain(found),
        params | {"distance": distance, "relevant": [list(r) for r in relevant]})


def relevant(queries, corpus, most, least=1):
    return [sorted(int(i) for i in rng.choice(corpus, rng.integers(least, most + 1), replace=False)) for _ in range(queries)]


Q, C = rng.normal(size=(9, 5)).astype(np.float32), rng.normal(size=(140, 5)).astype(np.float32)
FEW = relevant(9, 140, 4)
for distance in ("cosine", "dot", "euclidean", "manhattan"):
    retrieval(distance, Q, C, FEW, distance)
retrieval("chunks", Q, C, FEW, chunk=33)
retrieval("many relevant", Q, C, relevant(9, 140, 60))
retrieval("some without", Q, C, [r if i % 3 else [] for i, r in enumerate(relevant(9, 140, 5))])
retrieval("a small corpus", Q, C[:4], relevant(9, 4, 4))
retrieval("one document", Q, C[:1], [[0]] * 9)
retrieval("other numbers", Q, C, relevant(9, 140, 12), mrr_at_k=[1, 3, 200], ndcg_at_k=[2, 7, 140], accuracy_at_k=[4], precision_recall_at_k=[2, 150], map_at_k=[1, 10])
retrieval("near ones relevant", Q, C, [list(map(int, np.argsort(-(C @ q))[:7:2])) for q in Q], "dot")
# Equal documents are ranked by their names, which are their rows.
GRID = rng.integers(-1, 2, size=(40, 2)).astype(np.float32) + np.float32(0.5)
retrieval("ties", GRID[:8], GRID, relevant(8, 40, 6), "dot", mrr_at_k=[3, 10], ndcg_at_k=[5, 10], map_at_k=[10])
retrieval("ties, distances", GRID[:8], GRID, relevant(8, 40, 6), "euclidean", chunk=7)
retrieval("collapsed", np.ones((3, 2), np.float32), np.ones((12, 2), np.float32), [[0, 11], [5], [11]])


def pairs(name, left, right, labels, distances_=("cosine",)):
    for distance in distances_:
        evaluator = BinaryClassificationEvaluator(
            keys("left", left), keys("right", right), [int(x) for x in labels], similarity_fn_names=[distance])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = evaluator.compute_metrics(Encoded(left=left, right=right))[distance]
        add("eval/st.BinaryClassificationEvaluator", f"{name}, {distance}",
            {"left": left, "right": right, "labels": np.asarray(labels, np.int64)}, plain(found), {"distance": distance})


ALL = ("cosine", "dot", "euclidean", "manhattan")
L = rng.normal(size=(50, 4)).astype(np.float32)
SAME = rng.integers(0, 2, 50)
R = (L * SAME[:, None] * 0.6 + rng.normal(size=(50, 4))).astype(np.float32)
pairs("random", L, R, SAME, ALL)
pairs("separable", L, np.where(SAME[:, None] > 0, L, -L), SAME, ALL)
pairs("inverted", L, np.where(SAME[:, None] > 0, -L, L), SAME, ("cosine",))
pairs("all similar", L[:6], R[:6], np.ones(6), ("cosine", "euclidean"))
pairs("none similar", L[:6], R[:6], np.zeros(6), ("cosine",))
pairs("one pair", L[:1], R[:1], [1], ("dot",))
WHOLE = rng.integers(-1, 2, size=(40, 2)).astype(np.float32)
pairs("ties", WHOLE, WHOLE[::-1].copy(), rng.integers(0, 2, 40), ("dot", "manhattan"))
pairs("all tied", np.ones((5, 2), np.float32), np.ones((5, 2), np.float32), [0, 1, 1, 0, 1], ("dot", "euclidean"))


def agreement(name, left, right, gold, distance="cosine"):
    evaluator = EmbeddingSimilarityEvaluator(keys("left", left), keys("right", right), list(gold), similarity_fn_names=[distance])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = evaluator(Encoded(left=left, right=right))
    found = {k.removesuffix(f"_{distance}"): v for k, v in found.items()}
    add("eval/st.EmbeddingSimilarityEvaluator", name, {"left": left, "right": right, "gold": np.asarray(gold, np.float32)}, plain(found),
        {"distance": distance})


GOLD = (5 * SAME + rng.random(50)).astype(np.float32)
for distance in ALL:
    agreement(distance, L, R, GOLD, distance)
agreement("equal judgements", L, R, np.round(GOLD))
agreement("ties", WHOLE, WHOLE[::-1].copy(), np.round(3 * rng.random(40)), "dot")
agreement("constant judgements", L, R, np.ones(50))
agreement("constant scores", np.ones((5, 2), np.float32), np.ones((5, 2), np.float32), np.arange(5), "dot")
agreement("two pairs", L[:2], R[:2], [1, 2])


def triplets(name, a, p, n, distance="cosine", margin=0):
    evaluator = TripletEvaluator(keys("a", a), keys("p", p), keys("n", n), margin=margin, similarity_fn_names=[distance])
    found = evaluator(Encoded(a=a, p=p, n=n))
    add("eval/st.TripletEvaluator", name, {"anchor": a, "positive": p, "negative": n},
        {"accuracy": float(found[f"{distance}_accuracy"])}, {"distance": distance, "margin": margin},
        tolerance={"float64": 1e-7, "float32": 2e-5, "reason": "the mean is float32 there"})


N = rng.normal(size=(50, 4)).astype(np.float32)
for distance in ALL:
    triplets(distance, L, (0.5 * L + R).astype(np.float32), N, distance)
triplets("margin", L, (0.5 * L + R).astype(np.float32), N, margin=0.3)
triplets("ties are wrong", WHOLE, WHOLE, WHOLE, "dot")
triplets("ties within a negative margin", WHOLE, WHOLE, WHOLE, "dot", margin=-0.5)
triplets("one", L[:1], L[:1], N[:1])
