package dev.tripoint.tensor;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tripoint.ffi.TripointC;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gradients, and whether calls record for them. The modes belong to the Java thread, virtual or
 * not: they go with each call and leave nothing in a native thread.
 */
public final class Autograd {
  private Autograd() {}

  /**
   * A mode of the thread that opened it, put back by {@link #close}. Modes nest and are closed in
   * the opposite order.
   */
  public static final class Mode implements AutoCloseable {
    private final ThreadState state;
    private final @Nullable Mode outer;
    private final boolean grad;
    private final boolean inference;
    private boolean closed;

    private Mode(boolean grad, boolean inference) {
      state = ThreadState.current();
      outer = state.mode;
      this.grad = state.grad;
      this.inference = state.inference;
      state.mode = this;
      state.grad = grad;
      state.inference = inference;
    }

    /**
     * Puts back what was before.
     *
     * @throws IllegalStateException when it is closed already, belongs to another thread, or a mode
     *     opened after it is still open
     */
    @Override
    public void close() {
      if (state.thread != Thread.currentThread()) {
        throw new IllegalStateException(
            "A grad mode can be closed only by the thread that opened it, "
                + state.thread.getName());
      }
      if (closed) {
        throw new IllegalStateException("The grad mode is closed already");
      }
      if (state.mode != this) {
        throw new IllegalStateException(
            "A grad mode that was opened later is still open; they are closed in the opposite order");
      }
      closed = true;
      state.mode = outer;
      state.grad = grad;
      state.inference = inference;
    }
  }

  /**
   * Turns recording off, as {@code torch.no_grad()}.
   *
   * @return the mode, to be closed
   */
  public static Mode noGrad() {
    return new Mode(false, ThreadState.current().inference);
  }

  /**
   * Turns recording on, as {@code torch.enable_grad()}. It has no effect inside {@link
   * #inferenceMode}.
   *
   * @return the mode, to be closed
   */
  public static Mode enableGrad() {
    boolean inference = ThreadState.current().inference;
    return new Mode(!inference, inference);
  }

  /**
   * Turns recording off for good, as {@code torch.inference_mode()}: what is made in it can never
   * take part in autograd.
   *
   * @return the mode, to be closed
   */
  public static Mode inferenceMode() {
    return new Mode(false, true);
  }

  /**
   * Whether calls of this thread record for autograd.
   *
   * @return true unless a mode turned it off
   */
  public static boolean isGradEnabled() {
    return ThreadState.current().grad;
  }

  /**
   * The gradient of one output by one input, without touching any {@code .grad}. The graph is
   * freed.
   *
   * @param output a tensor of one element
   * @param input a tensor that the output was made from
   * @return the gradient, of the input's shape
   * @throws TensorException when the input has no part in the output
   */
  public static Tensor grad(Tensor output, Tensor input) {
    Tensor gradient = grad(List.of(output), List.of(input)).getFirst();
    if (gradient == null) {
      throw new TensorException("The input has no part in the output");
    }
    return gradient;
  }

  /**
   * Gradients of the sum of outputs by inputs, without touching any {@code .grad}. The graph is
   * freed.
   *
   * @param outputs tensors of one element each
   * @param inputs tensors that they were made from
   * @return one gradient for each input
   * @throws TensorException when an input has no part in the outputs
   */
  public static List<@Nullable Tensor> grad(List<Tensor> outputs, List<Tensor> inputs) {
    return grad(outputs, inputs, null, false, false, false);
  }

  /**
   * Gradients of outputs by inputs, without touching any {@code .grad}; PyTorch's {@code
   * torch.autograd.grad}.
   *
   * @param outputs what is differentiated
   * @param inputs by what
   * @param gradOutputs the gradient that each output starts from, of its shape; null, or a null
   *     entry, stands for one at an output of one element
   * @param retainGraph keeps the graph for another pass
   * @param createGraph records the pass itself, for second derivatives
   * @param allowUnused gives null for an input that has no part in the outputs, instead of refusing
   * @return one gradient for each input, of its shape
   * @throws TensorException when LibTorch refuses
   */
  public static List<@Nullable Tensor> grad(
      List<Tensor> outputs,
      List<Tensor> inputs,
      @Nullable List<? extends @Nullable Tensor> gradOutputs,
      boolean retainGraph,
      boolean createGraph,
      boolean allowUnused) {
    if (gradOutputs != null && gradOutputs.size() != outputs.size()) {
      throw new IllegalArgumentException(
          gradOutputs.size() + " gradients were given for " + outputs.size() + " outputs");
    }
    NativeLibrary.ensure();
    CallFrame frame = CallFrame.enter();
    try {
      MemorySegment made = frame.addresses(inputs.size());
      frame.check(
          TripointC.tp_grad(
              frame.handles(outputs),
              gradOutputs == null ? MemorySegment.NULL : frame.handles(gradOutputs),
              outputs.size(),
              frame.handles(inputs),
              inputs.size(),
              retainGraph || createGraph ? 1 : 0,
              createGraph ? 1 : 0,
              allowUnused ? 1 : 0,
              made,
              frame.modes(),
              frame.error()));
      List<@Nullable Tensor> gradients = new ArrayList<>(inputs.size());
      for (int i = 0; i < inputs.size(); i++) {
        long address = made.getAtIndex(JAVA_LONG, i);
        gradients.add(address == 0 ? null : frame.adopt(frame.newTensor(address)));
      }
      return Collections.unmodifiableList(gradients);
    } finally {
      frame.leave();
    }
  }

  /** The pass behind {@link Tensor#backward}. */
  static void backward(
      Tensor tensor, @Nullable Tensor gradient, boolean retainGraph, boolean createGraph) {
    CallFrame frame = CallFrame.enter();
    try {
      frame.holdAlive(tensor);
      if (gradient != null) {
        frame.holdAlive(gradient);
      }
      frame.check(
          TripointC.tp_backward(
              MemorySegment.ofAddress(tensor.address),
              gradient == null ? MemorySegment.NULL : MemorySegment.ofAddress(gradient.address),
              MemorySegment.NULL,
              0,
              retainGraph || createGraph ? 1 : 0,
              createGraph ? 1 : 0,
              frame.modes(),
              frame.error()));
    } finally {
      frame.leave();
    }
  }
}
