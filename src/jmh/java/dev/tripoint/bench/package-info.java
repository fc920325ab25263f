/** Benchmarks, run by hand; see the header of each class. */
@NullMarked
package dev.tripoint.bench;

import org.jspecify.annotations.NullMarked;
