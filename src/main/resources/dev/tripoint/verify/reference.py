"""Answers a question of `tripoint verify` with the installed Python reference.

python3 reference.py QUESTION.json FOLDER: reads the arrays that the question names, runs the part twice, in the precision
of the question and in float64, and writes FOLDER/given/NAME.npy and FOLDER/float64/NAME.npy: the loss, its gradients, or
the indices of a miner; FOLDER/versions.txt says who answered. Ends with 3 where a package is missing, and with 4 where
the reference itself fails; stderr then has one sentence.
"""
import json
import sys
from pathlib import Path

WANTED = {
    "torch": {"torch": "torch==2.13.0"},
    "pml": {"torch": "torch==2.13.0", "pytorch_metric_learning": "pytorch-metric-learning==2.9.0"},
    "example": {"torch": "torch==2.13.0", "pytorch_metric_learning": "pytorch-metric-learning==2.9.0"},
    "online": {"torch": "torch==2.13.0", "online_triplet_loss": "online-triplet-loss==0.0.6"},
    "st": {"torch": "torch==2.13.0", "sentence_transformers": "sentence-transformers==6.2.0"},
    "finetuner": {"torch": "torch==2.13.0"},
    "masked": {"torch": "torch==2.13.0"},
}


class ReferenceFails(Exception):
    """The reference cannot answer this."""


def require(question):
    import importlib.util

    names = [question["part"], *(question[k]["name"] for k in ("distance", "reducer", "miner", "regularizer") if isinstance(question.get(k), dict))]
    wanted = {k: v for n in names for k, v in WANTED[n.split(".")[0]].items()}
    missing = [pip for module, pip in wanted.items() if importlib.util.find_spec(module) is None]
    if missing:
        names = " and ".join(pip.split("==")[0] for pip in missing)
        print(f"{sys.executable} lacks {names}: pip install {' '.join(missing)}", file=sys.stderr)
        raise SystemExit(3)
    return wanted


def numbers(value):
    return float(value) if value in ("inf", "-inf") else value


def params(chosen):
    return {k: numbers(v) for k, v in chosen.get("params", {}).items() if v is not None}


# --- pytorch-metric-learning ----------------------------------------------------------------------------------------
def pml_part(package, chosen):
    given = pml_params(chosen)
    if chosen["name"] == "pml.ClassWeightedReducer":
        import torch

        given["weights"] = torch.tensor(given["weights"])
    if chosen["name"] == "pml.MultipleLosses" and "weights" in given:
        given["weights"] = dict(zip(given["losses"], given["weights"]))
    return getattr(package, chosen["name"].split(".")[1])(**given, **pml_others(chosen))


def pml_params(chosen):
    """The parameters, those that are parts made: one, or several by their names."""
    def made(v):
        if not isinstance(v, dict):
            return v
        return pml_inner(v) if "name" in v else {k: pml_inner(each) for k, each in v.items()}

    return {k: made(v) for k, v in params(chosen).items()}


def pml_inner(chosen):
    from pytorch_metric_learning import losses, miners, reducers, regularizers

    prefix, name = chosen["name"].split(".")
    package = next((p for p in (losses, miners, reducers, regularizers) if prefix == "pml" and hasattr(p, name)), None)
    if package is None:
        raise ReferenceFails(f"a part of pytorch-metric-learning cannot be given {chosen['name']}")
    return pml_part(package, chosen)


def pml_others(chosen):
    from pytorch_metric_learning import distances, reducers

    others = {}
    if isinstance(chosen.get("distance"), dict):
        others["distance"] = pml_part(distances, chosen["distance"])
    if chosen.get("reducer"):
        others["reducer"] = pml_part(reducers, chosen["reducer"])
    return others


def tuples_of_masks(x):
    """A mask as the four lists of its pairs: the reference takes labels alone."""
    import torch

    positives = x["positive_mask"].clone()
    counted = ~x["ignore_mask"] if "ignore_mask" in x else torch.ones_like(positives)
    if "ref_embeddings" not in x:
        counted = counted & ~torch.eye(len(positives), dtype=torch.bool)
    return (*torch.where(positives & counted), *torch.where(~positives & counted))


def centroid_triplet_loss():
    """As version 1.7.3 has it for up to four classes of one size; later versions have removed it."""
    import torch
    from pytorch_metric_learning import losses

    class CentroidTripletLoss(losses.TripletMarginLoss):
        def compute_loss(self, embeddings, labels, *_):
            same = labels[:, None] == labels
            others = same & ~torch.eye(len(labels), dtype=torch.bool)
            counts = others.sum(1, keepdim=True)
            classes = labels.unique()
            members = classes[:, None] == labels
            positives = others.to(embeddings.dtype) @ embeddings / counts.clamp(min=1)
            negatives = members.to(embeddings.dtype) @ embeddings / members.sum(1, keepdim=True)
            row, other = torch.where((labels[:, None] != classes) & (counts > 0))
            everything = torch.cat((embeddings, positives, negatives))
            triplets = (row, row + len(labels), other + 2 * len(labels))
            return super().compute_loss(everything, None, triplets, everything, None) if len(row) else self.zero_losses()

    return CentroidTripletLoss


def pml_loss(question, x):
    from pytorch_metric_learning import losses, regularizers

    others = pml_others(question)
    if question.get("regularizer"):
        others["embedding_regularizer"] = pml_part(regularizers, question["regularizer"])
        others["embedding_reg_weight"] = question["regularizer"]["weight"]
    name = question["part"].split(".")[1]
    if name in ("SelfSupervisedLoss", "MultipleLosses", "CrossBatchMemory"):
        return pml_wrapper(question, x)
    cls = centroid_triplet_loss() if name == "CentroidTripletLoss" else getattr(losses, name)
    loss = cls(**pml_params(question), **others)
    if "weights" in x:
        (key, _), = loss.named_parameters()
        del loss._parameters[key]
        setattr(loss, key, x["weights"])
        if "labels" in x:
            x["labels"] = x["labels"].long()  # numbers of classes, which it takes as no others
    tuples = tuples_of_masks(x) if "positive_mask" in x else None
    if question.get("miner"):
        if tuples is not None:
            raise ReferenceFails("a miner of the reference takes labels alone, no mask")
        tuples = miner(question["miner"], x)
    labels = x.get("labels")
    if name == "ManifoldLoss":
        tuples, labels = labels, None  # its meta classes
    if name == "VICRegLoss":
        labels = None
    value = loss(x["embeddings"], labels, tuples, x.get("ref_embeddings"), x.get("ref_labels"))
    if isinstance(value, dict):
        import torch

        terms = [v["losses"].flatten() for v in value.values() if torch.is_tensor(v["losses"])]
        return torch.cat(terms) if len(value) > 1 else next(iter(value.values()))["losses"]
    return value


def pml_wrapper(question, x):
    from pytorch_metric_learning import losses

    loss = pml_part(losses, {"name": question["part"], "params": question.get("params", {})})
    if "anchor" in x:
        return loss(x["anchor"], x["positive"])
    if "labels" not in x or "ref_embeddings" in x:
        raise ReferenceFails("this wrapper of the reference takes labels alone, and no references")
    return loss(x["embeddings"], x["labels"], miner(question["miner"], x) if question.get("miner") else None)


def example_miner(name):
    from pytorch_metric_learning import miners
    from pytorch_metric_learning.utils import loss_and_miner_utils as lmu

    class PairMiner(miners.BaseMiner):
        def __init__(self, margin=0.1, **kwargs):
            super().__init__(**kwargs)
            self.margin = margin

        def mine(self, embeddings, labels, ref_emb, ref_labels):
            mat = self.distance(embeddings, ref_emb)
            a1, p, a2, n = lmu.get_all_pairs_indices(labels, ref_labels)
            sign = -1 if self.distance.is_inverted else 1
            far, near = sign * mat[a1, p] > sign * self.margin, sign * mat[a2, n] < sign * self.margin
            return a1[far], p[far], a2[near], n[near]

    class TripletMiner(PairMiner):
        def mine(self, embeddings, labels, ref_emb, ref_labels):
            mat = self.distance(embeddings, ref_emb)
            a, p, n = lmu.get_all_triplets_indices(labels, ref_labels)
            hit = (mat[a, n] - mat[a, p]) * (-1 if self.distance.is_inverted else 1) <= self.margin
            return a[hit], p[hit], n[hit]

    return {"PairMiner": PairMiner, "TripletMiner": TripletMiner}[name]


def miner(chosen, x):
    prefix, name = chosen["name"].split(".")
    if prefix == "finetuner":
        return finetuner_miner(chosen, x)
    if "labels" not in x:
        raise ReferenceFails("a miner of the reference takes labels alone, no mask")
    if prefix == "example":
        made = example_miner(name)(**params(chosen), **pml_others(chosen))
    else:
        from pytorch_metric_learning import miners

        made = pml_part(miners, chosen)
    return made(x["embeddings"].detach(), x["labels"], x["ref_embeddings"].detach() if "ref_embeddings" in x else None, x.get("ref_labels"))


# --- online-triplet-loss, torch, sentence-transformers --------------------------------------------------------------
def online_loss(question, x):
    from online_triplet_loss import losses

    value = getattr(losses, question["part"].split(".")[1] + "_triplet_loss")(x["labels"], x["embeddings"], **params(question))
    return value[0] if isinstance(value, tuple) else value


def torch_loss(question, x):
    import torch
    import torch.nn.functional as F

    name, given = question["part"].split(".")[1], params(question)
    if name == "TripletMarginWithDistanceLoss" and question.get("distance"):
        given["distance_function"] = {
            "cosine": lambda x, y: 1 - F.cosine_similarity(x, y),
            "euclidean": torch.nn.PairwiseDistance(),
            "l1": lambda x, y: (x - y).abs().sum(1),
            "linf": lambda x, y: (x - y).abs().max(1).values,
        }[question["distance"]]
    arrays = [x[k] for k in ("anchor", "positive", "negative", "targets") if k in x]
    if name == "MarginRankingLoss":
        arrays[-1] = arrays[-1][:, None]  # it wants as many dimensions as the scores have
    return getattr(torch.nn, name)(**given)(*arrays)


def st_model(width):
    """A model whose texts are their embeddings."""
    import torch

    class Given(torch.nn.Sequential):
        device = torch.device("cpu")

        def get_embedding_dimension(self):
            return width

        def forward(self, features):
            return {"sentence_embedding": features["given"]}

    return Given(torch.nn.Identity())


def st_made(name, given, word, model):
    """A loss of the reference; given has our names and writing of the parameters."""
    from sentence_transformers.sentence_transformer import losses

    given = dict(given)
    if word:
        given |= st_distance(name, word)
    if given.get("hardness_mode") == "none":
        given["hardness_mode"] = None
    if "directions" in given:
        given["directions"] = tuple(given["directions"].split(","))
    if name == "MatryoshkaLoss":
        inner = given["loss"]
        given["loss"] = st_made(inner["name"].split(".")[1], params(inner), inner.get("distance"), model)
        given["matryoshka_dims"] = [int(dim) for dim in given["matryoshka_dims"]]
    return getattr(losses, name)(model, **given)


def st_loss(question, x):
    import torch

    name = question["part"].split(".")[1]
    if "embeddings" in x:
        if "labels" not in x:
            raise ReferenceFails("this loss of the reference takes labels alone, no mask")
        loss = st_made(name, params(question), question.get("distance"), st_model(x["embeddings"].shape[1]))
        return loss.compute_loss_from_embeddings([x["embeddings"]], x["labels"])
    rows = [x[k] for k in ("anchor", "positive", "negative") if k in x]
    loss = st_made(name, params(question), question.get("distance"), st_model(rows[0].shape[1]))
    if name in ("EmbedDistillLoss", "MSELoss"):
        student, teacher = rows
        return loss.compute_loss_from_embeddings([student], [teacher.detach()])
    if name == "GlobalOrthogonalRegularizationLoss":
        return sum(loss.compute_loss_from_embeddings(rows).values())
    if name == "ContrastiveTensionLossInBatchNegatives":
        # Its two models see the same texts, and here each has its own embeddings of them.
        class Second(torch.nn.Module):
            def forward(self, features):
                return {"sentence_embedding": rows[1]}

        loss.model2 = Second()
        # The source takes the scale from a logarithm in float32; here it is exact.
        del loss._parameters["logit_scale"]
        loss.logit_scale = torch.tensor(params(question).get("scale", 20.0), dtype=torch.float64).log()
        return loss.forward([{"given": rows[0]}], None)
    if name in ("MatryoshkaLoss", "ContrastiveTensionLoss"):
        return loss.forward([{"given": each} for each in rows], x.get("targets"))
    if hasattr(loss, "compute_loss_from_embeddings"):
        return loss.compute_loss_from_embeddings(rows, x.get("targets"))
    # The losses in blocks have no such entry: each matrix is one block.
    return loss.calculate_loss([[each] for each in rows])


def st_distance(name, word):
    """A word of ours as the argument that the class has for it."""
    from sentence_transformers import util
    from sentence_transformers.sentence_transformer import losses

    if name.startswith("Batch"):
        of = losses.BatchHardTripletLossDistanceFunction
        return {"distance_metric": {"euclidean": of.euclidean_distance, "cosine": of.cosine_distance, "sqeuclidean": lambda e: of.euclidean_distance(e, squared=True)}[word]}
    if name == "EmbedDistillLoss":
        return {"distance_metric": word}
    if name == "TripletLoss":
        return {"distance_metric": getattr(losses.TripletDistanceMetric, word.upper())}
    if name in ("ContrastiveLoss", "OnlineContrastiveLoss"):
        return {"distance_metric": getattr(losses.SiameseDistanceMetric, "COSINE_DISTANCE" if word == "cosine" else word.upper())}
    function = {"cosine": "cos_sim", "dot": "dot_score", "euclidean": "euclidean_sim", "manhattan": "manhattan_sim"}[word]
    return {"similarity_fct": getattr(util, ("pairwise_" if name in ("CoSENTLoss", "MarginMSELoss") else "") + function)}


# --- written out here, since no package that installs has them ----------------------------------------------------------
def finetuner_distances(word, e):
    import torch
    import torch.nn.functional as F

    if word == "cosine":
        u = F.normalize(e)
        return 1 - u @ u.T
    d = torch.cdist(e, e)
    return d * d if word == "sqeuclidean" else d


def chosen_columns(d, allowed, strategy, limits=None):
    """Per row the farthest or nearest allowed column as a mask, and its distance; or all of them.

    The source's matrices hold 0 where nothing is allowed: a pair at distance 0 is passed over, and a row without a choice
    has the distance 0 where the farthest is looked for, 1 where the nearest is.
    """
    import torch
    import torch.nn.functional as F

    if strategy == "all":
        return allowed, None
    farthest = strategy == "farthest"
    allowed = allowed & (d > 0)
    if limits is not None:
        allowed = allowed & (d < limits if farthest else d > limits)
    filled = d.masked_fill(~allowed, -torch.inf if farthest else torch.inf)
    best = filled.max(1, keepdim=True) if farthest else filled.min(1, keepdim=True)
    mask = F.one_hot(best.indices[:, 0], d.shape[1]).bool() & allowed
    return mask, best.values.masked_fill(~allowed.any(1, keepdim=True), 0.0 if farthest else 1.0)


def easy_hard(d, positives, negatives, pos_strategy="hard", neg_strategy="hard"):
    """The positives and negatives that finetuner's easy-hard miners choose, as masks."""
    strategies = (pos_strategy, neg_strategy)
    if "semihard" in strategies and (pos_strategy == neg_strategy or "all" in strategies):
        raise ReferenceFails("semihard needs easy or hard on the other side")
    pos = {"hard": "farthest", "semihard": "farthest", "easy": "nearest"}.get(pos_strategy, "all")
    neg = {"hard": "nearest", "semihard": "nearest", "easy": "farthest"}.get(neg_strategy, "all")
    if pos_strategy == "semihard":
        n, limits = chosen_columns(d, negatives, neg)
        return chosen_columns(d, positives, pos, limits)[0], n
    p, limits = chosen_columns(d, positives, pos)
    return p, chosen_columns(d, negatives, neg, limits if neg_strategy == "semihard" else None)[0]


def finetuner_miner(chosen, x):
    import torch

    name, given = chosen["name"].split(".")[1], params(chosen)
    e, labels = x["embeddings"].detach(), x["labels"]
    d = finetuner_distances(chosen.get("distance") or "cosine", e)
    same = labels[:, None] == labels
    off = ~torch.eye(len(labels), dtype=torch.bool)
    upper = torch.ones_like(same).triu(1)
    if name.startswith("Siamese"):
        p, n = same & upper, ~same & upper
        if "EasyHard" in name:
            p, n = easy_hard(d, p, n, **given)
        return *torch.where(p), *torch.where(n)
    p, n = same & off, ~same
    if "EasyHard" in name:
        p, n = easy_hard(d, p, n, **given)
    return torch.where(p[:, :, None] & n[:, None])


def finetuner_loss(question, x):
    import torch
    import torch.nn.functional as F

    name, given = question["part"].split(".")[1], params(question)
    e, labels = x["embeddings"], x["labels"]
    if name == "NTXentLoss":
        s = (1 - finetuner_distances("cosine", e)) / given.get("temperature", 0.1)
        me = torch.eye(len(labels), dtype=torch.bool)
        return (s.masked_fill(me, -torch.inf).logsumexp(1) - s[(labels[:, None] == labels) & ~me]).mean()
    kind = "Siamese" if name == "SiameseLoss" else "Triplet"
    word = question.get("distance") or "cosine"
    found = finetuner_miner(question.get("miner") or {"name": f"finetuner.{kind}Miner", "distance": word}, x)
    d = finetuner_distances(word, e)
    margin = given.get("margin", 1.0)
    if kind == "Triplet":
        a, p, n = found
        return F.relu(d[a, p] - d[a, n] + margin).mean()
    a1, p, a2, n = found
    terms = torch.cat([d[a1, p], F.relu(margin - d[a2, n])])
    return terms.mean()


def masked_loss(question, x):
    import torch

    given = params(question)
    scores, positives = x["similarities"], x["positive_mask"]
    distances, strategy = question["distances"], given.get("strategy", "hardest")
    d = scores if distances else 1 - scores
    likeness = -scores.detach() if distances else scores.detach()
    counted = ~x["ignore_mask"] if "ignore_mask" in x else torch.ones_like(positives)
    if scores.shape[0] == scores.shape[1] and not question["keep_diagonal"]:
        counted = counted & ~torch.eye(len(scores), dtype=torch.bool)
    terms = []
    for a, p in zip(*torch.where(positives & counted)):
        limit = likeness[a, p]
        admitted = {"hardest": likeness[a] > -torch.inf, "hard": likeness[a] > limit, "semihard": likeness[a] < limit, "easy": likeness[a] < limit}[strategy]
        admitted = admitted & ~positives[a] & counted[a]
        if admitted.any():
            n = likeness[a].masked_fill(~admitted, -torch.inf).argmax()
            terms.append(torch.relu(d[a, p] - d[a, n] + given["alpha"]))
    return torch.stack(terms).mean() if terms else (scores * 0).sum()


# --- a question and its answer --------------------------------------------------------------------------------------
LOSSES = {"pml": pml_loss, "online": online_loss, "torch": torch_loss, "st": st_loss, "finetuner": finetuner_loss, "masked": masked_loss}
INPUTS = ("embeddings", "ref_embeddings", "weights", "anchor", "positive", "negative", "similarities")


def arrays(question, dtype):
    import numpy as np
    import torch

    x = {}
    for name, file in question["inputs"].items():
        array = np.load(file)
        if array.dtype.kind == "f":
            x[name] = torch.tensor(array, dtype=dtype, requires_grad=name in INPUTS and question["kind"] == "loss")
        else:
            x[name] = torch.tensor(array)
    return x


def answer(question, dtype):
    """Arrays by name: the loss and its gradients, or the indices of a miner."""
    import numpy as np
    import torch

    if question.get("seed") is not None:
        torch.manual_seed(question["seed"])
    x = arrays(question, dtype)
    if question["kind"] == "miner":
        chosen = {k: question.get(k) for k in ("params", "distance")} | {"name": question["part"]}
        found = miner({k: v for k, v in chosen.items() if v is not None}, x)
        names = ("anchor", "positive", "negative") if len(found) == 3 else ("anchor_positive", "positive", "anchor_negative", "negative")
        return {name: column.numpy().astype(np.int64) for name, column in zip(names, found)}
    value = LOSSES[question["part"].split(".")[0]](question, x)
    if value.requires_grad:
        value.sum().backward()
    answers = {"loss": value.detach().to(dtype).numpy()}
    for name in INPUTS:
        if name in x:
            gradient = x[name].grad if x[name].grad is not None else torch.zeros_like(x[name])
            answers[f"gradient {name}"] = gradient.detach().to(dtype).numpy()
    return answers


def main():
    question = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    wanted = require(question)
    import platform
    import warnings
    from importlib.metadata import version

    import numpy as np
    import torch

    warnings.filterwarnings("ignore")
    out = Path(sys.argv[2])
    try:
        answers = {"given": answer(question, getattr(torch, question["dtype"]))}
        if question.get("seed") is None:
            # Some references store or compute parts in float32 whatever they are given; the run to compare with does not.
            # Draws would differ by the precision too, so a seeded run stays as it is.
            torch.set_default_dtype(torch.float64)
            torch.Tensor.float = torch.Tensor.double
        answers["float64"] = answer(question, torch.float64)
    except Exception as e:
        reason = " ".join(str(e).split()) or "no reason"
        print(f"{type(e).__name__}: {reason[:200]}", file=sys.stderr)
        raise SystemExit(4)
    for run, arrays_of_run in answers.items():
        (out / run).mkdir()
        for name, array in arrays_of_run.items():
            np.save(out / run / f"{name}.npy", array)
    packages = [pip.split("==")[0] for pip in wanted.values()]
    packages.sort(key=lambda p: p == "torch")
    text = ", ".join([*(f"{p} {version(p)}" for p in packages), f"Python {platform.python_version()}"])
    (out / "versions.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
