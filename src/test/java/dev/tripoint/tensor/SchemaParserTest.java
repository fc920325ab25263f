package dev.tripoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tripoint.tensor.Schema.Argument;
import dev.tripoint.tensor.Schema.Kind;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("versions")
class SchemaParserTest {
  @Test
  void readsNamesTypesDefaultsAndKeywordOnly() {
    Schema schema =
        SchemaParser.parse(
            "aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor");
    assertThat(schema.arguments())
        .extracting(Argument::name)
        .containsExactly("self", "other", "alpha");
    assertThat(schema.arguments())
        .extracting(Argument::kind)
        .containsExactly(Kind.TENSOR, Kind.TENSOR, Kind.SCALAR);
    assertThat(schema.arguments())
        .extracting(Argument::hasDefault)
        .containsExactly(false, false, true);
    assertThat(schema.arguments())
        .extracting(Argument::keywordOnly)
        .containsExactly(false, false, true);
    assertThat(schema.results()).containsExactly(new Schema.Result("Tensor", null, false));
  }

  @Test
  void readsAliases() {
    Schema schema =
        SchemaParser.parse(
            "aten::max.dim_max(Tensor self, int dim, bool keepdim=False, *, Tensor(a!) max, Tensor(b!)"
                + " max_values) -> (Tensor(a!) values, Tensor(b!) indices)");
    assertThat(schema.arguments())
        .extracting(Argument::alias)
        .containsExactly(null, null, null, "a", "b");
    assertThat(schema.arguments())
        .extracting(Argument::written)
        .containsExactly(false, false, false, true, true);
    assertThat(schema.results())
        .containsExactly(
            new Schema.Result("Tensor", "a", true), new Schema.Result("Tensor", "b", true));

    Schema views =
        SchemaParser.parse(
            "aten::chunk(Tensor(a -> *) self, int chunks, int dim=0) -> Tensor(a)[]");
    assertThat(views.arguments().getFirst().alias()).isEqualTo("a");
    assertThat(views.arguments().getFirst().written()).isFalse();
    assertThat(views.results()).containsExactly(new Schema.Result("Tensor[]", "a", false));
  }

  @Test
  void readsOptionalsAndFixedLengths() {
    Schema schema =
        SchemaParser.parse(
            "aten::f(Tensor? a, int[2] b=[1, 1], SymInt[]? c=None, int[1]? d=None, Tensor?[] e,"
                + " bool[3] f, float[]? g=None) -> ()");
    List<Argument> arguments = schema.arguments();
    assertThat(arguments)
        .extracting(Argument::kind)
        .containsExactly(
            Kind.TENSOR,
            Kind.INT_LIST,
            Kind.INT_LIST,
            Kind.INT_LIST,
            Kind.OPTIONAL_TENSOR_LIST,
            Kind.BOOL_LIST,
            Kind.FLOAT_LIST);
    assertThat(arguments)
        .extracting(Argument::optional)
        .containsExactly(true, false, true, true, false, false, true);
    assertThat(arguments).extracting(Argument::fixedLength).containsExactly(0, 2, 0, 1, 0, 3, 0);
    assertThat(schema.results()).isEmpty();
  }

  @Test
  void readsTextDefaultsWithCommasBracketsAndQuotes() {
    Schema schema =
        SchemaParser.parse(
            "a::b(str x=\"a, (b\", str y='it\\'s)', Dict(str, Tensor)(a!) z, int w=0) -> (Tensor, int)");
    assertThat(schema.arguments()).extracting(Argument::name).containsExactly("x", "y", "z", "w");
    assertThat(schema.arguments().get(2).type()).isEqualTo("Dict(str, Tensor)");
    assertThat(schema.arguments().get(2).written()).isTrue();
    assertThat(schema.results()).extracting(Schema.Result::type).containsExactly("Tensor", "int");
  }

  @Test
  void readsEverySchemaOfThisLibTorch() {
    int read = 0;
    for (String namespace : List.of("aten", "tripoint")) {
      for (String name : Op.names(namespace)) {
        Schema schema = Op.of(name).resolve().schema();
        assertThat(schema.text()).startsWith(name + "(");
        for (Argument argument : schema.arguments()) {
          assertThat(argument.name()).as(schema.text()).matches("[A-Za-z_]\\w*");
        }
        read++;
      }
    }
    assertThat(read).isGreaterThan(2500);
  }

  @Test
  void knowsWhichOperatorsMoveStorage() {
    assertThat(Op.of("aten::resize_").resolve().moves()).isEqualTo(Op.Moves.ALWAYS);
    assertThat(Op.of("aten::resize_as_").resolve().moves()).isEqualTo(Op.Moves.ALWAYS);
    assertThat(Op.of("aten::set_.source_Tensor").resolve().moves()).isEqualTo(Op.Moves.ALWAYS);
    assertThat(Op.of("aten::set_data").resolve().moves()).isEqualTo(Op.Moves.ALWAYS);
    assertThat(Op.of("aten::add.out").resolve().moves()).isEqualTo(Op.Moves.BY_SHAPE);
    assertThat(Op.of("aten::add_.Tensor").resolve().moves()).isEqualTo(Op.Moves.NEVER);
    assertThat(Op.of("aten::add.Tensor").resolve().moves()).isEqualTo(Op.Moves.NEVER);
  }
}
