package dev.tripoint.catalog;

import java.util.List;

/** Which distances a part can be given. */
public sealed interface DistanceChoice {
  /** None: its distance is fixed. */
  record Fixed() implements DistanceChoice {}

  /**
   * Any distance of the catalogue.
   *
   * @param standard the one it has by itself, as a user writes it
   */
  record Any(String standard) implements DistanceChoice {}

  /**
   * Words of the reference's own.
   *
   * @param words what may be said
   * @param standard the one that holds where none is named; one of {@code words}
   */
  record Words(List<Word> words, String standard) implements DistanceChoice {
    /** Copies the words. */
    public Words {
      words = List.copyOf(words);
    }

    /** The words alone. */
    public List<String> names() {
      return words.stream().map(Word::name).toList();
    }
  }

  /** A distance's word and what it stands for. */
  record Word(String name, String meaning) {}
}
