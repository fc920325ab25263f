package dev.tripoint;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The picture in docs/architecture.md, as rules: which room may call which. */
@AnalyzeClasses(packages = "dev.tripoint", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  /** Each room with the rooms that it may call, beside itself and {@code tensor}. */
  private static final Map<String, Set<String>> MAY_CALL =
      Map.ofEntries(
          Map.entry("ffi", Set.of()),
          Map.entry("tensor", Set.of("ffi")),
          Map.entry("distance", Set.of()),
          Map.entry("miner", Set.of("distance")),
          Map.entry("reducer", Set.of("miner")),
          Map.entry("nn", Set.of()),
          Map.entry("regularizer", Set.of("distance", "reducer")),
          Map.entry("loss", Set.of("miner", "distance", "reducer", "regularizer", "nn")),
          Map.entry("compat", Set.of("loss", "miner", "distance", "reducer", "nn")),
          Map.entry("optim", Set.of("nn")),
          Map.entry("data", Set.of()),
          Map.entry("eval", Set.of("data")),
          Map.entry("corpus", Set.of()),
          Map.entry("verify", Set.of("data")),
          Map.entry(
              "train",
              Set.of("nn", "optim", "data", "eval", "loss", "miner", "distance", "reducer")),
          Map.entry("report", Set.of("eval", "data")),
          Map.entry(
              "catalog",
              Set.of("loss", "miner", "distance", "reducer", "regularizer", "nn", "compat")),
          Map.entry(
              "cli",
              Set.of(
                  "catalog",
                  "corpus",
                  "verify",
                  "train",
                  "report",
                  "eval",
                  "data",
                  "optim",
                  "nn",
                  "loss",
                  "miner",
                  "distance",
                  "reducer",
                  "regularizer",
                  "compat")));

  /** The kernels' rooms; each may include those before it. */
  private static final List<String> KERNELS =
      List.of("base", "rows", "tile", "screen", "mine", "loss");

  private static final Pattern INCLUDE = Pattern.compile("#include \"kernels/cpu/(\\w+)/");

  @ArchTest
  void kernelsIncludeOnlyRoomsBelow(JavaClasses house) throws IOException {
    Path kernels = Path.of("native", "kernels", "cpu");
    List<String> upward = new ArrayList<>();
    Set<String> rooms = new TreeSet<>();
    try (Stream<Path> files = Files.walk(kernels).filter(Files::isRegularFile)) {
      for (Path file : files.toList()) {
        String room = kernels.relativize(file).getName(0).toString();
        rooms.add(room);
        INCLUDE
            .matcher(Files.readString(file))
            .results()
            .filter(m -> KERNELS.indexOf(m.group(1)) > KERNELS.indexOf(room))
            .forEach(m -> upward.add(file + " includes " + m.group(1)));
      }
    }
    assertThat(upward).isEmpty();
    assertThat(rooms).containsExactlyInAnyOrderElementsOf(KERNELS);
  }

  @ArchTest
  void everyRoomCallsOnlyWhomItMay(JavaClasses house) {
    MAY_CALL.forEach((room, callees) -> {
      Stream<String> allowed = Stream.concat(callees.stream(), Stream.of(room));
      if (!room.equals("ffi")) {
        allowed = Stream.concat(allowed, Stream.of("tensor"));
      }
      String[] packages = allowed.map(ArchitectureTest::packageOf).toArray(String[]::new);
      classes()
          .that()
          .resideInAPackage(packageOf(room))
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(packages).or(resideOutsideOfPackage("dev.tripoint..")))
          .because("of the picture in docs/architecture.md")
          .check(house);
    });
  }

  @ArchTest
  void everyClassStandsInAKnownRoom(JavaClasses house) {
    Set<String> rooms = new TreeSet<>();
    house.forEach(type -> {
      String name = type.getPackageName();
      rooms.add(name.equals("dev.tripoint") ? "" : name.split("\\.", -1)[2]);
    });
    assertThat(rooms).isSubsetOf(MAY_CALL.keySet());
  }

  @ArchTest
  static final ArchRule onlyTensorKnowsTheGeneratedBindings =
      noClasses()
          .that(
              resideOutsideOfPackage("dev.tripoint.ffi..")
                  .and(resideOutsideOfPackage("dev.tripoint.tensor..")))
          .should()
          .dependOnClassesThat(resideInAPackage("dev.tripoint.ffi.."));

  @ArchTest
  static final ArchRule downcallsAreMadeByTensorAlone =
      noClasses()
          .that(
              resideOutsideOfPackage("dev.tripoint.ffi..")
                  .and(resideOutsideOfPackage("dev.tripoint.tensor..")))
          .should()
          .dependOnClassesThat()
          .haveNameMatching(
              "java\\.lang\\.foreign\\.(Linker|SymbolLookup|FunctionDescriptor)(\\$.*)?");

  @ArchTest
  static final ArchRule roomsFormNoCircle =
      slices().matching("dev.tripoint.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule onlyTheCommandLineEndsTheProcess =
      noClasses()
          .that(resideOutsideOfPackage("dev.tripoint.cli.."))
          .should()
          .callMethod(System.class, "exit", int.class);

  private static String packageOf(String room) {
    return "dev.tripoint." + room + "..";
  }
}
