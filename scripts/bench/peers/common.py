"""What the cases of several modules share."""

MARGIN, WIDE_MARGIN, NEGATIVES = 1.0, 4.0, 50


def step(loss, *names):
    """A case: forward and backward of loss(*leaves, labels); leaves are the embeddings unless named."""

    def prepare(inputs):
        leaves = [getattr(inputs, name).requires_grad_(True) for name in names or ("embeddings",)]
        labels = inputs.labels

        def call():
            for leaf in leaves:
                leaf.grad = None
            loss(*leaves, labels).backward()
            return [leaf.grad for leaf in leaves]

        return call

    return prepare
