"""Tripoint's operators from Python: against online-triplet-loss, and under PyTorch's own checks.

Needs torch and online-triplet-loss. Usage: check_operators.py path/to/libtripoint.so
"""

import itertools
import sys
import warnings

import torch
from online_triplet_loss.losses import batch_all_triplet_loss, batch_hard_triplet_loss
from torch.library import opcheck

torch.ops.load_library(sys.argv[1])
tripoint = torch.ops.tripoint


def batches():
    generator = torch.Generator().manual_seed(20)
    for rows, columns, classes in itertools.product((1, 2, 3, 13, 60), (1, 3, 17, 128), (1, 2, 7, 100)):
        embeddings = torch.randn(rows, columns, generator=generator, dtype=torch.float64)
        labels = torch.randint(classes, (rows,), generator=generator)
        yield f"random {rows}x{columns}, {classes} classes", embeddings, labels
    plain = torch.randn(12, 5, generator=generator, dtype=torch.float64)
    yield "singletons", plain, torch.arange(12)
    yield "one class", plain, torch.zeros(12, dtype=torch.int64)
    yield "collapsed", torch.full((12, 5), 0.5, dtype=torch.float64), torch.arange(12) % 3
    yield "duplicates", plain[torch.arange(12) // 2], torch.arange(12) % 3
    yield "transposed", torch.randn(5, 12, generator=generator, dtype=torch.float64).t(), torch.arange(12) % 3


def compare(what, ours, theirs, tolerance):
    difference = (ours - theirs).abs().max().item() if ours.numel() else 0.0
    bound = tolerance * (1 + (theirs.abs().max().item() if theirs.numel() else 0.0))
    if not difference <= bound:
        raise SystemExit(f"{what}: differs by {difference}, more than {bound}")
    return difference


def check_against_online():
    worst = {"loss": 0.0, "gradient": 0.0}
    count = 0
    for (name, values, labels), squared, margin in itertools.product(list(batches()), (False, True), (0.0, 0.4, 100.0)):
        distance = "sqeuclidean" if squared else "euclidean"
        # Where the reference loses a distance of 0 in its Gram form, its own error is the square root of an ulp.
        exact = name not in ("duplicates",)
        tolerance = 1e-9 if exact else 1e-6
        for kind in ("hard", "all"):
            mine = values.clone().requires_grad_()
            its = values.clone().requires_grad_()
            if kind == "hard":
                loss, *_ = tripoint.batch_hard(mine, labels, margin, distance=distance)
                reference = batch_hard_triplet_loss(labels, its, margin, squared)
            else:
                loss, active, valid = tripoint.batch_all(mine, labels, margin, distance=distance)
                reference, fraction = batch_all_triplet_loss(labels, its, margin, squared)
                # A fraction of float32; triplets on the edge may fall on either side.
                ours = active.item() / (valid.item() + 1e-16)
                if exact and margin > 0 and abs(ours - fraction.item()) > 1e-6:
                    raise SystemExit(f"{kind} {name}: fraction {ours} against {fraction}")
            on_edge = margin == 0.0 and (name in ("collapsed", "duplicates") or "one class" in name)
            worst["loss"] = max(worst["loss"], compare(f"{kind} {name} loss", loss, reference, tolerance))
            if exact and not on_edge:
                loss.backward()
                reference.backward()
                gradient = compare(f"{kind} {name} m={margin} gradient", mine.grad, its.grad, 1e-9)
                worst["gradient"] = max(worst["gradient"], gradient)
            count += 1
    print(f"online-triplet-loss: {count} comparisons, largest difference {worst}")


def check_soft_margin_and_cosine():
    generator = torch.Generator().manual_seed(21)
    values = torch.randn(40, 9, generator=generator, dtype=torch.float64)
    labels = torch.randint(6, (40,), generator=generator)
    same = (labels[:, None] == labels[None, :]) & ~torch.eye(40, dtype=torch.bool)
    other = labels[:, None] != labels[None, :]
    its = values.clone().requires_grad_()
    unit = torch.nn.functional.normalize(its)
    cosine = 1 - unit @ unit.t()
    euclidean = (its[:, None] - its[None, :]).add(torch.eye(40)[:, :, None] * 1e-9).norm(dim=2)
    for distance, matrix in (("cosine", cosine), ("euclidean", euclidean)):
        hardest = (matrix * same).max(1).values
        nearest = matrix.masked_fill(~other, torch.inf).min(1).values
        for soft, expected in (
            (True, torch.log1p(torch.exp(hardest - nearest)).mean()),
            (False, torch.relu(hardest - nearest + 0.3).mean()),
        ):
            mine = values.clone().requires_grad_()
            loss, *_ = tripoint.batch_hard(mine, labels, 0.3, distance=distance, soft_margin=soft)
            compare(f"{distance} soft={soft}", loss, expected, 1e-9)
            (gradient,) = torch.autograd.grad(loss, mine)
            (reference,) = torch.autograd.grad(expected, its, retain_graph=True)
            compare(f"{distance} soft={soft} gradient", gradient, reference, 1e-9)
    print("cosine and soft margin: as plain torch")


def report_opcheck(name, sample, options):
    outcome = opcheck(getattr(tripoint, name).default, sample, options, raise_exception=False)
    for test, result in outcome.items():
        what = " ".join([name, *options])
        print(f"opcheck {what} {test}: {result if isinstance(result, str) else type(result).__name__}")
        if not isinstance(result, str):
            print("   ", str(result).splitlines()[0][:300])


def check_relations(embeddings, labels):
    """Operators that take references and masks, with either."""
    references = {"ref_emb": embeddings[1:] + 1, "ref_labels": labels[1:]}
    mask = labels[:, None] == labels[None, :]
    masks = {"positive_mask": mask, "ignore_mask": torch.rand(mask.shape) > 0.9}
    samples = {
        "batch_hard_raw": (0.5,),
        "batch_hard": (0.5,),
        "batch_easy_hard": (),
        "triplet_margin_miner": (0.5,),
        "multi_similarity_miner": (0.1,),
        "pair_margin_miner": (0.2, 0.8),
        "batch_all_raw": (0.5,),
        "batch_all": (0.5,),
        "contrastive_raw": (0.1, 1.0),
        "contrastive": (0.1, 1.0),
        "nt_xent_raw": (0.1,),
        "nt_xent": (0.1,),
        "sup_con_raw": (0.1,),
        "sup_con": (0.1,),
    }
    for name, rest in samples.items():
        report_opcheck(name, (embeddings, labels, *rest), references)
        report_opcheck(name, (embeddings, None, *rest), masks)
    for name in ("batch_all", "contrastive"):
        report_opcheck(name, (embeddings, labels, *samples[name]), {"distance": "dot", "normalize": True, "reduction": "sum"})


def check_pytorch():
    embeddings = torch.randn(8, 5, dtype=torch.float64)
    labels = torch.tensor([0, 0, 1, 1, 2, 2, 3, 4])
    scores = torch.rand(4, 6)
    mask = torch.rand(4, 6) > 0.6
    samples = {
        "batch_hard_raw": (embeddings, labels, 0.5),
        "batch_all_raw": (embeddings, labels, 0.5),
        "batch_hard": (embeddings.clone().requires_grad_(), labels, 0.5),
        "batch_all": (embeddings.clone().requires_grad_(), labels, 0.5),
        "contrastive_raw": (embeddings, labels, 0.0, 1.0),
        "contrastive": (embeddings.clone().requires_grad_(), labels, 0.0, 1.0),
        "nt_xent_raw": (embeddings, labels, 0.1),
        "nt_xent": (embeddings.clone().requires_grad_(), labels, 0.1),
        "sup_con_raw": (embeddings, labels, 0.1),
        "sup_con": (embeddings.clone().requires_grad_(), labels, 0.1),
        "multiple_negatives_raw": (embeddings, embeddings + 1, 20.0),
        "multiple_negatives": (embeddings.clone().requires_grad_(), (embeddings + 1).requires_grad_(), 20.0),
        "hard_negatives": (scores, mask),
        "top_k": (embeddings, embeddings, 3),
        "batch_easy_hard": (embeddings, labels),
        "triplet_margin_miner": (embeddings, labels, 0.5),
        "multi_similarity_miner": (embeddings, labels, 0.1),
        "pair_margin_miner": (embeddings, labels, 0.2, 0.8),
        "triplet_margin_raw": (embeddings, torch.tensor([0, 2]), torch.tensor([1, 3]), torch.tensor([7, 6]), 0.5),
        "triplet_margin": (embeddings.clone().requires_grad_(), torch.tensor([0]), torch.tensor([1]), torch.tensor([7]), 0.5),
    }
    for name, sample in samples.items():
        report_opcheck(name, sample, {})
    check_relations(embeddings, labels)

    raw_input = embeddings.clone().requires_grad_()
    raw_loss = tripoint.batch_hard_raw(raw_input, labels, 0.5)[0]
    print("raw on a tensor that requires grad:", raw_loss.grad_fn)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            raw_loss.backward()
            print("raw backward: grad", raw_input.grad, "warnings", len(caught), str(caught[0].message)[:120] if caught else "")
        except RuntimeError as refused:
            print("raw backward:", str(refused)[:200])

    twice = embeddings.clone().requires_grad_()
    loss = tripoint.batch_hard(twice, labels, 0.5)[0]
    (gradient,) = torch.autograd.grad(loss, twice, create_graph=True)
    print("gradient's own grad_fn:", gradient.grad_fn, gradient.requires_grad)
    try:
        torch.autograd.grad(gradient.pow(2).sum(), twice)
        print("second derivative: something was given")
    except RuntimeError as refused:
        print("second derivative:", str(refused)[:120])

    for dtype in (torch.float16, torch.bfloat16, torch.float32):
        narrow = embeddings.to(dtype).requires_grad_()
        loss = tripoint.batch_all(narrow, labels, 0.5)[0]
        loss.backward()
        raw = tripoint.batch_all_raw(narrow.detach(), labels, 0.5)
        assert loss.dtype == torch.float32 and narrow.grad.dtype == dtype
        assert torch.equal(loss.detach(), raw[0]) and torch.equal(narrow.grad, raw[1])
    for dtype in (torch.uint8, torch.int8, torch.int16, torch.int32, torch.uint16, torch.uint32, torch.uint64):
        assert torch.equal(
            tripoint.batch_hard(embeddings, labels.to(dtype), 0.5)[0], tripoint.batch_hard(embeddings, labels, 0.5)[0]
        )
    print("dtypes: ok")


check_against_online()
check_soft_margin_and_cosine()
check_pytorch()
