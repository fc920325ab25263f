package dev.tripoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Operators by name: what they take, what they give, and what they say when arguments don't fit.
 */
@Tag("versions")
class OpTest {
  private TensorScope scope;

  @BeforeEach
  void open() {
    scope = TensorScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void isFoundOnceAndShowsItsSchema() {
    Op op = Op.of("aten::add.Tensor");
    assertThat(Op.of("aten::add.Tensor")).isSameAs(op);
    assertThat(op.schema())
        .isEqualTo("aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor");
    assertThat(op.name()).isEqualTo("aten::add.Tensor");
    assertThat(op).hasToString(op.schema());
  }

  @Test
  void anUnknownNameListsTheOverloads() {
    assertThatThrownBy(() -> Op.of("aten::add.Matrix"))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("aten::add.Matrix")
        .hasMessageContaining("aten::add.Tensor");
    assertThatThrownBy(() -> Op.of("aten::no_such_thing")).isInstanceOf(TensorException.class);
    assertThatThrownBy(() -> Op.of("add")).isInstanceOf(TensorException.class);
    assertThatThrownBy(() -> Op.of("")).isInstanceOf(TensorException.class);
  }

  @Test
  void namesListsANamespace() {
    List<String> names = Op.names("aten");
    assertThat(names).contains("aten::add.Tensor", "aten::relu").isSorted();
    assertThat(Op.names("nothing_here")).isEmpty();
  }

  @Test
  void takesDefaultsAtTheEndAndInTheMiddle() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    assertThat(Op.of("aten::add.Tensor").callTensor(x, x).toFloatArray())
        .containsExactly(2, 4, 6, 8);
    assertThat(Op.of("aten::add.Tensor").callTensor(x, x, 0.5).toFloatArray())
        .containsExactly(1.5f, 3, 4.5f, 6);
    Tensor last = Op.of("aten::sum.dim_IntList").callTensor(x, 0, Op.DEFAULT, DType.FLOAT64);
    assertThat(last.dtype()).isEqualTo(DType.FLOAT64);
    assertThat(last.toDoubleArray()).containsExactly(4, 6);
  }

  @Test
  void takesNumbersOfAnyJavaTypeWhereTheyFit() {
    Tensor x = Torch.ones(2);
    for (Object two : new Object[] {2, 2L, 2f, 2.0, (short) 2, (byte) 2}) {
      assertThat(Op.of("aten::mul.Scalar").callTensor(x, two).toFloatArray())
          .as("%s", two.getClass())
          .containsExactly(2, 2);
    }
    Tensor whole = Tensor.of(new long[] {3});
    assertThat(Op.of("aten::mul.Scalar").callTensor(whole, 2).dtype()).isEqualTo(DType.INT64);
    assertThat(Op.of("aten::mul.Scalar").callTensor(whole, 2.0).dtype()).isEqualTo(DType.FLOAT32);
    assertThat(Op.of("aten::mul.Scalar").callTensor(whole, true).itemLong()).isEqualTo(3);
    assertThat(
            Op.of("aten::cosine_similarity")
                .callTensor(Torch.ones(1, 2), Torch.ones(1, 2), 1, 1)
                .dim())
        .isEqualTo(1); // eps is a float and takes an integer
  }

  @Test
  void takesListsOfManyForms() {
    Tensor x = Torch.arange(6);
    Op view = Op.of("aten::view");
    assertThat(view.callTensor(x, new long[] {2, 3}).sizes()).containsExactly(2, 3);
    assertThat(view.callTensor(x, new int[] {2, 3}).sizes()).containsExactly(2, 3);
    assertThat(view.callTensor(x, List.of(2, 3L)).sizes()).containsExactly(2, 3);
    Tensor image = Torch.ones(1, 1, 4, 4);
    assertThat(Op.of("aten::max_pool2d").callTensor(image, 2).sizes())
        .containsExactly(1, 1, 2, 2); // int[2] takes one number for both
    assertThat(Op.of("aten::sum.dim_IntList").callTensor(x.view(2, 3), 1).toLongArray())
        .containsExactly(3, 12);
    List<Tensor> pair = List.of(x, x);
    assertThat(Op.of("aten::cat").callTensor(pair, 0).numel()).isEqualTo(12);
    assertThat(Op.of("aten::cat").callTensor(new Tensor[] {x, x}, 0).numel()).isEqualTo(12);
    List<Tensor> withGap = new ArrayList<>(Arrays.asList(null, Tensor.of(new long[] {1})));
    assertThat(Op.of("aten::index.Tensor").callTensor(x.view(2, 3), withGap).toLongArray())
        .containsExactly(1, 4);
    Tensor grid =
        Op.of("aten::upsample_nearest2d.vec").callTensor(image, null, new double[] {2.0, 2.0});
    assertThat(grid.sizes()).containsExactly(1, 1, 8, 8);
    Tensor[] grads = {Torch.ones(2)};
    assertThat(Op.of("aten::_foreach_mul.ScalarList").call(grads, List.of(3)).getFirst())
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
        .hasSize(1);
  }

  @Test
  void takesTextDevicesAndGenerators() {
    assertThat(
            Op.of("aten::scatter_reduce.two")
                .callTensor(Torch.zeros(2), 0, Tensor.of(new long[] {0, 0}), Torch.ones(2), "sum")
                .toFloatArray())
        .containsExactly(2, 0);
    Tensor meta =
        Op.of("aten::empty.memory_format")
            .callTensor(new long[] {2}, DType.FLOAT64, null, Device.META);
    assertThat(meta.device()).isEqualTo(Device.META);
    assertThat(
            Op.of("aten::empty.memory_format")
                .callTensor(new long[] {2}, null, null, "meta")
                .device())
        .isEqualTo(Device.META);
    try (Generator generator = new Generator(5)) {
      float[] first =
          Op.of("aten::rand.generator").callTensor(new long[] {3}, generator).toFloatArray();
      generator.seed(5);
      assertThat(Op.of("aten::rand.generator").callTensor(new long[] {3}, generator).toFloatArray())
          .containsExactly(first);
    }
  }

  @Test
  void givesEveryKindOfResult() {
    Tensor x = Tensor.of(new float[] {1, 5, 2, 3}, 2, 2);
    assertThat(Op.of("aten::item").call(x.select(0, 0).select(0, 1))).containsExactly(5.0);
    assertThat(Op.of("aten::item").call(Tensor.of(new long[] {7}))).containsExactly(7L);
    assertThat(Op.of("aten::item").call(Tensor.of(new boolean[] {true}))).containsExactly(true);
    assertThat(Op.of("aten::is_floating_point").call(x)).containsExactly(true);
    assertThat(Op.of("aten::size.int").call(x, 0)).containsExactly(2L);
    assertThat(Op.of("aten::size").call(x)).containsExactly(List.of(2L, 2L));
    assertThat(Op.of("aten::equal").call(x, x)).containsExactly(true);
    List<Object> pair = Op.of("aten::max.dim").call(x, 1, false);
    assertThat(((Tensor) pair.get(0)).toFloatArray()).containsExactly(5, 3);
    assertThat(((Tensor) pair.get(1)).toLongArray()).containsExactly(1, 1);
    List<?> parts = (List<?>) Op.of("aten::split.Tensor").call(x, 1).getFirst();
    assertThat(parts).hasSize(2).allMatch(part -> part instanceof Tensor);
    assertThat(Op.of("aten::device").call("cpu")).containsExactly(Device.CPU);
    assertThat(Op.of("aten::upper").call("abcé")).containsExactly("ABCé");
    assertThat(Op.of("aten::_foreach_add_.Scalar").call(List.of(x), 1)).isEmpty();
    assertThat(x.toFloatArray()).containsExactly(2, 6, 3, 4);
    List<Object> flattened =
        Op.of("aten::native_layer_norm_backward")
            .call(
                Torch.ones(2, 2),
                x,
                new long[] {2},
                Torch.zeros(2, 1),
                Torch.ones(2, 1),
                null,
                null,
                new boolean[] {true, false, false});
    assertThat(flattened).hasSize(3);
    assertThat(flattened.get(0)).isInstanceOf(Tensor.class);
    assertThat(flattened.get(1)).isNull();
  }

  @Test
  void allResultsBelongToTheScope() {
    int before = scope.size();
    Op.of("aten::split.Tensor").call(Torch.ones(6), 2);
    assertThat(scope.size()).isEqualTo(before + 4);
    Op.of("aten::max.dim").callTensor(Torch.ones(2, 2), 0); // the indices are let go at once
    assertThat(scope.size()).isEqualTo(before + 6);
  }

  @Test
  void aResultThatIsAnArgumentIsThatObject() {
    Tensor x = Torch.ones(2);
    int before = scope.size();
    assertThat(Op.of("aten::add_.Tensor").call(x, x).getFirst()).isSameAs(x);
    assertThat(Op.of("aten::add_.Tensor").callTensor(x, x)).isSameAs(x);
    assertThat(x.add_(1)).isSameAs(x);
    assertThat(x.toFloatArray()).containsExactly(5, 5);
    Tensor out = Torch.empty(2);
    assertThat(Op.of("aten::mul.out").callTensor(x, x, out)).isSameAs(out);
    assertThat(out.toFloatArray()).containsExactly(25, 25);
    assertThat(scope.size()).isEqualTo(before + 1);
    Tensor values = Torch.empty(0);
    Tensor indices = Torch.empty(DType.INT64, 0);
    assertThat(Op.of("aten::max.dim_max").call(x.view(1, 2), 1, false, values, indices))
        .containsExactly(values, indices);
    assertThat(Op.of("aten::max.dim_max").callTensor(x.view(1, 2), 1, false, values, indices))
        .isSameAs(values);
    assertThat(indices.isClosed()).isFalse();
  }

  @Test
  void saysWhichArgumentDoesNotFitAndShowsTheSchema() {
    Tensor x = Torch.ones(2);
    Op add = Op.of("aten::add.Tensor");
    assertThatThrownBy(() -> add.call(x, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("argument 2")
        .hasMessageContaining("'other'")
        .hasMessageContaining("Integer 3")
        .hasMessageContaining(add.schema());
    assertThatThrownBy(() -> add.call(x, x, "fast"))
        .hasMessageContaining("argument 3")
        .hasMessageContaining("'alpha'")
        .hasMessageContaining("String \"fast\"");
    assertThatThrownBy(() -> add.call(x))
        .hasMessageContaining("argument 2")
        .hasMessageContaining("'other'");
    assertThatThrownBy(() -> add.call(x, x, 1, 2))
        .hasMessageContaining("3 arguments")
        .hasMessageContaining("4")
        .hasMessageContaining(add.schema());
    assertThatThrownBy(() -> add.call(x, null)).hasMessageContaining("got null");
    assertThatThrownBy(() -> add.call(Op.DEFAULT, x)).hasMessageContaining("no default");
    assertThatThrownBy(() -> Op.of("aten::cat").call(Arrays.asList(x, null), 0))
        .hasMessageContaining("'tensors'");
    assertThatThrownBy(() -> Op.of("aten::view").call(x, new double[] {2}))
        .hasMessageContaining("'size'");
    assertThatThrownBy(() -> Op.of("aten::view").call(x, 2)).hasMessageContaining("'size'");
    assertThatThrownBy(() -> Op.of("aten::sum.dim_IntList").call(x, 0, 1))
        .hasMessageContaining("'keepdim'")
        .hasMessageContaining("boolean");
    assertThatThrownBy(() -> Op.of("aten::select.int").call(x, 0, 1.0))
        .hasMessageContaining("'index'");
    assertThatThrownBy(
            () -> Op.of("aten::empty.memory_format").call(new long[] {1}, null, null, "moon"))
        .hasMessageContaining("'device'")
        .hasMessageContaining("moon");
    assertThat(x.callsRunning()).isZero();
  }

  @Test
  void libTorchsOwnRefusalHasTheNameAndNoBackTrace() {
    assertThatThrownBy(() -> Torch.ones(2, 3).mm(Torch.ones(2, 3)))
        .isInstanceOf(TensorException.class)
        .hasMessageStartingWith("aten::mm: ")
        .hasMessageContaining("cannot be multiplied")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("Exception raised", ".so"));
  }

  @Test
  void textArrivesWhole() {
    Tensor x = Torch.ones(2, 3);
    Op einsum = Op.of("aten::einsum");
    List<String> texts =
        List.of("", "ij", "i\u0000j", "größer", "ascii, then ß", "\ud83d\ude00", "x".repeat(500));
    for (String text : texts) {
      assertThatThrownBy(() -> Op.of("tripoint::top_k").call(x, x, 1, text))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("not \"" + (text.contains("\u0000") ? "i" : text));
    }
    assertThat(einsum.callTensor(" ".repeat(5000) + "ij->ji", List.of(x)).sizes())
        .isEqualTo(x.t().sizes());
    assertThatThrownBy(() -> einsum.callTensor("ß".repeat(3000) + "ij->ji", List.of(x)))
        .isInstanceOf(TensorException.class);
  }

  @Test
  void listsLongerThanTheFrameHasRoomFor() {
    Tensor one = Torch.ones(1);
    List<Tensor> many = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      many.add(one);
    }
    assertThat(Torch.cat(many, 0).sum().item()).isEqualTo(5000);
    assertThat(one.callsRunning()).isZero();
    long[] sizes = new long[60];
    Arrays.fill(sizes, 1);
    assertThat(one.reshape(sizes).dim()).isEqualTo(60);
    assertThat(one.reshape(sizes).sizes()).isEqualTo(sizes);
  }

  @Test
  void opaqueResultsGoBackIn() {
    Tensor x = Torch.ones(3);
    List<Object> storage = Op.of("aten::storage_offset").call(x);
    assertThat(storage).containsExactly(0L);
    assertThat(Op.of("aten::__getitem__.Dict_str").schema()).contains("Dict");
  }
}
