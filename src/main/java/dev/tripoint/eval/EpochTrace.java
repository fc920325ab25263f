package dev.tripoint.eval;

import org.jspecify.annotations.Nullable;

/**
 * One epoch of a training run.
 *
 * @param epoch from 1
 * @param loss mean over the epoch's batches
 * @param activeFraction mean share of the triplets that still had a loss, as the loss reports it;
 *     where it does not, the share of rows whose hardest triplet breaks the margin; null where
 *     there is no margin either
 * @param spread how far apart the embeddings of a batch lie: root mean squared distance of two
 *     rows, over √2 times their root mean squared length; about 1 for unrelated directions, 0 where
 *     all are one point
 * @param learningRate at the epoch's last step
 */
public record EpochTrace(
    int epoch, double loss, @Nullable Double activeFraction, double spread, double learningRate) {}
