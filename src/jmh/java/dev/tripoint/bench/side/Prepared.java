package dev.tripoint.bench.side;

/** A case on its data, and what it is held against. */
public record Prepared(Work work, Held held) {}
