package dev.tripoint.cli;

import dev.tripoint.catalog.Accepts;
import dev.tripoint.catalog.Accepts.Need;
import dev.tripoint.catalog.Part;
import dev.tripoint.miner.Miner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Holds the files that options name against what a part takes. */
final class InputOptions {
  /** What says of references what the option says of the embeddings. */
  private static final Map<String, String> REFERENCE_OPTION =
      Map.of("--labels", "--ref-labels", "--label-sets", "--ref-label-sets");

  private InputOptions() {}

  /** Refuses an option that the miner does not take, and a missing one. */
  static void check(Part<Miner> part, BatchOptions batch, MaskOptions masks) {
    Map<String, @Nullable String> given = new LinkedHashMap<>();
    batch.addTo(given);
    masks.addTo(given);
    check(part, Objects.requireNonNull(part.accepts()), given);
  }

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
        required.add("--embeddings");
        Optional<String> relation = relation(accepts, given);
        relation.ifPresent(required::add);
        if (relation.equals(Optional.of("--positive-mask"))) {
          optional.add("--ignore-mask");
        }
        if (accepts.references()) {
          optional.add("--ref-embeddings");
          relation.map(REFERENCE_OPTION::get).ifPresent(optional::add);
        }
        sort("--weights", accepts.weights(), required, optional);
      }
      case ROWS -> {
        required.addAll(List.of("--anchor", "--positive"));
        sort("--negative", accepts.negatives(), required, optional);
        sort("--targets", accepts.targets(), required, optional);
      }
      case SCORES -> {
        required.addAll(List.of("--similarities", "--positive-mask"));
        optional.addAll(List.of("--ignore-mask", "--distances", "--keep-diagonal"));
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
    REFERENCE_OPTION
        .values()
        .forEach(option -> {
          if (optional.contains(option)
              && (given.get("--ref-embeddings") == null) != (given.get(option) == null)) {
            throw new UsageException(
                "--ref-embeddings and %s go together: one of them is missing", option);
          }
        });
  }

  /**
   * What says who belongs together: labels, unless something else that the part takes is given, or
   * it does without.
   */
  private static Optional<String> relation(Accepts accepts, Map<String, @Nullable String> given) {
    List<String> known =
        accepts.masks()
            ? List.of("--labels", "--positive-mask", "--label-sets")
            : List.of("--labels");
    List<String> chosen = known.stream().filter(option -> given.get(option) != null).toList();
    if (chosen.size() > 1) {
      throw new UsageException(
          "%s say the same thing twice: one of them is enough", String.join(" and ", chosen));
    }
    if (chosen.isEmpty() && accepts.relation() == Need.OPTIONAL) {
      return Optional.empty();
    }
    return Optional.of(chosen.isEmpty() ? "--labels" : chosen.getFirst());
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
