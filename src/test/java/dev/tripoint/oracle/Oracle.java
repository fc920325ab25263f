package dev.tripoint.oracle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** Brute force: each rule as its reference states it, one loop after the other. */
final class Oracle {

  private Oracle() {}

  /** A loss and its gradient by the rows. */
  static final class Answer {
    double loss;
    long active;
    long valid;
    final double[][] grad;

    Answer(int rows, int columns) {
      grad = new double[rows][columns];
    }

    void scale(double factor) {
      loss *= factor;
      for (double[] row : grad) {
        for (int k = 0; k < row.length; k++) {
          row[k] *= factor;
        }
      }
    }

    double[] flatGrad() {
      return Arrays.stream(grad).flatMapToDouble(java.util.Arrays::stream).toArray();
    }
  }

  static double distance(double[] x, double[] y, boolean squared) {
    double sum = 0;
    for (int k = 0; k < x.length; k++) {
      sum += (x[k] - y[k]) * (x[k] - y[k]);
    }
    return squared ? sum : Math.sqrt(sum);
  }

  /** Adds weight times the gradient of the distance between rows; 0 at distance 0. */
  static void addGradient(
      double[][] rows, double[][] grad, int i, int j, double weight, boolean squared) {
    double d = distance(rows[i], rows[j], squared);
    if (d == 0) {
      return;
    }
    for (int k = 0; k < rows[i].length; k++) {
      double g = weight * (rows[i][k] - rows[j][k]) * (squared ? 2 : 1 / d);
      grad[i][k] += g;
      grad[j][k] -= g;
    }
  }

  /**
   * online-triplet-loss's batch_hard_triplet_loss, ties to the first index. Without a positive d_ap
   * is 0; without a negative d_an is the row's greatest distance, so d_ap itself, and both cancel.
   */
  static Answer batchHard(Batch b, double margin, boolean squared) {
    int n = b.size();
    double[][] x = b.rows();
    Answer answer = new Answer(n, b.columns());
    for (int i = 0; i < n; i++) {
      int p = -1;
      int q = -1;
      for (int j = 0; j < n; j++) {
        double d = distance(x[i], x[j], squared);
        if (b.labels()[i] != b.labels()[j]) {
          q = q < 0 || d < distance(x[i], x[q], squared) ? j : q;
        } else if (i != j) {
          p = p < 0 || d > distance(x[i], x[p], squared) ? j : p;
        }
      }
      double toPositive = p < 0 ? 0 : distance(x[i], x[p], squared);
      double toNegative = q < 0 ? toPositive : distance(x[i], x[q], squared);
      double term = toPositive - toNegative + margin;
      if (term <= 0) {
        continue;
      }
      answer.active++;
      answer.loss += term;
      if (p >= 0 && q >= 0) {
        addGradient(x, answer.grad, i, p, 1, squared);
      }
      if (q >= 0) {
        addGradient(x, answer.grad, i, q, -1, squared);
      }
    }
    answer.scale(1.0 / n);
    return answer;
  }

  /** online-triplet-loss's batch_all_triplet_loss. */
  static Answer batchAll(Batch b, double margin, boolean squared) {
    int n = b.size();
    double[][] x = b.rows();
    double[][] d = matrix(x, squared);
    // How often each distance counts, so that gradients are added once for each pair.
    double[][] weight = new double[n][n];
    Answer answer = new Answer(n, b.columns());
    for (int i = 0; i < n; i++) {
      for (int p = 0; p < n; p++) {
        if (p == i || b.labels()[p] != b.labels()[i]) {
          continue;
        }
        for (int q = 0; q < n; q++) {
          if (b.labels()[q] == b.labels()[i]) {
            continue;
          }
          answer.valid++;
          double term = d[i][p] - d[i][q] + margin;
          if (term > 1e-16) {
            answer.active++;
            answer.loss += term;
            weight[i][p]++;
            weight[i][q]--;
          }
        }
      }
    }
    addGradients(x, answer.grad, weight, squared);
    answer.scale(answer.active == 0 ? 0 : 1.0 / answer.active);
    return answer;
  }

  /**
   * pytorch-metric-learning's TripletMarginLoss over all triplets, on the rows as they are or
   * divided by their norm, with its mean of the losses above 0.
   */
  static Answer tripletMargin(
      Batch b, double margin, boolean squared, boolean normalize, boolean swap, boolean smooth) {
    int n = b.size();
    double[][] x = normalize ? normalized(b.rows()) : b.rows();
    double[][] d = matrix(x, squared);
    double[][] weight = new double[n][n];
    Answer answer = new Answer(n, b.columns());
    DoubleUnaryOperator cost = v -> smooth ? Math.log1p(Math.exp(v)) : Math.max(0, v);
    for (int[] t : triplets(b.labels())) {
      double toNegative = d[t[0]][t[2]];
      double among = d[t[1]][t[2]];
      double violation = d[t[0]][t[1]] - (swap ? Math.min(toNegative, among) : toNegative) + margin;
      double term = cost.applyAsDouble(violation);
      answer.valid++;
      if (term <= 0) {
        continue;
      }
      answer.active++;
      answer.loss += term;
      double slope = smooth ? 1 / (1 + Math.exp(-violation)) : 1;
      weight[t[0]][t[1]] += slope;
      // LibTorch's minimum shares the gradient of a tie.
      double own = !swap || toNegative < among ? 1 : toNegative == among ? 0.5 : 0;
      weight[t[0]][t[2]] -= slope * own;
      weight[t[1]][t[2]] -= slope * (1 - own);
    }
    addGradients(x, answer.grad, weight, squared);
    if (normalize) {
      throughNormalization(b.rows(), x, answer.grad);
    }
    answer.scale(answer.active == 0 ? 0 : 1.0 / answer.active);
    return answer;
  }

  static double[][] matrix(double[][] x, boolean squared) {
    double[][] d = new double[x.length][x.length];
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < x.length; j++) {
        d[i][j] = distance(x[i], x[j], squared);
      }
    }
    return d;
  }

  static double[][] normalized(double[][] rows) {
    double[][] unit = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      double norm = Math.max(1e-12, norm(rows[i]));
      unit[i] = Arrays.stream(rows[i]).map(v -> v / norm).toArray();
    }
    return unit;
  }

  /** All (anchor, positive, negative), in the order of their indices. */
  static List<int[]> triplets(long[] labels) {
    List<int[]> found = new ArrayList<>();
    for (int a = 0; a < labels.length; a++) {
      for (int p = 0; p < labels.length; p++) {
        if (a == p || labels[a] != labels[p]) {
          continue;
        }
        for (int q = 0; q < labels.length; q++) {
          if (labels[a] != labels[q]) {
            found.add(new int[] {a, p, q});
          }
        }
      }
    }
    return found;
  }

  /**
   * For each anchor that has both: itself, its farthest positive, its closest negative; ties to the
   * first index.
   */
  static List<int[]> batchHardTriplets(
      double[][] x, long[] labels, double[][] y, long[] other, boolean same) {
    List<int[]> found = new ArrayList<>();
    for (int a = 0; a < x.length; a++) {
      int p = -1;
      int q = -1;
      for (int j = 0; j < y.length; j++) {
        double d = distance(x[a], y[j], false);
        if (labels[a] != other[j]) {
          q = q < 0 || d < distance(x[a], y[q], false) ? j : q;
        } else if (!same || a != j) {
          p = p < 0 || d > distance(x[a], y[p], false) ? j : p;
        }
      }
      if (p >= 0 && q >= 0) {
        found.add(new int[] {a, p, q});
      }
    }
    return found;
  }

  private static double norm(double[] row) {
    return Math.sqrt(Arrays.stream(row).map(v -> v * v).sum());
  }

  private static void addGradients(
      double[][] x, double[][] grad, double[][] weight, boolean squared) {
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < x.length; j++) {
        if (weight[i][j] != 0) {
          addGradient(x, grad, i, j, weight[i][j], squared);
        }
      }
    }
  }

  /** From the gradient by the unit rows to that by the rows. */
  private static void throughNormalization(double[][] rows, double[][] unit, double[][] grad) {
    for (int i = 0; i < rows.length; i++) {
      double norm = norm(rows[i]);
      double along = 0;
      for (int k = 0; k < unit[i].length; k++) {
        along += unit[i][k] * grad[i][k];
      }
      for (int k = 0; k < unit[i].length; k++) {
        // Below the smallest norm the divisor is a constant.
        grad[i][k] = norm < 1e-12 ? grad[i][k] / 1e-12 : (grad[i][k] - along * unit[i][k]) / norm;
      }
    }
  }
}
