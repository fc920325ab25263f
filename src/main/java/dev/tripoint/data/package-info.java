/**
 * Data at the border of the house: arrays in files ({@code .npy}, {@code .safetensors}), files and
 * folders that appear whole or not at all, the built-in handwritten digits, and the sampler that
 * makes batches. It may call {@code tensor} only.
 */
@NullMarked
package dev.tripoint.data;

import org.jspecify.annotations.NullMarked;
