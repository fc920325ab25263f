/**
 * What is minimised: pytorch-metric-learning's losses over a batch, those that learn weights of
 * their own and its wrappers of losses among them, the triplet loss over mined scores, and the
 * one-method interface for one's own. Calls {@code miner}, {@code distance}, {@code reducer},
 * {@code regularizer}, {@code nn} and {@code tensor}.
 */
@NullMarked
package dev.tripoint.loss;

import org.jspecify.annotations.NullMarked;
