/**
 * Comparing an answer of ours with that of an installed Python reference, on the user's own data:
 * the question, the Python process, and what their numbers have in common. Calls {@code data} and
 * {@code tensor}.
 */
@NullMarked
package dev.tripoint.verify;

import org.jspecify.annotations.NullMarked;
