package dev.tripoint.tensor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What Tripoint keeps for one Java thread, virtual or not: the scopes and modes that are open, and
 * a frame for its calls. No native thread keeps anything between two calls.
 */
final class ThreadState {
  private static final ThreadLocal<ThreadState> CURRENT = ThreadLocal.withInitial(ThreadState::new);

  private static final VarHandle CLOSED_ELSEWHERE;

  static {
    try {
      CLOSED_ELSEWHERE =
          MethodHandles.lookup().findVarHandle(ThreadState.class, "closedElsewhere", Handle.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final Thread thread = Thread.currentThread();
  final boolean virtual = thread.isVirtual();
  boolean grad = true;
  boolean inference;
  Autograd.@Nullable Mode mode;
  @Nullable TensorScope scope;

  /** This thread's own frame; a virtual thread borrows one for each call instead. */
  @Nullable CallFrame frame;

  /** Handles of this thread's scopes that other threads closed and that still stand in a list. */
  private volatile @Nullable Handle closedElsewhere;

  static ThreadState current() {
    return CURRENT.get();
  }

  /** Called by the thread that closed a handle which belongs to a scope of this one. */
  void closedElsewhere(Handle handle) {
    Handle head;
    do {
      head = closedElsewhere;
      handle.nextClosedElsewhere = head;
    } while (!CLOSED_ELSEWHERE.compareAndSet(this, head, handle));
  }

  /** Takes what other threads closed out of this thread's lists. */
  void drain() {
    if (closedElsewhere != null) {
      Handle handle = (Handle) CLOSED_ELSEWHERE.getAndSet(this, null);
      while (handle != null) {
        Handle next = handle.nextClosedElsewhere;
        handle.nextClosedElsewhere = null;
        if (handle.scope != null) {
          handle.scope.unlink(handle);
        }
        handle = next;
      }
    }
  }

  /** Gives a new value to the innermost scope; with none open the caller owns it. */
  void own(Handle handle) {
    TensorScope innermost = scope;
    if (innermost != null) {
      innermost.link(handle);
    }
  }
}
