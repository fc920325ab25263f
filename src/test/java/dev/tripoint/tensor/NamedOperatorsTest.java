package dev.tripoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every named operator against plain Java over arrays. */
@Tag("versions")
class NamedOperatorsTest {
  private static final int ROWS = 4;
  private static final int COLUMNS = 5;
  private static final double TOLERANCE = 1e-12;

  private TensorScope scope;
  private Random random;
  private double[] a;
  private double[] b;
  private Tensor x;
  private Tensor y;

  @BeforeEach
  void open() {
    scope = TensorScope.open();
    use(1);
  }

  private void use(long seed) {
    random = new Random(seed);
    a = random.doubles(ROWS * COLUMNS, -3, 3).toArray();
    b = random.doubles(ROWS * COLUMNS, -3, 3).toArray();
    x = Tensor.of(a, ROWS, COLUMNS);
    y = Tensor.of(b, ROWS, COLUMNS);
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static void assertValues(String what, Tensor actual, double... expected) {
    double[] values = actual.toDoubleArray();
    assertThat(values).as(what).hasSize(expected.length);
    for (int i = 0; i < values.length; i++) {
      if (Double.isNaN(expected[i])) {
        assertThat(values[i]).as("%s, element %d", what, i).isNaN();
      } else {
        assertThat(values[i])
            .as("%s, element %d", what, i)
            .isCloseTo(expected[i], within(TOLERANCE * Math.max(1, Math.abs(expected[i]))));
      }
    }
  }

  private double[] map(DoubleUnaryOperator f) {
    return Arrays.stream(a).map(f).toArray();
  }

  private double[] zip(DoubleBinaryOperator f) {
    return IntStream.range(0, a.length).mapToDouble(i -> f.applyAsDouble(a[i], b[i])).toArray();
  }

  private static double bit(boolean b) {
    return b ? 1 : 0;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void elementByElement(long seed) {
    use(seed);
    Map<String, Map.Entry<UnaryOperator<Tensor>, DoubleUnaryOperator>> all = new LinkedHashMap<>();
    all.put("neg", Map.entry(Tensor::neg, v -> -v));
    all.put("abs", Map.entry(Tensor::abs, Math::abs));
    all.put("sign", Map.entry(Tensor::sign, Math::signum));
    all.put("reciprocal", Map.entry(Tensor::reciprocal, v -> 1 / v));
    all.put("square", Map.entry(Tensor::square, v -> v * v));
    all.put("exp", Map.entry(Tensor::exp, Math::exp));
    all.put("expm1", Map.entry(Tensor::expm1, Math::expm1));
    all.put("log", Map.entry(Tensor::log, Math::log));
    all.put("log1p", Map.entry(Tensor::log1p, Math::log1p));
    all.put("sqrt", Map.entry(Tensor::sqrt, Math::sqrt));
    all.put("rsqrt", Map.entry(Tensor::rsqrt, v -> 1 / Math.sqrt(v)));
    all.put("sin", Map.entry(Tensor::sin, Math::sin));
    all.put("cos", Map.entry(Tensor::cos, Math::cos));
    all.put("atan", Map.entry(Tensor::atan, Math::atan));
    all.put("sigmoid", Map.entry(Tensor::sigmoid, v -> 1 / (1 + Math.exp(-v))));
    all.put("tanh", Map.entry(Tensor::tanh, Math::tanh));
    all.put("relu", Map.entry(Tensor::relu, v -> Math.max(v, 0)));
    all.put("floor", Map.entry(Tensor::floor, Math::floor));
    all.put("round", Map.entry(Tensor::round, Math::rint));
    all.put("softplus", Map.entry(Tensor::softplus, v -> Math.log1p(Math.exp(v))));
    all.put("add long", Map.entry(t -> t.add(2), v -> v + 2));
    all.put("add double", Map.entry(t -> t.add(2.5), v -> v + 2.5));
    all.put("sub long", Map.entry(t -> t.sub(2), v -> v - 2));
    all.put("sub double", Map.entry(t -> t.sub(2.5), v -> v - 2.5));
    all.put("mul long", Map.entry(t -> t.mul(3), v -> v * 3));
    all.put("mul double", Map.entry(t -> t.mul(0.5), v -> v * 0.5));
    all.put("div long", Map.entry(t -> t.div(4), v -> v / 4));
    all.put("div double", Map.entry(t -> t.div(0.3), v -> v / 0.3));
    all.put("rsub", Map.entry(t -> t.rsub(1.5), v -> 1.5 - v));
    all.put("pow 3", Map.entry(t -> t.pow(3), v -> v * v * v));
    all.put("pow 1.5", Map.entry(t -> t.pow(1.5), v -> Math.pow(v, 1.5)));
    all.put("clamp", Map.entry(t -> t.clamp(-1.0, 2.0), v -> Math.min(Math.max(v, -1), 2)));
    all.put("clamp min", Map.entry(t -> t.clamp(-1.0, null), v -> Math.max(v, -1)));
    all.put("clamp max", Map.entry(t -> t.clamp(null, 2.0), v -> Math.min(v, 2)));
    all.put("clampMin", Map.entry(t -> t.clampMin(0.25), v -> Math.max(v, 0.25)));
    all.put("clampMax", Map.entry(t -> t.clampMax(0.25), v -> Math.min(v, 0.25)));
    all.put("eq", Map.entry(t -> t.eq(a[3]), v -> bit(v == a[3])));
    all.put("ne", Map.entry(t -> t.ne(a[3]), v -> bit(v != a[3])));
    all.put("lt", Map.entry(t -> t.lt(0.5), v -> bit(v < 0.5)));
    all.put("le", Map.entry(t -> t.le(a[2]), v -> bit(v <= a[2])));
    all.put("gt", Map.entry(t -> t.gt(0), v -> bit(v > 0)));
    all.put("ge", Map.entry(t -> t.ge(a[2]), v -> bit(v >= a[2])));
    all.put("logicalNot", Map.entry(t -> t.gt(0).logicalNot(), v -> bit(!(v > 0))));
    all.put("isnan", Map.entry(t -> t.log().isnan(), v -> bit(v < 0)));
    all.put("isfinite", Map.entry(t -> t.sqrt().isfinite(), v -> bit(v >= 0)));
    all.put("copy", Map.entry(Tensor::copy, v -> v));
    all.put("contiguous", Map.entry(Tensor::contiguous, v -> v));
    all.put("detach", Map.entry(Tensor::detach, v -> v));
    all.put("maskedFill", Map.entry(t -> t.maskedFill(t.gt(0), 9), v -> v > 0 ? 9 : v));
    all.forEach((name, pair) ->
        assertValues(name + " seed " + seed, pair.getKey().apply(x), map(pair.getValue())));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void twoOperands(long seed) {
    use(seed);
    Map<String, Map.Entry<BinaryOperator<Tensor>, DoubleBinaryOperator>> all =
        new LinkedHashMap<>();
    all.put("add", Map.entry((s, t) -> s.add(t), (u, v) -> u + v));
    all.put("add alpha", Map.entry((s, t) -> s.add(t, 0.5), (u, v) -> u + 0.5 * v));
    all.put("sub", Map.entry((s, t) -> s.sub(t), (u, v) -> u - v));
    all.put("sub alpha", Map.entry((s, t) -> s.sub(t, 2), (u, v) -> u - 2 * v));
    all.put("mul", Map.entry((s, t) -> s.mul(t), (u, v) -> u * v));
    all.put("div", Map.entry((s, t) -> s.div(t), (u, v) -> u / v));
    all.put("pow", Map.entry((s, t) -> s.abs().pow(t), (u, v) -> Math.pow(Math.abs(u), v)));
    all.put("maximum", Map.entry((s, t) -> s.maximum(t), Math::max));
    all.put("minimum", Map.entry((s, t) -> s.minimum(t), Math::min));
    all.put("eq", Map.entry((s, t) -> s.eq(t), (u, v) -> bit(u == v)));
    all.put("ne", Map.entry((s, t) -> s.ne(t), (u, v) -> bit(u != v)));
    all.put("lt", Map.entry((s, t) -> s.lt(t), (u, v) -> bit(u < v)));
    all.put("le", Map.entry((s, t) -> s.le(t), (u, v) -> bit(u <= v)));
    all.put("gt", Map.entry((s, t) -> s.gt(t), (u, v) -> bit(u > v)));
    all.put("ge", Map.entry((s, t) -> s.ge(t), (u, v) -> bit(u >= v)));
    all.put("and", Map.entry((s, t) -> s.gt(0).logicalAnd(t.gt(0)), (u, v) -> bit(u > 0 && v > 0)));
    all.put("or", Map.entry((s, t) -> s.gt(0).logicalOr(t.gt(0)), (u, v) -> bit(u > 0 || v > 0)));
    all.put("xor", Map.entry((s, t) -> s.gt(0).logicalXor(t.gt(0)), (u, v) -> bit(u > 0 ^ v > 0)));
    all.put("where", Map.entry((s, t) -> Torch.where(s.gt(t), s, t), Math::max));
    all.forEach((name, pair) ->
        assertValues(name + " seed " + seed, pair.getKey().apply(x, y), zip(pair.getValue())));
  }

  @Test
  void broadcasts() {
    Tensor row = Tensor.of(new double[] {1, 2, 3, 4, 5});
    Tensor column = Tensor.of(new double[] {10, 20, 30, 40}, 4, 1);
    double[] expected = new double[a.length];
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < COLUMNS; j++) {
        expected[i * COLUMNS + j] = (j + 1) + 10 * (i + 1);
      }
    }
    assertValues("row + column", row.add(column), expected);
    assertThatThrownBy(() -> row.add(Torch.ones(4))).isInstanceOf(TensorException.class);
  }

  @Test
  void integersStayIntegersUnlessDividedOrMixed() {
    Tensor n = Tensor.of(new long[] {1, 2, 3});
    assertThat(n.add(1).dtype()).isEqualTo(DType.INT64);
    assertThat(n.mul(2).toLongArray()).containsExactly(2, 4, 6);
    assertThat(n.pow(2).dtype()).isEqualTo(DType.INT64);
    assertThat(n.sub(1.0).dtype()).isEqualTo(DType.FLOAT32);
    assertThat(n.div(2).dtype()).isEqualTo(DType.FLOAT32);
    assertThat(n.div(2).toDoubleArray()).containsExactly(0.5, 1, 1.5);
    assertThat(n.sum().dtype()).isEqualTo(DType.INT64);
    long big = (1L << 53) + 1;
    assertThat(Tensor.of(new long[] {big, big - 1}).eq(big).toBooleanArray())
        .containsExactly(true, false);
    assertThat(Torch.zeros(DType.INT64, 1).fill_(big).itemLong()).isEqualTo(big);
    assertThatThrownBy(n::mean).isInstanceOf(TensorException.class);
  }

  private double[] column(int j) {
    return IntStream.range(0, ROWS).mapToDouble(i -> a[i * COLUMNS + j]).toArray();
  }

  private double[] row(int i) {
    return Arrays.copyOfRange(a, i * COLUMNS, (i + 1) * COLUMNS);
  }

  private interface OfArray {
    double of(double[] values);
  }

  private double[] byRow(OfArray f) {
    return IntStream.range(0, ROWS).mapToDouble(i -> f.of(row(i))).toArray();
  }

  private double[] byColumn(OfArray f) {
    return IntStream.range(0, COLUMNS).mapToDouble(j -> f.of(column(j))).toArray();
  }

  private static double sum(double[] v) {
    return Arrays.stream(v).sum();
  }

  private static double mean(double[] v) {
    return sum(v) / v.length;
  }

  private static double variance(double[] v, int less) {
    double mean = mean(v);
    return Arrays.stream(v).map(e -> (e - mean) * (e - mean)).sum() / (v.length - less);
  }

  private static double largest(double[] v) {
    return Arrays.stream(v).max().orElseThrow();
  }

  private static double smallest(double[] v) {
    return Arrays.stream(v).min().orElseThrow();
  }

  private static int where(double[] v, double value) {
    return IntStream.range(0, v.length).filter(i -> v[i] == value).findFirst().orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void reductions(long seed) {
    use(seed);
    assertValues("sum", x.sum(), sum(a));
    assertValues("sum 0", x.sum(0), byColumn(NamedOperatorsTest::sum));
    assertValues("sum -1", x.sum(-1), byRow(NamedOperatorsTest::sum));
    assertThat(x.sum(1, true).sizes()).containsExactly(ROWS, 1);
    assertThat(x.sum(1, false).sizes()).containsExactly(ROWS);
    assertValues("mean", x.mean(), mean(a));
    assertValues("mean 0", x.mean(0), byColumn(NamedOperatorsTest::mean));
    assertValues("mean 1", x.mean(1, true), byRow(NamedOperatorsTest::mean));
    assertValues("prod", x.prod(), Arrays.stream(a).reduce(1, (u, v) -> u * v));
    assertValues("max", x.max(), largest(a));
    assertValues("min", x.min(), smallest(a));
    assertValues("max values", x.max(1, false).values(), byRow(NamedOperatorsTest::largest));
    assertValues("max indices", x.max(1, false).indices(), byRow(v -> where(v, largest(v))));
    assertValues("min values", x.min(0, false).values(), byColumn(NamedOperatorsTest::smallest));
    assertValues("min indices", x.min(0, false).indices(), byColumn(v -> where(v, smallest(v))));
    assertThat(x.max(0, true).values().sizes()).containsExactly(1, COLUMNS);
    assertValues("amax", x.amax(0, false), byColumn(NamedOperatorsTest::largest));
    assertValues("amin", x.amin(1, true), byRow(NamedOperatorsTest::smallest));
    assertValues("argmax", x.argmax(1, false), byRow(v -> where(v, largest(v))));
    assertValues("argmin", x.argmin(0, false), byColumn(v -> where(v, smallest(v))));
    assertThat(x.gt(100).any().itemBoolean()).isFalse();
    assertThat(x.gt(-100).all().itemBoolean()).isTrue();
    assertValues("any", x.gt(2).any(1, false), byRow(v -> bit(largest(v) > 2)));
    assertValues("all", x.gt(-2).all(1, false), byRow(v -> bit(smallest(v) > -2)));
    assertValues("std", x.std(), Math.sqrt(variance(a, 1)));
    assertValues("var", x.var(), variance(a, 1));
    assertValues("var biased", x.var(0, false, false), byColumn(v -> variance(v, 0)));
    assertValues("var unbiased", x.var(1, true, false), byRow(v -> variance(v, 1)));
    assertValues("norm 2", x.norm(2, 1, false), byRow(v -> Math.sqrt(sum(squares(v)))));
    assertValues("norm 1", x.norm(1, 0, false), byColumn(v -> sum(magnitudes(v))));
    assertValues(
        "norm inf", x.norm(Double.POSITIVE_INFINITY, 1, false), byRow(v -> largest(magnitudes(v))));
    assertValues("logsumexp", x.logsumexp(1, false), byRow(v -> Math.log(sum(exponentials(v)))));
  }

  private static double[] squares(double[] v) {
    return Arrays.stream(v).map(e -> e * e).toArray();
  }

  private static double[] magnitudes(double[] v) {
    return Arrays.stream(v).map(Math::abs).toArray();
  }

  private static double[] exponentials(double[] v) {
    return Arrays.stream(v).map(Math::exp).toArray();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void alongADimension(long seed) {
    use(seed);
    double[] softmax = new double[a.length];
    double[] cumsum = new double[a.length];
    double[] sorted = new double[a.length];
    for (int i = 0; i < ROWS; i++) {
      double[] row = row(i);
      double total = sum(exponentials(row));
      double running = 0;
      Arrays.sort(row);
      for (int j = 0; j < COLUMNS; j++) {
        double v = a[i * COLUMNS + j];
        softmax[i * COLUMNS + j] = Math.exp(v) / total;
        running += v;
        cumsum[i * COLUMNS + j] = running;
        sorted[i * COLUMNS + j] = row[COLUMNS - 1 - j];
      }
    }
    assertValues("softmax", x.softmax(1), softmax);
    assertValues("logSoftmax", x.logSoftmax(-1), Arrays.stream(softmax).map(Math::log).toArray());
    assertValues("cumsum", x.cumsum(1), cumsum);
    ValuesIndices sort = x.sort(1, true);
    assertValues("sort", sort.values(), sorted);
    assertValues("sort indices", x.gather(1, sort.indices()), sorted);
    assertValues("argsort", x.gather(1, x.argsort(1, true)), sorted);
    ValuesIndices top = x.topk(2, 1, true, true);
    double[] twoLargest = new double[2 * ROWS];
    for (int i = 0; i < ROWS; i++) {
      twoLargest[2 * i] = sorted[i * COLUMNS];
      twoLargest[2 * i + 1] = sorted[i * COLUMNS + 1];
    }
    assertValues("topk", top.values(), twoLargest);
    assertValues("topk indices", x.gather(1, top.indices()), twoLargest);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void products(long seed) {
    use(seed);
    double[] product = new double[ROWS * ROWS];
    double[] distances = new double[ROWS * ROWS];
    for (int i = 0; i < ROWS; i++) {
      for (int k = 0; k < ROWS; k++) {
        double difference = 0;
        for (int j = 0; j < COLUMNS; j++) {
          double u = a[i * COLUMNS + j];
          double v = b[k * COLUMNS + j];
          product[i * ROWS + k] += u * v;
          difference += (u - v) * (u - v);
        }
        distances[i * ROWS + k] = Math.sqrt(difference);
      }
    }
    assertValues("mm", x.mm(y.t()), product);
    assertValues("matmul", x.matmul(y.t()), product);
    assertValues("bmm", x.unsqueeze(0).bmm(y.t().unsqueeze(0)), product);
    assertValues("cdist", x.cdist(y, 2), distances);
    assertValues("Torch.cdist", Torch.cdist(x, y), distances);
    assertValues("dot", x.flatten().dot(y.flatten()), sum(zip((u, v) -> u * v)));
    assertValues(
        "addmm",
        Torch.full(100, DType.FLOAT64, 1).addmm(x, y.t()),
        Arrays.stream(product).map(v -> v + 100).toArray());
  }

  @Test
  void shapes() {
    assertThat(x.reshape(5, 4).sizes()).containsExactly(5, 4);
    assertThat(x.reshape(-1).sizes()).containsExactly(20);
    assertThat(x.view(2, -1).sizes()).containsExactly(2, 10);
    assertThatThrownBy(() -> x.t().view(20)).isInstanceOf(TensorException.class);
    assertThat(x.flatten().sizes()).containsExactly(20);
    assertThat(x.unsqueeze(1).sizes()).containsExactly(4, 1, 5);
    assertThat(x.unsqueeze(1).squeeze(1).sizes()).containsExactly(4, 5);
    assertThat(x.squeeze(0).sizes()).containsExactly(4, 5);
    assertThat(x.transpose(0, 1).strides()).containsExactly(1, 5);
    assertThat(x.t().isContiguous()).isFalse();
    assertThat(x.t().contiguous().isContiguous()).isTrue();
    assertThat(x.view(2, 2, 5).permute(2, 0, 1).sizes()).containsExactly(5, 2, 2);
    assertThat(Torch.ones(1, 5).expand(4, 5).strides()).containsExactly(0, 1);
    assertThat(Torch.ones(1, 5).expand(4, -1).sizes()).containsExactly(4, 5);
    assertValues("narrow", x.narrow(0, 1, 1), row(1));
    assertValues("select", x.select(1, -1), column(COLUMNS - 1));
    assertValues("slice", x.slice(0, 0, 4, 2).select(0, 1), row(2));
    assertThat(x.slice(1, 1, 100, 3).sizes()).containsExactly(4, 2);
    assertValues("diagonal", x.diagonal(), a[0], a[6], a[12], a[18]);
    assertThat(x.repeatInterleave(3, 0).sizes()).containsExactly(12, 5);
    assertValues("repeated", x.repeatInterleave(3, 0).select(0, 5), row(1));
    List<Tensor> chunks = x.chunk(3, 1);
    assertThat(chunks).hasSize(3);
    assertThat(chunks.get(2).sizes()).containsExactly(4, 1);
    double[] upper = a.clone();
    double[] lower = a.clone();
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < COLUMNS; j++) {
        if (j < i + 1) {
          upper[i * COLUMNS + j] = 0;
        }
        if (j > i - 1) {
          lower[i * COLUMNS + j] = 0;
        }
      }
    }
    assertValues("triu", x.triu(1), upper);
    assertValues("tril", x.tril(-1), lower);
    assertThat(x.size(-1)).isEqualTo(5);
    assertThat(x.dim()).isEqualTo(2);
    assertThatThrownBy(() -> x.size(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> x.size(-3)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void indexing() {
    Tensor rows = Tensor.of(new long[] {3, 0});
    Tensor columns = Tensor.of(new long[] {1, 4});
    assertValues("indexSelect", x.indexSelect(0, rows).select(0, 0), row(3));
    assertValues("index pairs", x.index(rows, columns), a[16], a[4]);
    assertValues("index columns", x.index(null, columns).select(1, 1), column(4));
    assertValues("index mask", x.index(x.gt(0)), Arrays.stream(a).filter(v -> v > 0).toArray());
    assertValues("gather", x.gather(1, Tensor.of(new long[] {2, 2, 2, 2}, 4, 1)), column(2));
    double[] scattered = a.clone();
    double[] added = a.clone();
    for (int j = 0; j < COLUMNS; j++) {
      scattered[j] = b[j];
      added[j] += b[j] + b[COLUMNS + j];
    }
    assertValues(
        "scatter", x.scatter(0, Tensor.of(new long[5], 1, 5), y.narrow(0, 0, 1)), scattered);
    assertValues("indexAdd", x.indexAdd(0, Tensor.of(new long[2]), y.narrow(0, 0, 2)), added);
    assertValues(
        "maskedSelect", x.maskedSelect(x.lt(0)), Arrays.stream(a).filter(v -> v < 0).toArray());
    Tensor grid = Tensor.of(new long[] {0, 1, 2, 0}, 2, 2);
    assertThat(grid.nonzero().toLongArray()).containsExactly(0, 1, 1, 0);
    List<Tensor> places = Torch.where(grid);
    assertThat(places.get(0).toLongArray()).containsExactly(0, 1);
    assertThat(places.get(1).toLongArray()).containsExactly(1, 0);
    Tensor many = Tensor.of(new long[] {3, 1, 3, 0});
    assertThat(many.unique().toLongArray()).containsExactly(0, 1, 3);
    assertThat(many.bincount().toLongArray()).containsExactly(1, 1, 0, 2);
    assertThatThrownBy(() -> x.index(Tensor.of(new long[] {99})))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("out of bounds");
  }

  @Test
  void conversions() {
    assertThat(x.to(DType.FLOAT32).dtype()).isEqualTo(DType.FLOAT32);
    assertThat(x.to(DType.INT64).toLongArray())
        .containsExactly(Arrays.stream(a).mapToLong(v -> (long) v).toArray());
    assertThat(x.to(DType.BOOL).all().itemBoolean()).isTrue();
    assertThat(x.to(Device.CPU).toDoubleArray()).containsExactly(a);
    assertThat(x.to(Device.META, false).device()).isEqualTo(Device.META);
    assertThat(x.to(DType.BFLOAT16).dtype()).isEqualTo(DType.BFLOAT16);
    assertThat(x.toIntArray()).containsExactly(Arrays.stream(a).mapToInt(v -> (int) v).toArray());
    assertThat(x.t().toDoubleArray()[1]).isEqualTo(a[5]);
    assertThat(Torch.ones(DType.FLOAT16, 3).toFloatArray()).containsExactly(1, 1, 1);
    Tensor complex = Op.of("aten::complex").callTensor(x, y);
    Tensor imaginary = Op.of("aten::imag").callTensor(Op.of("aten::conj").callTensor(complex));
    assertValues("lazily negated", imaginary, Arrays.stream(b).map(v -> -v).toArray());
    assertThat(imaginary.select(0, 0).select(0, 0).toDoubleArray()).containsExactly(-b[0]);
  }

  @Test
  void inPlace() {
    Tensor z = Tensor.of(a, ROWS, COLUMNS);
    long address = CallFrame.describe(z).data();
    Tensor same =
        z.add_(y)
            .add_(y, 0.5)
            .add_(1.5)
            .add_(1)
            .sub_(y)
            .sub_(0.5)
            .sub_(1)
            .sub_(y, 0.25)
            .mul_(y)
            .mul_(3.0)
            .mul_(2)
            .div_(2)
            .div_(4.0)
            .div_(y);
    assertThat(same).isSameAs(z);
    assertThat(CallFrame.describe(z).data()).isEqualTo(address);
    assertValues(
        "chain",
        z,
        zip((u, v) ->
            (u + v + 0.5 * v + 1.5 + 1 - v - 0.5 - 1 - 0.25 * v) * v * 3 * 2 / 2 / 4 / v));
    assertValues("copy_", z.copy_(x), a);
    assertValues("fill_", z.fill_(2.5), map(v -> 2.5));
    assertValues("zero_", z.zero_(), map(v -> 0));
    assertValues("clamp_", z.copy_(x).clamp_(-1.0, 1.0), map(v -> Math.min(Math.max(v, -1), 1)));
    assertValues("addcmul_", z.copy_(x).addcmul_(x, y, 2), zip((u, v) -> u + 2 * u * v));
    assertValues("addcdiv_", z.copy_(x).addcdiv_(x, y, 0.5), zip((u, v) -> u + 0.5 * u / v));
    assertValues("sqrt_", z.copy_(x).mul_(x).sqrt_(), map(Math::abs));
    double[] diagonal = a.clone();
    for (int i = 0; i < ROWS; i++) {
      diagonal[i * COLUMNS + i] = 7;
    }
    assertValues("fillDiagonal_", z.copy_(x).fillDiagonal_(7), diagonal);
    try (Generator generator = new Generator(3)) {
      double[] uniform = Torch.empty(DType.FLOAT64, 2000).uniform_(2, 3, generator).toDoubleArray();
      assertThat(Arrays.stream(uniform).allMatch(v -> v >= 2 && v < 3)).isTrue();
      assertThat(mean(uniform)).isCloseTo(2.5, within(0.05));
      double[] normal = Torch.empty(DType.FLOAT64, 4000).normal_(5, 2, generator).toDoubleArray();
      assertThat(mean(normal)).isCloseTo(5, within(0.15));
      assertThat(Math.sqrt(variance(normal, 1))).isCloseTo(2, within(0.15));
    }
    assertThat(Torch.empty(4).uniform_(0, 1, null).numel()).isEqualTo(4);
  }

  @Test
  void factories() {
    assertValues("zeros", Torch.zeros(2), 0, 0);
    assertValues("ones", Torch.ones(DType.INT64, 2), 1, 1);
    assertThat(Torch.empty(2, 3).dtype()).isEqualTo(DType.FLOAT32);
    assertThat(Torch.empty(DType.INT32, Device.META, 7).device()).isEqualTo(Device.META);
    assertThat(Torch.zeros().dim()).isZero();
    assertValues("full", Torch.full(2.5, DType.FLOAT64, 2), 2.5, 2.5);
    assertThat(Torch.full(2, 3).dtype()).isEqualTo(DType.FLOAT32);
    assertThat(Torch.scalar(3, DType.INT64).itemLong()).isEqualTo(3);
    assertThat(Torch.scalar(3, DType.INT64).dim()).isZero();
    assertThat(Torch.zerosLike(x).dtype()).isEqualTo(DType.FLOAT64);
    assertValues("onesLike", Torch.onesLike(x), map(v -> 1));
    assertThat(Torch.emptyLike(x).sizes()).containsExactly(4, 5);
    assertThat(Torch.arange(3).toLongArray()).containsExactly(0, 1, 2);
    assertValues("arange", Torch.arange(1, 2, 0.25), 1, 1.25, 1.5, 1.75);
    assertValues("linspace", Torch.linspace(0, 1, 5), 0, 0.25, 0.5, 0.75, 1);
    assertValues("eye", Torch.eye(2), 1, 0, 0, 1);
    assertValues("cat", Torch.cat(List.of(x, y), 0).narrow(0, 4, 1), Arrays.copyOf(b, COLUMNS));
    assertThat(Torch.cat(x, y).sizes()).containsExactly(8, 5);
    assertThat(Torch.stack(List.of(x, y), 1).sizes()).containsExactly(4, 2, 5);
    assertThatThrownBy(() -> Torch.cat(List.of(), 0)).isInstanceOf(TensorException.class);
    assertThatThrownBy(() -> Torch.zeros(-1)).isInstanceOf(TensorException.class);
  }

  @Test
  void randomNumbersComeFromTheirSeed() {
    Torch.manualSeed(7);
    float[] first = Torch.randn(5).toFloatArray();
    Torch.manualSeed(7);
    assertThat(Torch.randn(5).toFloatArray()).containsExactly(first);
    assertThat(Torch.rand(100).toFloatArray()).usingComparatorWithPrecision(1f).isNotEmpty();
    try (Generator generator = new Generator(0)) {
      // torch.Generator().manual_seed(0); torch.rand(3, generator=g)
      float[] values = Torch.rand(generator, DType.FLOAT32, 3).toFloatArray();
      assertThat(values).containsExactly(0.4962566f, 0.7682218f, 0.08847743f);
      assertThat(Torch.randperm(5, generator).sort(0, false).values().toLongArray())
          .containsExactly(0, 1, 2, 3, 4);
      long[] integers = Torch.randint(3, generator, 200).toLongArray();
      assertThat(Arrays.stream(integers).distinct().sorted().toArray()).containsExactly(0, 1, 2);
    }
    assertThat(Torch.randperm(4, null).numel()).isEqualTo(4);
    assertThat(Torch.randint(3, null, 2, 2).sizes()).containsExactly(2, 2);
  }

  @Test
  void items() {
    assertThat(Torch.full(2.5).item()).isEqualTo(2.5);
    assertThat(Tensor.of(new boolean[] {true}).itemBoolean()).isTrue();
    assertThat(Tensor.of(new boolean[] {true}).item()).isEqualTo(1);
    assertThat(Tensor.of(new boolean[] {true}).itemLong()).isEqualTo(1);
    assertThat(Tensor.of(new long[] {Long.MAX_VALUE}).itemLong()).isEqualTo(Long.MAX_VALUE);
    assertThat(Tensor.of(new float[] {0}).itemBoolean()).isFalse();
    assertThatThrownBy(() -> Torch.ones(2).item()).isInstanceOf(TensorException.class);
  }
}
