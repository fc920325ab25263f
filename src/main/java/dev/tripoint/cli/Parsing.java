package dev.tripoint.cli;

import dev.tripoint.catalog.Names;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Reads a command's arguments with picocli and runs it. */
final class Parsing {
  private static final int WIDTH = 100;

  private Parsing() {}

  static int run(CommandName name, List<String> args, Console console) throws IOException {
    Command command = name.create();
    CommandLine line = line(name, command);
    parse(name, line, args);
    if (line.isUsageHelpRequested()) {
      console.print(usage(line));
      return 0;
    }
    return command.run(console);
  }

  /** A command as picocli sees it. */
  static CommandLine line(CommandName name, Command command) {
    CommandLine line = new CommandLine(command);
    line.setCommandName("tripoint " + name.text());
    // A value may begin with '@', hold quotes or repeat a character; it means itself.
    line.setExpandAtFiles(false);
    line.setTrimQuotes(false);
    line.setInterpolateVariables(false);
    line.setUsageHelpWidth(WIDTH);
    line.getCommandSpec().usageMessage().abbreviateSynopsis(true);
    return line;
  }

  private static String usage(CommandLine line) {
    StringWriter text = new StringWriter();
    line.usage(new PrintWriter(text, true), CommandLine.Help.Ansi.OFF);
    return text.toString();
  }

  private static void parse(CommandName name, CommandLine line, List<String> args) {
    refuseUnknownOptions(name, line, args);
    try {
      line.parseArgs(args.toArray(String[]::new));
    } catch (CommandLine.MissingParameterException e) {
      throw missing(name, e);
    } catch (CommandLine.OverwrittenOptionException e) {
      throw new UsageException(
          "the option %s of %s is given twice", optionName(e.getOverwritten()), name.text());
    } catch (CommandLine.UnmatchedArgumentException e) {
      String first = e.getUnmatched().getFirst();
      if (first.startsWith("-")) {
        throw unknownOption(name, line, first);
      }
      throw new UsageException(
          "%s does not know what to do with '%s'; `tripoint %s --help` shows its options",
          name.text(), first, name.text());
    } catch (CommandLine.ParameterException e) {
      throw new UsageException("%s: %s", name.text(), e.getMessage());
    }
  }

  private static void refuseUnknownOptions(CommandName name, CommandLine line, List<String> args) {
    // Otherwise a mistyped option after one that wants a value would be taken for that value.
    var known = line.getCommandSpec().optionsMap();
    for (String arg : args) {
      if (arg.equals("--")) {
        return;
      }
      if (arg.startsWith("--")) {
        int equals = arg.indexOf('=');
        if (!known.containsKey(equals < 0 ? arg : arg.substring(0, equals))) {
          throw unknownOption(name, line, arg);
        }
      }
    }
  }

  private static UsageException unknownOption(CommandName name, CommandLine line, String arg) {
    int equals = arg.indexOf('=');
    String option = equals < 0 ? arg : arg.substring(0, equals);
    var known = new TreeSet<>(line.getCommandSpec().optionsMap().keySet());
    return new UsageException(
        "%s has no option '%s'%s",
        name.text(),
        option,
        Names.suggestion(option, known, "; `tripoint " + name.text() + " --help` shows them"));
  }

  private static UsageException missing(CommandName name, CommandLine.MissingParameterException e) {
    ArgSpec spec = e.getMissing().getFirst();
    if (spec instanceof OptionSpec option) {
      // Either the option is required, or it was given and its value was not.
      return option.required()
          ? new UsageException(
              "%s needs %s %s", name.text(), option.longestName(), spec.paramLabel())
          : new UsageException(
              "the option %s needs a value: %s", option.longestName(), spec.paramLabel());
    }
    return new UsageException(
        "%s needs a %s; `tripoint %s --help` shows an example",
        name.text(), spec.paramLabel(), name.text());
  }

  private static String optionName(ArgSpec spec) {
    return spec instanceof OptionSpec option ? option.longestName() : spec.paramLabel();
  }
}
