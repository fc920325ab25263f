package dev.tripoint.catalog;

import java.util.List;

/** The losses of sentence-transformers. */
final class StParts {
  private StParts() {}

  static List<Part<?>> all() {
    return List.of();
  }
}
