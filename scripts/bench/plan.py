"""What is measured: the cases, on which data and sizes, by which implementations."""

ROWS = [64, 512, 2048, 8192, 32768]
QUICK_ROWS = ROWS[:-1]
WIDTHS = [128, 512]
# A trained model's rows are as wide as it made them, and no more than it has.
TRAINED_ROWS = [512, 2048, 8192]
TRAINED_WIDTH = 64
TRAINED_MOST = 16173
CLUSTERED_ROWS = [2048, 8192]
CORPUS_ROWS = 200_000
DATA = ["normal", "clustered", "trained"]

# The time of a product or a softmax does not depend on what the numbers are.
ANY_DATA = ["batch_hard_l2", "batch_hard_cosine", "batch_all_l2", "semihard_l2", "eval_map_at_r"]
CASES = ["mm_out", "batch_hard_l2", "batch_hard_cosine", "batch_all_l2", "semihard_l2", "nt_xent", "multiple_negatives",
         "hard_negatives_mask", "top_k", "eval_map_at_r", "call_overhead"]

# By the word of --impl.
SIDES = {"java": "tripoint-java", "python": "tripoint-python", "cpp": "cpp-mm"}
PYTHON_PEERS = ["torch", "pytorch-metric-learning", "online-triplet-loss", "sentence-transformers", "faiss"]
PEERS = [*PYTHON_PEERS, "djl"]
HAS = {
    "tripoint-java": CASES,
    "tripoint-python": ["mm_out", "batch_hard_l2", "batch_hard_cosine", "batch_all_l2", "semihard_l2", "hard_negatives_mask", "call_overhead"],
    "cpp-mm": ["mm_out"],
    "torch": CASES[1:],
    "pytorch-metric-learning": ["batch_hard_l2", "batch_hard_cosine", "batch_all_l2", "semihard_l2", "nt_xent", "eval_map_at_r", "call_overhead"],
    "online-triplet-loss": ["batch_hard_l2", "batch_all_l2", "call_overhead"],
    "sentence-transformers": ["batch_hard_l2", "batch_hard_cosine", "batch_all_l2", "multiple_negatives", "top_k", "call_overhead"],
    "faiss": ["top_k"],
    "djl": ["mm_out", "batch_hard_l2", "batch_hard_cosine", "semihard_l2", "nt_xent", "multiple_negatives", "top_k", "call_overhead"],
}


class Cell:
    """One case on one set of data."""

    def __init__(self, case, data, n, d):
        self.case, self.data, self.n, self.d = case, data, n, d

    @property
    def request(self):
        return f"{self.case} {self.data} {self.n} {self.d}"

    @property
    def set(self):
        return f"{self.data}-{self.n}-{self.d}"

    @property
    def family(self):
        """What a failure at one N says of larger ones."""
        return self.case, self.data, self.d

    def __repr__(self):
        return self.request


def cells(cases=None, data=None, sizes=None, dims=None, quick=False):
    """In an order in which N grows within a case, its data and D."""
    return [cell for case in cases or CASES for cell in _of(case, sizes, quick)
            if cell.data in (data or DATA) and (not dims or cell.d in dims)]


def of(impl, found):
    """Those of the cells that an implementation has."""
    return [cell for cell in found if cell.case in HAS[impl] and (impl != "cpp-mm" or cell.data == "normal")]


def _of(case, sizes, quick):
    if case == "call_overhead":
        return [Cell(case, "normal", 64, 128)]
    if case == "top_k":
        return [Cell(case, data, CORPUS_ROWS, 128) for data in ("normal", "clustered")]
    rows = sizes or (QUICK_ROWS if quick else ROWS)
    # Scores and mask are inputs there, so D is only what the product has.
    widths = [128] if case == "hard_negatives_mask" else WIDTHS
    found = [Cell(case, "normal", n, d) for d in widths for n in rows]
    if case in ANY_DATA:
        found += [Cell(case, "clustered", n, d) for d in widths for n in sizes or CLUSTERED_ROWS]
        found += [Cell(case, "trained", n, TRAINED_WIDTH) for n in sizes or TRAINED_ROWS if n <= TRAINED_MOST]
    return found
