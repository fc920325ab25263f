package dev.tripoint.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An out= form on memory that is lent to Java: it runs into fresh tensors first, and only if the
 * shapes are the same are these copied over, so that the lent memory stays where it is.
 */
final class LentOutputs {
  private static final Op EMPTY = Op.lazy("aten::empty.memory_format");

  private LentOutputs() {}

  /** Whether one of the tensors that the operator would write to has memory lent. */
  static boolean anyLent(Op.Resolved target, @Nullable Object[] arguments) {
    for (int i = 0; i < arguments.length; i++) {
      if (target.writes(i)) {
        for (Tensor tensor : Op.tensorsIn(arguments[i])) {
          if (Loan.isLent(CallFrame.describe(tensor).storage())) {
            return true;
          }
        }
      }
    }
    return false;
  }

  static @Nullable Object[] run(Op op, Op.Resolved target, @Nullable Object[] arguments) {
    List<Tensor> given = new ArrayList<>();
    List<Tensor> fresh = new ArrayList<>();
    try (TensorScope scope = TensorScope.open()) {
      @Nullable Object[] replaced = arguments.clone();
      for (int i = 0; i < arguments.length; i++) {
        if (target.writes(i)) {
          List<Tensor> outputs = Op.tensorsIn(arguments[i]);
          List<Tensor> standIns = outputs.stream().map(LentOutputs::standIn).toList();
          given.addAll(outputs);
          fresh.addAll(standIns);
          replaced[i] = arguments[i] instanceof Tensor ? standIns.getFirst() : standIns;
        }
      }
      @Nullable Object[] results = op.runPlain(target, replaced);
      for (int i = 0; i < given.size(); i++) {
        long[] had = given.get(i).sizes();
        long[] wanted = fresh.get(i).sizes();
        if (!Arrays.equals(had, wanted)) {
          throw new TensorException(
              op.name()
                  + " would resize its output from "
                  + Arrays.toString(had)
                  + " to "
                  + Arrays.toString(wanted)
                  + ", but that memory is lent to Java as a segment;"
                  + " close the scope of that segment first");
        }
      }
      for (int i = 0; i < given.size(); i++) {
        given.get(i).copy_(fresh.get(i));
      }
      for (int r = 0; r < results.length; r++) {
        for (int i = 0; i < fresh.size(); i++) {
          if (fresh.get(i).equals(results[r])) {
            results[r] = given.get(i);
          }
        }
        if (results[r] instanceof Tensor tensor) {
          scope.keep(tensor);
        }
      }
      return results;
    }
  }

  private static Tensor standIn(Tensor output) {
    return EMPTY
        .begin()
        .ints(0)
        .dtype(output.dtype())
        .none()
        .device(output.device())
        .none()
        .none()
        .one();
  }
}
