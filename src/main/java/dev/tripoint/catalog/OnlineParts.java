package dev.tripoint.catalog;

import dev.tripoint.compat.online.BatchAll;
import dev.tripoint.compat.online.BatchHard;
import java.util.List;

/** The losses of online-triplet-loss. */
final class OnlineParts {
  private static final String REFERENCE = "online-triplet-loss 0.0.6";

  private OnlineParts() {}

  static List<Part<?>> all() {
    return List.of(batchHard(), batchAll());
  }

  private static Part<LossForm> batchHard() {
    return Part.loss("online.batch_hard", Accepts.batch().byMasksToo())
        .reference(REFERENCE)
        .differs(
            "Where an anchor's hardest positive and all its negatives are equally far, the reference's sentinel cancels that anchor's gradient; here it stays. Masks are taken in place of labels.")
        .summary("For each row, its farthest positive against its nearest negative.")
        .formula("mean over a of max(0, max_p d(a,p) - min_n d(a,n) + margin)")
        .parameter(margin())
        .parameter(squared())
        .makes(a -> new LossForm.OnBatch(new BatchHard(a.real("margin"), a.flag("squared"))));
  }

  private static Part<LossForm> batchAll() {
    return Part.loss("online.batch_all", Accepts.batch().byMasksToo())
        .reference(REFERENCE)
        .differs("Masks are taken in place of labels.")
        .summary("All triplets of the batch, averaged over those that cost more than nothing.")
        .formula("sum over (a,p,n) of max(0, d(a,p) - d(a,n) + margin) / count of those > 1e-16")
        .parameter(margin())
        .parameter(squared())
        .makes(a -> new LossForm.OnBatch(new BatchAll(a.real("margin"), a.flag("squared"))));
  }

  private static Parameter margin() {
    return Parameter.requiredReal(
        "margin", Range.FINITE, "how much farther a negative must be than a positive");
  }

  private static Parameter squared() {
    return Parameter.flag("squared", false, "squared Euclidean distances instead of plain ones");
  }
}
