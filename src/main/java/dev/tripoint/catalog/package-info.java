/**
 * Every part (loss, miner, distance, reducer, regularizer) described once: its name, the reference
 * it equals, its parameters with type, default, range and meaning, what it accepts, and how it is
 * made from them. The command line, its listing, its error messages, the docs and the parity tests
 * read these descriptions. To add a part, write its class and one entry in the {@code …Parts} class
 * of its reference.
 *
 * <p>A part whose parameter is another part, as the wrappers of losses and the reducers of terms,
 * is given that by its name, with parameters in parentheses: see {@link
 * dev.tripoint.catalog.Nested}. It may call the packages that hold the parts, and {@code tensor}.
 */
@NullMarked
package dev.tripoint.catalog;

import org.jspecify.annotations.NullMarked;
