/**
 * The losses of sentence-transformers 6.2.0 that work on embeddings: over a batch with labels, or
 * over rows that belong together, with its similarities, distances and rules for batches that lack
 * positives or negatives. Calls {@code loss}, {@code miner}, {@code distance}, {@code nn} and
 * {@code tensor}.
 */
@NullMarked
package dev.tripoint.compat.st;

import org.jspecify.annotations.NullMarked;
