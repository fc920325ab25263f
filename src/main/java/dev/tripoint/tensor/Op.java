package dev.tripoint.tensor;

import dev.tripoint.ffi.TripointC;
import dev.tripoint.tensor.Schema.Argument;
import dev.tripoint.tensor.Schema.Result;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Any operator of LibTorch, or of Tripoint, by name.
 *
 * <pre>{@code
 * Op cosine = Op.of("aten::cosine_similarity");
 * Tensor s = cosine.callTensor(x, y, 1, 1e-8);
 * }</pre>
 *
 * <p>Arguments are given in the schema's order, keyword-only ones too; {@link #DEFAULT} takes the
 * default of one in the middle, and those left out at the end take theirs. An argument may be a
 * Tensor, an integer, a floating-point number, a Boolean, a String, a {@link DType}, a {@link
 * Device}, a {@link Generator}, a {@code long[]}, {@code int[]}, {@code double[]} or {@code
 * boolean[]}, a List of tensors, numbers or texts, or null for None. A number is taken where the
 * schema asks for a float or a Scalar, whatever its Java type; layouts and memory formats are
 * LibTorch's numbers.
 *
 * <p>An Op lives as long as the process and may be used from any thread.
 */
public final class Op {
  /** Stands for an argument's default. */
  public static final Object DEFAULT =
      new Object() {
        @Override
        public String toString() {
          return "Op.DEFAULT";
        }
      };

  private static final ConcurrentHashMap<String, Op> KNOWN = new ConcurrentHashMap<>();

  private final String name;
  private volatile @Nullable Resolved resolved;

  private Op(String name) {
    this.name = name;
  }

  /**
   * What is known of an operator once LibTorch was asked.
   *
   * @param written which arguments it writes to
   * @param moves what it may do to the storage of those
   */
  record Resolved(MemorySegment handle, Schema schema, boolean[] written, Moves moves) {
    boolean writes(int argument) {
      return argument < written.length && written[argument];
    }
  }

  /** How an operator may resize or replace a storage that it writes to. */
  enum Moves {
    NEVER,
    /** It is made for that: resize_, set_. */
    ALWAYS,
    /** Where the result has another shape: the out= forms. */
    BY_SHAPE
  }

  /**
   * Finds an operator. The first call for a name asks LibTorch, later ones give the same object.
   *
   * @param name {@code namespace::name.overload}, such as {@code aten::add.Tensor}, or {@code
   *     aten::relu} where the overload has no name
   * @return the operator
   * @throws TensorException when there is none; the message names the overloads there are
   * @throws LibTorchException when LibTorch cannot be loaded
   */
  public static Op of(String name) {
    Op op = KNOWN.get(name);
    if (op == null) {
      op = new Op(name);
      op.resolve();
      Op before = KNOWN.putIfAbsent(name, op);
      op = before == null ? op : before;
    }
    return op;
  }

  /** An operator that is asked for when it is first called. */
  static Op lazy(String name) {
    return new Op(name);
  }

  /**
   * All operators that LibTorch has in a namespace.
   *
   * @param namespace {@code aten}, or {@code tripoint}
   * @return full names, sorted
   */
  public static List<String> names(String namespace) {
    NativeLibrary.ensure();
    String text =
        NativeText.read((buffer, capacity, length, error) -> {
          try (Arena arena = Arena.ofConfined()) {
            return TripointC.tp_operator_names(
                arena.allocateFrom(namespace), buffer, capacity, length, error);
          }
        });
    return text.lines().filter(line -> !line.isEmpty()).toList();
  }

  /**
   * The operator's name.
   *
   * @return the name as it was asked for
   */
  public String name() {
    return name;
  }

  /**
   * The schema: arguments with types and defaults, and results.
   *
   * @return LibTorch's own text
   */
  public String schema() {
    return resolve().schema.text();
  }

  /** The schema's text. */
  @Override
  public String toString() {
    return schema();
  }

  Resolved resolve() {
    Resolved found = resolved;
    if (found == null) {
      found = find();
      resolved = found;
    }
    return found;
  }

  private Resolved find() {
    NativeLibrary.ensure();
    CallFrame frame = CallFrame.enter();
    MemorySegment handle;
    try (Arena arena = Arena.ofConfined()) {
      frame.check(
          TripointC.tp_operator_find(
              arena.allocateFrom(name, StandardCharsets.UTF_8), frame.out(), frame.error()));
      handle = MemorySegment.ofAddress(frame.outAddress());
    } finally {
      frame.leave();
    }
    String text =
        NativeText.read((buffer, capacity, length, error) ->
            TripointC.tp_operator_schema(handle, buffer, capacity, length, error));
    Schema schema = SchemaParser.parse(text);
    if (schema.arguments().size() > CallFrame.MAX_ARGUMENTS
        || schema.results().size() > CallFrame.MAX_RESULTS) {
      throw new TensorException(
          name + " has more arguments or results than can be passed: " + text);
    }
    boolean[] written = new boolean[schema.arguments().size()];
    boolean out = false;
    for (int i = 0; i < written.length; i++) {
      Argument argument = schema.arguments().get(i);
      written[i] = argument.written();
      out |= argument.written() && argument.keywordOnly();
    }
    return new Resolved(handle, schema, written, moves(written, out));
  }

  private Moves moves(boolean[] written, boolean out) {
    if (out) {
      return Moves.BY_SHAPE;
    }
    String bare = name.substring(name.indexOf("::") + 2).replaceFirst("\\..*", "");
    boolean any = false;
    for (boolean writes : written) {
      any |= writes;
    }
    boolean made = bare.contains("resize") || bare.equals("set_") || bare.equals("set_data");
    return any && made ? Moves.ALWAYS : Moves.NEVER;
  }

  /** Begins a call whose arguments the caller adds; they are not checked against the schema. */
  CallFrame begin() {
    return CallFrame.begin(this, resolve());
  }

  /**
   * Calls the operator.
   *
   * @param arguments the schema's, in its order
   * @return its results: Tensor, Long, Double, Boolean, String, Device, Generator, List, Map,
   *     {@link NativeObject}, or null for None. Where the schema says that a result is an argument
   *     which was written to, it is that same Tensor. New tensors belong to the innermost scope.
   * @throws IllegalArgumentException when an argument does not fit; the message shows the schema
   * @throws TensorException when LibTorch refuses the call, or it would write to read-only memory,
   *     or move memory that is lent to Java
   */
  public List<@Nullable Object> call(@Nullable Object... arguments) {
    return Collections.unmodifiableList(Arrays.asList(run(arguments)));
  }

  /**
   * Calls an operator whose first result is a tensor. Other results are let go.
   *
   * @param arguments as for {@link #call}
   * @return the tensor
   * @throws TensorException as for {@link #call}, or when the first result is no tensor
   */
  public Tensor callTensor(@Nullable Object... arguments) {
    Resolved target = resolve();
    if (target.moves == Moves.NEVER && !anyWritten(target)) {
      return ArgumentWriter.write(this, target, arguments).one();
    }
    @Nullable Object[] results = run(arguments);
    if (results.length > 0 && results[0] instanceof Tensor tensor) {
      for (int i = 1; i < results.length; i++) {
        if (results[i] instanceof Tensor other && !given(other, arguments)) {
          other.close();
        }
      }
      return tensor;
    }
    throw new TensorException(name + " gave no tensor; its schema is " + schema());
  }

  /**
   * Calls an operator whose first results are tensors and that writes to none of its arguments.
   * Other results are let go.
   *
   * @param count how many results to give
   * @param arguments as for {@link #call}
   * @return the tensors
   * @throws TensorException as for {@link #call}, or when one of those results is no tensor
   * @throws IllegalArgumentException as for {@link #call}, or when the operator writes to arguments
   *     or has fewer results
   */
  public Tensor[] callTensors(int count, @Nullable Object... arguments) {
    Resolved target = resolve();
    if (count < 0 || count > target.schema.results().size()) {
      throw new IllegalArgumentException(
          name + " has not " + count + " results; its schema is " + schema());
    }
    if (target.moves != Moves.NEVER || anyWritten(target)) {
      throw new IllegalArgumentException(
          name + " writes to its arguments: use call; its schema is " + schema());
    }
    return ArgumentWriter.write(this, target, arguments).first(count);
  }

  private static boolean given(Tensor tensor, @Nullable Object[] arguments) {
    for (Object argument : arguments) {
      if (tensor.equals(argument)) {
        return true;
      }
    }
    return false;
  }

  private static boolean anyWritten(Resolved target) {
    for (boolean written : target.written) {
      if (written) {
        return true;
      }
    }
    return false;
  }

  private @Nullable Object[] run(@Nullable Object[] arguments) {
    Resolved target = resolve();
    if (target.moves == Moves.NEVER) {
      return runPlain(target, arguments);
    }
    Loan.lockMove();
    try {
      if (Loan.anyLent() && LentOutputs.anyLent(target, arguments)) {
        if (target.moves == Moves.ALWAYS) {
          throw new TensorException(
              name
                  + " may move the memory of its tensor, which is lent to Java as a segment;"
                  + " close the scope of that segment first");
        }
        return LentOutputs.run(this, target, arguments);
      }
      return runPlain(target, arguments);
    } finally {
      Loan.unlockMove();
    }
  }

  @Nullable Object[] runPlain(Resolved target, @Nullable Object[] arguments) {
    @Nullable Object[] results = ArgumentWriter.write(this, target, arguments).all();
    substituteWritten(target, arguments, results);
    return results;
  }

  /** A result that is an argument is given as the same object, not as a second handle. */
  private static void substituteWritten(
      Resolved target, @Nullable Object[] arguments, @Nullable Object[] results) {
    List<Result> declared = target.schema.results();
    for (int i = 0; i < results.length && i < declared.size(); i++) {
      Result result = declared.get(i);
      if (result.written() && results[i] instanceof Tensor again) {
        int source = argumentOf(target.schema, result.alias());
        if (source >= 0 && source < arguments.length && arguments[source] instanceof Tensor given) {
          again.close();
          results[i] = given;
        }
      }
    }
  }

  private static int argumentOf(Schema schema, @Nullable String alias) {
    List<Argument> arguments = schema.arguments();
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i).written() && arguments.get(i).alias().equals(alias)) {
        return i;
      }
    }
    return -1;
  }

  /** The tensors among an argument's value. */
  static List<Tensor> tensorsIn(@Nullable Object argument) {
    if (argument instanceof Tensor tensor) {
      return List.of(tensor);
    }
    List<Tensor> tensors = new ArrayList<>();
    if (argument instanceof List<?> list) {
      for (Object entry : list) {
        if (entry instanceof Tensor tensor) {
          tensors.add(tensor);
        }
      }
    }
    return tensors;
  }
}
