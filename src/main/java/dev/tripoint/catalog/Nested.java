package dev.tripoint.catalog;

import dev.tripoint.catalog.Accepts.Need;
import dev.tripoint.distance.Distance;
import dev.tripoint.loss.Loss;
import dev.tripoint.miner.Miner;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.regularizer.Regularizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A part as the value of another's parameter: its name, and in parentheses its parameters, {@code
 * pml.NTXentLoss(temperature=0.1,distance=pml.LpDistance(p=1))}. Where the part can be given a
 * distance or a reducer, they stand among its parameters.
 *
 * @param name the part's name
 * @param given {@code name=value} texts
 */
public record Nested(String name, List<String> given) {
  /** Copies the texts. */
  public Nested {
    given = List.copyOf(given);
  }

  /** The part that a text names, or null where it is none. */
  static @Nullable Nested parse(String text) {
    String value = text.strip();
    int open = value.indexOf('(');
    String name = (open < 0 ? value : value.substring(0, open)).strip();
    if (!name.matches("[A-Za-z]\\w*\\.\\w+")) {
      return null;
    }
    if (open < 0) {
      return new Nested(name, List.of());
    }
    if (!value.endsWith(")")) {
      return null;
    }
    List<String> given = split(value.substring(open + 1, value.length() - 1));
    return given == null ? null : new Nested(name, given);
  }

  /** The parts that a text names, {@code first:NAME,second:NAME(k=v)}, or null where it is none. */
  static @Nullable Map<String, Nested> parseNamed(String text) {
    List<String> entries = split(text);
    if (entries == null) {
      return null;
    }
    Map<String, Nested> named = new LinkedHashMap<>();
    for (String entry : entries) {
      int colon = entry.indexOf(':');
      Nested part = colon < 1 ? null : parse(entry.substring(colon + 1));
      if (part == null || named.put(entry.substring(0, colon).strip(), part) != null) {
        return null;
      }
    }
    return named.isEmpty() ? null : named;
  }

  /**
   * What stands between the commas that no parentheses enclose; null where parentheses do not fit.
   * Where a piece has no name=, as the second of {@code ends=1,2}, it goes on with the one before.
   */
  private static @Nullable List<String> split(String text) {
    List<String> pieces = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i <= text.length(); i++) {
      char c = i == text.length() ? ',' : text.charAt(i);
      if (c == '(') {
        depth++;
      } else if (c == ')') {
        if (--depth < 0) {
          return null;
        }
      } else if (c == ',' && depth == 0) {
        String piece = text.substring(start, i).strip();
        if (!pieces.isEmpty() && !piece.matches("\\w+\\s*[=:].*")) {
          pieces.set(pieces.size() - 1, pieces.getLast() + "," + piece);
        } else if (!piece.isEmpty()) {
          pieces.add(piece);
        }
        start = i + 1;
      }
    }
    return depth == 0 ? pieces : null;
  }

  /** Makes the reducer that is named. */
  public Reducer reducer() {
    return make(Catalog.standard().reducer(name));
  }

  /** Makes the regularizer that is named. */
  public Regularizer regularizer() {
    return make(Catalog.standard().regularizer(name));
  }

  /** Makes the miner that is named. */
  public Miner miner() {
    return make(Catalog.standard().miner(name));
  }

  /** Makes the distance that is named. */
  public Distance distance() {
    return make(Catalog.standard().distance(name));
  }

  /**
   * Makes the loss that is named.
   *
   * @throws PartException also where it is no loss over a batch
   */
  public Loss loss() {
    if (make(Catalog.standard().loss(name)) instanceof LossForm.OnBatch(Loss loss)) {
      return loss;
    }
    throw new PartException(name + " is no loss over a batch with labels");
  }

  /**
   * Makes the loss that is named.
   *
   * @throws PartException also where it is no loss of explicit rows
   */
  public LossForm.RowLoss rowLoss() {
    Part<LossForm> part = Catalog.standard().loss(name);
    if (!(make(part) instanceof LossForm.OnRows(LossForm.RowLoss loss))) {
      throw new PartException(name + " is no loss of explicit rows");
    }
    Accepts accepts = Objects.requireNonNull(part.accepts());
    return (anchor, positive, negative, targets) -> {
      require("negatives", accepts.negatives(), negative != null);
      require("targets", accepts.targets(), targets != null);
      return loss.compute(anchor, positive, negative, targets);
    };
  }

  private void require(String what, Need need, boolean given) {
    if (given ? need == Need.NO : need == Need.YES) {
      throw new PartException(name + (given ? " takes no " : " needs ") + what);
    }
  }

  /**
   * What it is made of, once its part says what it can be given.
   *
   * @param parameters {@code name=value} texts of the part's own
   * @param distance a distance of the catalogue, or null
   * @param word a distance by the reference's own word, or null
   * @param reducer a reducer, or null
   */
  public record Pieces(
      List<String> parameters,
      @Nullable Nested distance,
      @Nullable String word,
      @Nullable Nested reducer) {}

  /**
   * What it is made of.
   *
   * @param part the part of this name
   */
  public Pieces pieces(Part<?> part) {
    List<String> own = new ArrayList<>();
    Nested distance = null;
    Nested reducer = null;
    String word = null;
    for (String text : given) {
      String key = text.substring(0, Math.max(text.indexOf('='), 0)).strip();
      if (part.distances() instanceof DistanceChoice.Any && key.equals("distance")) {
        distance = inner(text);
      } else if (part.distances() instanceof DistanceChoice.Words words && key.equals("distance")) {
        String value = text.substring(text.indexOf('=') + 1);
        word = Parameter.choice(key, words.names(), "").parse(name, value).toString();
      } else if (part.reducer() != null && key.equals("reducer")) {
        reducer = inner(text);
      } else {
        own.add(text);
      }
    }
    return new Pieces(own, distance, word, reducer);
  }

  private <T> T make(Part<T> part) {
    Pieces of = pieces(part);
    Distance distance = of.distance == null ? null : of.distance.distance();
    Reducer reducer = of.reducer == null ? null : of.reducer.reducer();
    return part.make(of.parameters, new Composition(distance, of.word, reducer, null));
  }

  private Nested inner(String text) {
    int equals = text.indexOf('=');
    Nested inner = parse(text.substring(equals + 1));
    if (inner == null) {
      throw new PartException(
          "%s of %s must be %s, not '%s'"
              .formatted(text.substring(0, equals), name, EXPECTED, text.substring(equals + 1)));
    }
    return inner;
  }

  /** What a nested part looks like, in words. */
  static final String EXPECTED = "a part's name, or NAME(k=v,...)";

  @Override
  public String toString() {
    return given.isEmpty() ? name : name + "(" + String.join(",", given) + ")";
  }
}
