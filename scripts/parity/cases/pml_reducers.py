"""Cases of pytorch-metric-learning's reducers."""
from functools import partial

import numpy as np
import torch
from pytorch_metric_learning import reducers

from cases.common import add, labelled, named, normal, pml, recorded, seeded, values, whole

rng = seeded("pml_reducers")
normal, whole, labelled = (partial(f, rng=rng) for f in (normal, whole, labelled))


def pml_reducer(part, name, kind, terms, **params):
    embeddings = normal(4, 3)
    width = {"element": 1, "pos_pair": 2, "neg_pair": 2, "triplet": 3, "already_reduced": 0}[kind]
    found = [torch.arange(len(terms)) for _ in range(width)] if width else None
    reducer = named(reducers, pml(part, **params, collect_stats=True))

    def f(x):
        info = {"loss": {"losses": x["losses"], "indices": found[0] if width == 1 else found, "reduction_type": kind}}
        out = reducer(info, x["embeddings"], torch.arange(4))
        return out["loss"]["losses"] if isinstance(out, dict) else (out, recorded(reducer))
    inputs = {"losses": terms, "embeddings": embeddings}
    add(f"pml.{part}", name, inputs, values(f, inputs, name), params, kind=kind)


TERMS = np.array([0.0, 1.5, -0.25, 0.0, 2.0, 0.75, 3.25], np.float32)
for part, params in (("MeanReducer", {}), ("SumReducer", {}), ("DoNothingReducer", {}), ("AvgNonZeroReducer", {}),
                     ("ThresholdReducer", {"low": 0.75}), ("ThresholdReducer", {"high": 1.5}), ("ThresholdReducer", {"low": 0.0, "high": 2.0})):
    bounds = "".join(f", {k} {v:g}" for k, v in params.items())
    for kind in ("element", "pos_pair", "neg_pair", "triplet"):
        pml_reducer(part, kind + bounds, kind, TERMS, **params)
    pml_reducer(part, "reduced before" + bounds, "already_reduced", np.array(0.5, np.float32), **params)
    pml_reducer(part, "one" + bounds, "element", np.array([1.25], np.float32), **params)
    pml_reducer(part, "none in bounds" + bounds, "triplet", np.array([-5.0, 50.0] if params == {"low": 0.0, "high": 2.0} else [-5.0, -6.0] if "high" not in params else [50.0, 60.0], np.float32), **params)
