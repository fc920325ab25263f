/**
 * Our parts against brute force: plain Java in double precision, no tensors, on many random
 * batches.
 */
@org.jspecify.annotations.NullMarked
package dev.tripoint.oracle;
