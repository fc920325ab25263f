/**
 * Tensors of LibTorch for Java: lifetimes, zero-copy memory, operators, autograd.
 *
 * <p>Its job is to make LibTorch safe to use from any Java thread. {@link
 * dev.tripoint.tensor.TensorScope} says when memory is freed, {@link dev.tripoint.tensor.Tensor}
 * has the named operators, {@link dev.tripoint.tensor.Op} reaches all others. It may call only
 * {@code dev.tripoint.ffi}; every other package may call it.
 */
@NullMarked
package dev.tripoint.tensor;

import org.jspecify.annotations.NullMarked;
