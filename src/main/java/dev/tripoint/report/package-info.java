/**
 * A training run as one HTML page for people: no network, no scripts, plots as inline SVG. It may
 * call {@code eval}, {@code data} and {@code tensor}.
 */
@NullMarked
package dev.tripoint.report;

import org.jspecify.annotations.NullMarked;
