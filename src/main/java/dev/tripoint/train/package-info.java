/**
 * The training run behind {@code ./tripoint train}: data in, a folder with the trained model, its
 * embeddings and its measures out. It may call {@code nn}, {@code optim}, {@code data}, {@code
 * eval}, {@code loss}, {@code miner} and {@code tensor}.
 */
@NullMarked
package dev.tripoint.train;

import org.jspecify.annotations.NullMarked;
