package dev.tripoint.ffi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the declarations of tripoint.h, by itself, as the oracle for what jextract made of them.
 */
record Header(
    Map<String, Function> functions,
    Map<String, List<Field>> structs,
    Map<String, Long> constants,
    List<String> handles) {

  /** A function: the C types of its result and parameters, without const and names. */
  record Function(String result, List<String> parameters) {}

  record Field(String type, String name) {}

  static Header read() throws IOException {
    String text = Files.readString(Path.of("native/include/tripoint.h"));
    return parse(text.replaceAll("(?s)/\\*.*?\\*/", " "));
  }

  static Header parse(String text) {
    Map<String, Function> functions = new LinkedHashMap<>();
    Matcher function =
        Pattern.compile("TP_API\\s+([\\w\\s*]+?)\\b(tp_\\w+)\\(([^)]*)\\)\\s*TP_NOEXCEPT\\s*;")
            .matcher(text);
    while (function.find()) {
      List<String> parameters = new ArrayList<>();
      String inside = function.group(3).strip();
      if (!inside.equals("void")) {
        for (String parameter : inside.split(",", -1)) {
          parameters.add(type(parameter));
        }
      }
      functions.put(function.group(2), new Function(bare(function.group(1)), parameters));
    }

    Map<String, List<Field>> structs = new LinkedHashMap<>();
    Matcher struct =
        Pattern.compile("typedef struct (tp_\\w+) \\{(.*?)\\} \\1;", Pattern.DOTALL).matcher(text);
    while (struct.find()) {
      List<Field> fields = new ArrayList<>();
      String body = struct.group(2).replaceAll("(?s)union \\{.*?\\} (\\w+);", "union $1;");
      for (String line : body.split(";", -1)) {
        if (!line.isBlank()) {
          Matcher field = Pattern.compile("(.*?)(\\w+)(\\[\\w+\\])?$").matcher(line.strip());
          if (!field.matches()) {
            throw new IllegalStateException("Not a field: " + line);
          }
          String array = field.group(3) == null ? "" : field.group(3);
          fields.add(new Field(bare(field.group(1)) + array, field.group(2)));
        }
      }
      structs.put(struct.group(1), fields);
    }

    Map<String, Long> constants = new LinkedHashMap<>();
    Matcher define = Pattern.compile("#define (TP_\\w+) (\\d+)").matcher(text);
    while (define.find()) {
      constants.put(define.group(1), Long.parseLong(define.group(2)));
    }
    Matcher constant = Pattern.compile("(TP_\\w+)\\s*=\\s*(-?\\d+)").matcher(text);
    while (constant.find()) {
      constants.put(constant.group(1), Long.parseLong(constant.group(2)));
    }

    List<String> handles = new ArrayList<>();
    Matcher handle = Pattern.compile("typedef struct \\w+\\* (tp_\\w+);").matcher(text);
    while (handle.find()) {
      handles.add(handle.group(1));
    }
    handles.add("tp_release_callback");
    return new Header(functions, structs, constants, handles);
  }

  /** The type of a parameter that has a name. */
  private static String type(String parameter) {
    return bare(parameter.strip().replaceFirst("\\w+$", ""));
  }

  private static String bare(String type) {
    return type.replaceAll("\\b(const|struct)\\b", " ")
        .replaceAll("\\s+", " ")
        .replaceAll("\\s*\\*", "*")
        .strip();
  }

  boolean isPointer(String type) {
    return type.endsWith("*") || handles.contains(type);
  }
}
