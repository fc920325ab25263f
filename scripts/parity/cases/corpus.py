"""Cases of sentence-transformers' mine_hard_negatives, with a model whose texts are numbers."""
import contextlib
import io
from functools import partial

import numpy as np
import torch
from datasets import Dataset, disable_progress_bars
from sentence_transformers.util import cos_sim, mine_hard_negatives, pairwise_cos_sim

from cases.common import add, normal, seeded, whole

disable_progress_bars()
rng = seeded("corpus")
normal, whole = (partial(f, rng=rng) for f in (normal, whole))


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


class Encoder:
    """Texts are q3 and d14; or d14 and d14a, which are different texts with one embedding."""

    device = torch.device("cpu")
    similarity, similarity_pairwise = staticmethod(cos_sim), staticmethod(pairwise_cos_sim)

    def __init__(self, queries, corpus, texts):
        self.queries, self.corpus = unit(queries), dict(zip(texts, unit(corpus)))

    def encode_query(self, texts, **_):
        return self.queries[[int(t[1:]) for t in texts]]

    def encode_document(self, texts, **_):
        return np.stack([self.corpus[t] for t in texts])


def mined(queries, corpus, positives, params, texts, dtype):
    """The rows and scores of each query's negatives."""
    pairs = [(f"q{i}", texts[j]) for i, p in enumerate(positives) for j in p]
    data = Dataset.from_dict({"query": [q for q, _ in pairs], "answer": [d for _, d in pairs]})
    model = Encoder(queries.astype(dtype), corpus.astype(dtype), texts)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        found = mine_hard_negatives(data, model, corpus=list(texts), output_format="labeled-pair", output_scores=True, verbose=False, **params)
    place = {text: texts.index(text) for text in texts}
    rows, scores = [[] for _ in positives], [[] for _ in positives]
    if params.get("include_positives"):
        # Then the source insists on one line a positive, and leaves out queries that lack a negative.
        for line in found:
            query = int(line["query"][1:])
            names = [line[f"negative_{k}"] for k in range(1, params.get("num_negatives", 3) + 1)]
            rows[query], scores[query] = [place[n] for n in names], list(line["scores"][1:])
        return rows, scores
    seen = [0] * len(positives)
    for line in found:
        query = int(line["query"][1:])
        seen[query] += 1
        if seen[query] > len(dict.fromkeys(place[texts[j]] for j in positives[query])):
            rows[query].append(place[line["answer"]])
            scores[query].append(line["score"])
    return rows, scores


def case(name, queries, corpus, positives, params, texts=None, **ours):
    texts = texts or [f"d{j}" for j in range(len(corpus))]
    rows, scores = mined(queries, corpus, positives, params, texts, np.float64)
    assert rows == mined(queries, corpus, positives, params, texts, np.float32)[0], name
    add("mine_hard_negatives", name, {"queries": queries, "corpus": corpus}, {"negative": rows, "score": scores}, {**params, **ours}, positives=positives)


def topics(count, rows, spread=0.7, width=6):
    """Queries and documents of a few topics, and as positives some of the nearest documents."""
    centres = rng.normal(size=(4, width))
    near = lambda n: (centres[rng.integers(0, 4, n)] + spread * rng.normal(size=(n, width))).astype(np.float32)
    queries, corpus = near(count), near(rows)
    order = np.argsort(-(unit(queries) @ unit(corpus).T), axis=1)
    return queries, corpus, [sorted(rng.choice(order[i, :12], 1 + i % 3, replace=False).tolist()) for i in range(count)]


case("defaults", *topics(8, 60), {})
case("range", *topics(8, 60), {"range_min": 3, "range_max": 11, "num_negatives": 4})
case("range that ends the corpus", *topics(6, 20), {"range_min": 2, "range_max": 50, "num_negatives": 30})
case("small corpus", *topics(5, 13), {"num_negatives": 40})
case("absolute margin", *topics(9, 60), {"absolute_margin": 0.1})
case("absolute margin 0", *topics(9, 60), {"absolute_margin": 0.0, "num_negatives": 5})
case("relative margin", *topics(9, 60), {"relative_margin": 0.05, "num_negatives": 2})
case("both margins", *topics(9, 60), {"relative_margin": 0.05, "absolute_margin": 0.02, "range_min": 1})
case("max score", *topics(9, 60), {"max_score": 0.7, "num_negatives": 4})
case("min score", *topics(9, 60), {"min_score": 0.6, "num_negatives": 6})
case("scores and margins", *topics(9, 70), {"max_score": 0.9, "min_score": 0.3, "relative_margin": 0.1, "range_min": 2})
case("none survives", *topics(5, 30), {"max_score": -0.99})
case("one negative", *topics(6, 40), {"num_negatives": 1})
case("positives are candidates", *topics(6, 40), {"include_positives": True, "num_negatives": 5})
case("positives are candidates, margin", *topics(6, 60), {"include_positives": True, "num_negatives": 4, "absolute_margin": 0.05, "range_max": 40})

# Positives that are far, so that their scores are negative: a relative margin goes the other way.
queries, corpus, _ = topics(7, 50)
least = np.argsort(unit(queries) @ unit(corpus).T, axis=1)
case("far positives", queries, corpus, [least[i, :2].tolist() for i in range(7)], {"relative_margin": 0.2, "range_max": 60, "num_negatives": 3})
case("many positives", queries, corpus, [least[i, -20:].tolist() for i in range(7)], {"num_negatives": 2})
case("a positive named twice", queries, corpus, [[int(least[i, -1])] * 2 + [int(least[i, -3])] for i in range(7)], {"num_negatives": 3, "absolute_margin": 0.03})

# One text twice in the corpus counts once, under its first place.
repeated = np.concatenate([corpus[:20], corpus[5:15], corpus[20:]])
names = [f"d{j}" for j in [*range(20), *range(5, 15), *range(20, 50)]]
nearest = np.argsort(-(unit(queries) @ unit(repeated).T), axis=1)
case("equal rows are one", queries, repeated, [nearest[i, i % 2:i % 2 + 2].tolist() for i in range(7)], {"num_negatives": 5}, names, deduplicate=True)
case("equal rows are one, margin", queries, repeated, [nearest[i, 2:4].tolist() for i in range(7)], {"num_negatives": 4, "absolute_margin": 0.02}, names, deduplicate=True)
