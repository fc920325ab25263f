/**
 * The command line: reads arguments and files, checks them, calls the library and prints. Each
 * command is one class; what parts there are and what they take stands in {@code catalog}. It may
 * call every other package but {@code ffi}; none calls it.
 */
@NullMarked
package dev.tripoint.cli;

import org.jspecify.annotations.NullMarked;
