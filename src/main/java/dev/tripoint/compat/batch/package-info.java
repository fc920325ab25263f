/**
 * What the losses of online-triplet-loss and of sentence-transformers that mine a whole batch
 * themselves have in common. Calls {@code miner} and {@code tensor}.
 */
@NullMarked
package dev.tripoint.compat.batch;

import org.jspecify.annotations.NullMarked;
