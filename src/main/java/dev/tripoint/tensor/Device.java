package dev.tripoint.tensor;

/**
 * Where a tensor's memory is.
 *
 * @param type the kind of device
 * @param index which one, from 0; -1 where there is only one
 */
public record Device(Type type, int index) {

  /** The kinds of devices that Tripoint knows, by LibTorch's numbers. */
  public enum Type {
    /** Main memory. */
    CPU(0),
    /** A GPU of NVIDIA's. */
    CUDA(1),
    /** No memory at all: shapes and types only. */
    META(14);

    private final int code;

    Type(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  /** Main memory. */
  public static final Device CPU = new Device(Type.CPU, -1);

  /** Shapes and types without memory. */
  public static final Device META = new Device(Type.META, -1);

  /**
   * A GPU.
   *
   * @param index which one, from 0
   * @return the device, whether or not the machine has it
   */
  public static Device cuda(int index) {
    if (index < 0) {
      throw new IllegalArgumentException("A GPU's index counts from 0, got " + index);
    }
    return new Device(Type.CUDA, index);
  }

  /**
   * Reads what {@link #toString} writes.
   *
   * @param text {@code cpu}, {@code meta}, {@code cuda} (the first GPU) or {@code cuda:1}
   * @return the device
   * @throws IllegalArgumentException for any other text
   */
  public static Device parse(String text) {
    return switch (text) {
      case "cpu" -> CPU;
      case "meta" -> META;
      case "cuda" -> cuda(0);
      default -> {
        if (text.matches("cuda:[0-9]{1,3}")) {
          yield cuda(Integer.parseInt(text.substring(5)));
        }
        throw new IllegalArgumentException(
            "No device is called '" + text + "'; devices are cpu, cuda, cuda:0, cuda:1, ..., meta");
      }
    };
  }

  static Device of(int type, int index) {
    if (type == Type.CPU.code) {
      return CPU;
    }
    if (type == Type.META.code) {
      return META;
    }
    if (type == Type.CUDA.code) {
      return new Device(Type.CUDA, index);
    }
    throw new IllegalArgumentException("LibTorch's device type " + type + " has no Device");
  }

  /** The form of a {@code TP_DEVICE} value. */
  long packed() {
    return (type.code & 0xFFFFFFFFL) | ((long) index << 32);
  }

  /** PyTorch's text for the device, such as {@code cuda:0}. */
  @Override
  public String toString() {
    return switch (type) {
      case CPU -> "cpu";
      case META -> "meta";
      case CUDA -> index < 0 ? "cuda" : "cuda:" + index;
    };
  }
}
