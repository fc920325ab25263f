package dev.tripoint.bench.side;

/**
 * What a case is held against.
 *
 * @param name for the row
 */
public record Held(String name, Work work) {}
