package dev.tripoint.cli;

import dev.tripoint.catalog.Names;
import java.util.Arrays;
import java.util.List;

/** The commands. Listed here by name, so that help and errors load none of their classes. */
enum CommandName {
  TRAIN("train", "Train an embedding on handwritten digits or on your own data, with a report"),
  EVAL("eval", "Measure how well embeddings retrieve their own class"),
  LOSS("loss", "Compute a loss, and its gradient, from files"),
  MINER("miner", "Choose pairs or triplets of a batch"),
  MINE("mine", "Find hard negatives from scores and a mask, or in a corpus"),
  VERIFY("verify", "Compare a loss or miner with its installed Python reference, on your files"),
  LIST("list", "Show every loss, miner, distance and reducer with its parameters"),
  INFO("info", "Show versions, the LibTorch in use, threads and devices"),
  FETCH_LIBTORCH("fetch-libtorch", "Fetch the pinned LibTorch into your cache"),
  COMPLETION("completion", "Print a completion script for bash and zsh");

  private final String text;
  private final String summary;

  CommandName(String text, String summary) {
    this.text = text;
    this.summary = summary;
  }

  /** As it is typed. */
  String text() {
    return text;
  }

  /** What it does, in a few words. */
  String summary() {
    return summary;
  }

  /** All, as they are typed. */
  static List<String> texts() {
    return Arrays.stream(values()).map(CommandName::text).toList();
  }

  /** The command of that name, or a sentence with the nearest ones. */
  static CommandName of(String typed) {
    for (CommandName command : values()) {
      if (command.text.equals(typed)) {
        return command;
      }
    }
    List<String> known = texts();
    throw new UsageException(
        "there is no command '%s'%s",
        typed, Names.suggestion(typed, known, "; there are " + String.join(", ", known)));
  }

  /** A fresh command; loads its class. */
  Command create() {
    return switch (this) {
      case TRAIN -> new TrainCommand();
      case EVAL -> new EvalCommand();
      case LOSS -> new LossCommand();
      case MINER -> new MinerCommand();
      case MINE -> new MineCommand();
      case VERIFY -> new VerifyCommand();
      case LIST -> new ListCommand();
      case INFO -> new InfoCommand();
      case FETCH_LIBTORCH -> new FetchLibtorchCommand();
      case COMPLETION -> new CompletionCommand();
    };
  }
}
