package dev.tripoint.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.distance.Distance;
import dev.tripoint.miner.Miner;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.regularizer.Regularizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CatalogTest {
  private static final Catalog CATALOG = Catalog.standard();

  static Stream<Part<?>> parts() {
    return CATALOG.parts().stream();
  }

  @Test
  void hasThePartsOfTheFirstSet() {
    assertThat(CATALOG.names(Kind.LOSS))
        .contains(
            "torch.TripletMarginLoss",
            "torch.TripletMarginWithDistanceLoss",
            "online.batch_hard",
            "online.batch_all",
            "masked.TripletLoss",
            "pml.TripletMarginLoss");
    assertThat(CATALOG.names(Kind.MINER))
        .contains("pml.BatchHardMiner", "example.PairMiner", "example.TripletMiner");
    assertThat(CATALOG.names(Kind.DISTANCE)).contains("pml.LpDistance", "pml.CosineSimilarity");
    assertThat(CATALOG.names(Kind.REDUCER))
        .contains("pml.AvgNonZeroReducer", "pml.MeanReducer", "pml.ThresholdReducer");
  }

  @ParameterizedTest
  @MethodSource("parts")
  void isDescribed(Part<?> part) {
    assertThat(part.name()).matches("(torch|online|masked|pml|example|st|finetuner)\\.\\w+");
    assertThat(part.reference()).isNotBlank();
    assertThat(part.summary()).matches("[A-Z].*\\.").doesNotContain("\n");
    assertThat(part.formula()).isNotBlank().isPrintable().doesNotContain("\n");
    assertThat(part.accepts() != null)
        .isEqualTo(part.kind() == Kind.LOSS || part.kind() == Kind.MINER);
    Set<String> names = new HashSet<>();
    for (Parameter parameter : part.parameters()) {
      assertThat(names.add(parameter.name())).as(parameter.name()).isTrue();
      assertThat(parameter.name()).matches("[A-Za-z][A-Za-z_]*");
      assertThat(parameter.meaning()).isNotBlank();
      assertThat(parameter.expectation()).isNotBlank();
      if (parameter.required()) {
        assertThat(parameter.defaultValue()).isNull();
      }
      if (parameter.type() == Parameter.Type.CHOICE) {
        assertThat(parameter.words()).hasSizeGreaterThan(1);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("parts")
  void defaultsAreValues(Part<?> part) {
    for (Parameter parameter : part.parameters()) {
      if (parameter.defaultValue() != null) {
        assertThat(parameter.parse(part.name(), parameter.defaultText()))
            .isEqualTo(parameter.defaultValue());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("parts")
  void ownPartsExist(Part<?> part) {
    switch (part.distances()) {
      case DistanceChoice.Fixed() -> assertThat(part.distances()).isNotNull();
      case DistanceChoice.Any(String standard) -> CATALOG.distance(standard);
      case DistanceChoice.Words words -> assertThat(words.names()).contains(words.standard());
    }
    if (part.reducer() != null) {
      CATALOG.reducer(part.reducer());
    }
  }

  /** Makes each part with what must be given and nothing else. */
  @ParameterizedTest
  @MethodSource("parts")
  void isMade(Part<?> part) {
    List<String> given = new ArrayList<>();
    for (Parameter parameter : part.parameters()) {
      if (parameter.required()) {
        given.add(parameter.name() + "=" + some(part, parameter));
      }
    }
    if (part.name().equals("pml.ThresholdReducer")) {
      given.add("low=0.1");
    }
    Object made = part.make(given, Composition.OWN);
    Class<?> wanted =
        switch (part.kind()) {
          case LOSS -> LossForm.class;
          case MINER -> Miner.class;
          case DISTANCE -> Distance.class;
          case REDUCER -> Reducer.class;
          case REGULARIZER -> Regularizer.class;
        };
    assertThat(made).isInstanceOf(wanted);
    if (made instanceof LossForm form) {
      Accepts.Form said = Objects.requireNonNull(part.accepts()).form();
      assertThat(said)
          .isEqualTo(
              switch (form) {
                case LossForm.OnBatch _ -> Accepts.Form.BATCH;
                case LossForm.OnRows _ -> Accepts.Form.ROWS;
                case LossForm.OnScores _ -> Accepts.Form.SCORES;
              });
    }
  }

  /** A value that a parameter takes. */
  static String some(Part<?> part, Parameter parameter) {
    return switch (parameter.type()) {
      case INT -> "3";
      case LIST -> "3,2";
      case PART ->
          part.name().startsWith("st.")
              ? "st.TripletLoss(distance=cosine)"
              : "pml.TripletMarginLoss(margin=0.5)";
      case PARTS ->
          parameter.name().equals("losses")
              ? "first:pml.TripletMarginLoss,second:pml.NTXentLoss(temperature=0.2)"
              : "pos_loss:pml.SumReducer,neg_loss:pml.ThresholdReducer(low=0.1,high=2)";
      default -> "0.5";
    };
  }

  /**
   * The file is what Python's {@code inspect.signature} says of the references; see
   * scripts/parity/make-defaults.
   */
  @Test
  void defaultsAreTheReferences() throws IOException {
    Map<String, Map<String, String>> recorded = recordedDefaults();
    Map<String, Map<String, String>> ours = new LinkedHashMap<>();
    Map<String, Map<String, String>> theirs = new LinkedHashMap<>();
    for (Part<?> part : CATALOG.parts()) {
      if (part.name().startsWith("masked.")) {
        continue; // no package has it
      }
      Map<String, String> defaults = new TreeMap<>();
      for (Parameter parameter : part.parameters()) {
        defaults.put(parameter.name(), parameter.required() ? "required" : parameter.defaultText());
      }
      ours.put(part.name(), defaults);
      assertThat(recorded).containsKey(part.name());
      Map<String, String> reference = new TreeMap<>(recorded.get(part.name()));
      reference.replaceAll(
          (_, value) -> Values.real(value) == null ? value : Values.text(Values.real(value)));
      theirs.put(part.name(), reference);
      assertThat(defaults).as(part.name()).isEqualTo(reference);
    }
    assertThat(ours).isEqualTo(theirs);
  }

  private static Map<String, Map<String, String>> recordedDefaults() throws IOException {
    Map<String, Map<String, String>> recorded = new LinkedHashMap<>();
    try (InputStream in =
        Objects.requireNonNull(CatalogTest.class.getResourceAsStream("reference-defaults.txt"))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      text.lines()
          .filter(line -> !line.startsWith("#"))
          .forEach(line -> {
            List<String> words = List.of(line.split(" ", -1));
            Map<String, String> defaults =
                recorded.computeIfAbsent(words.getFirst(), _ -> new TreeMap<>());
            if (words.size() == 3) {
              defaults.put(words.get(1), words.get(2));
            }
          });
    }
    return recorded;
  }

  @Test
  void namesNearOnesAndOtherKinds() {
    assertThatThrownBy(() -> CATALOG.loss("pml.TripletMarginLos"))
        .isInstanceOf(PartException.class)
        .hasMessage(
            "there is no loss 'pml.TripletMarginLos'; did you mean pml.TripletMarginLoss, torch.TripletMarginLoss or pml.TupletMarginLoss?");
    assertThatThrownBy(() -> CATALOG.miner("nonsense"))
        .hasMessage("there is no miner 'nonsense'; `tripoint list` shows all miners");
    assertThatThrownBy(() -> CATALOG.loss("pml.BatchHardMiner"))
        .hasMessage("pml.BatchHardMiner is a miner, not a loss");
  }

  @Test
  void refusesTwoOfOneName() {
    Part<?> part = CATALOG.parts().getFirst();
    assertThatThrownBy(() -> new Catalog(List.of(part, part)))
        .hasMessageContaining("two parts are called " + part.name());
  }
}
