package dev.tripoint.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Prints tensors as PyTorch's {@code repr} does with its default options. */
final class TensorPrinter {
  private static final int PRECISION = 4;
  private static final long THRESHOLD = 1000;
  private static final int EDGE = 3;
  private static final int LINE = 80;
  private static final String PREFIX = "tensor(";

  private static final Op VIEW_AS_REAL = Op.lazy("aten::view_as_real");
  private static final Op RESOLVE_CONJ = Op.lazy("aten::resolve_conj");
  private static final Op TO_DENSE = Op.lazy("aten::to_dense");

  private final long[] sizes;
  private final boolean summarize;
  private final Numbers numbers;

  /** The elements that are printed, the middle of long dimensions left out. */
  private record Numbers(List<Column> columns) {
    int width() {
      return columns.get(0).width() + (columns.size() == 1 ? 0 : columns.get(1).width() + 1);
    }

    String text(int index) {
      String real = columns.get(0).text(index);
      if (columns.size() == 1) {
        return real;
      }
      String imaginary = columns.get(1).text(index).strip() + "j";
      return real + (imaginary.startsWith("-") ? "" : "+") + imaginary;
    }
  }

  private interface Column {
    int width();

    String text(int index);
  }

  private TensorPrinter(long[] sizes, boolean summarize, Numbers numbers) {
    this.sizes = sizes;
    this.summarize = summarize;
    this.numbers = numbers;
  }

  static String print(Tensor tensor) {
    try (TensorScope _ = TensorScope.open();
        Autograd.Mode _ = Autograd.noGrad()) {
      return printInScope(tensor);
    }
  }

  private static String printInScope(Tensor tensor) {
    Description is = CallFrame.describe(tensor);
    DType dtype = is.dtype();
    List<String> suffixes = new ArrayList<>();
    if (!is.onCpu()) {
      suffixes.add("device='" + is.device() + "'");
    }
    String size = "size=" + tuple(is.sizes());
    String type = "dtype=torch." + dtype.torchName();
    String body;
    if (is.deviceType() == Device.Type.META.code()) {
      suffixes.add(size);
      if (dtype != DType.FLOAT32) {
        suffixes.add(type);
      }
      body = "...";
    } else if (is.numel() == 0) {
      if (is.sizes().length != 1) {
        suffixes.add(size);
      }
      if (dtype != DType.FLOAT32) {
        suffixes.add(type);
      }
      body = "[]";
    } else {
      if (!List.of(DType.FLOAT32, DType.COMPLEX64, DType.INT64, DType.BOOL).contains(dtype)) {
        suffixes.add(type);
      }
      Tensor dense = is.strided() ? tensor : TO_DENSE.callTensor(tensor);
      body = of(dense.detach(), is.sizes(), dtype).text();
    }
    if (is.requiresGrad()) {
      suffixes.add("requires_grad=True");
    }
    return withSuffixes(PREFIX + body, suffixes);
  }

  private static TensorPrinter of(Tensor tensor, long[] sizes, DType dtype) {
    long numel = 1;
    for (long size : sizes) {
      numel *= size;
    }
    boolean summarize = numel > THRESHOLD;
    Tensor shown = tensor;
    if (summarize) {
      for (int d = 0; d < sizes.length; d++) {
        if (sizes[d] > 2 * EDGE) {
          shown =
              Torch.cat(
                  List.of(shown.narrow(d, 0, EDGE), shown.narrow(d, sizes[d] - EDGE, EDGE)), d);
        }
      }
    }
    List<Column> columns;
    if (dtype.isComplex()) {
      Tensor parts = VIEW_AS_REAL.callTensor(RESOLVE_CONJ.callTensor(shown));
      columns =
          List.of(
              new Reals(parts.select(-1, 0).toDoubleArray()),
              new Reals(parts.select(-1, 1).toDoubleArray()));
    } else if (dtype.isFloatingPoint()) {
      columns = List.of(new Reals(shown.toDoubleArray()));
    } else if (dtype == DType.BOOL) {
      columns = List.of(Texts.of(shown.toBooleanArray()));
    } else {
      columns = List.of(Texts.of(shown.toLongArray()));
    }
    return new TensorPrinter(sizes, summarize, new Numbers(columns));
  }

  /** Integers and booleans. */
  private record Texts(String[] texts, int width) implements Column {
    static Texts of(long[] values) {
      return of(Arrays.stream(values).mapToObj(Long::toString).toArray(String[]::new));
    }

    static Texts of(boolean[] values) {
      String[] texts = new String[values.length];
      for (int i = 0; i < texts.length; i++) {
        texts[i] = values[i] ? "True" : "False";
      }
      return of(texts);
    }

    private static Texts of(String[] texts) {
      int width = Arrays.stream(texts).mapToInt(String::length).max().orElse(1);
      return new Texts(texts, Math.max(1, width));
    }

    @Override
    public String text(int index) {
      return pad(texts[index], width);
    }
  }

  /** Floating-point numbers, all printed in one of three ways. */
  private static final class Reals implements Column {
    private final double[] values;
    private boolean integers = true;
    private boolean scientific;
    private int width = 1;

    Reals(double[] values) {
      this.values = values;
      double[] usual = Arrays.stream(values).filter(v -> v != 0 && Double.isFinite(v)).toArray();
      if (usual.length == 0) {
        return;
      }
      double least = Double.POSITIVE_INFINITY;
      double most = 0;
      for (double value : usual) {
        least = Math.min(least, Math.abs(value));
        most = Math.max(most, Math.abs(value));
        integers &= value == Math.rint(value);
      }
      scientific = most / least > 1000 || most > 1e8 || least < 1e-4;
      for (double value : usual) {
        int length = plain(value).length() + (integers && !scientific ? 1 : 0);
        width = Math.max(width, length);
      }
    }

    private String plain(double value) {
      if (Double.isNaN(value)) {
        return "nan";
      }
      if (Double.isInfinite(value)) {
        return value > 0 ? "inf" : "-inf";
      }
      return scientific
          ? Decimals.scientific(value, PRECISION)
          : Decimals.fixed(value, integers ? 0 : PRECISION);
    }

    @Override
    public int width() {
      return width;
    }

    @Override
    public String text(int index) {
      double value = values[index];
      String text = plain(value);
      if (!scientific && integers && Double.isFinite(value)) {
        text += ".";
      }
      return pad(text, width);
    }
  }

  private static String pad(String text, int width) {
    return " ".repeat(Math.max(0, width - text.length())) + text;
  }

  private String text() {
    if (sizes.length == 0) {
      return numbers.text(0);
    }
    return slice(0, 0, PREFIX.length());
  }

  /** How many entries of a dimension are printed. */
  private int shown(int d) {
    return left(d) ? 2 * EDGE : (int) sizes[d];
  }

  private boolean left(int d) {
    return summarize && sizes[d] > 2 * EDGE;
  }

  private String slice(int d, int first, int indent) {
    int shown = shown(d);
    if (d == sizes.length - 1) {
      return vector(d, first, indent);
    }
    int stride = 1;
    for (int inner = d + 1; inner < sizes.length; inner++) {
      stride *= shown(inner);
    }
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < shown; i++) {
      if (left(d) && i == EDGE) {
        parts.add("...");
      }
      parts.add(slice(d + 1, first + i * stride, indent + 1));
    }
    String between = "," + "\n".repeat(sizes.length - d - 1) + " ".repeat(indent + 1);
    return "[" + String.join(between, parts) + "]";
  }

  private String vector(int d, int first, int indent) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < shown(d); i++) {
      if (left(d) && i == EDGE) {
        texts.add(" ...");
      }
      texts.add(numbers.text(first + i));
    }
    int width = numbers.width() + 2;
    int perLine = Math.max(1, Math.floorDiv(LINE - indent, width));
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < texts.size(); i += perLine) {
      lines.add(String.join(", ", texts.subList(i, Math.min(texts.size(), i + perLine))));
    }
    return "[" + String.join(",\n" + " ".repeat(indent + 1), lines) + "]";
  }

  private static String withSuffixes(String text, List<String> suffixes) {
    StringBuilder all = new StringBuilder(text);
    int last = text.length() - text.lastIndexOf('\n') + 1;
    for (String suffix : suffixes) {
      if (last + suffix.length() + 2 > LINE) {
        all.append(",\n").append(" ".repeat(PREFIX.length())).append(suffix);
        last = PREFIX.length() + suffix.length();
      } else {
        all.append(", ").append(suffix);
        last += suffix.length() + 2;
      }
    }
    return all.append(')').toString();
  }

  private static String tuple(long[] sizes) {
    String inside = Arrays.stream(sizes).mapToObj(Long::toString).collect(Collectors.joining(", "));
    return "(" + inside + (sizes.length == 1 ? ",)" : ")");
  }

  /** Numbers as C's printf writes them: rounded from the exact binary value, ties to even. */
  private static final class Decimals {
    private Decimals() {}

    static String fixed(double value, int digits) {
      String text =
          new java.math.BigDecimal(Math.abs(value))
              .setScale(digits, java.math.RoundingMode.HALF_EVEN)
              .toPlainString();
      return sign(value) + text;
    }

    static String scientific(double value, int digits) {
      String text;
      if (value == 0) {
        text = "0." + "0".repeat(digits) + "e+00";
      } else {
        java.math.BigDecimal rounded =
            new java.math.BigDecimal(Math.abs(value))
                .round(new java.math.MathContext(digits + 1, java.math.RoundingMode.HALF_EVEN));
        int exponent = rounded.precision() - rounded.scale() - 1;
        String all = rounded.unscaledValue().toString();
        all = all + "0".repeat(Math.max(0, digits + 1 - all.length()));
        text =
            all.charAt(0)
                + "."
                + all.substring(1, digits + 1)
                + "e"
                + (exponent < 0 ? "-" : "+")
                + String.format(Locale.ROOT, "%02d", Math.abs(exponent));
      }
      return sign(value) + text;
    }

    private static String sign(double value) {
      return value < 0 || (value == 0 && 1 / value < 0) ? "-" : "";
    }
  }
}
