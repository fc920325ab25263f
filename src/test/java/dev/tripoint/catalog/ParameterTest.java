package dev.tripoint.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.distance.LpDistance;
import dev.tripoint.loss.TripletMarginLoss;
import dev.tripoint.reducer.SumReducer;
import dev.tripoint.reducer.ThresholdReducer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParameterTest {
  private static final Parameter MARGIN = Parameter.real("margin", 1, Range.above(0), "the margin");
  private static final Parameter NORM =
      Parameter.real("p", 2, Range.atLeast(0).withHigh(), "the norm");
  private static final Parameter COUNT =
      Parameter.integerOr("count", "all", Range.between(1, 100), "how many");
  private static final Parameter SWAP = Parameter.flag("swap", false, "swap");
  private static final Parameter KIND =
      Parameter.choice("kind", List.of("mean", "sum", "none"), "kind");
  private static final Parameter NEEDED = Parameter.requiredReal("alpha", Range.FINITE, "needed");
  private static final Parameter ENDS = Parameter.optionalRange("ends", "from and to");
  private static final Parameter WAYS =
      Parameter.words("ways", List.of("there", "back", "around"), "there", "ways");
  private static final Parameter NUMBERS = Parameter.optionalList("numbers", "some");
  private static final Parameter INNER = Parameter.optionalPart("inner", "another part");
  private static final Parameter PARTS = Parameter.optionalParts("parts", "other parts");

  private static final List<Parameter> ALL =
      List.of(MARGIN, NORM, COUNT, SWAP, KIND, NEEDED, ENDS, NUMBERS, INNER, PARTS, WAYS);

  private static Arguments parse(String... given) {
    return Arguments.parse("x.Part", ALL, List.of(given));
  }

  @Test
  void defaultsHold() {
    Arguments arguments = parse("alpha=-3");
    assertThat(arguments.real("margin")).isEqualTo(1);
    assertThat(arguments.real("p")).isEqualTo(2);
    assertThat(arguments.text("count")).isEqualTo("all");
    assertThat(arguments.flag("swap")).isFalse();
    assertThat(arguments.text("kind")).isEqualTo("mean");
    assertThat(arguments.real("alpha")).isEqualTo(-3);
    assertThat(arguments.rangeOrNull("ends")).isNull();
    assertThat(arguments.has("ends")).isFalse();
    assertThat(arguments.words("ways")).containsExactly("there");
  }

  @Test
  void valuesAreRead() {
    Arguments arguments =
        parse(
            "alpha=1e-3",
            "margin=.5",
            "p=inf",
            "count=7",
            "swap=TRUE",
            "kind=sum",
            "ends=0.1, 2",
            "ways=back, there");
    assertThat(arguments.real("alpha")).isEqualTo(1e-3);
    assertThat(arguments.real("margin")).isEqualTo(0.5);
    assertThat(arguments.real("p")).isInfinite();
    assertThat(arguments.integer("count")).isEqualTo(7);
    assertThat(arguments.text("count")).isEqualTo("7");
    assertThat(arguments.flag("swap")).isTrue();
    assertThat(arguments.text("kind")).isEqualTo("sum");
    assertThat(arguments.rangeOrNull("ends")).containsExactly(0.1, 2.0);
    assertThat(arguments.words("ways")).containsExactly("back", "there");
  }

  @Test
  void partsAreRead() {
    Arguments arguments =
        parse(
            "alpha=1",
            "numbers=1, 2.5,-3",
            "inner=x.Y(ends=0.1,2, inner = x.Z(a=1,b=(2)),c=3)",
            "parts=first:x.Y, second:x.Z(a=1,b=2)");
    assertThat(arguments.list("numbers")).containsExactly(1.0, 2.5, -3.0);
    Nested inner = arguments.part("inner");
    assertThat(inner.name()).isEqualTo("x.Y");
    assertThat(inner.given()).containsExactly("ends=0.1,2", "inner = x.Z(a=1,b=(2))", "c=3");
    assertThat(arguments.parts("parts"))
        .containsExactly(
            Map.entry("first", new Nested("x.Y", List.of())),
            Map.entry("second", new Nested("x.Z", List.of("a=1", "b=2"))));
    assertThat(parse("alpha=1").partOrNull("inner")).isNull();
    assertThat(parse("alpha=1").parts("parts")).isEmpty();
  }

  @Test
  void nestedPartsAreMadeOrRefused() {
    assertThat(parse("alpha=1", "inner=pml.ThresholdReducer(low=0.5)").part("inner").reducer())
        .isEqualTo(new ThresholdReducer(0.5, null));
    assertThat(
            parse(
                    "alpha=1",
                    "inner=pml.TripletMarginLoss(margin=2,distance=pml.LpDistance(p=1),reducer=pml.SumReducer)")
                .part("inner")
                .loss())
        .isEqualTo(new TripletMarginLoss(2).with(new LpDistance().withP(1)).with(new SumReducer()));
    assertThatThrownBy(() -> parse("alpha=1", "inner=pml.SumReducer").part("inner").loss())
        .isInstanceOf(PartException.class)
        .hasMessageContaining("pml.SumReducer is a reducer, not a loss");
    assertThatThrownBy(() -> parse("alpha=1", "inner=pml.SumReducr").part("inner").reducer())
        .hasMessageContaining("did you mean pml.SumReducer");
    assertThatThrownBy(() -> parse("alpha=1", "inner=torch.TripletMarginLoss").part("inner").loss())
        .hasMessageContaining("no loss over a batch");
    assertThatThrownBy(
            () -> parse("alpha=1", "inner=pml.TripletMarginLoss(distance=l1)").part("inner").loss())
        .hasMessage(
            "distance of pml.TripletMarginLoss must be a part's name, or NAME(k=v,...), not 'l1'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "alpha=abc | parameter alpha of x.Part must be a number, not 'abc'",
        "alpha= | parameter alpha of x.Part must be a number, not ''",
        "alpha=nan | parameter alpha of x.Part must be a number, not 'nan'",
        "alpha=inf | parameter alpha of x.Part must be a number, not 'inf'",
        "alpha=1d | must be a number, not '1d'",
        "alpha=0x10 | must be a number, not '0x10'",
        "alpha=1,5 | must be a number, not '1,5'",
        "alpha=1e999 | must be a number, not '1e999'",
        "alpha=--1 | must be a number, not '--1'",
        "margin=0 | must be a number greater than 0, not '0'",
        "margin=-1 | must be a number greater than 0, not '-1'",
        "margin=inf | must be a number greater than 0, not 'inf'",
        "p=-1 | must be a number at least 0, or inf, not '-1'",
        "p=-inf | must be a number at least 0, or inf, not '-inf'",
        "count=0 | must be a whole number from 1 to 100 or all, not '0'",
        "count=101 | must be a whole number from 1 to 100 or all, not '101'",
        "count=2.5 | must be a whole number from 1 to 100 or all, not '2.5'",
        "count=some | must be a whole number from 1 to 100 or all, not 'some'",
        "count=99999999999999999999 | must be a whole number from 1 to 100 or all",
        "swap=1 | must be true or false, not '1'",
        "swap=yes | must be true or false, not 'yes'",
        "kind=men | must be mean, sum or none, not 'men'; did you mean mean?",
        "kind=MEAN | must be mean, sum or none, not 'MEAN'; did you mean mean?",
        "ends=1 | must be two numbers low,high, not '1'",
        "ends=2,1 | must be two numbers low,high, not '2,1'",
        "ends=a,b | must be two numbers low,high, not 'a,b'",
        "numbers= | must be numbers with commas between them, not ''",
        "numbers=1,,2 | must be numbers with commas between them, not '1,,2'",
        "numbers=1 2 | must be numbers with commas between them, not '1 2'",
        "inner=mean | must be a part's name, or NAME(k=v,...), not 'mean'",
        "inner=x.Y(a=1 | must be a part's name, or NAME(k=v,...), not 'x.Y(a=1'",
        "inner=x.Y(a=1)) | must be a part's name, or NAME(k=v,...), not 'x.Y(a=1))'",
        "parts=x.Y | must be parts with a name before each",
        "parts=a:x.Y,a:x.Z | must be parts with a name before each",
        "ways=bak | must be one or several of there,back,around, not 'bak'",
        "ways=back,back | must be one or several of there,back,around, not 'back,back'",
        "ways=back, | must be one or several of there,back,around, not 'back,'",
        "marign=1 | x.Part has no parameter 'marign'; did you mean margin?",
        "zzzzzz=1 | x.Part has no parameter 'zzzzzz'; its parameters are margin, p, count",
        "margin | parameter margin of x.Part needs a value",
        "=1 | x.Part has no parameter ''",
      })
  void refusesWhatIsNone(String given, String message) {
    assertThatThrownBy(() -> parse(given))
        .isInstanceOf(PartException.class)
        .hasMessageContaining(message);
  }

  @Test
  void refusesRepeatedAndMissingOnes() {
    assertThatThrownBy(() -> parse("alpha=1", "alpha=1"))
        .hasMessage("parameter alpha of x.Part is given twice");
    assertThatThrownBy(() -> parse("margin=1"))
        .hasMessage("x.Part needs the parameter alpha: alpha=… with a number");
  }

  @Test
  void aPartWithoutParametersSaysSo() {
    assertThatThrownBy(() -> Arguments.parse("x.None", List.of(), List.of("a=1")))
        .hasMessage("x.None has no parameter 'a'; it has no parameters");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "+1", "-1", "1.", ".5", "1.5e3", "1E-3", " 7 ", "inf", "-Infinity"})
  void numbersAsPeopleWriteThem(String text) {
    assertThat(Values.real(text)).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({"1.0,1", "0.05,0.05", "1e-6,1.0e-6", "-3,-3", "1e20,1.0e20", "0,0"})
  void numbersAreWrittenAsPeopleReadThem(double value, String text) {
    assertThat(Values.text(value)).isEqualTo(text);
    assertThat(Values.real(Values.text(value))).isEqualTo(value);
  }
}
