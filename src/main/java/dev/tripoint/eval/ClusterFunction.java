package dev.tripoint.eval;

/**
 * Groups rows for AMI and NMI: {@code kmeans_func} of pytorch-metric-learning. A lambda will do.
 */
@FunctionalInterface
public interface ClusterFunction {
  /**
   * Groups rows.
   *
   * @param rows [N][D], finite; not to be changed
   * @param clusters how many groups there are to be
   * @return the group of each row, [N]; any numbers
   */
  long[] cluster(double[][] rows, int clusters);
}
