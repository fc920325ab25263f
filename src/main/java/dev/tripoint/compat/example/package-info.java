/**
 * The two miners of pytorch-metric-learning's guide to custom miners, written as a user would write
 * them. Calls {@code miner}, {@code distance} and {@code tensor}.
 */
@NullMarked
package dev.tripoint.compat.example;

import org.jspecify.annotations.NullMarked;
