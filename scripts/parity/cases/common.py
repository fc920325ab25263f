"""What the modules of cases share: files, checks in both precisions, batches, and pytorch-metric-learning's parts by name."""
import base64
import inspect
import zlib

import numpy as np
import torch
from pytorch_metric_learning import distances, losses, miners, reducers, regularizers

PARTS = {}


def seeded(name):
    """A module's own generator, so that its cases do not depend on those of others."""
    return np.random.default_rng(zlib.crc32(name.encode()))


# --- files ----------------------------------------------------------------------------------------------------------
def encoded(x):
    if isinstance(x, torch.Tensor):
        x = x.detach().numpy()
    x = np.asarray(x)
    data = np.ascontiguousarray(x).astype(x.dtype.newbyteorder("<"))
    return {"dtype": x.dtype.name, "shape": list(x.shape), "data": base64.b64encode(data.tobytes()).decode()}


def add(part, name, inputs, expect, params=None, **more):
    params = {k: "Infinity" if v == np.inf else v for k, v in (params or {}).items()}
    case = {"name": name, "inputs": {k: encoded(v) for k, v in inputs.items()}, "params": params, **more, "expect": expect}
    PARTS.setdefault(part, []).append(case)


def close(rough, fine, name):
    """float32 must tell what float64 tells."""
    rough, fine = np.asarray(rough, float), np.asarray(fine, float)
    assert rough.shape == fine.shape and np.isfinite(fine).all(), name
    if fine.size:
        assert np.abs(rough - fine).max() <= 1e-4 * max(1, np.abs(fine).max()), (name, rough, fine)


def tensors(arrays, dtype):
    return {k: torch.tensor(v, dtype=dtype, requires_grad=True) for k, v in arrays.items()}


def values(f, arrays, name, gradient=True):
    """f's value, the gradients of its sum (zeros where it has none), and its stats; in float64, checked in float32."""
    def run(dtype):
        x = tensors(arrays, dtype)
        out = f(x)
        value, stats = out if isinstance(out, tuple) else (out, {})
        if value.requires_grad:
            value.sum().backward()
        grads = {k: t.grad if t.grad is not None else torch.zeros_like(t) for k, t in x.items() if gradient}
        return value.detach().numpy(), {k: g.numpy() for k, g in grads.items()}, stats
    value, grads, stats = run(torch.float64)
    rough, rough_grads, rough_stats = run(torch.float32)
    close(rough, value, name)
    for k in grads:
        close(rough_grads[k], grads[k], f"{name} {k}")
    for k in stats:
        close(rough_stats[k], stats[k], f"{name} {k}")
    return {"loss": encoded(value.astype(np.float64)), "grads": {k: encoded(g) for k, g in grads.items()}, "stats": stats}


def indices(f, arrays, name):
    """f's index tensors as lists, the same in float64 and float32."""
    def run(dtype):
        with torch.no_grad():
            return [[int(i) for i in x] for x in f(tensors(arrays, dtype))]
    found = run(torch.float64)
    assert found == run(torch.float32), name
    if len(found) == 3:
        return dict(zip(("anchor", "positive", "negative"), found))
    return dict(zip(("anchor_positive", "positive", "anchor_negative", "negative"), found))


# --- batches --------------------------------------------------------------------------------------------------------
rng = seeded("batches")


def normal(*shape, rng=rng):
    return rng.normal(size=shape).astype(np.float32)


def whole(*shape, rng=rng):
    return rng.integers(-3, 4, size=shape).astype(np.float32)


def labelled(sizes, dtype=np.int64, rng=rng):
    return rng.permutation(np.repeat(np.arange(len(sizes)) * 3 + 2, sizes)).astype(dtype)


BATCHES = {
    "ragged": (normal(13, 5), labelled([5, 3, 2, 2, 1])),
    "uint8 labels": (normal(9, 4), labelled([4, 3, 2], np.uint8)),
    "int16 labels": (normal(8, 3), labelled([2, 2, 2, 2], np.int16) - 7),
    "int32 labels": (normal(10, 6), labelled([5, 5], np.int32)),
    "one class": (normal(6, 4), labelled([6])),
    "singletons": (normal(6, 4), labelled([1] * 6)),
    "collapsed": (np.tile(whole(1, 4) + 1, (6, 1)), labelled([3, 2, 1])),
    "duplicates": (np.repeat(whole(4, 5), 3, 0), labelled([4, 4, 4])),
    "ties": (whole(12, 2), labelled([5, 4, 3])),
    "one row": (normal(1, 3), labelled([1])),
    "two of one class": (normal(2, 3), labelled([2])),
    "two of two classes": (normal(2, 3), labelled([1, 1])),
    "30 rows": (normal(30, 4), labelled([9, 8, 7, 6])),
}
GENERAL = ["ragged", "uint8 labels", "int16 labels", "int32 labels", "30 rows"]
REF = {
    "references": (normal(9, 5), rng.choice([2, 5, 8, 11, 77], 9)),
    "one reference": (normal(1, 5), np.array([2])),
    "references of no class": (normal(4, 5), np.array([100, 101, 102, 103])),
}


def on(batch, ref=None):
    e, l = BATCHES[batch]
    inputs = {"embeddings": e, "labels": l}
    floats = {"embeddings": e}
    if ref:
        inputs |= {"ref_embeddings": REF[ref][0], "ref_labels": REF[ref][1]}
        floats["ref_embeddings"] = REF[ref][0]
    return inputs, floats


masks_rng = seeded("masks")
MASKS = {
    "masks": (masks_rng.random((13, 13)) < 0.3, masks_rng.random((13, 13)) < 0.2),
    "masks of references": (masks_rng.random((13, 9)) < 0.3, masks_rng.random((13, 9)) < 0.2),
}


def mask_of_labels(batch, ref=None):
    """The masks that say what labels say: positives, and none to ignore."""
    labels = BATCHES[batch][1]
    others = REF[ref][1] if ref else labels
    return labels[:, None] == others, np.zeros((len(labels), len(others)), bool)


def pairs_of_masks(positive, ignored, ref=None):
    """The tuples that stand for masks: without references the diagonal is left out."""
    counted = ~ignored if ref else ~(ignored | np.eye(len(ignored), dtype=bool))
    return [x.tolist() for x in (*np.where(positive & counted), *np.where(~positive & counted))]


def label_tensors(batch, ref=None):
    return torch.tensor(BATCHES[batch][1]), torch.tensor(REF[ref][1]) if ref else None


BATCHES["arange"] = (np.arange(9, dtype=np.float32)[:, None], np.array([0, 0, 1, 1, 0, 2, 1, 1, 1]))


# --- pytorch-metric-learning's parts by name ---------------------------------------------------------------------------
def named(package, chosen):
    def value(key, v):
        if isinstance(v, dict):
            return named(package, v) if "name" in v else {k: named(package, each) for k, each in v.items()}
        return torch.tensor(v, dtype=torch.float64) if key == "weights" else v
    params = {k: value(k, v) for k, v in chosen.get("params", {}).items()}
    if package is reducers:
        params["collect_stats"] = True
    return getattr(package, chosen["name"].removeprefix("pml."))(**params)


def pml(name, **params):
    return {"name": f"pml.{name}", "params": params}


RAW = pml("LpDistance", normalize_embeddings=False)


def recorded(reducer):
    """What a reducer recorded. What the source announces as num_below_high it then writes to num_above_high."""
    if isinstance(reducer, reducers.MultipleReducers):
        return {f"{name}.{k}": v for name, each in reducer.reducers.items() for k, v in recorded(each).items()}
    stats = {k: float(getattr(reducer, k)) for k in getattr(reducer, "_record_these_stats", ())}
    if getattr(reducer, "low", None) is None:
        stats.pop("num_above_low", None)
    stats.pop("num_below_high", None)
    if getattr(reducer, "high", None) is not None:
        stats["num_below_high"] = float(getattr(reducer, "num_above_high", 0))
    return stats


def beside_regularizer(stats, cost):
    """What a loss records by itself, and its regularizer's cost, of what the source records when it has both."""
    own = {k: v for k, v in stats.items() if not k.startswith("embedding_reg_loss.")}
    if len({k.split(".")[0] for k in own if "." in k}) == 1:
        own = {k.split(".")[-1]: v for k, v in own.items()}
    return {**own, "embedding_reg_loss": cost}


def default_reducer(cls, params):
    return type(cls(**params).get_default_reducer()).__name__


def pml_loss(part, name, batch, ref=None, params=None, distance=None, reducer=None, tuples=None, seed=None, stats=True, weights=None, regularizer=None, masks=None, cls=None, init_seed=None, **more):
    """A case of a loss over a batch.

    distance, reducer: pml("Name", ...); tuples: three or four lists of indices; weights: an array for the loss's own
    weights, whose gradient is then compared too; regularizer: {"name", "params", "weight"} of the embeddings;
    masks: who is positive of whom and what to ignore, instead of labels; the reference is given the tuples that they make.
    init_seed: what the weights that the loss draws itself come from; stats=False leaves the statistics uncompared; cls: a class in place of the package's. Whatever else is given stands in the case as it is.
    """
    cls = cls or getattr(losses, part)
    params = params or {}
    made = {"collect_stats": stats}
    if distance:
        made["distance"] = named(distances, distance)
    asked = {k: named(regularizers, v) if k == "weight_regularizer" else v for k, v in params.items()}
    chosen = reducer or pml(default_reducer(cls, asked))
    made["reducer"] = named(reducers, chosen)
    if regularizer:
        made |= {"embedding_regularizer": named(regularizers, regularizer), "embedding_reg_weight": regularizer["weight"]}
    labels, ref_labels = label_tensors(batch, ref)
    if weights is not None and labels is not None:
        labels = labels.long()  # the source takes no others for numbers of classes
    chosen_tuples = tuples if masks is None else pairs_of_masks(*masks, ref)
    given = None if chosen_tuples is None else tuple(torch.tensor(t, dtype=torch.int64) for t in chosen_tuples)

    def f(x):
        if init_seed is not None:
            torch.manual_seed(init_seed)
        loss = cls(**asked, **made)
        if seed is not None:
            torch.manual_seed(seed)
        if weights is not None:
            (key, _), = loss.named_parameters()
            del loss._parameters[key]
            setattr(loss, key, x["weights"])
        value = loss(x["embeddings"], labels, given, x.get("ref_embeddings"), ref_labels)
        if isinstance(value, dict):
            found = [v["losses"].flatten() for v in value.values() if torch.is_tensor(v["losses"])]
            return torch.cat(found) if len(found) > 1 or found[0].numel() > 1 else next(iter(value.values()))["losses"]
        if not stats:
            return value
        found = {**recorded(loss), **recorded(loss.reducer)}
        if regularizer:
            with torch.no_grad():
                found = beside_regularizer(found, float(loss.embedding_regularizer(x["embeddings"]) * regularizer["weight"]))
        return value, found
    inputs, floats = on(batch, ref)
    if masks is not None:
        inputs = {k: v for k, v in inputs.items() if "labels" not in k} | {"positive_mask": masks[0], "ignore_mask": masks[1]}
    if weights is not None:
        inputs, floats = {**inputs, "weights": weights}, {**floats, "weights": weights}
    more |= {k: v for k, v in (("distance", distance), ("reducer", reducer), ("tuples", tuples), ("seed", seed), ("init_seed", init_seed), ("regularizer", regularizer)) if v is not None}
    expect = values(f, floats, f"{part} {name}")
    if not stats:
        del expect["stats"]
    add(f"pml.{part}", name, inputs, expect, params, **more)


def mined(part, name, miner, batch, ref=None, params=None, **more):
    labels, ref_labels = label_tensors(batch, ref)
    inputs, floats = on(batch, ref)
    found = indices(lambda x: miner(x["embeddings"], labels, x.get("ref_embeddings"), ref_labels), floats, name)
    add(part, name, inputs, found, params, **more)


def pml_miner(part, name, batch, ref=None, distance=None, **params):
    parts = {"distance": named(distances, distance)} if distance else {}
    ranges = {k: list(v) if isinstance(v, tuple) else v for k, v in params.items()}
    mined(f"pml.{part}", name, getattr(miners, part)(**params, **parts), batch, ref, ranges, **({"distance": distance} if distance else {}))
