package dev.tripoint.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of code that owns the tensors made in it: leaving it closes all that were not kept.
 *
 * <pre>{@code
 * Tensor mean;
 * try (TensorScope scope = TensorScope.open()) {
 *   Tensor centred = x.sub(x.mean(0));
 *   mean = scope.keep(centred.square().mean());
 * }
 * }</pre>
 *
 * <p>The result of every call belongs to the innermost scope that is open on the calling thread,
 * never to that of an input; with none open the caller owns it and closes it. Scopes nest and are
 * closed in the opposite order by the thread, virtual or not, that opened them. Tensors may be
 * closed one by one before, from any thread; a scope keeps nothing of those.
 *
 * <p>Memory that tensors lend to Java in a scope ({@link Tensor#segment}) is readable until the
 * scope is closed, by the scope's thread only, or by all threads if it was opened by {@link
 * #openShared}.
 */
public final class TensorScope implements AutoCloseable {
  private final ThreadState state;
  private final @Nullable TensorScope parent;
  private final boolean shared;
  private @Nullable Handle last;
  private @Nullable Arena arena;
  private @Nullable List<Loan> loans;
  private boolean closed;

  private TensorScope(ThreadState state, boolean shared) {
    this.state = state;
    this.parent = state.scope;
    this.shared = shared;
  }

  /**
   * Opens a scope on the calling thread. Memory lent in it can be read by this thread only.
   *
   * @return the scope, now the innermost of this thread
   */
  public static TensorScope open() {
    return open(false);
  }

  /**
   * Opens a scope on the calling thread whose lent memory every thread can read. Closing it is
   * dearer, about 0.1 ms once memory was lent, so one scope should stand for much work. The scope
   * itself is still closed by the thread that opened it.
   *
   * @return the scope, now the innermost of this thread
   */
  public static TensorScope openShared() {
    return open(true);
  }

  private static TensorScope open(boolean shared) {
    ThreadState state = ThreadState.current();
    TensorScope scope = new TensorScope(state, shared);
    state.scope = scope;
    return scope;
  }

  /**
   * The innermost scope open on the calling thread.
   *
   * @return the scope, or null when there is none
   */
  public static @Nullable TensorScope current() {
    return ThreadState.current().scope;
  }

  /**
   * Hands a tensor of this scope, or of one inside it, to the scope outside; to the caller when
   * this is the outermost. A tensor that belongs elsewhere already stays where it is.
   *
   * @param tensor a tensor that is open
   * @return the same tensor
   * @throws IllegalStateException when this scope is closed, or it or the tensor's is another
   *     thread's
   * @throws TensorClosedException when the tensor is closed
   */
  public Tensor keep(Tensor tensor) {
    checkThread("keep");
    if (closed) {
      throw new IllegalStateException("The scope is closed and has nothing to keep");
    }
    move(tensor);
    return tensor;
  }

  /** Moves a handle to the scope outside this one. */
  private void move(Handle handle) {
    if (handle.isClosed()) {
      throw new TensorClosedException("A closed " + handle.kind() + " cannot be kept");
    }
    TensorScope owner = handle.scope;
    if (owner == null) {
      return;
    }
    if (owner.state != state) {
      throw new IllegalStateException(
          "The tensor belongs to a scope of another thread, "
              + owner.state.thread.getName()
              + "; retain() it for a handle of this thread's");
    }
    if (!isOrHolds(owner)) {
      return;
    }
    owner.unlink(handle);
    if (parent != null) {
      parent.link(handle);
    }
  }

  private boolean isOrHolds(TensorScope inner) {
    for (TensorScope scope = inner; scope != null; scope = scope.parent) {
      if (scope == this) {
        return true;
      }
    }
    return false;
  }

  /**
   * Closes every tensor of the scope that is still open, and ends the loans of its memory. A tensor
   * that another thread's call uses at this moment is freed when that call ends.
   *
   * @throws IllegalStateException when it is closed already, was opened by another thread, or a
   *     scope opened after it is still open (nothing is closed then); or when memory lent by it is
   *     in use by a native call of another thread (all else is closed, and that memory is freed
   *     later)
   */
  @Override
  public void close() {
    checkThread("closed");
    if (closed) {
      throw new IllegalStateException("The scope is closed already");
    }
    if (state.scope != this) {
      throw new IllegalStateException(
          "A scope that was opened later is still open; scopes are closed in the opposite order");
    }
    closed = true;
    state.scope = parent;
    state.drain();
    try {
      endLoans();
    } finally {
      Handle handle = last;
      last = null;
      while (handle != null) {
        Handle before = handle.previous;
        handle.previous = null;
        handle.next = null;
        handle.scope = null;
        handle.tryClose();
        handle = before;
      }
    }
  }

  private void endLoans() {
    List<Loan> lent = loans;
    Arena of = arena;
    loans = null;
    arena = null;
    if (lent != null && of != null) {
      Loan.end(of, lent);
    }
  }

  private void checkThread(String what) {
    if (state.thread != Thread.currentThread()) {
      throw new IllegalStateException(
          "A scope can be "
              + (what.equals("keep") ? "asked to keep a tensor" : what)
              + " only by the thread that opened it, "
              + state.thread.getName()
              + ", not by "
              + Thread.currentThread().getName());
    }
  }

  /** How many handles stand in the list, those that another thread closed meanwhile included. */
  int size() {
    int size = 0;
    for (Handle handle = last; handle != null; handle = handle.previous) {
      size++;
    }
    return size;
  }

  /** The arena of the segments lent in this scope. */
  @SuppressWarnings("MustBeClosedChecker") // close() does it
  Arena arena() {
    if (arena == null) {
      arena = shared ? Arena.ofShared() : Arena.ofConfined();
    }
    return arena;
  }

  void add(Loan loan) {
    if (loans == null) {
      loans = new ArrayList<>();
    }
    loans.add(loan);
  }

  /** A segment of this scope's arena over native memory. */
  MemorySegment lend(long address, long bytes) {
    return MemorySegment.ofAddress(address).reinterpret(bytes, arena(), null);
  }

  /** Appends a handle; by the scope's own thread. */
  void link(Handle handle) {
    state.drain();
    Handle before = last;
    handle.previous = before;
    handle.scope = this;
    if (before != null) {
      before.next = handle;
    }
    last = handle;
  }

  /** Takes a handle out; by the scope's own thread. */
  void unlink(Handle handle) {
    Handle before = handle.previous;
    Handle after = handle.next;
    if (before != null) {
      before.next = after;
    }
    if (after != null) {
      after.previous = before;
    } else {
      last = before;
    }
    handle.previous = null;
    handle.next = null;
    handle.scope = null;
  }

  /** Called by whatever thread closed a handle of this scope. */
  void forget(Handle handle) {
    if (state.thread == Thread.currentThread()) {
      unlink(handle);
    } else {
      state.closedElsewhere(handle);
    }
  }
}
