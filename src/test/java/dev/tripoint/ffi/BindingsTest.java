package dev.tripoint.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.SequenceLayout;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was generated against what the header says and what a C compiler makes of it. */
class BindingsTest {
  private static Header header;

  @BeforeAll
  static void load() throws IOException {
    dev.tripoint.tensor.LibTorch
        .info(); // the bindings look the library up when they are first used
    header = Header.read();
  }

  @Test
  void everyDeclarationHasItsFunctionAndNoOther() {
    TreeSet<String> generated = new TreeSet<>();
    for (Method method : TripointC.class.getDeclaredMethods()) {
      if (method.getName().endsWith("$descriptor")) {
        generated.add(method.getName().replace("$descriptor", ""));
      }
    }
    assertThat(header.functions()).hasSizeGreaterThan(30);
    assertThat(generated).isEqualTo(new TreeSet<>(header.functions().keySet()));
  }

  @Test
  void everyDescriptorHasTheTypesOfItsDeclaration() throws ReflectiveOperationException {
    for (Map.Entry<String, Header.Function> entry : header.functions().entrySet()) {
      String name = entry.getKey();
      Header.Function declared = entry.getValue();
      FunctionDescriptor descriptor =
          (FunctionDescriptor) TripointC.class.getMethod(name + "$descriptor").invoke(null);
      assertThat(descriptor.argumentLayouts()).as(name).hasSize(declared.parameters().size());
      for (int i = 0; i < declared.parameters().size(); i++) {
        assertFits(
            name + " parameter " + i,
            declared.parameters().get(i),
            descriptor.argumentLayouts().get(i));
      }
      if (declared.result().equals("void")) {
        assertThat(descriptor.returnLayout()).as(name).isEmpty();
      } else {
        assertFits(name + " result", declared.result(), descriptor.returnLayout().orElseThrow());
      }
    }
  }

  private static void assertFits(String what, String type, MemoryLayout layout) {
    Class<?> wanted =
        header.isPointer(type)
            ? java.lang.foreign.MemorySegment.class
            : switch (type) {
              case "int32_t" -> int.class;
              case "int64_t" -> long.class;
              default -> throw new IllegalStateException(what + " has the unexpected type " + type);
            };
    assertThat(layout).as("%s, %s", what, type).isInstanceOf(ValueLayout.class);
    assertThat(((ValueLayout) layout).carrier()).as("%s, %s", what, type).isEqualTo(wanted);
  }

  @Test
  void everyConstantHasItsValue() throws ReflectiveOperationException {
    assertThat(header.constants()).hasSizeGreaterThan(40);
    for (Map.Entry<String, Long> constant : header.constants().entrySet()) {
      Object generated = TripointC.class.getMethod(constant.getKey()).invoke(null);
      assertThat(((Number) generated).longValue())
          .as(constant.getKey())
          .isEqualTo(constant.getValue());
    }
  }

  @Test
  void everyLayoutIsTheCompilers(@TempDir Path folder) throws Exception {
    Map<String, MemoryLayout> layouts =
        Map.of(
            "tp_error", tp_error.layout(),
            "tp_modes", tp_modes.layout(),
            "tp_value", tp_value.layout(),
            "tp_tensor_info", tp_tensor_info.layout());
    assertThat(layouts.keySet()).isEqualTo(header.structs().keySet());

    Map<String, Long> compiled = compile(folder);
    for (Map.Entry<String, MemoryLayout> entry : layouts.entrySet()) {
      String struct = entry.getKey();
      MemoryLayout layout = entry.getValue();
      assertThat(layout.byteSize()).as(struct).isEqualTo(compiled.get(struct));
      assertThat(layout.byteAlignment()).as(struct).isEqualTo(compiled.get(struct + " align"));
      List<Header.Field> fields = header.structs().get(struct);
      assertThat(fields).isNotEmpty();
      for (Header.Field field : fields) {
        PathElement path = PathElement.groupElement(field.name());
        String name = struct + "." + field.name();
        assertThat(layout.byteOffset(path)).as(name).isEqualTo(compiled.get(name));
        assertThat(layout.select(path).byteSize()).as(name).isEqualTo(compiled.get(name + " size"));
        assertField(name, field.type(), layout.select(path));
      }
    }
  }

  private static void assertField(String name, String type, MemoryLayout layout) {
    if (type.equals("union")) {
      for (String member :
          List.of(
              "integer",
              "real",
              "text",
              "tensor",
              "object",
              "integers",
              "reals",
              "tensors",
              "values")) {
        MemoryLayout part = layout.select(PathElement.groupElement(member));
        assertThat(part.byteSize()).as(name + "." + member).isEqualTo(8);
      }
    } else if (type.startsWith("char")) {
      assertThat(layout).as(name).isInstanceOf(SequenceLayout.class);
    } else if (type.endsWith("*")) {
      assertThat(layout).as(name).isInstanceOf(AddressLayout.class);
    } else {
      assertFits(name, type, layout);
    }
  }

  /** Sizes and offsets as a C compiler sees them. */
  private static Map<String, Long> compile(Path folder) throws IOException, InterruptedException {
    StringBuilder program =
        new StringBuilder(
            "#include <stddef.h>\n#include <stdio.h>\n#include \"tripoint.h\"\nint main(void) {\n");
    header
        .structs()
        .forEach((struct, fields) -> {
          line(program, struct, "sizeof(" + struct + ")");
          line(program, struct + " align", "_Alignof(" + struct + ")");
          for (Header.Field field : fields) {
            String member = "((" + struct + "*)0)->" + field.name();
            String name = struct + "." + field.name();
            line(program, name, "offsetof(" + struct + ", " + field.name() + ")");
            line(program, name + " size", "sizeof(" + member + ")");
          }
        });
    program.append("return 0;\n}\n");
    Path source = Files.writeString(folder.resolve("layout.c"), program);
    Path binary = folder.resolve("layout");
    String compiler = System.getenv().getOrDefault("CC", "cc");
    output(compiler, "-std=c11", "-Inative/include", "-o", binary.toString(), source.toString());
    Map<String, Long> table = new LinkedHashMap<>();
    output(binary.toString())
        .lines()
        .map(line -> line.split("=", -1))
        .forEach(parts -> table.put(parts[0], Long.parseLong(parts[1])));
    return table;
  }

  private static void line(StringBuilder program, String name, String expression) {
    program.append("printf(\"" + name + "=%ld\\n\", (long)" + expression + ");\n");
  }

  private static String output(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s said %s", Arrays.toString(command), text).isZero();
    return text;
  }
}
