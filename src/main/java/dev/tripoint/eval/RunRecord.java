package dev.tripoint.eval;

import dev.tripoint.eval.AccuracyCalculator.Measures;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a training run did and how it ended, for those who write it down. "Held back" are the rows
 * that were not trained on; arrays of them are in one common order.
 *
 * @param dataName what the data are, for people
 * @param settings by name, in the order to show them; text or numbers
 * @param trace one entry an epoch
 * @param warnings sentences for people, in order
 * @param raw measures of the held-back rows' features, as they came
 * @param untrained measures of the held-back rows' embeddings by the untrained network
 * @param after measures after training
 * @param rows for each held-back row, its row in the data, from 0
 * @param labels of the held-back rows
 * @param features of the held-back rows, as they came
 * @param before embeddings of the held-back rows by the untrained network
 * @param embeddings embeddings of the held-back rows after training
 * @param trainingRows number of rows trained on
 * @param imageSide pixels along a side where the features are square grey pictures of 0 to 16, 0
 *     where they are not
 * @param duration wall clock of the training alone
 */
public record RunRecord(
    String dataName,
    Map<String, Object> settings,
    List<EpochTrace> trace,
    List<String> warnings,
    Measures raw,
    Measures untrained,
    Measures after,
    int[] rows,
    long[] labels,
    float[][] features,
    float[][] before,
    float[][] embeddings,
    int trainingRows,
    int imageSide,
    Duration duration) {}
