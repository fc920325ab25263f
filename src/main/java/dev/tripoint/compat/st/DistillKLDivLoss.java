package dev.tripoint.compat.st;

import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;

/**
 * How a student ranks the candidates of a query, against a teacher: the Kullback-Leibler divergence
 * of the student's softmax from the teacher's, the mean over queries, times the square of the
 * student's temperature: {@code st.DistillKLDivLoss}.
 *
 * @param studentTemperature what the student's similarities are divided by; 1 by default
 * @param teacherTemperature what the teacher's scores are divided by; 1 by default
 * @param similarityFct gives a similarity [N] for each row; the dot product by default
 */
public record DistillKLDivLoss(
    double studentTemperature, double teacherTemperature, BinaryOperator<Tensor> similarityFct) {

  private static final Op KL_DIV = Op.of("aten::kl_div");
  private static final long SUM = 2;

  /**
   * @throws IllegalArgumentException if a temperature is not above 0 and finite
   */
  public DistillKLDivLoss {
    requireTemperature("student_temperature", studentTemperature);
    requireTemperature("teacher_temperature", teacherTemperature);
  }

  public DistillKLDivLoss() {
    this(1);
  }

  /** With one temperature for both. */
  public DistillKLDivLoss(double temperature) {
    this(temperature, temperature);
  }

  public DistillKLDivLoss(double studentTemperature, double teacherTemperature) {
    this(studentTemperature, teacherTemperature, SimilarityFunction.DOT_PRODUCT::pairwise);
  }

  public DistillKLDivLoss withSimilarityFct(BinaryOperator<Tensor> similarityFct) {
    return new DistillKLDivLoss(studentTemperature, teacherTemperature, similarityFct);
  }

  private static void requireTemperature(String name, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          name + " must be a finite number greater than 0, but is " + value);
    }
  }

  /**
   * The loss of queries with candidates.
   *
   * @param query floats, [N, D]
   * @param scores the teacher's, [N, K]; they get no gradient
   * @param candidates K matrices of floats of the same dtype, [N, D]; two at least, since a softmax
   *     over one is constant
   * @return a single value
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Tensor forward(Tensor query, Tensor scores, Tensor... candidates) {
    if (candidates.length < 2) {
      throw new IllegalArgumentException(
          "two candidates at least are needed, but there are " + candidates.length);
    }
    for (Tensor candidate : candidates) {
      Rows.require(query, candidate);
    }
    if (!Arrays.equals(scores.sizes(), new long[] {query.size(0), candidates.length})) {
      throw new IllegalArgumentException(
          "the teacher's scores must be of shape [%d, %d], but are %s"
              .formatted(query.size(0), candidates.length, Arrays.toString(scores.sizes())));
    }
    return Rows.scoped(() -> {
      List<Tensor> similarities =
          Arrays.stream(candidates)
              .map(candidate -> similarityFct.apply(query, candidate))
              .toList();
      Tensor student = Torch.stack(similarities, 1).div(studentTemperature).logSoftmax(1);
      Tensor teacher = scores.detach().div(teacherTemperature).softmax(1);
      return KL_DIV
          .callTensor(student, teacher, SUM, false)
          .div((double) query.size(0))
          .mul(studentTemperature * studentTemperature);
    });
  }
}
