/** What holds for every part of the catalogue on any batch, whatever it computes. */
@org.jspecify.annotations.NullMarked
package dev.tripoint.property;
