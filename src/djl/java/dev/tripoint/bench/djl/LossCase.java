package dev.tripoint.bench.djl;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import dev.tripoint.bench.side.Held;
import dev.tripoint.bench.side.Prepared;
import dev.tripoint.bench.side.Work;
import java.util.List;

/**
 * A loss forward and backward.
 *
 * @param inputs the matrices that it and its gradients are of, by their names
 * @param loss of these matrices and the labels
 * @param plain the same, computed plainly
 */
record LossCase(List<String> inputs, Loss loss, Plain.Loss plain, HeldBy held) implements Case {

  /** A loss of matrices and the labels of their rows. */
  @FunctionalInterface
  interface Loss {
    NDArray of(NDList rows, NDArray labels);
  }

  /** What a case is held against. */
  @FunctionalInterface
  interface HeldBy {
    Held of(Product product, NDList matrices);
  }

  @Override
  public void check(NDManager manager) {
    Check.loss(manager, this);
  }

  @Override
  public Prepared prepare(Inputs data, Product product) {
    NDList matrices = new NDList();
    inputs.forEach(name -> matrices.add(data.read(name)));
    NDArray labels = data.read("labels");
    Work work =
        () -> {
          try (NDManager call = data.manager().newSubManager()) {
            NDList found = step(call, matrices, labels);
            return found.stream().skip(1).mapToLong(g -> g.size() * Float.BYTES).sum();
          }
        };
    return new Prepared(work, held.of(product, matrices));
  }

  /** The loss and its gradients, which belong to the manager as all that is made for them. */
  NDList step(NDManager manager, NDList matrices, NDArray labels) {
    NDList leaves = new NDList();
    for (NDArray matrix : matrices) {
      NDArray leaf = share(manager, matrix);
      leaf.setRequiresGradient(true);
      leaves.add(leaf);
    }
    NDList found = new NDList();
    try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      NDArray value = loss.of(leaves, share(manager, labels));
      collector.backward(value);
      found.add(value);
    }
    for (NDArray leaf : leaves) {
      found.add(leaf.getGradient());
    }
    return found;
  }

  /** The same memory; what is made of it belongs to the manager. */
  static NDArray share(NDManager manager, NDArray array) {
    NDArray shared = array.stopGradient();
    shared.attach(manager);
    return shared;
  }
}
