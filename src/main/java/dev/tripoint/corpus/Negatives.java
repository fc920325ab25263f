package dev.tripoint.corpus;

/**
 * The negatives of one query, most similar first.
 *
 * @param rows rows of the corpus
 * @param scores their cosines with the query
 */
public record Negatives(long[] rows, double[] scores) {}
