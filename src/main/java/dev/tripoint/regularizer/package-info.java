/**
 * What a matrix of embeddings or weights costs by itself, added to a loss:
 * pytorch-metric-learning's regularizers, and the one-method interface for one's own. Calls {@code
 * distance}, {@code reducer} and {@code tensor}.
 */
@NullMarked
package dev.tripoint.regularizer;

import org.jspecify.annotations.NullMarked;
