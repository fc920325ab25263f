package dev.tripoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/operators.md lists what there is, and nothing else. */
class OperatorsPageTest {
  private static String section(String from, String to) throws IOException {
    String page = Files.readString(Path.of("docs/operators.md"));
    return page.substring(page.indexOf(from), page.indexOf(to));
  }

  private static TreeSet<String> signatures(Class<?> type) {
    TreeSet<String> all = new TreeSet<>();
    for (Method method : type.getDeclaredMethods()) {
      if (Modifier.isPublic(method.getModifiers()) && !method.isSynthetic()) {
        String parameters =
            Stream.of(method.getParameterTypes())
                .map(Class::getSimpleName)
                .collect(Collectors.joining(", "));
        all.add(method.getName() + "(" + parameters + ")");
      }
    }
    return all;
  }

  private static TreeSet<String> listed(String text) {
    TreeSet<String> all = new TreeSet<>();
    Matcher signature = Pattern.compile("`(\\w+)\\(([^)`]*)\\)`").matcher(text);
    while (signature.find()) {
      String parameters =
          Stream.of(signature.group(2).split(", ", -1))
              .map(p -> p.replaceFirst(" \\w+$", "").replace("...", "[]").replaceAll("<\\w+>", ""))
              .collect(Collectors.joining(", "));
      all.add(signature.group(1) + "(" + parameters + ")");
    }
    return all;
  }

  @Test
  void namesEveryNamedOperatorAndNoOther() throws IOException {
    assertThat(listed(section("### Arithmetic", "### Making and joining")))
        .isEqualTo(signatures(NamedOperators.class));
  }

  @Test
  void namesEveryFunctionOfTorchAndNoOther() throws IOException {
    assertThat(listed(section("### Making and joining", "### Printing")))
        .isEqualTo(signatures(Torch.class));
  }

  @Test
  void theOperatorsOfThePageExist() throws IOException {
    Matcher name =
        Pattern.compile("`(aten::\\w+(?:\\.\\w+)?)`")
            .matcher(section("### Arithmetic", "## Every other operator"));
    int found = 0;
    while (name.find()) {
      assertThat(Op.of(name.group(1)).schema()).startsWith(name.group(1) + "(");
      found++;
    }
    assertThat(found).isGreaterThan(100);
  }
}
