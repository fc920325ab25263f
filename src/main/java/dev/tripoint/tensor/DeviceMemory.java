package dev.tripoint.tensor;

import java.lang.foreign.MemorySegment;

/**
 * Memory that Java cannot read: that of a GPU.
 *
 * @param address the address on the device; a segment of length zero, so that reading it is an
 *     exception and not a crash
 * @param byteSize bytes from there on that belong to the tensor
 */
public record DeviceMemory(MemorySegment address, long byteSize) {}
