package dev.tripoint.compat.st;

import dev.tripoint.miner.Inputs;
import dev.tripoint.nn.Functional;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@link CoSENTLoss} with an angle between complex vectors as the similarity: {@code st.AnglELoss}.
 *
 * @param scale what similarities are multiplied by; 20 by default
 */
public record AnglELoss(double scale) {

  private static final Op PAD = Op.of("aten::constant_pad_nd");

  /**
   * @throws IllegalArgumentException if the scale is not a number
   */
  public AnglELoss {
    Inputs.requireNumber("scale", scale);
  }

  public AnglELoss() {
    this(20);
  }

  /**
   * The loss of pairs, or of anchors with a positive and negatives.
   *
   * @param anchor floats, [N, D]
   * @param other floats of the same dtype, [N, D]
   * @param targets [N], of which only the order counts; with negatives it may be null, for ones
   * @param negatives further rows for each anchor, whose target is 1 less the anchor's: any number
   *     of matrices [N, D]
   * @return a single value
   * @throws IllegalArgumentException if shapes or dtypes do not fit, or neither targets nor
   *     negatives are given
   */
  public Tensor forward(
      Tensor anchor, Tensor other, @Nullable Tensor targets, Tensor... negatives) {
    Rows.require(anchor, other, negatives);
    if (targets == null && negatives.length == 0) {
      throw new IllegalArgumentException("targets are needed where there are no negatives");
    }
    CoSENTLoss loss = new CoSENTLoss(scale, AnglELoss::similarity);
    return Rows.scoped(() -> {
      Tensor wanted =
          targets == null
              ? Torch.ones(anchor.dtype(), anchor.size(0))
              : Rows.requireTargets(targets, anchor);
      if (negatives.length == 0) {
        return loss.forward(anchor, other, wanted);
      }
      List<Tensor> others = new ArrayList<>(List.of(other));
      others.addAll(Arrays.asList(negatives));
      List<Tensor> all = new ArrayList<>(List.of(wanted));
      all.addAll(Collections.nCopies(negatives.length, wanted.rsub(1)));
      return loss.forward(
          Torch.cat(Collections.nCopies(others.size(), anchor), 0),
          Torch.cat(others, 0),
          Torch.cat(all, 0));
    });
  }

  /**
   * |cos + sin| of the angle between normalised rows, whose two halves are the real and imaginary
   * parts of complex numbers; a row of odd length gets a 0 at its end. The source's {@code
   * pairwise_angle_sim}.
   *
   * @param x floats, [N, D]
   * @param y floats of the same dtype, [N, D]
   * @return [N]
   */
  public static Tensor similarity(Tensor x, Tensor y) {
    Rows.require(x, y);
    return Rows.scoped(() -> {
      Tensor left = Functional.normalize(even(Rows.widened(x)));
      Tensor right = Functional.normalize(even(Rows.widened(y)));
      long half = left.size(1) / 2;
      Tensor cosines = left.mul(right).sum(1);
      Tensor sines =
          left.narrow(1, half, half)
              .mul(right.narrow(1, 0, half))
              .sub(left.narrow(1, 0, half).mul(right.narrow(1, half, half)))
              .sum(1);
      return cosines.add(sines).abs();
    });
  }

  private static Tensor even(Tensor rows) {
    return rows.size(1) % 2 == 0 ? rows : PAD.callTensor(rows, new long[] {0, 1}, 0);
  }
}
