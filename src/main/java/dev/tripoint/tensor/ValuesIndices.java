package dev.tripoint.tensor;

/**
 * What operators such as {@link Tensor#sort} give: values and where they were.
 *
 * @param values the values, in the tensor's type
 * @param indices their places along the dimension, int64
 */
public record ValuesIndices(Tensor values, Tensor indices) {}
