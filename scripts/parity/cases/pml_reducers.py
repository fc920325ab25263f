"""Cases of pytorch-metric-learning's reducers."""
from functools import partial

import numpy as np
import torch
from pytorch_metric_learning import reducers

from cases.common import add, labelled, named, normal, pml, recorded, seeded, values, whole

rng = seeded("pml_reducers")
normal, whole, labelled = (partial(f, rng=rng) for f in (normal, whole, labelled))


WIDTH = {"element": 1, "pos_pair": 2, "neg_pair": 2, "triplet": 3, "already_reduced": 0}


def pml_reducer(part, name, kind, terms, indices=None, labels=None, divisor=None, term="loss", stats=recorded, **params):
    """indices: the lists that the losses belong to, 0, 1, 2 … each by default; stats: what reads them off the reducer."""
    embeddings = normal(4, 3)
    found = [torch.tensor(i, dtype=torch.int64) for i in indices or [list(range(len(terms)))] * WIDTH[kind]] if WIDTH[kind] else None
    reducer = named(reducers, pml(part, **params))
    more = {k: v for k, v in (("indices", indices), ("divisor", divisor)) if v is not None}

    def f(x):
        info = {term: {"losses": x["losses"], "indices": found[0] if WIDTH[kind] == 1 else found, "reduction_type": kind, "divisor": divisor}}
        out = reducer(info, x["embeddings"], torch.arange(4) if labels is None else torch.tensor(labels))
        return out["loss"]["losses"] if isinstance(out, dict) else (out, stats(reducer))
    floats = {"losses": terms, "embeddings": embeddings}
    inputs = {**floats, **({} if labels is None else {"labels": labels})}
    add(f"pml.{part}", name, inputs, values(f, floats, name), params, kind=kind, term=term, **more)


TERMS = np.array([0.0, 1.5, -0.25, 0.0, 2.0, 0.75, 3.25], np.float32)
for part, params in (("MeanReducer", {}), ("SumReducer", {}), ("DoNothingReducer", {}), ("AvgNonZeroReducer", {}),
                     ("ThresholdReducer", {"low": 0.75}), ("ThresholdReducer", {"high": 1.5}), ("ThresholdReducer", {"low": 0.0, "high": 2.0})):
    bounds = "".join(f", {k} {v:g}" for k, v in params.items())
    for kind in ("element", "pos_pair", "neg_pair", "triplet"):
        pml_reducer(part, kind + bounds, kind, TERMS, **params)
    pml_reducer(part, "reduced before" + bounds, "already_reduced", np.array(0.5, np.float32), **params)
    pml_reducer(part, "one" + bounds, "element", np.array([1.25], np.float32), **params)
    pml_reducer(part, "none in bounds" + bounds, "triplet", np.array([-5.0, 50.0] if params == {"low": 0.0, "high": 2.0} else [-5.0, -6.0] if "high" not in params else [50.0, 60.0], np.float32), **params)

LABELS = np.array([2, 0, 1, 2], np.int64)
ROWS = [3, 0, 1, 1, 2, 0, 3]
OTHERS = [0, 2, 0, 2, 1, 3, 2]
WEIGHTS = [0.5, 2.0, 1.25]
for kind in ("element", "pos_pair", "neg_pair", "triplet"):
    pml_reducer("ClassWeightedReducer", kind, kind, TERMS, [ROWS, OTHERS, OTHERS[::-1]][:WIDTH[kind]], LABELS, weights=WEIGHTS)
pml_reducer("ClassWeightedReducer", "reduced before", "already_reduced", np.array(0.5, np.float32), labels=LABELS, weights=WEIGHTS)
pml_reducer("ClassWeightedReducer", "int32 labels", "element", TERMS, [ROWS], LABELS.astype(np.int32), weights=WEIGHTS)
pml_reducer("ClassWeightedReducer", "a weight below 0 and one of 0", "element", TERMS, [ROWS], LABELS, weights=[-1.0, 0.0, 1e-3])
pml_reducer("ClassWeightedReducer", "more weights than classes", "pos_pair", TERMS, [ROWS, OTHERS], LABELS, weights=[0.1, 0.2, 0.3, 7.0, 9.0])

for kind in ("element", "pos_pair", "neg_pair", "triplet"):
    pml_reducer("DivisorReducer", kind, kind, TERMS, divisor=3)
pml_reducer("DivisorReducer", "by 0", "element", TERMS, divisor=0)
pml_reducer("DivisorReducer", "by 0.5", "element", TERMS, divisor=0.5)
pml_reducer("DivisorReducer", "reduced before", "already_reduced", np.array(0.5, np.float32), divisor=7)

for kind in ("pos_pair", "neg_pair"):
    pml_reducer("PerAnchorReducer", kind, kind, TERMS, [ROWS, OTHERS])
    pml_reducer("PerAnchorReducer", f"{kind}, an anchor without any", kind, TERMS, [[1, 0, 1, 3, 0, 1, 3], OTHERS])
    pml_reducer("PerAnchorReducer", f"{kind}, sum", kind, TERMS, [ROWS, OTHERS], reducer=pml("SumReducer"))
    pml_reducer("PerAnchorReducer", f"{kind}, above 0", kind, TERMS, [[1, 0, 1, 3, 0, 1, 3], OTHERS], reducer=pml("AvgNonZeroReducer"))
pml_reducer("PerAnchorReducer", "between", "pos_pair", TERMS, [ROWS, OTHERS], reducer=pml("ThresholdReducer", low=0.5, high=2.0))
pml_reducer("PerAnchorReducer", "weighted", "neg_pair", TERMS, [ROWS, OTHERS], LABELS, reducer=pml("ClassWeightedReducer", weights=WEIGHTS))
pml_reducer("PerAnchorReducer", "element", "element", TERMS[:4])
pml_reducer("PerAnchorReducer", "no pairs", "neg_pair", TERMS[:0], [[], []])
pml_reducer("PerAnchorReducer", "pairs given twice", "pos_pair", TERMS[[0, 1, 1, 4, 4, 4]], [[0, 1, 1, 2, 2, 2], [1, 2, 2, 0, 0, 0]])
pml_reducer("PerAnchorReducer", "reduced before", "already_reduced", np.array(0.5, np.float32))


def beside_references(name, rows, others, terms):
    """The source fails where a pair's other is beyond its batch x batch: the same sums, written out."""
    def f(x):
        means = [x["losses"][torch.tensor(rows) == i].mean() if i in rows else x["losses"].sum() * 0 for i in range(4)]
        return torch.stack(means).mean(), {"losses_size": float(len(terms))}
    floats = {"losses": terms, "embeddings": normal(4, 3)}
    add("pml.PerAnchorReducer", name, floats, values(f, floats, name), kind="pos_pair", term="loss", indices=[rows, others])


beside_references("more references than rows", ROWS, [9, 2, 0, 7, 11, 3, 2], TERMS)
beside_references("one anchor of four", [2] * 7, [9, 2, 0, 7, 11, 3, 1], TERMS)

BOTH = {"pos_loss": pml("SumReducer"), "neg_loss": pml("ThresholdReducer", low=0.5, high=2.0)}
for term in BOTH:
    of_term = lambda reducer, term=term: recorded(reducer.reducers[term])
    for kind in ("element", "pos_pair"):
        pml_reducer("MultipleReducers", f"{term}, {kind}", kind, TERMS, term=term, stats=of_term, reducers=BOTH)
    pml_reducer("MultipleReducers", f"{term}, reduced before", "already_reduced", np.array(0.5, np.float32), term=term, stats=of_term, reducers=BOTH)
of_default = lambda reducer: {"losses_size": float(len(TERMS))}
pml_reducer("MultipleReducers", "a term that is not named", "triplet", TERMS, term="other", stats=of_default, reducers=BOTH)
pml_reducer("MultipleReducers", "a term for the default", "triplet", TERMS, term="loss", stats=of_default, reducers=BOTH, default_reducer=pml("SumReducer"))
