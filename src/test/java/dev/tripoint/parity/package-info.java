/** Our parts against what their references answered; see {@code scripts/parity/make-cases}. */
@org.jspecify.annotations.NullMarked
package dev.tripoint.parity;
