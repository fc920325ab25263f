package dev.tripoint.tensor;

import java.util.Locale;

/** The element types of tensors, with PyTorch's names and LibTorch's numbers. */
public enum DType {
  /** Unsigned 8-bit integers. */
  UINT8(0, 1, false),
  /** Signed 8-bit integers. */
  INT8(1, 1, false),
  /** 16-bit integers. */
  INT16(2, 2, false),
  /** 32-bit integers. */
  INT32(3, 4, false),
  /** 64-bit integers, PyTorch's default for integers and the type of indices. */
  INT64(4, 8, false),
  /** IEEE half precision. */
  FLOAT16(5, 2, true),
  /** IEEE single precision, PyTorch's default. */
  FLOAT32(6, 4, true),
  /** IEEE double precision. */
  FLOAT64(7, 8, true),
  /** Pairs of {@link #FLOAT32}. */
  COMPLEX64(9, 8, false),
  /** Pairs of {@link #FLOAT64}. */
  COMPLEX128(10, 16, false),
  /** One byte each, 0 or 1. */
  BOOL(11, 1, false),
  /** The upper half of a {@link #FLOAT32}. */
  BFLOAT16(15, 2, true);

  private static final DType[] BY_CODE = new DType[16];

  static {
    for (DType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  private final int code;
  private final int byteSize;
  private final boolean floating;

  DType(int code, int byteSize, boolean floating) {
    this.code = code;
    this.byteSize = byteSize;
    this.floating = floating;
  }

  /**
   * The type that LibTorch gives a number.
   *
   * @param code LibTorch's number
   * @return the type
   * @throws IllegalArgumentException when Tripoint has no name for it
   */
  public static DType of(int code) {
    if (code < 0 || code >= BY_CODE.length || BY_CODE[code] == null) {
      throw new IllegalArgumentException("LibTorch's element type " + code + " has no DType");
    }
    return BY_CODE[code];
  }

  /**
   * LibTorch's number for the type.
   *
   * @return the number, as in c10::ScalarType
   */
  public int code() {
    return code;
  }

  /**
   * The size of one element.
   *
   * @return bytes
   */
  public int byteSize() {
    return byteSize;
  }

  /**
   * Whether the type is one of the real floating-point types.
   *
   * @return false for complex types, integers and bool
   */
  public boolean isFloatingPoint() {
    return floating;
  }

  /**
   * Whether the type is one of the integers.
   *
   * @return false for bool
   */
  public boolean isIntegral() {
    return code <= INT64.code;
  }

  /**
   * Whether the type is one of the complex types.
   *
   * @return true for complex64 and complex128
   */
  public boolean isComplex() {
    return this == COMPLEX64 || this == COMPLEX128;
  }

  /**
   * PyTorch's name without {@code torch.}, such as {@code float32}.
   *
   * @return the name
   */
  public String torchName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Bytes that an address of this type must be a multiple of. */
  int alignment() {
    return isComplex() ? byteSize / 2 : byteSize;
  }
}
