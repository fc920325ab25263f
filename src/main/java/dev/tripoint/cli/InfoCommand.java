package dev.tripoint.cli;

import dev.tripoint.tensor.Device;
import dev.tripoint.tensor.LibTorch;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** {@code tripoint info}: versions, the LibTorch in use and why, threads, devices. */
@picocli.CommandLine.Command(
    description =
        "Show versions, which LibTorch is used and why, threads, devices, processor features.",
    sortOptions = false,
    footer = {
      "",
      "LibTorch is looked for in this order: -Dtripoint.libtorch=DIR, the environment variable",
      "LIBTORCH=DIR (or LIBTORCH=python for the torch that python3 has), the fetched copy.",
      "",
      "Example:",
      "  tripoint info --json",
    })
final class InfoCommand extends Command {
  @Option(names = "--json", description = "Answer with one JSON document.")
  boolean json;

  @Override
  int run(Console console) throws IOException {
    LibTorch.Info info = LibTorch.info();
    if (json) {
      Json.page(
          console,
          answer -> {
            answer.member("tripoint", Version.TEXT);
            answer.object(
                "libtorch",
                object -> {
                  object.member("version", info.version());
                  object.member("directory", info.directory());
                  object.member("why", info.why());
                });
            answer.object(
                "library",
                object -> {
                  object.member("version", info.nativeVersion());
                  object.member("file", info.library());
                });
            answer.member("jdk", Runtime.version());
            answer.member("threads", info.threads());
            answer.array(
                "devices",
                devices -> {
                  for (Device device : info.devices()) {
                    devices.value(device);
                  }
                });
            answer.member("cuda_problem", info.cudaProblem());
            answer.member("processor_features", info.cpuCapability());
          });
      return 0;
    }
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put("tripoint", Version.TEXT);
    lines.put("libtorch", info.version());
    lines.put("  from", info.directory() + " (" + info.why() + ")");
    lines.put("library", info.library().toString());
    lines.put("jdk", Runtime.version().toString());
    lines.put("threads", Integer.toString(info.threads()));
    lines.put("devices", String.join(", ", info.devices().stream().map(Device::toString).toList()));
    if (info.cudaProblem() != null) {
      lines.put("  no GPU", info.cudaProblem());
    }
    lines.put("processor", info.cpuCapability());
    console.print(Text.columns(lines));
    return 0;
  }
}
