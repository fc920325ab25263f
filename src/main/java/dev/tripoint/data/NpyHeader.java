package dev.tripoint.data;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The dictionary at the head of an npy file, a Python literal such as {@code {'descr': '<f4',
 * 'fortran_order': False, 'shape': (3, 4), }}. Only what the format allows there is understood:
 * three keys, each once.
 */
record NpyHeader(String descr, boolean fortranOrder, long[] shape) {

  static NpyHeader parse(String file, String text) {
    return new Parser(file, text).header();
  }

  private static final class Parser {
    private final String file;
    private final String text;
    private int at;

    Parser(String file, String text) {
      this.file = file;
      this.text = text;
    }

    NpyHeader header() {
      @Nullable String descr = null;
      @Nullable Boolean fortran = null;
      long @Nullable [] shape = null;
      Set<String> seen = new HashSet<>();
      expect('{');
      while (!accept('}')) {
        String key = string();
        if (!seen.add(key)) {
          throw bad("has the key '" + key + "' twice");
        }
        expect(':');
        switch (key) {
          case "descr" -> descr = descr();
          case "fortran_order" -> fortran = bool();
          case "shape" -> shape = tuple();
          default -> throw bad("has the unknown key '" + shortened(key) + "'");
        }
        if (!accept(',')) {
          expect('}');
          break;
        }
      }
      skipSpace();
      if (at != text.length()) {
        throw bad("goes on after its dictionary");
      }
      if (descr == null || fortran == null || shape == null) {
        throw bad("lacks one of 'descr', 'fortran_order' and 'shape'");
      }
      return new NpyHeader(descr, fortran, shape);
    }

    private String descr() {
      skipSpace();
      if (at < text.length() && text.charAt(at) == '[') {
        throw new DataException(file + ": a structured type, expected an array of plain numbers.");
      }
      return string();
    }

    private String string() {
      skipSpace();
      char quote = at < text.length() ? text.charAt(at) : ' ';
      int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
      if (end < 0) {
        throw bad("is no dictionary of NumPy's");
      }
      String value = text.substring(at + 1, end);
      at = end + 1;
      return value;
    }

    private boolean bool() {
      skipSpace();
      for (boolean value : new boolean[] {true, false}) {
        String word = value ? "True" : "False";
        if (text.startsWith(word, at)) {
          at += word.length();
          return value;
        }
      }
      throw bad("has a 'fortran_order' that is neither True nor False");
    }

    private long[] tuple() {
      expect('(');
      List<Long> sizes = new ArrayList<>();
      boolean comma = true;
      while (!accept(')')) {
        if (!comma) {
          throw bad("has a 'shape' that is no tuple of integers");
        }
        sizes.add(integer());
        comma = accept(',');
      }
      // LibTorch's own limit on dimensions is the file format's to respect: NumPy stops at 64.
      if (sizes.size() > 64) {
        throw bad("has a 'shape' of " + sizes.size() + " dimensions");
      }
      return sizes.stream().mapToLong(Long::longValue).toArray();
    }

    private long integer() {
      skipSpace();
      int from = at;
      while (at < text.length() && "+-0123456789".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
      try {
        long value = Long.parseLong(text.substring(from, at));
        // Python 2 wrote long integers with a trailing L.
        if (at < text.length() && text.charAt(at) == 'L') {
          at++;
        }
        return value;
      } catch (NumberFormatException e) {
        throw bad("has a 'shape' that is no tuple of 64-bit integers");
      }
    }

    private boolean accept(char c) {
      skipSpace();
      if (at < text.length() && text.charAt(at) == c) {
        at++;
        return true;
      }
      return false;
    }

    private void expect(char c) {
      if (!accept(c)) {
        throw bad("is no dictionary of NumPy's");
      }
    }

    private void skipSpace() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
    }

    private DataException bad(String what) {
      return new DataException(file + ": damaged npy file: its header " + what + ".");
    }

    private static String shortened(String key) {
      return key.length() <= 40 ? key : key.substring(0, 40) + "…";
    }
  }
}
