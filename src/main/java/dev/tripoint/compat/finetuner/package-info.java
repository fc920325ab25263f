/**
 * The losses and miners of finetuner 0.4.1, which no longer installs, by its own source. Its names
 * are those of other references for other things: its distances are three words, its losses are the
 * mean of all, and its Siamese miners take each pair once. References beside the batch, which it
 * does not have, and masks work here as everywhere. Calls {@code loss}, {@code miner}, {@code
 * distance}, {@code reducer} and {@code tensor}.
 */
@NullMarked
package dev.tripoint.compat.finetuner;

import org.jspecify.annotations.NullMarked;
