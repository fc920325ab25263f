package dev.tripoint.tensor;

import dev.tripoint.tensor.Schema.Argument;
import dev.tripoint.tensor.Schema.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks Java arguments against a schema and writes them into a call. */
final class ArgumentWriter {
  private ArgumentWriter() {}

  /** Begins a call with its arguments; when it throws, nothing is left open. */
  static CallFrame write(Op op, Op.Resolved target, @Nullable Object[] arguments) {
    List<Argument> declared = target.schema().arguments();
    if (arguments.length > declared.size()) {
      throw new IllegalArgumentException(
          op.name()
              + " takes "
              + declared.size()
              + " arguments and got "
              + arguments.length
              + "; its schema is "
              + target.schema().text());
    }
    CallFrame frame = CallFrame.begin(op, target);
    for (int i = 0; i < arguments.length; i++) {
      Object argument = arguments[i];
      if (argument instanceof Tensor tensor && declared.get(i).kind() == Kind.TENSOR) {
        frame.tensor(tensor);
        continue;
      }
      if (!put(frame, declared.get(i), argument)) {
        frame.leave();
        throw misfit(op, target, i, argument);
      }
    }
    for (int i = arguments.length; i < declared.size(); i++) {
      if (!declared.get(i).hasDefault()) {
        frame.leave();
        throw new IllegalArgumentException(
            op.name()
                + " needs argument "
                + (i + 1)
                + ", '"
                + declared.get(i).name()
                + "', of type "
                + declared.get(i).type()
                + "; its schema is "
                + target.schema().text());
      }
    }
    return frame;
  }

  private static IllegalArgumentException misfit(
      Op op, Op.Resolved target, int index, @Nullable Object argument) {
    Argument declared = target.schema().arguments().get(index);
    String got =
        argument == null
            ? "null"
            : Op.DEFAULT.equals(argument)
                ? "Op.DEFAULT, but there is no default"
                : argument.getClass().getSimpleName() + shown(argument);
    return new IllegalArgumentException(
        op.name()
            + ": argument "
            + (index + 1)
            + ", '"
            + declared.name()
            + "', is "
            + declared.type()
            + " ("
            + declared.kind().inJava
            + (declared.optional() ? ", or null" : "")
            + ") and got "
            + got
            + "; the schema is "
            + target.schema().text());
  }

  private static String shown(Object argument) {
    return switch (argument) {
      case Number n -> " " + n;
      case Boolean b -> " " + b;
      case String s -> " \"" + (s.length() > 40 ? s.substring(0, 40) + "..." : s) + "\"";
      case Enum<?> e -> " " + e;
      default -> "";
    };
  }

  /**
   * Puts one argument; false if it does not fit, and nothing was put then. Throws only what the
   * frame throws, which has ended by then.
   */
  private static boolean put(CallFrame frame, Argument declared, @Nullable Object argument) {
    if (argument == null) {
      if (declared.optional()) {
        frame.none();
      }
      return declared.optional();
    }
    if (Op.DEFAULT.equals(argument)) {
      if (declared.hasDefault()) {
        frame.byDefault();
      }
      return declared.hasDefault();
    }
    return switch (declared.kind()) {
      case TENSOR -> argument instanceof Tensor tensor && frame.tensor(tensor) != null;
      case TENSOR_LIST -> {
        List<Tensor> list = tensors(argument, false);
        yield list != null && frame.tensors(list) != null;
      }
      case OPTIONAL_TENSOR_LIST -> {
        List<Tensor> list = tensors(argument, true);
        yield list != null && frame.optionalTensors(list) != null;
      }
      case INT -> {
        Long value = integer(argument);
        yield value != null && frame.integer(value) != null;
      }
      case DTYPE -> {
        Long value = argument instanceof DType type ? Long.valueOf(type.code()) : integer(argument);
        yield value != null && frame.integer(value) != null;
      }
      case FLOAT -> argument instanceof Number n && frame.real(n.doubleValue()) != null;
      case BOOL -> argument instanceof Boolean b && frame.bool(b) != null;
      case STRING -> argument instanceof String s && frame.text(s) != null;
      case SCALAR -> scalar(frame, argument);
      case INT_LIST -> {
        long[] list = longs(argument, declared.fixedLength());
        yield list != null && frame.ints(list) != null;
      }
      case FLOAT_LIST -> {
        double[] list = doubles(argument, declared.fixedLength());
        yield list != null && frame.reals(list) != null;
      }
      case BOOL_LIST -> {
        boolean[] list = booleans(argument);
        yield list != null && frame.bools(list) != null;
      }
      case SCALAR_LIST -> {
        List<?> list = scalars(argument);
        yield list != null && frame.scalars(list) != null;
      }
      case STRING_LIST -> {
        List<String> list = texts(argument);
        yield list != null && frame.texts(list) != null;
      }
      case DEVICE -> {
        Device device = device(argument);
        yield device != null && frame.device(device) != null;
      }
      case GENERATOR -> argument instanceof Generator g && frame.generator(g) != null;
      case OTHER -> argument instanceof NativeObject o && frame.object(o) != null;
    };
  }

  private static @Nullable Long integer(Object argument) {
    return switch (argument) {
      case Long n -> n;
      case Integer n -> n.longValue();
      case Short n -> n.longValue();
      case Byte n -> n.longValue();
      case DType type -> (long) type.code();
      default -> null;
    };
  }

  private static boolean scalar(CallFrame frame, Object argument) {
    if (argument instanceof Boolean b) {
      frame.bool(b);
    } else if (argument instanceof Double || argument instanceof Float) {
      frame.real(((Number) argument).doubleValue());
    } else {
      Long value = argument instanceof Number ? integer(argument) : null;
      if (value == null) {
        return false;
      }
      frame.integer(value);
    }
    return true;
  }

  private static @Nullable Device device(Object argument) {
    return switch (argument) {
      case Device d -> d;
      case String s -> {
        try {
          yield Device.parse(s);
        } catch (IllegalArgumentException e) {
          yield null;
        }
      }
      default -> null;
    };
  }

  @SuppressWarnings("unchecked")
  private static @Nullable List<Tensor> tensors(Object argument, boolean nullable) {
    List<?> list =
        switch (argument) {
          case Tensor[] array -> Arrays.asList(array);
          case List<?> given -> given;
          default -> null;
        };
    if (list == null) {
      return null;
    }
    for (Object entry : list) {
      if (!(entry instanceof Tensor) && !(nullable && entry == null)) {
        return null;
      }
    }
    return (List<Tensor>) list;
  }

  private static long @Nullable [] longs(Object argument, int fixedLength) {
    switch (argument) {
      case long[] list:
        return list;
      case int[] list:
        return Arrays.stream(list).asLongStream().toArray();
      case Collection<?> list:
        long[] all = new long[list.size()];
        int i = 0;
        for (Object entry : list) {
          Long value = entry == null ? null : integer(entry);
          if (value == null) {
            return null;
          }
          all[i++] = value;
        }
        return all;
      default:
        Long value = integer(argument);
        if (value == null || fixedLength == 0) {
          return null;
        }
        long[] repeated = new long[fixedLength];
        Arrays.fill(repeated, value);
        return repeated;
    }
  }

  private static double @Nullable [] doubles(Object argument, int fixedLength) {
    switch (argument) {
      case double[] list:
        return list;
      case float[] list:
        double[] wide = new double[list.length];
        for (int i = 0; i < list.length; i++) {
          wide[i] = list[i];
        }
        return wide;
      case Collection<?> list:
        double[] all = new double[list.size()];
        int i = 0;
        for (Object entry : list) {
          if (!(entry instanceof Number n)) {
            return null;
          }
          all[i++] = n.doubleValue();
        }
        return all;
      case Number n
      when fixedLength > 0:
        double[] repeated = new double[fixedLength];
        Arrays.fill(repeated, n.doubleValue());
        return repeated;
      default:
        return null;
    }
  }

  private static boolean @Nullable [] booleans(Object argument) {
    switch (argument) {
      case boolean[] list:
        return list;
      case Collection<?> list:
        boolean[] all = new boolean[list.size()];
        int i = 0;
        for (Object entry : list) {
          if (!(entry instanceof Boolean b)) {
            return null;
          }
          all[i++] = b;
        }
        return all;
      default:
        return null;
    }
  }

  private static @Nullable List<?> scalars(Object argument) {
    List<Object> list = new ArrayList<>();
    switch (argument) {
      case double[] array -> Arrays.stream(array).forEach(list::add);
      case long[] array -> Arrays.stream(array).forEach(list::add);
      case Collection<?> given -> {
        for (Object entry : given) {
          switch (entry) {
            case Float n -> list.add(n.doubleValue());
            case Double n -> list.add(n);
            case Boolean b -> list.add(b);
            case null -> {
              return null;
            }
            default -> {
              Long n = entry instanceof Number ? integer(entry) : null;
              if (n == null) {
                return null;
              }
              list.add(n);
            }
          }
        }
      }
      default -> {
        return null;
      }
    }
    return list;
  }

  private static @Nullable List<String> texts(Object argument) {
    if (!(argument instanceof Collection<?> given)) {
      return null;
    }
    List<String> list = new ArrayList<>();
    for (Object entry : given) {
      if (!(entry instanceof String text)) {
        return null;
      }
      list.add(text);
    }
    return list;
  }
}
