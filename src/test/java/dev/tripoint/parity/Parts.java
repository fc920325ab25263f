package dev.tripoint.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tripoint.catalog.Accepts;
import dev.tripoint.catalog.Catalog;
import dev.tripoint.catalog.Composition;
import dev.tripoint.catalog.Kind;
import dev.tripoint.catalog.LossForm;
import dev.tripoint.catalog.Part;
import dev.tripoint.distance.Distance;
import dev.tripoint.loss.Loss;
import dev.tripoint.miner.HardNegatives;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Miner;
import dev.tripoint.miner.Pairs;
import dev.tripoint.miner.Triplets;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.regularizer.Regularizer;
import dev.tripoint.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes a part of what a case says about it, by the catalogue. */
final class Parts {

  private static final Catalog CATALOG = Catalog.standard();

  private Parts() {}

  /** The cases of all losses of a form. */
  static Stream<ParityCase> losses(Accepts.Form form) {
    return ParityCase.of(
        CATALOG.parts(Kind.LOSS).stream()
            .filter(part -> Objects.requireNonNull(part.accepts()).form() == form)
            .map(Part::name)
            .toArray(String[]::new));
  }

  /** The cases of all parts of a kind. */
  static Stream<ParityCase> cases(Kind kind) {
    return ParityCase.of(CATALOG.names(kind).toArray(String[]::new));
  }

  /** The loss, with the regularizer of the embeddings that the case names. */
  static Loss loss(ParityCase c, @Nullable Tensor weights) {
    Loss loss = ((LossForm.OnBatch) form(c, weights)).loss();
    JsonNode of = c.json().get("regularizer");
    return of == null
        ? loss
        : loss.with(
            CATALOG
                .regularizer(of.get("name").asText())
                .make(arguments(of.get("params")), Composition.OWN),
            of.get("weight").asDouble());
  }

  /** The loss over a batch of that name. */
  static Loss loss(String name, JsonNode params) {
    LossForm form = CATALOG.loss(name).make(arguments(params), Composition.OWN);
    return ((LossForm.OnBatch) form).loss();
  }

  static LossForm.RowLoss rowLoss(ParityCase c, @Nullable Tensor weights) {
    return ((LossForm.OnRows) form(c, weights)).loss();
  }

  private static LossForm form(ParityCase c, @Nullable Tensor weights) {
    return CATALOG
        .loss(c.part())
        .make(arguments(c.params()), composition(c.json()).withWeights(weights));
  }

  static Distance distance(ParityCase c) {
    return CATALOG.distance(c.part()).make(arguments(c.params()), Composition.OWN);
  }

  static Reducer reducer(ParityCase c) {
    return CATALOG.reducer(c.part()).make(arguments(c.params()), composition(c.json()));
  }

  static Regularizer regularizer(ParityCase c) {
    return CATALOG.regularizer(c.part()).make(arguments(c.params()), composition(c.json()));
  }

  static Miner miner(ParityCase c) {
    return CATALOG.miner(c.part()).make(arguments(c.params()), composition(c.json()));
  }

  private static Composition composition(JsonNode json) {
    JsonNode distance = json.get("distance");
    JsonNode reducer = json.get("reducer");
    return new Composition(
        distance == null || !distance.isObject()
            ? null
            : CATALOG
                .distance(distance.get("name").asText())
                .make(arguments(distance.get("params")), Composition.OWN),
        distance == null || distance.isObject() || distance.isNull() ? null : distance.asText(),
        reducer == null
            ? null
            : CATALOG
                .reducer(reducer.get("name").asText())
                .make(arguments(reducer.get("params")), composition(reducer)),
        null);
  }

  /** A case's parameters as one writes them on a command line. */
  private static List<String> arguments(JsonNode params) {
    List<String> arguments = new ArrayList<>();
    params
        .properties()
        .forEach(e -> {
          if (!e.getValue().isNull()) {
            arguments.add(e.getKey() + "=" + text(e.getValue()));
          }
        });
    return arguments;
  }

  private static String text(JsonNode value) {
    if (value.isArray()) {
      List<String> texts = new ArrayList<>();
      value.forEach(each -> texts.add(text(each)));
      return String.join(",", texts);
    }
    if (value.has("name")) {
      return value.get("name").asText()
          + "("
          + String.join(",", arguments(value.get("params")))
          + ")";
    }
    if (value.isObject()) {
      List<String> texts = new ArrayList<>();
      value.properties().forEach(e -> texts.add(e.getKey() + ":" + text(e.getValue())));
      return String.join(",", texts);
    }
    return value.asText();
  }

  static HardNegatives hardNegatives(JsonNode p) {
    HardNegatives miner = new HardNegatives();
    if (p.has("strategy")) {
      miner = miner.with(HardNegatives.Strategy.valueOf(upper(p, "strategy")));
    }
    if (p.has("per")) {
      miner = miner.with(HardNegatives.Per.valueOf(upper(p, "per")));
    }
    if (p.has("margin")) {
      miner = miner.withMargin(p.get("margin").asDouble());
    }
    return miner
        .withAll(flag(p, "all"))
        .withDistances(flag(p, "distances"))
        .withKeepDiagonal(flag(p, "keep_diagonal"));
  }

  /** The tuples that a case gives, or null. */
  static @Nullable IndexTuples tuples(ParityCase c) {
    return tuples(c.json().get("tuples"));
  }

  static @Nullable IndexTuples tuples(@Nullable JsonNode t) {
    if (t == null || t.isNull()) {
      return null;
    }
    Tensor[] x = new Tensor[t.size()];
    for (int i = 0; i < x.length; i++) {
      long[] values = ParityCase.longs(t.get(i));
      x[i] = Tensor.of(values, values.length);
    }
    return x.length == 3 ? new Triplets(x[0], x[1], x[2]) : new Pairs(x[0], x[1], x[2], x[3]);
  }

  static boolean flag(JsonNode params, String name) {
    return params.has(name) && params.get(name).asBoolean();
  }

  /** A number, infinity among them. */
  static double number(JsonNode params, String name, double byDefault) {
    return params.has(name) ? params.get(name).asDouble() : byDefault;
  }

  private static String upper(JsonNode params, String name) {
    return params.get(name).asText().toUpperCase(Locale.ROOT);
  }
}
