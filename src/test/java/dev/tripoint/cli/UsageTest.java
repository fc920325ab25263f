package dev.tripoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command line says of itself and of wrong usage; none of it needs LibTorch. */
class UsageTest {
  @ParameterizedTest
  @ValueSource(strings = {"--help", "-h", "help", "--debug --help"})
  void helpNamesEveryCommand(String args) {
    Run run = Run.line(args);
    assertThat(run.status()).isZero();
    assertThat(run.err()).isEmpty();
    for (CommandName command : CommandName.values()) {
      assertThat(run.out()).contains("  " + command.text() + " ");
    }
  }

  @ParameterizedTest
  @EnumSource(CommandName.class)
  void everyCommandHasHelpWithAnExample(CommandName command) {
    Run run = Run.of(command.text(), "--help");
    assertThat(run.status()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .startsWith("Usage: tripoint " + command.text())
        .containsPattern("Examples?:\n.*tripoint " + command.text());
    assertThat(run.out().lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    assertThat(Run.of("help", command.text()).out()).isEqualTo(run.out());
  }

  @Test
  void versionIsThatOfTheBuild() throws IOException {
    String pom = Files.readString(Path.of("pom.xml"));
    String version =
        pom.replaceAll("(?s).*?<artifactId>tripoint</artifactId>\\s*<version>([^<]*)<.*", "$1");
    assertThat(Run.of("--version").out()).isEqualTo("tripoint " + version + "\n");
  }

  @Test
  void completionKnowsCommandsAndOptions() {
    Run run = Run.of("completion");
    assertThat(run.status()).isZero();
    assertThat(run.out())
        .contains("fetch-libtorch")
        .contains("--positive-mask")
        .contains("--grad-out");
  }

  @Test
  void listShowsPartsAndParameters() {
    assertThat(Run.of("list").out()).contains("losses").contains("online.batch_hard");
    assertThat(Run.line("list miners").out())
        .contains("pml.BatchHardMiner")
        .doesNotContain("batch_hard");
    assertThat(Run.line("list pml.TripletMarginLoss").out())
        .contains("triplets_per_anchor")
        .contains("default 0.05")
        .contains("pml.AvgNonZeroReducer");
    assertThat(Run.line("list --json").out())
        .startsWith("{")
        .endsWith("}\n")
        .contains("\"triplets_per_anchor\"")
        .contains("\"default\" : 0.05");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | which command",
        "los | there is no command 'los'; did you mean loss",
        "tarin | did you mean train",
        "--embeddings x | there is no option '--embeddings' before a command",
        "fly x | there is no command 'fly'",
        "help lss | did you mean loss",
        "loss | loss needs a NAME",
        "loss pml.TripletMarginLos | did you mean pml.TripletMarginLoss",
        "loss TripletMarginLoss | did you mean pml.TripletMarginLoss or torch.TripletMarginLoss",
        "loss pml.BatchHardMiner | pml.BatchHardMiner is a miner, not a loss",
        "loss online.batch_hard a b | does not know what to do with 'a'",
        "loss online.batch_hard --embedings x | has no option '--embedings'; did you mean --embeddings",
        "loss online.batch_hard --embeddings --lables x | has no option '--lables'; did you mean --labels",
        "loss online.batch_hard --embeddings | the option --embeddings needs a value",
        "loss online.batch_hard --embeddings a --embeddings b | the option --embeddings of loss is given twice",
        "loss online.batch_hard -x | has no option '-x'",
        "loss online.batch_hard --zzz | has no option '--zzz'; `tripoint loss --help` shows them",
        "loss online.batch_hard | needs --embeddings and --labels",
        "loss online.batch_hard --embeddings a | needs --labels",
        "loss online.batch_hard --anchor a --positive b | takes a batch with labels (--embeddings, --labels), not --anchor",
        "loss online.batch_hard --embeddings a --labels b --distances | not --distances",
        "loss online.batch_hard --embeddings a --labels b --ref-embeddings c | not --ref-embeddings",
        "loss online.batch_hard --embeddings a --labels b | needs the parameter margin",
        "loss online.batch_hard --embeddings a --labels b --param margin | needs a value",
        "loss online.batch_hard --embeddings a --labels b --param margin=abc | must be a number, not 'abc'",
        "loss online.batch_hard --embeddings a --labels b --param margin=1 --param margin=2 | given twice",
        "loss online.batch_hard --embeddings a --labels b --param margn=1 | has no parameter 'margn'; did you mean margin",
        "loss online.batch_hard --embeddings a --labels b --param margin=1 --param squared=2 | must be true or false",
        "loss online.batch_hard --embeddings a --labels b --param margin=1 --distance pml.LpDistance | takes no --distance",
        "loss online.batch_hard --embeddings a --labels b --param margin=1 --miner pml.BatchHardMiner | takes no --miner",
        "loss online.batch_hard --embeddings a --labels b --param margin=1 --reducer pml.MeanReducer | takes no --reducer",
        "loss pml.TripletMarginLoss --embeddings a --labels b --ref-embeddings c | --ref-embeddings and --ref-labels go together",
        "loss pml.TripletMarginLoss --embeddings a --labels b --ref-labels c | --ref-embeddings and --ref-labels go together",
        "loss pml.TripletMarginLoss --embeddings a --labels b --distance cosine | there is no distance 'cosine'",
        "loss pml.TripletMarginLoss --embeddings a --labels b --distance CosineSimilarity | did you mean pml.CosineSimilarity",
        "loss pml.TripletMarginLoss --embeddings a --labels b --distance pml.LpDistance --distance-param p=x | must be a number at least 0, or inf",
        "loss pml.TripletMarginLoss --embeddings a --labels b --distance-param p=1 | --distance-param needs --distance",
        "loss pml.TripletMarginLoss --embeddings a --labels b --miner-param p=1 | --miner-param needs --miner",
        "loss pml.TripletMarginLoss --embeddings a --labels b --miner-distance pml.LpDistance | --miner-distance needs --miner",
        "loss pml.TripletMarginLoss --embeddings a --labels b --reducer-param p=1 | --reducer-param needs --reducer",
        "loss pml.TripletMarginLoss --embeddings a --labels b --reducer pml.Mean | there is no reducer 'pml.Mean'",
        "loss pml.TripletMarginLoss --embeddings a --labels b --reducer pml.ThresholdReducer | needs low",
        "loss pml.TripletMarginLoss --embeddings a --labels b --miner pml.BatchHardMinr | did you mean pml.BatchHardMiner",
        "loss pml.TripletMarginLoss --embeddings a --labels b --param triplets_per_anchor=0 | a whole number",
        "loss torch.TripletMarginLoss --anchor a --positive b | needs --negative",
        "loss torch.TripletMarginLoss --embeddings a --labels b | takes explicit rows",
        "loss torch.TripletMarginLoss --anchor a --positive b --negative c --targets d | not --targets",
        "loss torch.TripletMarginLoss --anchor a --positive b --negative c --param margin=0 | a number greater than 0",
        "loss torch.TripletMarginLoss --anchor a --positive b --negative c --param reduction=avg | must be mean, sum or none",
        "loss torch.TripletMarginWithDistanceLoss --anchor a --positive b --negative c --distance cosin | must be euclidean, cosine, l1 or linf, not 'cosin'; did you mean cosine",
        "loss torch.TripletMarginWithDistanceLoss --anchor a --positive b --negative c --distance cosine --distance-param p=1 | has no parameters",
        "loss masked.TripletLoss --similarities a --positive-mask b | needs the parameter alpha",
        "loss masked.TripletLoss --similarities a --param alpha=1 | needs --positive-mask",
        "loss masked.TripletLoss --similarities a --positive-mask b --param alpha=1 --param strategy=hardst | did you mean hardest",
        "miner | miner needs a NAME",
        "miner pml.TripletMarginLoss --embeddings a --labels b | is a loss, not a miner",
        "miner pml.BatchHardMiner --embeddings a | needs --labels",
        "miner pml.BatchHardMiner --embeddings a --labels b --param margin=1 | it has no parameters",
        "miner pml.BatchEasyHardMiner --embeddings a --labels b --param pos_strategy=semihard | semihard needs easy or hard",
        "mine | mine needs --similarities",
        "mine --similarities a | mine needs --positive-mask",
        "mine --similarities a --positive-mask b --strategy hardst | must be hardest, semihard, hard or easy, not 'hardst'; did you mean hardest",
        "mine --similarities a --positive-mask b --per pair | --per must be positive or anchor",
        "mine --similarities a --positive-mask b --output list | --output must be indices or mask",
        "mine --similarities a --positive-mask b --strategy easy --margin x | --margin must be a number at least 0, not 'x'",
        "mine --similarities a --positive-mask b --strategy easy --margin -1 | --margin must be a number at least 0, not '-1'",
        "mine --similarities a --positive-mask b --margin 1 | --margin has a meaning with --strategy semihard or easy",
        "mine --queries a | mining over a corpus needs --queries, --corpus and --positives",
        "mine --queries a --corpus b --positives c --all | --all belongs to mining from scores",
        "mine --queries a --corpus b --positives c --param num_negatives=0 | parameter num_negatives of mine must be a whole number",
        "mine --queries a --corpus b --positives c --param range_mn=1 | mine has no parameter 'range_mn'; did you mean range_min",
        "mine --queries a --corpus b --positives c --param range_max=2 | range_max must be at least range_min + num_negatives = 3",
        "mine --similarities a --positive-mask b --param range_min=1 | --param belongs to mining over a corpus",
        "eval | eval needs --embeddings",
        "eval --embeddings a | eval needs --labels",
        "list nonsense | there is nothing called 'nonsense'",
        "list mners | did you mean miners",
        "train --resume | not available yet",
        "train --epochs 0 | --epochs must be a whole number from 1",
        "train --epochs x | --epochs must be a whole number",
        "train --seed -1 | --seed must be a whole number from 0",
        "train --seed 1.5 | --seed must be a whole number",
        "train --threads 0 | --threads must be a whole number",
        "train --features a | --features and --labels go together",
        "train --loss nonsense | there is no loss 'nonsense'",
        "train --loss torch.TripletMarginLoss | train needs a loss of a batch with labels",
        "train --loss online.batch_hard --miner pml.BatchHardMiner | takes no --miner",
        "train --margin x | must be a number, not 'x'",
        "info extra | does not know what to do with 'extra'",
        "info --jsn | did you mean --json",
        "fetch-libtorch --versio 1 | did you mean --version",
      })
  void wrongUsageIsOneSentence(String args, String message) {
    Run run = Run.line(args);
    assertThat(run.isRefusal()).as("%s", run).isTrue();
    assertThat(run.err()).startsWith("tripoint: ").contains(message);
    assertThat(Run.line(args + " --json").out()).isEmpty();
  }
}
