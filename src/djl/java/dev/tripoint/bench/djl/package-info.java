/**
 * The benchmark's cases in DJL. It has no such losses or miners, so these are what one writes with
 * its arrays and its gradients, each in the quickest way found.
 */
@NullMarked
package dev.tripoint.bench.djl;

import org.jspecify.annotations.NullMarked;
