package dev.tripoint.data;

import dev.tripoint.tensor.DType;

/** The element types that array files hold, each with the dtype that it becomes in a tensor. */
enum StoredType {
  BOOL(1, DType.BOOL),
  I8(1, DType.INT8),
  I16(2, DType.INT16),
  I32(4, DType.INT32),
  I64(8, DType.INT64),
  U8(1, DType.UINT8),
  /** Widened: LibTorch has next to no operators for the wider unsigned types. */
  U16(2, DType.INT32),
  U32(4, DType.INT64),
  /** Values from 2⁶³ on are refused. */
  U64(8, DType.INT64),
  F16(2, DType.FLOAT16),
  BF16(2, DType.BFLOAT16),
  F32(4, DType.FLOAT32),
  F64(8, DType.FLOAT64);

  private final int bytes;
  private final DType dtype;

  StoredType(int bytes, DType dtype) {
    this.bytes = bytes;
    this.dtype = dtype;
  }

  int bytes() {
    return bytes;
  }

  DType dtype() {
    return dtype;
  }

  /** Whether the bytes in the file, little-endian, are the tensor's own. */
  boolean sameBytes() {
    return this != U16 && this != U32 && this != U64;
  }
}
