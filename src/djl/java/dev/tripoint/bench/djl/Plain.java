package dev.tripoint.bench.djl;

import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** The losses pair by pair in double precision, as their names define them. */
final class Plain {
  /** A loss of matrices and the labels of their rows. */
  @FunctionalInterface
  interface Loss {
    double of(List<double[][]> rows, long[] labels);
  }

  @FunctionalInterface
  private interface Distance {
    double of(double[] x, double[] y);
  }

  private Plain() {}

  static double batchHardL2(List<double[][]> rows, long[] labels) {
    return batchHard(rows.getFirst(), labels, Plain::distance);
  }

  static double batchHardCosine(List<double[][]> rows, long[] labels) {
    return batchHard(rows.getFirst(), labels, (x, y) -> 1 - cosine(x, y));
  }

  private static double batchHard(double[][] x, long[] labels, Distance distance) {
    double sum = 0;
    for (int a = 0; a < x.length; a++) {
      double positive = 0;
      double negative = Double.POSITIVE_INFINITY;
      for (int i = 0; i < x.length; i++) {
        double d = distance.of(x[a], x[i]);
        if (labels[i] != labels[a]) {
          negative = Math.min(negative, d);
        } else if (i != a) {
          positive = Math.max(positive, d);
        }
      }
      sum += Math.max(0, positive - negative + Losses.MARGIN);
    }
    return sum / x.length;
  }

  static double semihardL2(List<double[][]> rows, long[] labels) {
    double[][] x = rows.getFirst();
    double sum = 0;
    int count = 0;
    for (int a = 0; a < x.length; a++) {
      double[] anchor = x[a];
      long label = labels[a];
      int own = a;
      double easiest = nearest(x, anchor, i -> i != own && labels[i] == label);
      double negative =
          nearest(x, anchor, i -> labels[i] != label && distance(anchor, x[i]) > easiest);
      if (easiest < Double.POSITIVE_INFINITY && negative < Double.POSITIVE_INFINITY) {
        sum += Math.max(0, easiest - negative + Losses.MARGIN);
        count++;
      }
    }
    return sum / count;
  }

  static double ntXent(List<double[][]> rows, long[] labels) {
    double[][] x = rows.getFirst();
    double sum = 0;
    int count = 0;
    for (int a = 0; a < x.length; a++) {
      double negatives = 0;
      for (int i = 0; i < x.length; i++) {
        negatives += labels[i] == labels[a] ? 0 : power(x[a], x[i]);
      }
      for (int p = 0; p < x.length; p++) {
        if (p != a && labels[p] == labels[a]) {
          double own = power(x[a], x[p]);
          sum -= Math.log(own / (own + negatives));
          count++;
        }
      }
    }
    return sum / count;
  }

  static double multipleNegatives(List<double[][]> rows, long[] labels) {
    double[][] queries = rows.get(0);
    double[][] documents = rows.get(1);
    double sum = 0;
    for (int i = 0; i < queries.length; i++) {
      double all = 0;
      for (double[] document : documents) {
        all += Math.exp(Losses.SCALE * cosine(queries[i], document));
      }
      sum += Math.log(all) - Losses.SCALE * cosine(queries[i], documents[i]);
    }
    return sum / queries.length;
  }

  static double product(double[] x, double[] y) {
    return IntStream.range(0, x.length).mapToDouble(k -> x[k] * y[k]).sum();
  }

  static double cosine(double[] x, double[] y) {
    return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
  }

  private static double power(double[] x, double[] y) {
    return Math.exp(cosine(x, y) / Losses.TEMPERATURE);
  }

  private static double distance(double[] x, double[] y) {
    return Math.sqrt(
        IntStream.range(0, x.length).mapToDouble(k -> (x[k] - y[k]) * (x[k] - y[k])).sum());
  }

  private static double nearest(double[][] x, double[] anchor, IntPredicate admitted) {
    return IntStream.range(0, x.length)
        .filter(admitted)
        .mapToDouble(i -> distance(anchor, x[i]))
        .min()
        .orElse(Double.POSITIVE_INFINITY);
  }
}
