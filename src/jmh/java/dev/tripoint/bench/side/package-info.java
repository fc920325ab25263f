/**
 * What every Java side of {@code scripts/benchmark} does in the same way: takes requests, lets a
 * case and its product take turns, measures memory, answers. It knows no implementation.
 */
@NullMarked
package dev.tripoint.bench.side;

import org.jspecify.annotations.NullMarked;
