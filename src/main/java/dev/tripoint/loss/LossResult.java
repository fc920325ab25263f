package dev.tripoint.loss;

import dev.tripoint.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A loss and what was recorded while it was computed.
 *
 * @param loss differentiable; a single value unless the reducer leaves more
 * @param stats what the reference records, by its names and in its order
 */
public record LossResult(Tensor loss, Map<String, Double> stats) {

  public LossResult {
    stats = stats.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(stats));
  }
}
