package dev.tripoint.cli;

import java.io.IOException;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** {@code tripoint completion}: a script for the shell. */
@picocli.CommandLine.Command(
    description = "Print a completion script for bash and zsh.",
    footer = {"", "Example:", "  source <(tripoint completion)"})
final class CompletionCommand extends Command {
  @Override
  int run(Console console) throws IOException {
    CommandLine root = new CommandLine(CommandSpec.create().name("tripoint"));
    for (CommandName name : CommandName.values()) {
      root.addSubcommand(name.text(), Parsing.line(name, name.create()));
    }
    console.print(AutoComplete.bash("tripoint", root));
    return 0;
  }
}
