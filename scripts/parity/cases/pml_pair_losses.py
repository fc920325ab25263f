"""Cases of pytorch-metric-learning's losses over pairs."""
from functools import partial

from cases.common import BATCHES, MASKS, RAW, REF, mask_of_labels, pml, pml_loss

COSINE = pml("CosineSimilarity")
PAIRS = [[0, 3, 3, 12, 3], [1, 4, 6, 0, 4], [3, 5, 0, 3, 3, 9], [2, 6, 7, 8, 2, 1]]
TRIPLETS = [[0, 3, 3, 12], [1, 1, 1, 0], [2, 2, 5, 5]]
TO_REFERENCES = [[0, 12, 12, 4], [8, 1, 1, 0], [2, 2, 5, 12], [3, 3, 7, 6]]


def usual(part, batches, **with_):
    """What every loss over pairs has to stand."""
    case = partial(pml_loss, part)
    case("defaults", "30 rows", **with_)
    for b in batches:
        case(b, b, **with_)
    for r in REF:
        case(r, "ragged", r, **with_)
    case("pairs given", "ragged", tuples=PAIRS, **with_)
    case("triplets given", "ragged", tuples=TRIPLETS, **with_)
    case("pairs to references", "ragged", "references", tuples=TO_REFERENCES, **with_)
    case("no pairs given", "ragged", tuples=[[], [], [], []], **with_)
    case("one pair of either side given", "ragged", tuples=[[0], [1], [0], [2]], **with_)
    case("positives alone given", "ragged", tuples=[[0, 1], [1, 2], [], []], **with_)
    case("negatives alone given", "ragged", tuples=[[], [], [0, 1], [1, 2]], **with_)
    case("masks", "ragged", masks=MASKS["masks"], **with_)
    case("masks of references", "ragged", "references", masks=MASKS["masks of references"], **with_)
    case("masks that labels make", "ragged", masks=mask_of_labels("ragged"), **with_)


GENERAL = ["ragged", "uint8 labels", "one class", "singletons", "one row", "two of one class", "two of two classes"]
EXACT = ["collapsed", "duplicates", "ties"]

# --- each pair by itself ------------------------------------------------------------------------------------------
usual("ContrastiveLoss", GENERAL)
for b in EXACT:
    pml_loss("ContrastiveLoss", f"{b}, raw", b, distance=RAW, params={"pos_margin": 0.5, "neg_margin": 2.0})
pml_loss("ContrastiveLoss", "margins", "ragged", params={"pos_margin": 0.9, "neg_margin": 1.4})
pml_loss("ContrastiveLoss", "cosine", "ragged", distance=COSINE, params={"pos_margin": 1, "neg_margin": 0})
pml_loss("ContrastiveLoss", "squared", "int32 labels", distance=pml("LpDistance", power=2))
pml_loss("ContrastiveLoss", "l1, references", "ragged", "references", distance=pml("LpDistance", p=1))
pml_loss("ContrastiveLoss", "mean", "ragged", reducer=pml("MeanReducer"))
pml_loss("ContrastiveLoss", "as they are", "uint8 labels", reducer=pml("DoNothingReducer"))
pml_loss("ContrastiveLoss", "threshold", "ragged", params={"pos_margin": 0.15, "neg_margin": 1.45}, reducer=pml("ThresholdReducer", low=0.2))

# --- each anchor with all its pairs -----------------------------------------------------------------------------------
usual("MultiSimilarityLoss", GENERAL)
for b in EXACT:
    pml_loss("MultiSimilarityLoss", f"{b}, dot product", b, distance=pml("DotProductSimilarity", normalize_embeddings=False), params={"beta": 5})
pml_loss("MultiSimilarityLoss", "parameters", "ragged", params={"alpha": 3, "beta": 30, "base": 0.4})
pml_loss("MultiSimilarityLoss", "euclidean", "ragged", distance=pml("LpDistance"), params={"base": 1.1})
pml_loss("MultiSimilarityLoss", "euclidean, references", "ragged", "references", distance=RAW, params={"beta": 4})
pml_loss("MultiSimilarityLoss", "sum", "ragged", reducer=pml("SumReducer"))
pml_loss("MultiSimilarityLoss", "between", "ragged", reducer=pml("ThresholdReducer", low=0.3, high=0.9))
pml_loss("MultiSimilarityLoss", "large exponents", "ragged", params={"alpha": 900, "beta": 2000})

# --- each positive pair against negatives ----------------------------------------------------------------------------
usual("NTXentLoss", GENERAL)
for b in EXACT:
    pml_loss("NTXentLoss", f"{b}, dot product", b, distance=pml("DotProductSimilarity", normalize_embeddings=False), params={"temperature": 0.9})
pml_loss("NTXentLoss", "temperature", "ragged", params={"temperature": 0.35})
pml_loss("NTXentLoss", "euclidean", "ragged", distance=pml("LpDistance"))
pml_loss("NTXentLoss", "euclidean, references", "ragged", "references", distance=RAW, params={"temperature": 0.5})
pml_loss("NTXentLoss", "sum", "ragged", reducer=pml("SumReducer"))
pml_loss("NTXentLoss", "as they are", "uint8 labels", reducer=pml("DoNothingReducer"))
pml_loss("NTXentLoss", "between", "ragged", reducer=pml("ThresholdReducer", low=0.3, high=9))
