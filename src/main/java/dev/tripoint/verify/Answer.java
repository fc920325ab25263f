package dev.tripoint.verify;

import java.util.Map;

/**
 * What a reference answered.
 *
 * @param by who answered, with versions
 * @param given in the question's precision: numbers in C order by name, as {@code loss}, {@code
 *     gradient embeddings}, or {@code anchor} for the indices of a miner
 * @param float64 the same from a run in float64
 */
public record Answer(String by, Map<String, double[]> given, Map<String, double[]> float64) {}
