package dev.tripoint.compat.st;

import dev.tripoint.miner.Inputs;
import dev.tripoint.nn.Functional;
import dev.tripoint.nn.Linear;
import dev.tripoint.tensor.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A student's embeddings against a teacher's, row by row: {@code st.EmbedDistillLoss}. The teacher
 * gets no gradient.
 *
 * @param distanceMetric {@link DistanceMetric#COSINE} by default
 * @param projection takes the student's embeddings to the teacher's width, and learns with it;
 *     null, the default, for none
 */
public record EmbedDistillLoss(DistanceMetric distanceMetric, @Nullable Linear projection) {

  /** How rows are compared. */
  public enum DistanceMetric {
    /** The mean of 1 − cosine. */
    COSINE,
    /** The mean of the squared differences of all numbers. */
    MSE,
    /** The mean of the L2 distances; the gradient at 0 is 0. */
    L2
  }

  public EmbedDistillLoss() {
    this(DistanceMetric.COSINE);
  }

  public EmbedDistillLoss(DistanceMetric distanceMetric) {
    this(distanceMetric, null);
  }

  /** With a projection of the student's embeddings. */
  public EmbedDistillLoss with(@Nullable Linear projection) {
    return new EmbedDistillLoss(distanceMetric, projection);
  }

  /**
   * The loss of one or more students' matrices against one teacher's.
   *
   * @param teacher floats, [N, T]
   * @param students floats, [N, S] each; without a projection S is T
   * @return a single value, the mean over the students' matrices
   * @throws IllegalArgumentException if shapes do not fit
   */
  public Tensor forward(Tensor teacher, Tensor... students) {
    return forward(List.of(students), Collections.nCopies(students.length, teacher));
  }

  /**
   * The loss of students' matrices, each against its own teacher's.
   *
   * @param students floats, [N, S] each; without a projection S is T
   * @param teachers floats, [N, T] each, as many
   * @return a single value, the mean over the matrices
   * @throws IllegalArgumentException if shapes do not fit
   */
  public Tensor forward(List<Tensor> students, List<Tensor> teachers) {
    if (students.isEmpty() || students.size() != teachers.size()) {
      throw new IllegalArgumentException(
          "%d matrices of a student and %d of a teacher: there must be as many, and one at least"
              .formatted(students.size(), teachers.size()));
    }
    return Rows.scoped(() -> {
      Tensor sum = one(students.getFirst(), teachers.getFirst());
      for (int i = 1; i < students.size(); i++) {
        sum = sum.add(one(students.get(i), teachers.get(i)));
      }
      return sum.div((double) students.size());
    });
  }

  private Tensor one(Tensor student, Tensor teacher) {
    Inputs.requireFloatMatrix("student", student);
    Inputs.requireFloatMatrix("teacher", teacher);
    Tensor rows = projection == null ? student : projection.forward(student);
    Tensor wanted = teacher.detach().to(rows.dtype());
    if (!Arrays.equals(rows.sizes(), wanted.sizes())) {
      throw new IllegalArgumentException(
          "student and teacher must be of one shape, but are %s and %s"
              .formatted(Arrays.toString(rows.sizes()), Arrays.toString(wanted.sizes())));
    }
    return switch (distanceMetric) {
      case COSINE -> Functional.cosineSimilarity(rows, wanted).rsub(1).mean();
      case MSE -> rows.sub(wanted).square().mean();
      case L2 -> rows.sub(wanted).norm(2, 1, false).mean();
    };
  }
}
