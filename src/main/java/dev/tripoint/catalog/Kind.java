package dev.tripoint.catalog;

/** What a part is. */
public enum Kind {
  /** Gives a number to bring down. */
  LOSS("loss", "losses"),
  /** Chooses pairs or triplets of a batch. */
  MINER("miner", "miners"),
  /** Says how far apart, or how similar, two rows are. */
  DISTANCE("distance", "distances"),
  /** Turns many losses into one. */
  REDUCER("reducer", "reducers"),
  /** Adds to a loss what a matrix of embeddings or weights costs by itself. */
  REGULARIZER("regularizer", "regularizers");

  private final String singular;
  private final String plural;

  Kind(String singular, String plural) {
    this.singular = singular;
    this.plural = plural;
  }

  /** The word for one of them, in lower case. */
  public String singular() {
    return singular;
  }

  /** The word for several of them, in lower case. */
  public String plural() {
    return plural;
  }
}
