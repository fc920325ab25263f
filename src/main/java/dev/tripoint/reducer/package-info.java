/**
 * From many losses to one: pytorch-metric-learning's reducers, and the one-method interface for
 * one's own. Calls {@code tensor} only.
 */
@NullMarked
package dev.tripoint.reducer;

import org.jspecify.annotations.NullMarked;
