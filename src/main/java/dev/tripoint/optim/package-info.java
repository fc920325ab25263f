/** Optimisers with PyTorch's names, defaults and formulas. It may call {@code tensor} only. */
@NullMarked
package dev.tripoint.optim;

import org.jspecify.annotations.NullMarked;
