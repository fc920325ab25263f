package dev.tripoint.tensor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an operator takes and gives, read once from LibTorch's own text.
 *
 * @param text the schema as LibTorch writes it
 * @param arguments in order
 * @param results in order
 */
record Schema(String text, List<Argument> arguments, List<Result> results) {
  /** What a value may be. */
  enum Kind {
    TENSOR("Tensor"),
    TENSOR_LIST("List<Tensor>"),
    OPTIONAL_TENSOR_LIST("List<Tensor>, entries may be null"),
    INT("long"),
    INT_LIST("long[]"),
    FLOAT("double"),
    FLOAT_LIST("double[]"),
    BOOL("boolean"),
    BOOL_LIST("boolean[]"),
    STRING("String"),
    STRING_LIST("List<String>"),
    SCALAR("a number or boolean"),
    SCALAR_LIST("List of numbers"),
    DTYPE("DType"),
    DEVICE("Device"),
    GENERATOR("Generator"),
    OTHER("a NativeObject");

    final String inJava;

    Kind(String inJava) {
      this.inJava = inJava;
    }
  }

  /**
   * One argument.
   *
   * @param type LibTorch's text for the type, without alias annotation
   * @param fixedLength how often a single number stands for a list, as 2 in {@code int[2]}; else 0
   * @param alias the alias set of what it shares memory with, or null
   */
  record Argument(
      String name,
      String type,
      Kind kind,
      boolean optional,
      int fixedLength,
      boolean keywordOnly,
      boolean hasDefault,
      @Nullable String alias,
      boolean written) {}

  /**
   * One result.
   *
   * @param alias the alias set of an argument that it shares memory with, or null
   * @param written whether it is that argument itself
   */
  record Result(String type, @Nullable String alias, boolean written) {}
}
