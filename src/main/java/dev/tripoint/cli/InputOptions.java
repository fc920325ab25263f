package dev.tripoint.cli;

import dev.tripoint.catalog.Accepts;
import dev.tripoint.catalog.Accepts.Need;
import dev.tripoint.catalog.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Holds the files that options name against what a part takes. */
final class InputOptions {
  private InputOptions() {}

  /**
   * Refuses an option that the part does not take, and a missing one.
   *
   * @param given every input option, null where it is absent
   */
  static void check(Part<?> part, Accepts accepts, Map<String, @Nullable String> given) {
    List<String> required = new ArrayList<>();
    List<String> optional = new ArrayList<>();
    switch (accepts.form()) {
      case BATCH -> {
        required.addAll(List.of("--embeddings", "--labels"));
        if (accepts.references()) {
          optional.addAll(List.of("--ref-embeddings", "--ref-labels"));
        }
      }
      case ROWS -> {
        required.addAll(List.of("--anchor", "--positive"));
        sort("--negative", accepts.negatives(), required, optional);
        sort("--targets", accepts.targets(), required, optional);
      }
      case SCORES -> {
        required.addAll(List.of("--similarities", "--positive-mask"));
        optional.addAll(List.of("--distances", "--keep-diagonal"));
      }
    }
    for (Map.Entry<String, @Nullable String> entry : given.entrySet()) {
      String option = entry.getKey();
      if (entry.getValue() != null && !required.contains(option) && !optional.contains(option)) {
        throw new UsageException(
            "%s takes %s (%s), not %s",
            part.name(), accepts.form().text(), String.join(", ", required), option);
      }
    }
    List<String> missing = required.stream().filter(option -> given.get(option) == null).toList();
    if (!missing.isEmpty()) {
      throw new UsageException(
          "%s takes %s and needs %s",
          part.name(), accepts.form().text(), String.join(" and ", missing));
    }
    if (optional.contains("--ref-labels")
        && (given.get("--ref-embeddings") == null) != (given.get("--ref-labels") == null)) {
      throw new UsageException(
          "--ref-embeddings and --ref-labels go together: one of them is missing");
    }
  }

  private static void sort(String option, Need need, List<String> required, List<String> optional) {
    switch (need) {
      case YES -> required.add(option);
      case OPTIONAL -> optional.add(option);
      case NO -> {
        // Not taken.
      }
    }
  }
}
