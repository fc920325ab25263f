/**
 * Mining over more than fits in a batch: hard negatives of queries in a corpus, block by block. It
 * calls only {@code tensor}.
 */
@NullMarked
package dev.tripoint.corpus;

import org.jspecify.annotations.NullMarked;
