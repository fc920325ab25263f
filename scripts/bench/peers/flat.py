"""faiss: a flat index of normalised rows, which is exact."""
import faiss
import torch
from torch.nn.functional import normalize

from .common import NEGATIVES

VERSION = faiss.__version__


def top_k(inputs):
    faiss.omp_set_num_threads(torch.get_num_threads())
    queries = normalize(inputs.queries).numpy()
    index = faiss.IndexFlatIP(queries.shape[1])
    index.add(normalize(inputs.embeddings).numpy())

    def call():
        index.search(queries, NEGATIVES + 1)
        return []

    return call


CASES = {"top_k": top_k}
