package dev.tripoint.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tripoint.compat.example.PairMiner;
import dev.tripoint.compat.example.TripletMiner;
import dev.tripoint.compat.online.BatchAll;
import dev.tripoint.compat.online.BatchHard;
import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.DotProductSimilarity;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.SNRDistance;
import dev.tripoint.loss.Loss;
import dev.tripoint.loss.TripletMarginLoss;
import dev.tripoint.miner.BatchEasyHardMiner;
import dev.tripoint.miner.BatchHardMiner;
import dev.tripoint.miner.HardNegatives;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Miner;
import dev.tripoint.miner.PairMarginMiner;
import dev.tripoint.miner.Pairs;
import dev.tripoint.miner.TripletMarginMiner;
import dev.tripoint.miner.Triplets;
import dev.tripoint.reducer.AvgNonZeroReducer;
import dev.tripoint.reducer.DoNothingReducer;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.SumReducer;
import dev.tripoint.reducer.ThresholdReducer;
import dev.tripoint.tensor.Tensor;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Makes a part of what a case says about it, by the reference's names. */
final class Parts {

  private Parts() {}

  static Loss loss(ParityCase c) {
    JsonNode p = c.params();
    return switch (c.part()) {
      case "online.batch_hard" -> new BatchHard(p.get("margin").asDouble(), flag(p, "squared"));
      case "online.batch_all" -> new BatchAll(p.get("margin").asDouble(), flag(p, "squared"));
      case "pml.TripletMarginLoss" -> {
        TripletMarginLoss loss = new TripletMarginLoss();
        if (p.has("margin")) {
          loss = loss.withMargin(p.get("margin").asDouble());
        }
        if (p.has("triplets_per_anchor")) {
          loss = loss.withTripletsPerAnchor(p.get("triplets_per_anchor").asInt());
        }
        if (c.json().has("distance")) {
          loss = loss.with(distance(c.json().get("distance")));
        }
        if (c.json().has("reducer")) {
          JsonNode reducer = c.json().get("reducer");
          loss = loss.with(reducer(reducer.get("name").asText(), reducer.get("params")));
        }
        yield loss.withSwap(flag(p, "swap")).withSmoothLoss(flag(p, "smooth_loss"));
      }
      default -> throw new AssertionError(c.part());
    };
  }

  static Distance distance(JsonNode named) {
    return distance(named.get("name").asText(), named.get("params"));
  }

  static Distance distance(String name, JsonNode p) {
    double norm = number(p, "p", 2);
    double power = number(p, "power", 1);
    boolean normalize = !p.has("normalize_embeddings") || flag(p, "normalize_embeddings");
    return switch (name) {
      case "pml.LpDistance" -> new LpDistance(norm, power, normalize);
      case "pml.CosineSimilarity" -> new CosineSimilarity(norm, power);
      case "pml.DotProductSimilarity" -> new DotProductSimilarity(norm, power, normalize);
      case "pml.SNRDistance" -> new SNRDistance(norm, power, normalize);
      default -> throw new AssertionError(name);
    };
  }

  static Reducer reducer(String name, JsonNode p) {
    return switch (name) {
      case "pml.MeanReducer" -> new MeanReducer();
      case "pml.SumReducer" -> new SumReducer();
      case "pml.DoNothingReducer" -> new DoNothingReducer();
      case "pml.AvgNonZeroReducer" -> new AvgNonZeroReducer();
      case "pml.ThresholdReducer" ->
          new ThresholdReducer(
              p.has("low") ? p.get("low").asDouble() : null,
              p.has("high") ? p.get("high").asDouble() : null);
      default -> throw new AssertionError(name);
    };
  }

  static Miner miner(ParityCase c) {
    JsonNode p = c.params();
    Distance distance =
        c.json().has("distance") ? distance(c.json().get("distance")) : new LpDistance();
    return switch (c.part()) {
      case "pml.BatchHardMiner" -> new BatchHardMiner().with(distance);
      case "pml.BatchEasyHardMiner" -> {
        BatchEasyHardMiner miner =
            p.has("pos_strategy")
                ? new BatchEasyHardMiner(
                    BatchEasyHardMiner.Strategy.valueOf(upper(p, "pos_strategy")),
                    BatchEasyHardMiner.Strategy.valueOf(upper(p, "neg_strategy")))
                : new BatchEasyHardMiner();
        yield miner
            .with(distance)
            .withAllowedPosRange(range(p.get("allowed_pos_range")))
            .withAllowedNegRange(range(p.get("allowed_neg_range")));
      }
      case "pml.TripletMarginMiner" ->
          p.has("margin")
              ? new TripletMarginMiner(
                  p.get("margin").asDouble(),
                  TripletMarginMiner.Type.valueOf(upper(p, "type_of_triplets")),
                  distance)
              : new TripletMarginMiner().with(distance);
      case "pml.PairMarginMiner" ->
          p.has("pos_margin")
              ? new PairMarginMiner(
                  p.get("pos_margin").asDouble(), p.get("neg_margin").asDouble(), distance)
              : new PairMarginMiner().with(distance);
      case "example.PairMiner" -> new PairMiner(p.get("margin").asDouble(), distance);
      case "example.TripletMiner" -> new TripletMiner(p.get("margin").asDouble(), distance);
      default -> throw new AssertionError(c.part());
    };
  }

  static HardNegatives hardNegatives(JsonNode p) {
    HardNegatives miner = new HardNegatives();
    if (p.has("strategy")) {
      miner = miner.with(HardNegatives.Strategy.valueOf(upper(p, "strategy")));
    }
    if (p.has("per")) {
      miner = miner.with(HardNegatives.Per.valueOf(upper(p, "per")));
    }
    if (p.has("margin")) {
      miner = miner.withMargin(p.get("margin").asDouble());
    }
    return miner
        .withAll(flag(p, "all"))
        .withDistances(flag(p, "distances"))
        .withKeepDiagonal(flag(p, "keep_diagonal"));
  }

  /** The tuples that a case gives, or null. */
  static @Nullable IndexTuples tuples(ParityCase c) {
    JsonNode t = c.json().get("tuples");
    if (t == null || t.isNull()) {
      return null;
    }
    Tensor[] x = new Tensor[t.size()];
    for (int i = 0; i < x.length; i++) {
      long[] values = ParityCase.longs(t.get(i));
      x[i] = Tensor.of(values, values.length);
    }
    return x.length == 3 ? new Triplets(x[0], x[1], x[2]) : new Pairs(x[0], x[1], x[2], x[3]);
  }

  static boolean flag(JsonNode params, String name) {
    return params.has(name) && params.get(name).asBoolean();
  }

  /** A number, infinity among them. */
  static double number(JsonNode params, String name, double byDefault) {
    return params.has(name) ? params.get(name).asDouble() : byDefault;
  }

  static String upper(JsonNode params, String name) {
    return params.get(name).asText().toUpperCase(Locale.ROOT);
  }

  private static BatchEasyHardMiner.@Nullable Range range(@Nullable JsonNode range) {
    return range == null
        ? null
        : new BatchEasyHardMiner.Range(range.get(0).asDouble(), range.get(1).asDouble());
  }
}
