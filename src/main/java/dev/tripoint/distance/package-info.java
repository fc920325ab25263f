/**
 * How far apart, or how alike, two sets of embeddings are: the distances of pytorch-metric-learning
 * and torch, and the one-method interface for one's own. Calls {@code tensor} only.
 */
@NullMarked
package dev.tripoint.distance;

import org.jspecify.annotations.NullMarked;
