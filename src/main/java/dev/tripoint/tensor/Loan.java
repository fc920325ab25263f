package dev.tripoint.tensor;

import dev.tripoint.ffi.TripointC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Memory of a tensor that Java may read: it stands on the storage, so that views of it count too.
 *
 * @param holder a native handle of the loan's own that keeps the storage
 * @param storage the start of the storage's memory
 */
record Loan(long holder, long storage) {
  private static final ConcurrentHashMap<Long, Integer> LENT = new ConcurrentHashMap<>();

  /**
   * Operators that may move a storage hold the read lock while they check and run, lending holds
   * the write lock: so no loan begins between the check and the move.
   */
  private static final ReadWriteLock MOVES = new ReentrantReadWriteLock();

  private record Unfinished(Arena arena, List<Loan> loans) {}

  private static final ConcurrentLinkedQueue<Unfinished> UNFINISHED = new ConcurrentLinkedQueue<>();

  /** Takes part in the lock against loans that begin while a storage moves. */
  static void lockMove() {
    MOVES.readLock().lock();
  }

  static void unlockMove() {
    MOVES.readLock().unlock();
  }

  static void lockLending() {
    MOVES.writeLock().lock();
  }

  static void unlockLending() {
    MOVES.writeLock().unlock();
  }

  /** Whether memory of the storage is lent. */
  static boolean isLent(long storage) {
    return storage != 0 && LENT.containsKey(storage);
  }

  static boolean anyLent() {
    return !LENT.isEmpty();
  }

  void begin() {
    if (storage != 0) {
      LENT.merge(storage, 1, Integer::sum);
    }
  }

  private void end() {
    if (storage != 0) {
      LENT.computeIfPresent(storage, (key, count) -> count == 1 ? null : count - 1);
    }
    TripointC.tp_tensor_release(MemorySegment.ofAddress(holder));
  }

  /** Makes the segments of an arena unreadable, then lets the storages go. */
  static void end(Arena arena, List<Loan> loans) {
    retry();
    try {
      arena.close();
    } catch (IllegalStateException e) {
      UNFINISHED.add(new Unfinished(arena, loans));
      throw new IllegalStateException(
          "Memory that the scope lent is in use by a native call of another thread;"
              + " it stays readable until a later scope is closed",
          e);
    }
    loans.forEach(Loan::end);
  }

  /** Tries again to end loans whose memory was in use when their scope was closed. */
  private static void retry() {
    for (int i = UNFINISHED.size(); i > 0; i--) {
      Unfinished unfinished = UNFINISHED.poll();
      if (unfinished == null) {
        return;
      }
      try {
        unfinished.arena.close();
      } catch (IllegalStateException e) {
        UNFINISHED.add(unfinished);
        continue;
      }
      unfinished.loans.forEach(Loan::end);
    }
  }
}
