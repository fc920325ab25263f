"""The bare products that cases are held against; every output was made before. As Products.java has them."""
import torch

CORPUS_CHUNK = 4096
FORWARD_AND_BACKWARD = {"batch_all_l2", "nt_xent", "multiple_negatives"}


def product(x):
    columns, out = x.t(), torch.empty(len(x), len(x))

    def call():
        torch.mm(x, columns, out=out)
        return []

    return call


def forward_and_backward(x, y):
    columns, out, of_x, of_y = y.t(), torch.empty(len(x), len(y)), torch.empty_like(x), torch.empty_like(y)

    def call():
        torch.mm(x, columns, out=out)
        torch.mm(out, y, out=of_x)
        torch.mm(out.t(), x, out=of_y)

    return call


def chunked(queries, corpus):
    out = torch.empty(CORPUS_CHUNK * len(queries))

    def call():
        for start in range(0, len(corpus), CORPUS_CHUNK):
            rows = corpus[start:start + CORPUS_CHUNK]
            torch.mm(queries, rows.t(), out=out[:len(queries) * len(rows)].view(len(queries), len(rows)))

    return call


def held(case, inputs):
    x = inputs.embeddings
    if case == "top_k":
        return "mm_out_chunked", chunked(inputs.queries, x)
    if case in FORWARD_AND_BACKWARD:
        return "mm_forward_backward", forward_and_backward(x, inputs.positives if case == "multiple_negatives" else x)
    return "mm_out", product(x)
