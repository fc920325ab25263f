/**
 * How good an embedding is: exact measures of retrieval, of clusters and of pairs, and the record
 * of a training run that reports are written from. It may call {@code tensor} only.
 */
@NullMarked
package dev.tripoint.eval;

import org.jspecify.annotations.NullMarked;
