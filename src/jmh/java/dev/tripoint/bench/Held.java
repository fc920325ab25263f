package dev.tripoint.bench;

/**
 * What a case is held against.
 *
 * @param name for the row
 */
record Held(String name, Work work) {}
