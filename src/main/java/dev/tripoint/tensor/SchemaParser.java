package dev.tripoint.tensor;

import dev.tripoint.tensor.Schema.Argument;
import dev.tripoint.tensor.Schema.Kind;
import dev.tripoint.tensor.Schema.Result;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a schema such as {@code aten::add_.Tensor(Tensor(a!) self, Tensor other, *, Scalar alpha=1)
 * -> Tensor(a!)}.
 */
final class SchemaParser {
  private SchemaParser() {}

  static Schema parse(String text) {
    int open = text.indexOf('(');
    int close = matching(text, open);
    int arrow = text.indexOf("->", close);
    List<Argument> arguments = new ArrayList<>();
    boolean keywordOnly = false;
    for (String part : split(text.substring(open + 1, close))) {
      if (part.equals("*")) {
        keywordOnly = true;
      } else if (!part.equals("...")) {
        arguments.add(argument(part, keywordOnly));
      }
    }
    String given = text.substring(arrow + 2).strip();
    if (given.startsWith("(") && matching(given, 0) == given.length() - 1) {
      given = given.substring(1, given.length() - 1);
    }
    List<Result> results = new ArrayList<>();
    for (String part : split(given)) {
      if (!part.equals("...")) {
        Type type = type(part);
        results.add(new Result(type.name, type.alias, type.written));
      }
    }
    return new Schema(text, List.copyOf(arguments), List.copyOf(results));
  }

  private record Type(String name, @Nullable String alias, boolean written, int length) {}

  private static Argument argument(String text, boolean keywordOnly) {
    Type type = type(text);
    String rest = text.substring(type.length).strip();
    int equals = rest.indexOf('=');
    String name = equals < 0 ? rest : rest.substring(0, equals);
    String bare = type.name;
    boolean optional = bare.endsWith("?");
    if (optional) {
      bare = bare.substring(0, bare.length() - 1);
    }
    int fixed = 0;
    int bracket = bare.lastIndexOf('[');
    if (bare.endsWith("]") && bracket < bare.length() - 2) {
      fixed = Integer.parseInt(bare.substring(bracket + 1, bare.length() - 1));
      bare = bare.substring(0, bracket) + "[]";
    }
    return new Argument(
        name,
        type.name,
        kind(bare),
        optional,
        fixed,
        keywordOnly,
        equals >= 0,
        type.alias,
        type.written);
  }

  private static Kind kind(String type) {
    return switch (type) {
      case "Tensor" -> Kind.TENSOR;
      case "Tensor[]" -> Kind.TENSOR_LIST;
      case "Tensor?[]" -> Kind.OPTIONAL_TENSOR_LIST;
      case "int", "SymInt", "Layout", "MemoryFormat", "QScheme" -> Kind.INT;
      case "int[]", "SymInt[]" -> Kind.INT_LIST;
      case "float" -> Kind.FLOAT;
      case "float[]" -> Kind.FLOAT_LIST;
      case "bool" -> Kind.BOOL;
      case "bool[]" -> Kind.BOOL_LIST;
      case "str" -> Kind.STRING;
      case "str[]" -> Kind.STRING_LIST;
      case "Scalar", "number" -> Kind.SCALAR;
      case "Scalar[]", "number[]" -> Kind.SCALAR_LIST;
      case "ScalarType" -> Kind.DTYPE;
      case "Device" -> Kind.DEVICE;
      case "Generator" -> Kind.GENERATOR;
      default -> Kind.OTHER;
    };
  }

  /**
   * The type at the start of a text: a name or a tuple, then any of {@code [..]}, {@code ?} and one
   * alias annotation such as {@code (a!)} or {@code (a -> *)}.
   */
  private static Type type(String text) {
    StringBuilder name = new StringBuilder();
    String alias = null;
    boolean written = false;
    int at = 0;
    if (text.startsWith("(")) {
      at = matching(text, 0) + 1;
      name.append(text, 0, at);
    } else {
      while (at < text.length() && isNamePart(text.charAt(at))) {
        at++;
      }
      name.append(text, 0, at);
    }
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '(') {
        int end = matching(text, at);
        String inside = text.substring(at + 1, end);
        if (name.toString().equals("Dict") || name.toString().equals("Future")) {
          name.append('(').append(inside).append(')');
        } else {
          written = inside.contains("!");
          alias = inside.replace("!", "").replaceFirst("\\s*->.*", "").strip();
        }
        at = end + 1;
      } else if (c == '[') {
        int end = text.indexOf(']', at);
        name.append(text, at, end + 1);
        at = end + 1;
      } else if (c == '?') {
        name.append('?');
        at++;
      } else {
        break;
      }
    }
    return new Type(name.toString(), alias, written, at);
  }

  private static boolean isNamePart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.';
  }

  /** Where the bracket that opens at a place closes. */
  private static int matching(String text, int open) {
    int depth = 0;
    char quote = 0;
    for (int i = open; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote != 0) {
        if (c == '\\') {
          i++;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '(' || c == '[') {
        depth++;
      } else if (c == ')' || c == ']') {
        depth--;
        if (depth == 0) {
          return i;
        }
      }
    }
    throw new IllegalArgumentException("A bracket is not closed in the schema " + text);
  }

  /** The parts between commas that stand in no bracket and no quotes. */
  private static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    char quote = 0;
    int start = 0;
    for (int i = 0; i <= text.length(); i++) {
      char c = i == text.length() ? ',' : text.charAt(i);
      if (quote != 0) {
        if (c == '\\') {
          i++;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '(' || c == '[') {
        depth++;
      } else if (c == ')' || c == ']') {
        depth--;
      } else if (c == ',' && depth == 0) {
        String part = text.substring(start, i).strip();
        if (!part.isEmpty()) {
          parts.add(part);
        }
        start = i + 1;
      }
    }
    return parts;
  }
}
