package dev.tripoint.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Runs many command lines in one process, for scripts/parity/compare-random: reads a JSON array of
 * arguments a line, and answers each with a line of JSON, [status, stdout, stderr].
 */
public final class LinesTool {
  private LinesTool() {}

  /** Ends with the input. */
  public static void main(String[] none) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      String[] args = mapper.readValue(line, String[].class);
      int status = Main.run(args, out, new PrintStream(err, true, StandardCharsets.UTF_8));
      Object[] answer = {
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8)
      };
      System.out.println(mapper.writeValueAsString(answer));
      System.out.flush();
    }
  }
}
