package dev.tripoint.tensor;

/** What a tensor is at one moment, as {@code tp_tensor_describe} tells it. Sizes in elements. */
record Description(
    int dtypeCode,
    int deviceType,
    int deviceIndex,
    boolean strided,
    boolean requiresGrad,
    long numel,
    long data,
    long storage,
    long[] sizes,
    long[] strides) {

  DType dtype() {
    return DType.of(dtypeCode);
  }

  Device device() {
    return Device.of(deviceType, deviceIndex);
  }

  boolean onCpu() {
    return deviceType == Device.Type.CPU.code();
  }

  /** Whether the elements lie one after the other, the last dimension fastest. */
  boolean contiguous() {
    if (!strided) {
      return false;
    }
    if (numel == 0) {
      return true;
    }
    long expected = 1;
    for (int d = sizes.length - 1; d >= 0; d--) {
      if (sizes[d] != 1) {
        if (strides[d] != expected) {
          return false;
        }
        expected *= sizes[d];
      }
    }
    return true;
  }
}
