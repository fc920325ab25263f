package dev.tripoint.loss;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.Inputs;
import dev.tripoint.nn.Functional;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Manifold similarity to proxies: {@code pml.ManifoldLoss}. Embeddings and proxies are the nodes of
 * a graph whose edges weigh exp(2 max(0, s)), and a random walk on it, which goes on with
 * probability {@code alpha}, tells how near each node is to each other. Each embedding must be
 * nearer to its own proxy than to the others, by a margin, and likewise in the cosine of what the
 * walk tells of the two: log(1 + Σ exp(violation)) over the violations of each, the second times
 * {@code lambdaC}.
 *
 * <p>Labels are the numbers of the proxies, from 0: what the source calls meta classes and takes in
 * place of tuples. Without labels they are drawn so that each proxy has an embedding; with the same
 * seed as in the source. It takes neither tuples nor references.
 *
 * <p>With an infinite {@code lambdaC} the loss is the second part alone, as the source says, where
 * it gives infinity. The source inverts its matrix in float32 even for float64; here half precision
 * is computed in float32, and rounded once.
 *
 * @param proxies floats, [K, D]; 50 drawn from the standard normal distribution by default
 * @param lambdaC the factor of the second part, or infinity for that part alone; 1 by default
 * @param alpha from 0 to 1, but not 1; 0.8 by default
 * @param margin 5e-4 by default
 * @param distance {@link CosineSimilarity} with its defaults by default
 * @param reducer {@link MeanReducer} by default; as there is a single loss, it has nothing to do
 * @param generator where meta classes are drawn from; null, the default, for LibTorch's global
 *     generator
 */
public record ManifoldLoss(
    Tensor proxies,
    double lambdaC,
    double alpha,
    double margin,
    Distance distance,
    Reducer reducer,
    @Nullable Generator generator)
    implements LearntLoss, WithDistance<ManifoldLoss>, WithReducer<ManifoldLoss> {

  private static final Op INVERSE = Op.of("aten::inverse");

  /** The width of an edge: similarities are divided by it. */
  private static final double WIDTH = 0.5;

  /** What shorter rows are divided by, as {@code torch.nn.functional.cosine_similarity} does. */
  private static final double SMALLEST_NORM = 1e-8;

  /**
   * @throws IllegalArgumentException if the proxies are no matrix of floats, lambdaC is below 0,
   *     alpha is not from 0 to 1, or the margin is not a number
   */
  public ManifoldLoss {
    Inputs.requireFloatMatrix("proxies", proxies);
    if (!(lambdaC >= 0)) {
      throw new IllegalArgumentException("lambdaC must be 0 or more, but is " + lambdaC);
    }
    if (!(alpha >= 0 && alpha < 1)) {
      throw new IllegalArgumentException("alpha must be from 0 to 1, and not 1, but is " + alpha);
    }
    Inputs.requireNumber("margin", margin);
  }

  /** With these proxies, [K, D]. */
  public ManifoldLoss(Tensor proxies) {
    this(proxies, 1, 0.8, 5e-4, new CosineSimilarity(), new MeanReducer(), null);
  }

  /**
   * With proxies drawn from LibTorch's global generator.
   *
   * @param l the size of the embeddings
   * @param k how many proxies there are
   */
  public ManifoldLoss(long l, long k) {
    this(ClassWeights.learnt(k, l, values -> values.normal_(0, 1, null)));
  }

  /** With 50 proxies for embeddings of size {@code l}. */
  public ManifoldLoss(long l) {
    this(l, 50);
  }

  public ManifoldLoss withLambdaC(double lambdaC) {
    return new ManifoldLoss(proxies, lambdaC, alpha, margin, distance, reducer, generator);
  }

  public ManifoldLoss withAlpha(double alpha) {
    return new ManifoldLoss(proxies, lambdaC, alpha, margin, distance, reducer, generator);
  }

  public ManifoldLoss withMargin(double margin) {
    return new ManifoldLoss(proxies, lambdaC, alpha, margin, distance, reducer, generator);
  }

  @Override
  public ManifoldLoss with(Distance distance) {
    return new ManifoldLoss(proxies, lambdaC, alpha, margin, distance, reducer, generator);
  }

  @Override
  public ManifoldLoss with(Reducer reducer) {
    return new ManifoldLoss(proxies, lambdaC, alpha, margin, distance, reducer, generator);
  }

  /**
   * With meta classes drawn from this generator, which the caller keeps open and uses from one
   * thread at a time.
   */
  public ManifoldLoss with(@Nullable Generator generator) {
    return new ManifoldLoss(proxies, lambdaC, alpha, margin, distance, reducer, generator);
  }

  @Override
  public List<Tensor> parameters() {
    return List.of(proxies);
  }

  @Override
  public boolean needsRelation() {
    return false;
  }

  /**
   * @throws IllegalArgumentException if the embeddings are not of the proxies' size, a label is the
   *     number of no proxy, or labels must be drawn for fewer embeddings than proxies
   */
  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    input.requireNoReferences("ManifoldLoss");
    input.requireNoTuples("ManifoldLoss");
    Tensor embeddings = input.embeddings();
    if (embeddings.size(1) != proxies.size(1)) {
      throw new IllegalArgumentException(
          "embeddings must have as many columns as proxies, but have %d against %d"
              .formatted(embeddings.size(1), proxies.size(1)));
    }
    Tensor own = metaClasses(input).unsqueeze(1).eq(Torch.arange(proxies.size(0)).unsqueeze(0));
    long rows = embeddings.size(0);
    // There is no inverse in half precision.
    DType exact = embeddings.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    Tensor walk = walk(Torch.cat(embeddings.to(exact), proxies.to(exact)));
    Tensor directions = Functional.normalize(walk, 2, 1, SMALLEST_NORM);
    Tensor context = loss(above(directions, rows).mm(below(directions, rows).t()), own);
    Tensor loss = context;
    if (lambdaC < Double.POSITIVE_INFINITY) {
      Tensor toProxies = above(walk, rows).narrow(1, rows, proxies.size(0));
      loss = loss(toProxies, own).add(context.mul(lambdaC));
    }
    return new LossTerms(loss.to(embeddings.dtype()), LossTerms.Kind.ALREADY_REDUCED, List.of())
        .alone();
  }

  private Tensor metaClasses(LossInput input) {
    long rows = input.embeddings().size(0);
    long count = proxies.size(0);
    if (input.relation() != null) {
      Tensor labels = input.requireLabels("ManifoldLoss").to(DType.INT64);
      if (labels.lt(0).logicalOr(labels.ge(count)).any().itemBoolean()) {
        throw new IllegalArgumentException(
            "labels must be numbers of the %d proxies, from 0 to %d".formatted(count, count - 1));
      }
      return labels;
    }
    if (rows < count) {
      throw new IllegalArgumentException(
          "without labels, ManifoldLoss needs an embedding for each proxy, but has %d for %d"
              .formatted(rows, count));
    }
    Tensor drawn = Torch.cat(Torch.arange(count), Torch.randint(count, generator, rows - count));
    return drawn.indexSelect(0, Torch.randperm(rows, generator));
  }

  /** How near each node is to each other, [nodes, nodes]. */
  private Tensor walk(Tensor nodes) {
    Tensor one = Torch.eye(nodes.size(0)).to(nodes.dtype());
    Tensor edges = distance.matrix(nodes, nodes).clampMin(0).div(WIDTH).exp();
    edges = edges.sub(edges.mul(one));
    Tensor scale = edges.sum(1).pow(-0.5);
    Tensor steps = edges.mul(scale.unsqueeze(1)).mul(scale);
    Tensor left = one.sub(steps.mul(alpha));
    return INVERSE.callTensor(left).mul(1 - alpha);
  }

  private static Tensor above(Tensor nodes, long rows) {
    return nodes.narrow(0, 0, rows);
  }

  private static Tensor below(Tensor nodes, long rows) {
    return nodes.narrow(0, rows, nodes.size(0) - rows);
  }

  /**
   * The mean over the rows of log(1 + Σ exp) of by how much they are not nearer to their own proxy.
   *
   * @param near [N, K]
   * @param own bool, [N, K]: one proxy for each row
   */
  private Tensor loss(Tensor near, Tensor own) {
    Tensor violations = near.sub(near.maskedSelect(own).unsqueeze(1)).add(margin);
    Tensor counted = violations.ge(0).logicalAnd(own.logicalNot());
    return Sums.logOnePlusExp(Sums.logSumExp(violations, counted)).mean();
  }
}
