/**
 * Modules, functions and losses with {@code torch.nn}'s names and defaults. It may call {@code
 * tensor} only.
 */
@NullMarked
package dev.tripoint.nn;

import org.jspecify.annotations.NullMarked;
