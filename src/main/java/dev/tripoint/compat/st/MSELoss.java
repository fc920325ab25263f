package dev.tripoint.compat.st;

import dev.tripoint.nn.Linear;
import dev.tripoint.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The mean squared difference of a student's embeddings and a teacher's: {@code st.MSELoss}. It is
 * {@link EmbedDistillLoss} with {@link EmbedDistillLoss.DistanceMetric#MSE}.
 *
 * @param projection takes the student's embeddings to the teacher's width, and learns with it;
 *     null, the default, for none
 */
public record MSELoss(@Nullable Linear projection) {

  public MSELoss() {
    this(null);
  }

  /** The loss of one or more students' matrices against one teacher's, [N, T]. */
  public Tensor forward(Tensor teacher, Tensor... students) {
    return new EmbedDistillLoss(EmbedDistillLoss.DistanceMetric.MSE, projection)
        .forward(teacher, students);
  }
}
