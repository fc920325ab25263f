package dev.tripoint.tensor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A native value with a life: counted while calls use it, freed once, after it was closed and the
 * last call ended. Closing is safe from any thread at any time.
 */
abstract class Handle implements AutoCloseable {
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Handle.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final int CLOSED = 1;
  private static final int CALL = 2;

  final long address;

  /** CALL for each call that runs, plus CLOSED. */
  private volatile int state;

  // The list of the scope that owns the handle; written by the scope's own thread only.
  @Nullable TensorScope scope;
  @Nullable Handle previous;
  @Nullable Handle next;

  /** Next in the list of handles that other threads closed; see {@link ThreadState}. */
  @Nullable Handle nextClosedElsewhere;

  Handle(long address) {
    this.address = address;
  }

  /** Gives the native value up. Called once. */
  abstract void free();

  /** What messages call the value, such as "tensor". */
  abstract String kind();

  /** Holds the native value for a call; pairs with {@link #release}. */
  final void acquire() {
    while (true) {
      int now = state;
      if ((now & CLOSED) != 0) {
        throw new TensorClosedException(
            "This " + kind() + " is closed and cannot be used any more");
      }
      if (STATE.compareAndSet(this, now, now + CALL)) {
        return;
      }
    }
  }

  final void release() {
    int before = (int) STATE.getAndAdd(this, -CALL);
    if (before == CALL + CLOSED) {
      free();
    }
  }

  /**
   * Marks the value as closed and frees it unless a call uses it. False if it was closed before.
   */
  final boolean tryClose() {
    while (true) {
      int now = state;
      if ((now & CLOSED) != 0) {
        return false;
      }
      if (STATE.compareAndSet(this, now, now | CLOSED)) {
        if (now == 0) {
          free();
        }
        return true;
      }
    }
  }

  /**
   * Gives the native value up; its memory is freed as soon as no running call uses it. May be
   * called from any thread.
   *
   * @throws TensorClosedException when it is closed already
   */
  @Override
  public void close() {
    if (!tryClose()) {
      throw new TensorClosedException("This " + kind() + " is closed already");
    }
    TensorScope owner = scope;
    if (owner != null) {
      owner.forget(this);
    }
  }

  /**
   * Whether the value was closed, by hand or by its scope.
   *
   * @return true once it can no longer be used
   */
  public boolean isClosed() {
    return (state & CLOSED) != 0;
  }

  final int callsRunning() {
    return state / CALL;
  }

  /** As it is for every value with a life: the same object. */
  @Override
  public final boolean equals(@Nullable Object other) {
    return this == other;
  }

  /** By identity, as {@link #equals}. */
  @Override
  public final int hashCode() {
    return System.identityHashCode(this);
  }
}
