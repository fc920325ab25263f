package dev.tripoint.tensor;

import dev.tripoint.ffi.TripointC;
import dev.tripoint.ffi.tp_error;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Opens LibTorch and Tripoint's own library, once. What goes wrong is remembered and reported
 * again, the same way, each time.
 *
 * <p>Both are opened by absolute path through {@link SymbolLookup}, not {@link System#load}: so two
 * class loaders of one process can do it, and the bindings find the library by its plain name then.
 */
final class NativeLibrary {
  private static final String PROPERTY = "tripoint.library";
  private static final String RESOURCE = "/dev/tripoint/native/linux-x86_64/libtripoint.so";

  /** What the header says; asking the bindings for it would load the library that failed. */
  private static final String RANGE = "2.10 to 2.15";

  private static volatile boolean open;
  private static @Nullable LibTorchException failure;
  private static LibTorchFinder.@Nullable Choice choice;
  private static @Nullable Path library;
  private static @Nullable String cuda;

  private NativeLibrary() {}

  /** Makes sure that everything is loaded. */
  static void ensure() {
    if (!open) {
      load();
    }
  }

  static LibTorchFinder.Choice choice() {
    ensure();
    return choice;
  }

  static Path library() {
    ensure();
    return library;
  }

  /** Why LibTorch's part for NVIDIA's GPUs was not loaded although it is there, or null. */
  static @Nullable String cudaProblem() {
    ensure();
    return cuda;
  }

  private static synchronized void load() {
    if (open) {
      return;
    }
    if (failure == null) {
      try {
        choice = LibTorchFinder.find();
        library = locate();
        openAll(choice, library);
        open = true;
        return;
      } catch (LibTorchException e) {
        failure = e;
      }
    }
    LibTorchException again = new LibTorchException(failure.getMessage());
    again.initCause(failure.getCause());
    throw again;
  }

  @SuppressWarnings("restricted") // the one place where code from outside is let in
  private static void openAll(LibTorchFinder.Choice torch, Path shim) {
    checkPlatform();
    open(torch.libraries().resolve("libtorch_cpu.so"), torch);
    Path gpu = torch.libraries().resolve("libtorch_cuda.so");
    if (Files.isRegularFile(gpu)) {
      try {
        open(gpu, torch);
      } catch (LibTorchException e) {
        cuda = e.getMessage();
      }
    }
    open(shim, torch);
    checkAnswers(torch, shim);
  }

  /** What a library that is not ours, or of another version, answers. */
  private static void checkAnswers(LibTorchFinder.Choice torch, Path shim) {
    int abi;
    try {
      abi = TripointC.tp_abi_version();
    } catch (ExceptionInInitializerError | NoClassDefFoundError e) {
      throw new LibTorchException(
          "The native library "
              + shim
              + " is not Tripoint's, or another version's; build both from one source.");
    }
    if (abi != TripointC.TP_ABI_VERSION()) {
      throw new LibTorchException(
          "The native library "
              + shim
              + " has ABI version "
              + abi
              + " and this Tripoint needs "
              + TripointC.TP_ABI_VERSION()
              + "; build both from one source.");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment error = tp_error.allocate(arena);
      if (TripointC.tp_open(error) != TripointC.TP_OK()) {
        throw new LibTorchException(
            tp_error.message(error).getString(0)
                + " (from "
                + torch.directory()
                + ", named by "
                + torch.why()
                + "; ./tripoint fetch-libtorch gets "
                + LibTorchFinder.pinnedVersion()
                + ")");
      }
    }
  }

  private static void checkPlatform() {
    String system = System.getProperty("os.name");
    String processor = System.getProperty("os.arch");
    if (!system.equals("Linux") || !processor.equals("amd64")) {
      throw new LibTorchException(
          "Tripoint runs on Linux on x86-64; this is " + system + " on " + processor + ".");
    }
  }

  @SuppressWarnings("restricted")
  private static void open(Path file, LibTorchFinder.Choice torch) {
    String wrong = wrongWith(file);
    if (wrong != null) {
      throw new LibTorchException("The library " + file + " cannot be loaded: " + wrong + ".");
    }
    try {
      SymbolLookup.libraryLookup(file, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new LibTorchException(
          "The library "
              + file
              + " cannot be loaded with the LibTorch in "
              + torch.directory()
              + ": "
              + reason(file)
              + " (this build runs on LibTorch "
              + RANGE
              + ").");
    } catch (IllegalCallerException e) {
      throw new LibTorchException(
          "Java was started without the right to load native libraries; add"
              + " --enable-native-access=ALL-UNNAMED to its options.");
    }
  }

  /** What can be seen beforehand; the virtual machine prints warnings about such files. */
  private static @Nullable String wrongWith(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] magic = in.readNBytes(4);
      return Arrays.equals(magic, new byte[] {0x7f, 'E', 'L', 'F'})
          ? null
          : "it is not a shared library; get or build it again";
    } catch (IOException e) {
      return "it cannot be read (" + e + ")";
    }
  }

  /** What the dynamic linker says: the lookup above does not tell, System.load does. */
  private static String reason(Path file) {
    try {
      System.load(file.toString());
      return "unknown reason";
    } catch (UnsatisfiedLinkError e) {
      String message = String.valueOf(e.getMessage());
      return message.replace(file + ": ", "").lines().findFirst().orElse("unknown reason");
    }
  }

  private static Path locate() {
    String property = System.getProperty(PROPERTY);
    if (property != null && !property.isBlank()) {
      Path named = Path.of(property).toAbsolutePath();
      if (!Files.isRegularFile(named)) {
        throw new LibTorchException(
            "The native library " + named + ", named by -D" + PROPERTY + ", does not exist.");
      }
      return named;
    }
    URL resource = NativeLibrary.class.getResource(RESOURCE);
    if (resource == null) {
      throw new LibTorchException(
          "Tripoint's native library is not on the class path; build it with mvn package, or name it"
              + " by -D"
              + PROPERTY
              + "=FILE.");
    }
    try {
      if (resource.getProtocol().equals("file")) {
        return Path.of(resource.toURI());
      }
      return unpack(LibTorchFinder.cache(System.getenv()).resolve("native"));
    } catch (IOException | java.net.URISyntaxException e) {
      throw new LibTorchException(
          "Tripoint's native library cannot be unpacked to the user's cache: " + e);
    }
  }

  /**
   * Writes the library to a folder under a name with its hash, so that versions lie side by side;
   * by a rename, so that several processes may do it together and none sees half a file.
   */
  static Path unpack(Path folder) throws IOException {
    byte[] bytes;
    try (InputStream in = NativeLibrary.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IOException("the library is not on the class path");
      }
      bytes = in.readAllBytes();
    }
    Path directory = folder.resolve(hash(bytes));
    Path target = directory.resolve("libtripoint.so");
    if (Files.isRegularFile(target) && Files.size(target) == bytes.length) {
      return target;
    }
    Files.createDirectories(directory);
    Path temporary = Files.createTempFile(directory, "libtripoint", ".tmp");
    try {
      Files.write(temporary, bytes);
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    return target;
  }

  private static String hash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
