/**
 * The two losses of online-triplet-loss 0.0.6, with its rules for batches that lack positives or
 * negatives. Calls {@code loss}, {@code miner} and {@code tensor}.
 */
@NullMarked
package dev.tripoint.compat.online;

import org.jspecify.annotations.NullMarked;
