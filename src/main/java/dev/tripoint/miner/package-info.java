/**
 * Which pairs and triplets of a batch to learn from: pytorch-metric-learning's miners and index
 * helpers, hard negatives from scores and a mask, and the one-method interface for one's own miner.
 * Calls {@code distance} and {@code tensor}.
 */
@NullMarked
package dev.tripoint.miner;

import org.jspecify.annotations.NullMarked;
