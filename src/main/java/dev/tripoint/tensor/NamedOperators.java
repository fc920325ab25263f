package dev.tripoint.tensor;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The operators of {@link Tensor} that have a name in Java; {@link Op} reaches all others. Each is
 * one call of LibTorch's operator of the same name, with its broadcasting, type promotion and
 * gradients.
 *
 * <p>All may throw {@link TensorException} when LibTorch refuses the shapes or types, and {@link
 * TensorClosedException} when an operand is closed. A result is a new tensor of the innermost
 * scope; operators with a trailing underscore write to this tensor and return it.
 */
abstract class NamedOperators extends Handle {
  private static final Op ABS = Op.lazy("aten::abs");
  private static final Op ADDCDIV_IN_PLACE = Op.lazy("aten::addcdiv_");
  private static final Op ADDCMUL_IN_PLACE = Op.lazy("aten::addcmul_");
  private static final Op ADDMM = Op.lazy("aten::addmm");
  private static final Op ADD_IN_PLACE_SCALAR = Op.lazy("aten::add_.Scalar");
  private static final Op ADD_IN_PLACE_TENSOR = Op.lazy("aten::add_.Tensor");
  private static final Op ADD_SCALAR = Op.lazy("aten::add.Scalar");
  private static final Op ADD_TENSOR = Op.lazy("aten::add.Tensor");
  private static final Op ALL = Op.lazy("aten::all");
  private static final Op ALL_DIM = Op.lazy("aten::all.dim");
  private static final Op AMAX = Op.lazy("aten::amax");
  private static final Op AMIN = Op.lazy("aten::amin");
  private static final Op ANY = Op.lazy("aten::any");
  private static final Op ANY_DIM = Op.lazy("aten::any.dim");
  private static final Op ARGMAX = Op.lazy("aten::argmax");
  private static final Op ARGMIN = Op.lazy("aten::argmin");
  private static final Op ARGSORT = Op.lazy("aten::argsort");
  private static final Op ATAN = Op.lazy("aten::atan");
  private static final Op BINCOUNT = Op.lazy("aten::bincount");
  private static final Op BMM = Op.lazy("aten::bmm");
  private static final Op CDIST = Op.lazy("aten::cdist");
  private static final Op CHUNK = Op.lazy("aten::chunk");
  private static final Op CLAMP = Op.lazy("aten::clamp");
  private static final Op CLAMP_IN_PLACE = Op.lazy("aten::clamp_");
  private static final Op CLAMP_MAX = Op.lazy("aten::clamp_max");
  private static final Op CLAMP_MIN = Op.lazy("aten::clamp_min");
  private static final Op CLONE = Op.lazy("aten::clone");
  private static final Op CONTIGUOUS = Op.lazy("aten::contiguous");
  private static final Op COPY_IN_PLACE = Op.lazy("aten::copy_");
  private static final Op COS = Op.lazy("aten::cos");
  private static final Op CUMSUM = Op.lazy("aten::cumsum");
  private static final Op DETACH = Op.lazy("aten::detach");
  private static final Op DIAGONAL = Op.lazy("aten::diagonal");
  private static final Op DIV_IN_PLACE_SCALAR = Op.lazy("aten::div_.Scalar");
  private static final Op DIV_IN_PLACE_TENSOR = Op.lazy("aten::div_.Tensor");
  private static final Op DIV_SCALAR = Op.lazy("aten::div.Scalar");
  private static final Op DIV_TENSOR = Op.lazy("aten::div.Tensor");
  private static final Op DOT = Op.lazy("aten::dot");
  private static final Op EQ_SCALAR = Op.lazy("aten::eq.Scalar");
  private static final Op EQ_TENSOR = Op.lazy("aten::eq.Tensor");
  private static final Op EXP = Op.lazy("aten::exp");
  private static final Op EXPAND = Op.lazy("aten::expand");
  private static final Op EXPM1 = Op.lazy("aten::expm1");
  private static final Op FILL_DIAGONAL_IN_PLACE = Op.lazy("aten::fill_diagonal_");
  private static final Op FILL_IN_PLACE_SCALAR = Op.lazy("aten::fill_.Scalar");
  private static final Op FLATTEN_USING_INTS = Op.lazy("aten::flatten.using_ints");
  private static final Op FLOOR = Op.lazy("aten::floor");
  private static final Op GATHER = Op.lazy("aten::gather");
  private static final Op GE_SCALAR = Op.lazy("aten::ge.Scalar");
  private static final Op GE_TENSOR = Op.lazy("aten::ge.Tensor");
  private static final Op GT_SCALAR = Op.lazy("aten::gt.Scalar");
  private static final Op GT_TENSOR = Op.lazy("aten::gt.Tensor");
  private static final Op INDEX_ADD = Op.lazy("aten::index_add");
  private static final Op INDEX_SELECT = Op.lazy("aten::index_select");
  private static final Op INDEX_TENSOR = Op.lazy("aten::index.Tensor");
  private static final Op ISFINITE = Op.lazy("aten::isfinite");
  private static final Op ISNAN = Op.lazy("aten::isnan");
  private static final Op LE_SCALAR = Op.lazy("aten::le.Scalar");
  private static final Op LE_TENSOR = Op.lazy("aten::le.Tensor");
  private static final Op LOG = Op.lazy("aten::log");
  private static final Op LOG1P = Op.lazy("aten::log1p");
  private static final Op LOGICAL_AND = Op.lazy("aten::logical_and");
  private static final Op LOGICAL_NOT = Op.lazy("aten::logical_not");
  private static final Op LOGICAL_OR = Op.lazy("aten::logical_or");
  private static final Op LOGICAL_XOR = Op.lazy("aten::logical_xor");
  private static final Op LOGSUMEXP = Op.lazy("aten::logsumexp");
  private static final Op LOG_SOFTMAX_INT = Op.lazy("aten::log_softmax.int");
  private static final Op LT_SCALAR = Op.lazy("aten::lt.Scalar");
  private static final Op LT_TENSOR = Op.lazy("aten::lt.Tensor");
  private static final Op MASKED_FILL_SCALAR = Op.lazy("aten::masked_fill.Scalar");
  private static final Op MASKED_SELECT = Op.lazy("aten::masked_select");
  private static final Op MATMUL = Op.lazy("aten::matmul");
  private static final Op MAX = Op.lazy("aten::max");
  private static final Op MAXIMUM = Op.lazy("aten::maximum");
  private static final Op MAX_DIM = Op.lazy("aten::max.dim");
  private static final Op MEAN = Op.lazy("aten::mean");
  private static final Op MEAN_DIM = Op.lazy("aten::mean.dim");
  private static final Op MIN = Op.lazy("aten::min");
  private static final Op MINIMUM = Op.lazy("aten::minimum");
  private static final Op MIN_DIM = Op.lazy("aten::min.dim");
  private static final Op MM = Op.lazy("aten::mm");
  private static final Op MUL_IN_PLACE_SCALAR = Op.lazy("aten::mul_.Scalar");
  private static final Op MUL_IN_PLACE_TENSOR = Op.lazy("aten::mul_.Tensor");
  private static final Op MUL_SCALAR = Op.lazy("aten::mul.Scalar");
  private static final Op MUL_TENSOR = Op.lazy("aten::mul.Tensor");
  private static final Op NARROW = Op.lazy("aten::narrow");
  private static final Op NEG = Op.lazy("aten::neg");
  private static final Op NE_SCALAR = Op.lazy("aten::ne.Scalar");
  private static final Op NE_TENSOR = Op.lazy("aten::ne.Tensor");
  private static final Op NONZERO = Op.lazy("aten::nonzero");
  private static final Op NORMAL_IN_PLACE = Op.lazy("aten::normal_");
  private static final Op NORM_SCALAROPT_DIM = Op.lazy("aten::norm.ScalarOpt_dim");
  private static final Op PERMUTE = Op.lazy("aten::permute");
  private static final Op PIN_MEMORY = Op.lazy("aten::pin_memory");
  private static final Op POW_TENSOR_SCALAR = Op.lazy("aten::pow.Tensor_Scalar");
  private static final Op POW_TENSOR_TENSOR = Op.lazy("aten::pow.Tensor_Tensor");
  private static final Op PROD = Op.lazy("aten::prod");
  private static final Op RECIPROCAL = Op.lazy("aten::reciprocal");
  private static final Op RELU = Op.lazy("aten::relu");
  private static final Op REPEAT_INTERLEAVE_SELF_INT = Op.lazy("aten::repeat_interleave.self_int");
  private static final Op RESHAPE = Op.lazy("aten::reshape");
  private static final Op ROUND = Op.lazy("aten::round");
  private static final Op RSQRT = Op.lazy("aten::rsqrt");
  private static final Op RSUB_SCALAR = Op.lazy("aten::rsub.Scalar");
  private static final Op SCATTER_SRC = Op.lazy("aten::scatter.src");
  private static final Op SELECT_INT = Op.lazy("aten::select.int");
  private static final Op SIGMOID = Op.lazy("aten::sigmoid");
  private static final Op SIGN = Op.lazy("aten::sign");
  private static final Op SIN = Op.lazy("aten::sin");
  private static final Op SLICE_TENSOR = Op.lazy("aten::slice.Tensor");
  private static final Op SOFTMAX_INT = Op.lazy("aten::softmax.int");
  private static final Op SOFTPLUS = Op.lazy("aten::softplus");
  private static final Op SORT = Op.lazy("aten::sort");
  private static final Op SQRT = Op.lazy("aten::sqrt");
  private static final Op SQRT_IN_PLACE = Op.lazy("aten::sqrt_");
  private static final Op SQUARE = Op.lazy("aten::square");
  private static final Op SQUEEZE_DIM = Op.lazy("aten::squeeze.dim");
  private static final Op STD = Op.lazy("aten::std");
  private static final Op SUB_IN_PLACE_SCALAR = Op.lazy("aten::sub_.Scalar");
  private static final Op SUB_IN_PLACE_TENSOR = Op.lazy("aten::sub_.Tensor");
  private static final Op SUB_SCALAR = Op.lazy("aten::sub.Scalar");
  private static final Op SUB_TENSOR = Op.lazy("aten::sub.Tensor");
  private static final Op SUM = Op.lazy("aten::sum");
  private static final Op SUM_DIM_INTLIST = Op.lazy("aten::sum.dim_IntList");
  private static final Op T = Op.lazy("aten::t");
  private static final Op TANH = Op.lazy("aten::tanh");
  private static final Op TOPK = Op.lazy("aten::topk");
  private static final Op TO_DTYPE = Op.lazy("aten::to.dtype");
  private static final Op TO_DTYPE_LAYOUT = Op.lazy("aten::to.dtype_layout");
  private static final Op TRANSPOSE_INT = Op.lazy("aten::transpose.int");
  private static final Op TRIL = Op.lazy("aten::tril");
  private static final Op TRIU = Op.lazy("aten::triu");
  private static final Op UNIFORM_IN_PLACE = Op.lazy("aten::uniform_");
  private static final Op UNSQUEEZE = Op.lazy("aten::unsqueeze");
  private static final Op VAR = Op.lazy("aten::var");
  private static final Op VAR_DIM = Op.lazy("aten::var.dim");
  private static final Op VIEW = Op.lazy("aten::view");
  private static final Op ZERO_IN_PLACE = Op.lazy("aten::zero_");
  private static final Op _UNIQUE2 = Op.lazy("aten::_unique2");

  NamedOperators(long address) {
    super(address);
  }

  private Tensor self() {
    return (Tensor) this;
  }

  // ---------------------------------------------------------------------------------- arithmetic

  /**
   * this + other, broadcast: the sum.
   *
   * @param other the second operand
   * @return a new tensor
   */
  public Tensor add(Tensor other) {
    return ADD_TENSOR.begin().tensor(self()).tensor(other).integer(1).one();
  }

  /**
   * this + a number; an integer tensor becomes floating.
   *
   * @param other the number
   * @return a new tensor
   */
  public Tensor add(double other) {
    return ADD_SCALAR.begin().tensor(self()).real(other).integer(1).one();
  }

  /**
   * this + an integer; the type stays.
   *
   * @param other the number
   * @return a new tensor
   */
  public Tensor add(long other) {
    return ADD_SCALAR.begin().tensor(self()).integer(other).integer(1).one();
  }

  /**
   * this + alpha × other.
   *
   * @param other the second operand
   * @param alpha what the operand is multiplied by first
   * @return a new tensor
   */
  public Tensor add(Tensor other, double alpha) {
    return ADD_TENSOR.begin().tensor(self()).tensor(other).real(alpha).one();
  }

  /**
   * this − other, broadcast: the difference.
   *
   * @param other the second operand
   * @return a new tensor
   */
  public Tensor sub(Tensor other) {
    return SUB_TENSOR.begin().tensor(self()).tensor(other).integer(1).one();
  }

  /**
   * this − a number; an integer tensor becomes floating.
   *
   * @param other the number
   * @return a new tensor
   */
  public Tensor sub(double other) {
    return SUB_SCALAR.begin().tensor(self()).real(other).integer(1).one();
  }

  /**
   * this − an integer; the type stays.
   *
   * @param other the number
   * @return a new tensor
   */
  public Tensor sub(long other) {
    return SUB_SCALAR.begin().tensor(self()).integer(other).integer(1).one();
  }

  /**
   * this − alpha × other.
   *
   * @param other the second operand
   * @param alpha what the operand is multiplied by first
   * @return a new tensor
   */
  public Tensor sub(Tensor other, double alpha) {
    return SUB_TENSOR.begin().tensor(self()).tensor(other).real(alpha).one();
  }

  /**
   * this × other, broadcast: the product.
   *
   * @param other the second operand
   * @return a new tensor
   */
  public Tensor mul(Tensor other) {
    return MUL_TENSOR.begin().tensor(self()).tensor(other).one();
  }

  /**
   * this × a number; an integer tensor becomes floating.
   *
   * @param other the number
   * @return a new tensor
   */
  public Tensor mul(double other) {
    return MUL_SCALAR.begin().tensor(self()).real(other).one();
  }

  /**
   * this × an integer; the type stays.
   *
   * @param other the number
   * @return a new tensor
   */
  public Tensor mul(long other) {
    return MUL_SCALAR.begin().tensor(self()).integer(other).one();
  }

  /**
   * this ÷ other, broadcast: the quotient, true division.
   *
   * @param other the second operand
   * @return a new tensor
   */
  public Tensor div(Tensor other) {
    return DIV_TENSOR.begin().tensor(self()).tensor(other).one();
  }

  /**
   * this ÷ a number; an integer tensor becomes floating.
   *
   * @param other the number
   * @return a new tensor
   */
  public Tensor div(double other) {
    return DIV_SCALAR.begin().tensor(self()).real(other).one();
  }

  /**
   * this ÷ an integer; the type stays, except that integers divide to floating.
   *
   * @param other the number
   * @return a new tensor
   */
  public Tensor div(long other) {
    return DIV_SCALAR.begin().tensor(self()).integer(other).one();
  }

  /**
   * A number − this.
   *
   * @param other the number
   * @return a new tensor
   */
  public Tensor rsub(double other) {
    return RSUB_SCALAR.begin().tensor(self()).real(other).integer(1).one();
  }

  /**
   * −this, for each element.
   *
   * @return a new tensor
   */
  public Tensor neg() {
    return NEG.begin().tensor(self()).one();
  }

  /**
   * The absolute value, for each element.
   *
   * @return a new tensor
   */
  public Tensor abs() {
    return ABS.begin().tensor(self()).one();
  }

  /**
   * −1, 0 or 1 by the sign, for each element.
   *
   * @return a new tensor
   */
  public Tensor sign() {
    return SIGN.begin().tensor(self()).one();
  }

  /**
   * 1 ÷ this, for each element.
   *
   * @return a new tensor
   */
  public Tensor reciprocal() {
    return RECIPROCAL.begin().tensor(self()).one();
  }

  /**
   * this × this, for each element.
   *
   * @return a new tensor
   */
  public Tensor square() {
    return SQUARE.begin().tensor(self()).one();
  }

  /**
   * e to the power of this, for each element.
   *
   * @return a new tensor
   */
  public Tensor exp() {
    return EXP.begin().tensor(self()).one();
  }

  /**
   * e to the power of this, − 1, exact near 0, for each element.
   *
   * @return a new tensor
   */
  public Tensor expm1() {
    return EXPM1.begin().tensor(self()).one();
  }

  /**
   * The natural logarithm, for each element.
   *
   * @return a new tensor
   */
  public Tensor log() {
    return LOG.begin().tensor(self()).one();
  }

  /**
   * The natural logarithm of 1 + this, exact near 0, for each element.
   *
   * @return a new tensor
   */
  public Tensor log1p() {
    return LOG1P.begin().tensor(self()).one();
  }

  /**
   * The square root, for each element.
   *
   * @return a new tensor
   */
  public Tensor sqrt() {
    return SQRT.begin().tensor(self()).one();
  }

  /**
   * 1 ÷ the square root, for each element.
   *
   * @return a new tensor
   */
  public Tensor rsqrt() {
    return RSQRT.begin().tensor(self()).one();
  }

  /**
   * The sine of radians, for each element.
   *
   * @return a new tensor
   */
  public Tensor sin() {
    return SIN.begin().tensor(self()).one();
  }

  /**
   * The cosine of radians, for each element.
   *
   * @return a new tensor
   */
  public Tensor cos() {
    return COS.begin().tensor(self()).one();
  }

  /**
   * The arc tangent, in radians, for each element.
   *
   * @return a new tensor
   */
  public Tensor atan() {
    return ATAN.begin().tensor(self()).one();
  }

  /**
   * 1 ÷ (1 + e to the −this), for each element.
   *
   * @return a new tensor
   */
  public Tensor sigmoid() {
    return SIGMOID.begin().tensor(self()).one();
  }

  /**
   * The hyperbolic tangent, for each element.
   *
   * @return a new tensor
   */
  public Tensor tanh() {
    return TANH.begin().tensor(self()).one();
  }

  /**
   * The larger of this and 0, for each element.
   *
   * @return a new tensor
   */
  public Tensor relu() {
    return RELU.begin().tensor(self()).one();
  }

  /**
   * The largest integer that is not larger, for each element.
   *
   * @return a new tensor
   */
  public Tensor floor() {
    return FLOOR.begin().tensor(self()).one();
  }

  /**
   * The nearest integer, halves to even, for each element.
   *
   * @return a new tensor
   */
  public Tensor round() {
    return ROUND.begin().tensor(self()).one();
  }

  /**
   * this to the power of a number.
   *
   * @param exponent the exponent
   * @return a new tensor
   */
  public Tensor pow(double exponent) {
    return POW_TENSOR_SCALAR.begin().tensor(self()).real(exponent).one();
  }

  /**
   * this to the power of an integer; the type stays.
   *
   * @param exponent the exponent
   * @return a new tensor
   */
  public Tensor pow(long exponent) {
    return POW_TENSOR_SCALAR.begin().tensor(self()).integer(exponent).one();
  }

  /**
   * this to the power of each exponent, broadcast.
   *
   * @param exponent the exponents
   * @return a new tensor
   */
  public Tensor pow(Tensor exponent) {
    return POW_TENSOR_TENSOR.begin().tensor(self()).tensor(exponent).one();
  }

  /**
   * log(1 + e to the this), linear above 20.
   *
   * @return a new tensor
   */
  public Tensor softplus() {
    return SOFTPLUS.begin().tensor(self()).integer(1).integer(20).one();
  }

  /**
   * this, held between two bounds, at least one of them given.
   *
   * @param min the lower bound, or null
   * @param max the upper bound, or null
   * @return a new tensor
   */
  public Tensor clamp(@Nullable Double min, @Nullable Double max) {
    return CLAMP.begin().tensor(self()).real(min).real(max).one();
  }

  /**
   * this, but at least a number; NaN stays.
   *
   * @param min the lower bound
   * @return a new tensor
   */
  public Tensor clampMin(double min) {
    return CLAMP_MIN.begin().tensor(self()).real(min).one();
  }

  /**
   * this, but at most a number; NaN stays.
   *
   * @param max the upper bound
   * @return a new tensor
   */
  public Tensor clampMax(double max) {
    return CLAMP_MAX.begin().tensor(self()).real(max).one();
  }

  /**
   * The larger of each pair, broadcast; NaN wins.
   *
   * @param other the second operand
   * @return a new tensor
   */
  public Tensor maximum(Tensor other) {
    return MAXIMUM.begin().tensor(self()).tensor(other).one();
  }

  /**
   * The smaller of each pair, broadcast; NaN wins.
   *
   * @param other the second operand
   * @return a new tensor
   */
  public Tensor minimum(Tensor other) {
    return MINIMUM.begin().tensor(self()).tensor(other).one();
  }

  // ---------------------------------------------------------------------------------- comparison

  /**
   * Where this is equal to other, broadcast.
   *
   * @param other the second operand
   * @return a bool tensor
   */
  public Tensor eq(Tensor other) {
    return EQ_TENSOR.begin().tensor(self()).tensor(other).one();
  }

  /**
   * Where this is equal to a number.
   *
   * @param other the number
   * @return a bool tensor
   */
  public Tensor eq(double other) {
    return EQ_SCALAR.begin().tensor(self()).real(other).one();
  }

  /**
   * Where this is equal to an integer.
   *
   * @param other the number
   * @return a bool tensor
   */
  public Tensor eq(long other) {
    return EQ_SCALAR.begin().tensor(self()).integer(other).one();
  }

  /**
   * Where this is different from other, broadcast.
   *
   * @param other the second operand
   * @return a bool tensor
   */
  public Tensor ne(Tensor other) {
    return NE_TENSOR.begin().tensor(self()).tensor(other).one();
  }

  /**
   * Where this is different from a number.
   *
   * @param other the number
   * @return a bool tensor
   */
  public Tensor ne(double other) {
    return NE_SCALAR.begin().tensor(self()).real(other).one();
  }

  /**
   * Where this is different from an integer.
   *
   * @param other the number
   * @return a bool tensor
   */
  public Tensor ne(long other) {
    return NE_SCALAR.begin().tensor(self()).integer(other).one();
  }

  /**
   * Where this is less than other, broadcast.
   *
   * @param other the second operand
   * @return a bool tensor
   */
  public Tensor lt(Tensor other) {
    return LT_TENSOR.begin().tensor(self()).tensor(other).one();
  }

  /**
   * Where this is less than a number.
   *
   * @param other the number
   * @return a bool tensor
   */
  public Tensor lt(double other) {
    return LT_SCALAR.begin().tensor(self()).real(other).one();
  }

  /**
   * Where this is less than an integer.
   *
   * @param other the number
   * @return a bool tensor
   */
  public Tensor lt(long other) {
    return LT_SCALAR.begin().tensor(self()).integer(other).one();
  }

  /**
   * Where this is at most other, broadcast.
   *
   * @param other the second operand
   * @return a bool tensor
   */
  public Tensor le(Tensor other) {
    return LE_TENSOR.begin().tensor(self()).tensor(other).one();
  }

  /**
   * Where this is at most a number.
   *
   * @param other the number
   * @return a bool tensor
   */
  public Tensor le(double other) {
    return LE_SCALAR.begin().tensor(self()).real(other).one();
  }

  /**
   * Where this is at most an integer.
   *
   * @param other the number
   * @return a bool tensor
   */
  public Tensor le(long other) {
    return LE_SCALAR.begin().tensor(self()).integer(other).one();
  }

  /**
   * Where this is greater than other, broadcast.
   *
   * @param other the second operand
   * @return a bool tensor
   */
  public Tensor gt(Tensor other) {
    return GT_TENSOR.begin().tensor(self()).tensor(other).one();
  }

  /**
   * Where this is greater than a number.
   *
   * @param other the number
   * @return a bool tensor
   */
  public Tensor gt(double other) {
    return GT_SCALAR.begin().tensor(self()).real(other).one();
  }

  /**
   * Where this is greater than an integer.
   *
   * @param other the number
   * @return a bool tensor
   */
  public Tensor gt(long other) {
    return GT_SCALAR.begin().tensor(self()).integer(other).one();
  }

  /**
   * Where this is at least other, broadcast.
   *
   * @param other the second operand
   * @return a bool tensor
   */
  public Tensor ge(Tensor other) {
    return GE_TENSOR.begin().tensor(self()).tensor(other).one();
  }

  /**
   * Where this is at least a number.
   *
   * @param other the number
   * @return a bool tensor
   */
  public Tensor ge(double other) {
    return GE_SCALAR.begin().tensor(self()).real(other).one();
  }

  /**
   * Where this is at least an integer.
   *
   * @param other the number
   * @return a bool tensor
   */
  public Tensor ge(long other) {
    return GE_SCALAR.begin().tensor(self()).integer(other).one();
  }

  /**
   * Where both are not 0, broadcast.
   *
   * @param other the second operand
   * @return a bool tensor
   */
  public Tensor logicalAnd(Tensor other) {
    return LOGICAL_AND.begin().tensor(self()).tensor(other).one();
  }

  /**
   * Where at least one is not 0, broadcast.
   *
   * @param other the second operand
   * @return a bool tensor
   */
  public Tensor logicalOr(Tensor other) {
    return LOGICAL_OR.begin().tensor(self()).tensor(other).one();
  }

  /**
   * Where exactly one is not 0, broadcast.
   *
   * @param other the second operand
   * @return a bool tensor
   */
  public Tensor logicalXor(Tensor other) {
    return LOGICAL_XOR.begin().tensor(self()).tensor(other).one();
  }

  /**
   * Where this is 0.
   *
   * @return a bool tensor
   */
  public Tensor logicalNot() {
    return LOGICAL_NOT.begin().tensor(self()).one();
  }

  /**
   * Where this is not a number.
   *
   * @return a bool tensor
   */
  public Tensor isnan() {
    return ISNAN.begin().tensor(self()).one();
  }

  /**
   * Where this is neither infinite nor NaN.
   *
   * @return a bool tensor
   */
  public Tensor isfinite() {
    return ISFINITE.begin().tensor(self()).one();
  }

  // ----------------------------------------------------------------------------------- reduction

  /**
   * The sum of all elements (bool and integers sum to int64).
   *
   * @return a tensor of one element, without dimensions
   */
  public Tensor sum() {
    return SUM.begin().tensor(self()).none().one();
  }

  /**
   * The sum along a dimension, which goes.
   *
   * @param dim the dimension
   * @return a new tensor
   */
  public Tensor sum(long dim) {
    return SUM_DIM_INTLIST.begin().tensor(self()).ints(dim).bool(false).none().one();
  }

  /**
   * The sum along a dimension.
   *
   * @param dim the dimension
   * @param keepdim whether the dimension stays, with size 1
   * @return a new tensor
   */
  public Tensor sum(long dim, boolean keepdim) {
    return SUM_DIM_INTLIST.begin().tensor(self()).ints(dim).bool(keepdim).none().one();
  }

  /**
   * The mean of all elements, of floating-point numbers.
   *
   * @return a tensor of one element, without dimensions
   */
  public Tensor mean() {
    return MEAN.begin().tensor(self()).none().one();
  }

  /**
   * The mean along a dimension, which goes.
   *
   * @param dim the dimension
   * @return a new tensor
   */
  public Tensor mean(long dim) {
    return MEAN_DIM.begin().tensor(self()).ints(dim).bool(false).none().one();
  }

  /**
   * The mean along a dimension.
   *
   * @param dim the dimension
   * @param keepdim whether the dimension stays, with size 1
   * @return a new tensor
   */
  public Tensor mean(long dim, boolean keepdim) {
    return MEAN_DIM.begin().tensor(self()).ints(dim).bool(keepdim).none().one();
  }

  /**
   * The product of all elements.
   *
   * @return a tensor of one element, without dimensions
   */
  public Tensor prod() {
    return PROD.begin().tensor(self()).none().one();
  }

  /**
   * The largest element; NaN wins.
   *
   * @return a tensor of one element, without dimensions
   */
  public Tensor max() {
    return MAX.begin().tensor(self()).one();
  }

  /**
   * The smallest element; NaN wins.
   *
   * @return a tensor of one element, without dimensions
   */
  public Tensor min() {
    return MIN.begin().tensor(self()).one();
  }

  /**
   * The largest along a dimension, and where it is.
   *
   * @param dim the dimension
   * @param keepdim whether the dimension stays, with size 1
   * @return values and int64 indices
   */
  public ValuesIndices max(long dim, boolean keepdim) {
    return MAX_DIM.begin().tensor(self()).integer(dim).bool(keepdim).pair();
  }

  /**
   * The smallest along a dimension, and where it is.
   *
   * @param dim the dimension
   * @param keepdim whether the dimension stays, with size 1
   * @return values and int64 indices
   */
  public ValuesIndices min(long dim, boolean keepdim) {
    return MIN_DIM.begin().tensor(self()).integer(dim).bool(keepdim).pair();
  }

  /**
   * The largest along a dimension; equal ones share the gradient.
   *
   * @param dim the dimension
   * @param keepdim whether the dimension stays, with size 1
   * @return a new tensor
   */
  public Tensor amax(long dim, boolean keepdim) {
    return AMAX.begin().tensor(self()).ints(dim).bool(keepdim).one();
  }

  /**
   * The smallest along a dimension; equal ones share the gradient.
   *
   * @param dim the dimension
   * @param keepdim whether the dimension stays, with size 1
   * @return a new tensor
   */
  public Tensor amin(long dim, boolean keepdim) {
    return AMIN.begin().tensor(self()).ints(dim).bool(keepdim).one();
  }

  /**
   * Where the largest along a dimension is.
   *
   * @param dim the dimension
   * @param keepdim whether the dimension stays, with size 1
   * @return an int64 tensor
   */
  public Tensor argmax(long dim, boolean keepdim) {
    return ARGMAX.begin().tensor(self()).integer(dim).bool(keepdim).one();
  }

  /**
   * Where the smallest along a dimension is.
   *
   * @param dim the dimension
   * @param keepdim whether the dimension stays, with size 1
   * @return an int64 tensor
   */
  public Tensor argmin(long dim, boolean keepdim) {
    return ARGMIN.begin().tensor(self()).integer(dim).bool(keepdim).one();
  }

  /**
   * Whether any element is not 0.
   *
   * @return a bool tensor of one element, without dimensions
   */
  public Tensor any() {
    return ANY.begin().tensor(self()).one();
  }

  /**
   * Whether any element is not 0, along a dimension.
   *
   * @param dim the dimension
   * @param keepdim whether the dimension stays, with size 1
   * @return a bool tensor
   */
  public Tensor any(long dim, boolean keepdim) {
    return ANY_DIM.begin().tensor(self()).integer(dim).bool(keepdim).one();
  }

  /**
   * Whether all elements are not 0.
   *
   * @return a bool tensor of one element, without dimensions
   */
  public Tensor all() {
    return ALL.begin().tensor(self()).one();
  }

  /**
   * Whether all elements are not 0, along a dimension.
   *
   * @param dim the dimension
   * @param keepdim whether the dimension stays, with size 1
   * @return a bool tensor
   */
  public Tensor all(long dim, boolean keepdim) {
    return ALL_DIM.begin().tensor(self()).integer(dim).bool(keepdim).one();
  }

  /**
   * The standard deviation of all elements, divided by n − 1.
   *
   * @return a tensor of one element, without dimensions
   */
  public Tensor std() {
    return STD.begin().tensor(self()).bool(true).one();
  }

  /**
   * The variance of all elements, divided by n − 1.
   *
   * @return a tensor of one element, without dimensions
   */
  public Tensor var() {
    return VAR.begin().tensor(self()).bool(true).one();
  }

  /**
   * The variance along a dimension.
   *
   * @param dim the dimension
   * @param unbiased whether to divide by n − 1 instead of n
   * @param keepdim whether the dimension stays, with size 1
   * @return a new tensor
   */
  public Tensor var(long dim, boolean unbiased, boolean keepdim) {
    return VAR_DIM.begin().tensor(self()).ints(dim).bool(unbiased).bool(keepdim).one();
  }

  /**
   * The p-norm along a dimension.
   *
   * @param p the order, such as 1, 2 or infinity
   * @param dim the dimension
   * @param keepdim whether the dimension stays, with size 1
   * @return a new tensor
   */
  public Tensor norm(double p, long dim, boolean keepdim) {
    return NORM_SCALAROPT_DIM.begin().tensor(self()).real(p).ints(dim).bool(keepdim).one();
  }

  /**
   * The logarithm of the sum of exponentials along a dimension, without overflow.
   *
   * @param dim the dimension
   * @param keepdim whether the dimension stays, with size 1
   * @return a new tensor
   */
  public Tensor logsumexp(long dim, boolean keepdim) {
    return LOGSUMEXP.begin().tensor(self()).ints(dim).bool(keepdim).one();
  }

  /**
   * Exponentials that sum to 1 along a dimension.
   *
   * @param dim the dimension
   * @return a new tensor
   */
  public Tensor softmax(long dim) {
    return SOFTMAX_INT.begin().tensor(self()).integer(dim).none().one();
  }

  /**
   * The logarithm of the softmax along a dimension.
   *
   * @param dim the dimension
   * @return a new tensor
   */
  public Tensor logSoftmax(long dim) {
    return LOG_SOFTMAX_INT.begin().tensor(self()).integer(dim).none().one();
  }

  /**
   * The sums so far along a dimension.
   *
   * @param dim the dimension
   * @return a new tensor
   */
  public Tensor cumsum(long dim) {
    return CUMSUM.begin().tensor(self()).integer(dim).none().one();
  }

  // ------------------------------------------------------------------------------------ products

  /**
   * The product of two matrices, this of shape [n, m].
   *
   * @param other [m, k]
   * @return a new tensor, [n, k]
   */
  public Tensor mm(Tensor other) {
    return MM.begin().tensor(self()).tensor(other).one();
  }

  /**
   * The product of vectors, matrices or batches of matrices, batches broadcast.
   *
   * @param other the second operand
   * @return a new tensor
   */
  public Tensor matmul(Tensor other) {
    return MATMUL.begin().tensor(self()).tensor(other).one();
  }

  /**
   * The products of two batches of matrices, this of shape [b, n, m].
   *
   * @param other [b, m, k]
   * @return a new tensor, [b, n, k]
   */
  public Tensor bmm(Tensor other) {
    return BMM.begin().tensor(self()).tensor(other).one();
  }

  /**
   * The inner product of two vectors.
   *
   * @param other a vector of the same length
   * @return a tensor of one element, without dimensions
   */
  public Tensor dot(Tensor other) {
    return DOT.begin().tensor(self()).tensor(other).one();
  }

  /**
   * The transpose of a matrix; a vector stays as it is.
   *
   * @return a view
   */
  public Tensor t() {
    return T.begin().tensor(self()).one();
  }

  /**
   * this + m1 · m2, this broadcast to [n, k].
   *
   * @param m1 [n, m]
   * @param m2 [m, k]
   * @return a new tensor, [n, k]
   */
  public Tensor addmm(Tensor m1, Tensor m2) {
    return ADDMM.begin().tensor(self()).tensor(m1).tensor(m2).integer(1).integer(1).one();
  }

  /**
   * The p-norm distance of every row of this, [..., n, d], from every row of other.
   *
   * @param other […, m, d]
   * @param p the order of the norm
   * @return a new tensor, [..., n, m]
   */
  public Tensor cdist(Tensor other, double p) {
    return CDIST.begin().tensor(self()).tensor(other).real(p).none().one();
  }

  // --------------------------------------------------------------------------------------- shape

  /**
   * The same elements in another shape.
   *
   * @param sizes the shape; one size may be −1
   * @return a view where memory allows it, else a copy
   */
  public Tensor reshape(long... sizes) {
    return RESHAPE.begin().tensor(self()).ints(sizes).one();
  }

  /**
   * The same elements in another shape, without a copy.
   *
   * @param sizes the shape; one size may be −1
   * @return a view
   */
  public Tensor view(long... sizes) {
    return VIEW.begin().tensor(self()).ints(sizes).one();
  }

  /**
   * All elements in one dimension.
   *
   * @return a view where memory allows it, else a copy
   */
  public Tensor flatten() {
    return FLATTEN_USING_INTS.begin().tensor(self()).integer(0).integer(-1).one();
  }

  /**
   * Without a dimension of size 1; one of another size stays.
   *
   * @param dim the dimension
   * @return a view
   */
  public Tensor squeeze(long dim) {
    return SQUEEZE_DIM.begin().tensor(self()).integer(dim).one();
  }

  /**
   * With a dimension of size 1 more.
   *
   * @param dim the dimension
   * @return a view
   */
  public Tensor unsqueeze(long dim) {
    return UNSQUEEZE.begin().tensor(self()).integer(dim).one();
  }

  /**
   * With two dimensions exchanged.
   *
   * @param dim0 one dimension
   * @param dim1 the other
   * @return a view
   */
  public Tensor transpose(long dim0, long dim1) {
    return TRANSPOSE_INT.begin().tensor(self()).integer(dim0).integer(dim1).one();
  }

  /**
   * With the dimensions in another order.
   *
   * @param dims all dimensions in the new order
   * @return a view
   */
  public Tensor permute(long... dims) {
    return PERMUTE.begin().tensor(self()).ints(dims).one();
  }

  /**
   * With dimensions of size 1 repeated, without a copy.
   *
   * @param sizes the shape; −1 leaves a size
   * @return a view
   */
  public Tensor expand(long... sizes) {
    return EXPAND.begin().tensor(self()).ints(sizes).bool(false).one();
  }

  /**
   * A range of a dimension.
   *
   * @param dim the dimension
   * @param start the first entry
   * @param length how many
   * @return a view
   */
  public Tensor narrow(long dim, long start, long length) {
    return NARROW.begin().tensor(self()).integer(dim).integer(start).integer(length).one();
  }

  /**
   * One entry of a dimension, which goes.
   *
   * @param dim the dimension
   * @param index which entry; negative counts from the end
   * @return a view
   */
  public Tensor select(long dim, long index) {
    return SELECT_INT.begin().tensor(self()).integer(dim).integer(index).one();
  }

  /**
   * A range of a dimension with steps, as Python's start:end:step.
   *
   * @param dim the dimension
   * @param start the first entry
   * @param end one past the last; may lie beyond the end
   * @param step how far from one to the next
   * @return a view
   */
  public Tensor slice(long dim, long start, long end, long step) {
    return SLICE_TENSOR
        .begin()
        .tensor(self())
        .integer(dim)
        .integer(start)
        .integer(end)
        .integer(step)
        .one();
  }

  /**
   * The diagonal of a matrix.
   *
   * @return a view
   */
  public Tensor diagonal() {
    return DIAGONAL.begin().tensor(self()).integer(0).integer(0).integer(1).one();
  }

  /**
   * The elements on and above a diagonal, 0 below.
   *
   * @param diagonal 0 for the main one, above it positive
   * @return a new tensor
   */
  public Tensor triu(long diagonal) {
    return TRIU.begin().tensor(self()).integer(diagonal).one();
  }

  /**
   * The elements on and below a diagonal, 0 above.
   *
   * @param diagonal 0 for the main one, above it positive
   * @return a new tensor
   */
  public Tensor tril(long diagonal) {
    return TRIL.begin().tensor(self()).integer(diagonal).one();
  }

  /**
   * The elements one after the other in memory.
   *
   * @return a second handle to this tensor where they are, else a copy
   */
  public Tensor contiguous() {
    return CONTIGUOUS.begin().tensor(self()).one();
  }

  /**
   * A copy with memory of its own, followed by autograd; PyTorch's clone.
   *
   * @return a new tensor
   */
  public Tensor copy() {
    return CLONE.begin().tensor(self()).none().one();
  }

  /**
   * The same memory, not followed by autograd.
   *
   * @return a view
   */
  public Tensor detach() {
    return DETACH.begin().tensor(self()).one();
  }

  /**
   * Each entry of a dimension several times.
   *
   * @param repeats how often
   * @param dim the dimension
   * @return a new tensor
   */
  public Tensor repeatInterleave(long repeats, long dim) {
    return REPEAT_INTERLEAVE_SELF_INT
        .begin()
        .tensor(self())
        .integer(repeats)
        .integer(dim)
        .none()
        .one();
  }

  /**
   * The tensor in pieces along a dimension.
   *
   * @param chunks how many; there may be fewer, and the last may be smaller
   * @param dim the dimension
   * @return views
   */
  public List<Tensor> chunk(long chunks, long dim) {
    return CHUNK.begin().tensor(self()).integer(chunks).integer(dim).list();
  }

  // ------------------------------------------------------------------------------------ indexing

  /**
   * Chosen entries of a dimension.
   *
   * @param dim the dimension
   * @param index int64 or int32, one dimension
   * @return a new tensor
   */
  public Tensor indexSelect(long dim, Tensor index) {
    return INDEX_SELECT.begin().tensor(self()).integer(dim).tensor(index).one();
  }

  /**
   * Elements by tensors of indices, one for each leading dimension, broadcast; PyTorch's {@code
   * x[i, j]}.
   *
   * @param indices int64 places or bool masks; null for all of a dimension, Python's {@code :}
   * @return a new tensor
   */
  public Tensor index(@Nullable Tensor... indices) {
    List<@Nullable Tensor> list = Arrays.asList(indices);
    return INDEX_TENSOR.begin().tensor(self()).optionalTensors(list).one();
  }

  /**
   * For each entry of index, the element at that place of a dimension.
   *
   * @param dim the dimension
   * @param index int64 places
   * @return a new tensor
   */
  public Tensor gather(long dim, Tensor index) {
    return GATHER.begin().tensor(self()).integer(dim).tensor(index).bool(false).one();
  }

  /**
   * A copy of this with the elements of src written at the places of index along a dimension.
   *
   * @param dim the dimension
   * @param index int64 places
   * @param src what is written
   * @return a new tensor
   */
  public Tensor scatter(long dim, Tensor index, Tensor src) {
    return SCATTER_SRC.begin().tensor(self()).integer(dim).tensor(index).tensor(src).one();
  }

  /**
   * A copy of this with the entries of src added to those that index names.
   *
   * @param dim the dimension
   * @param index int64, one dimension
   * @param src what is added
   * @return a new tensor
   */
  public Tensor indexAdd(long dim, Tensor index, Tensor src) {
    return INDEX_ADD.begin().tensor(self()).integer(dim).tensor(index).tensor(src).integer(1).one();
  }

  /**
   * A copy of this with a number where a mask holds.
   *
   * @param mask bool, broadcast to this shape
   * @param value the number
   * @return a new tensor
   */
  public Tensor maskedFill(Tensor mask, double value) {
    return MASKED_FILL_SCALAR.begin().tensor(self()).tensor(mask).real(value).one();
  }

  /**
   * The elements where a mask holds, in one dimension.
   *
   * @param mask bool, broadcast to this shape
   * @return a new tensor
   */
  public Tensor maskedSelect(Tensor mask) {
    return MASKED_SELECT.begin().tensor(self()).tensor(mask).one();
  }

  /**
   * Where this is not 0.
   *
   * @return int64 [count, dimensions]
   */
  public Tensor nonzero() {
    return NONZERO.begin().tensor(self()).one();
  }

  /**
   * Sorted along a dimension, and where each came from; equal ones keep no order.
   *
   * @param dim the dimension
   * @param descending the largest first
   * @return values and int64 indices
   */
  public ValuesIndices sort(long dim, boolean descending) {
    return SORT.begin().tensor(self()).integer(dim).bool(descending).pair();
  }

  /**
   * The indices that sort along a dimension.
   *
   * @param dim the dimension
   * @param descending the largest first
   * @return an int64 tensor
   */
  public Tensor argsort(long dim, boolean descending) {
    return ARGSORT.begin().tensor(self()).integer(dim).bool(descending).one();
  }

  /**
   * The k largest or smallest along a dimension, and where they are.
   *
   * @param k how many
   * @param dim the dimension
   * @param largest the largest, else the smallest
   * @param sorted whether in order
   * @return values and int64 indices
   */
  public ValuesIndices topk(long k, long dim, boolean largest, boolean sorted) {
    return TOPK.begin().tensor(self()).integer(k).integer(dim).bool(largest).bool(sorted).pair();
  }

  /**
   * The different values, sorted, in one dimension.
   *
   * @return a new tensor
   */
  public Tensor unique() {
    return _UNIQUE2.begin().tensor(self()).bool(true).bool(false).bool(false).one();
  }

  /**
   * How often each of 0, 1, … occurs in a vector of integers that are not negative.
   *
   * @return an int64 tensor, one longer than the largest value
   */
  public Tensor bincount() {
    return BINCOUNT.begin().tensor(self()).none().integer(0).one();
  }

  // ---------------------------------------------------------------------------------- conversion

  /**
   * The elements in another type.
   *
   * @param dtype the type
   * @return a second handle to this tensor where it has the type already, else a copy
   */
  public Tensor to(DType dtype) {
    return TO_DTYPE.begin().tensor(self()).dtype(dtype).one();
  }

  /**
   * The elements on another device.
   *
   * @param device the device
   * @return a second handle to this tensor where it is there already, else a copy
   */
  public Tensor to(Device device) {
    return to(device, false);
  }

  /**
   * The elements on another device.
   *
   * @param device the device
   * @param nonBlocking whether the copy may still run when the call returns; it needs pinned memory
   *     on the CPU's side
   * @return a second handle to this tensor where it is there already, else a copy
   */
  public Tensor to(Device device, boolean nonBlocking) {
    return TO_DTYPE_LAYOUT
        .begin()
        .tensor(self())
        .none()
        .none()
        .device(device)
        .none()
        .bool(nonBlocking)
        .one();
  }

  /**
   * The elements in page-locked memory, from which a GPU can copy while the CPU goes on.
   *
   * @return a second handle to this tensor where it is pinned already, else a copy
   * @throws TensorException when LibTorch has no GPU support or there is no GPU
   */
  public Tensor pinMemory() {
    return PIN_MEMORY.begin().tensor(self()).none().one();
  }

  // ------------------------------------------------------------------------------------ in place

  /**
   * Becomes this + other; other is broadcast.
   *
   * @param other the second operand
   * @return this
   */
  public Tensor add_(Tensor other) {
    ADD_IN_PLACE_TENSOR.begin().tensor(self()).tensor(other).integer(1).discard();
    return self();
  }

  /**
   * Becomes this + a number.
   *
   * @param other the number
   * @return this
   */
  public Tensor add_(double other) {
    ADD_IN_PLACE_SCALAR.begin().tensor(self()).real(other).integer(1).discard();
    return self();
  }

  /**
   * Becomes this + an integer.
   *
   * @param other the number
   * @return this
   */
  public Tensor add_(long other) {
    ADD_IN_PLACE_SCALAR.begin().tensor(self()).integer(other).integer(1).discard();
    return self();
  }

  /**
   * Becomes this + alpha × other.
   *
   * @param other the second operand
   * @param alpha what the operand is multiplied by first
   * @return this
   */
  public Tensor add_(Tensor other, double alpha) {
    ADD_IN_PLACE_TENSOR.begin().tensor(self()).tensor(other).real(alpha).discard();
    return self();
  }

  /**
   * Becomes this − other; other is broadcast.
   *
   * @param other the second operand
   * @return this
   */
  public Tensor sub_(Tensor other) {
    SUB_IN_PLACE_TENSOR.begin().tensor(self()).tensor(other).integer(1).discard();
    return self();
  }

  /**
   * Becomes this − a number.
   *
   * @param other the number
   * @return this
   */
  public Tensor sub_(double other) {
    SUB_IN_PLACE_SCALAR.begin().tensor(self()).real(other).integer(1).discard();
    return self();
  }

  /**
   * Becomes this − an integer.
   *
   * @param other the number
   * @return this
   */
  public Tensor sub_(long other) {
    SUB_IN_PLACE_SCALAR.begin().tensor(self()).integer(other).integer(1).discard();
    return self();
  }

  /**
   * Becomes this − alpha × other.
   *
   * @param other the second operand
   * @param alpha what the operand is multiplied by first
   * @return this
   */
  public Tensor sub_(Tensor other, double alpha) {
    SUB_IN_PLACE_TENSOR.begin().tensor(self()).tensor(other).real(alpha).discard();
    return self();
  }

  /**
   * Becomes this × other; other is broadcast.
   *
   * @param other the second operand
   * @return this
   */
  public Tensor mul_(Tensor other) {
    MUL_IN_PLACE_TENSOR.begin().tensor(self()).tensor(other).discard();
    return self();
  }

  /**
   * Becomes this × a number.
   *
   * @param other the number
   * @return this
   */
  public Tensor mul_(double other) {
    MUL_IN_PLACE_SCALAR.begin().tensor(self()).real(other).discard();
    return self();
  }

  /**
   * Becomes this × an integer.
   *
   * @param other the number
   * @return this
   */
  public Tensor mul_(long other) {
    MUL_IN_PLACE_SCALAR.begin().tensor(self()).integer(other).discard();
    return self();
  }

  /**
   * Becomes this ÷ other; other is broadcast.
   *
   * @param other the second operand
   * @return this
   */
  public Tensor div_(Tensor other) {
    DIV_IN_PLACE_TENSOR.begin().tensor(self()).tensor(other).discard();
    return self();
  }

  /**
   * Becomes this ÷ a number.
   *
   * @param other the number
   * @return this
   */
  public Tensor div_(double other) {
    DIV_IN_PLACE_SCALAR.begin().tensor(self()).real(other).discard();
    return self();
  }

  /**
   * Becomes this ÷ an integer.
   *
   * @param other the number
   * @return this
   */
  public Tensor div_(long other) {
    DIV_IN_PLACE_SCALAR.begin().tensor(self()).integer(other).discard();
    return self();
  }

  /**
   * Takes the elements of another tensor.
   *
   * @param source broadcast to this shape, converted
   * @return this
   */
  public Tensor copy_(Tensor source) {
    COPY_IN_PLACE.begin().tensor(self()).tensor(source).bool(false).discard();
    return self();
  }

  /**
   * Sets every element to a number.
   *
   * @param value the number
   * @return this
   */
  public Tensor fill_(double value) {
    FILL_IN_PLACE_SCALAR.begin().tensor(self()).real(value).discard();
    return self();
  }

  /**
   * Sets every element to an integer.
   *
   * @param value the number
   * @return this
   */
  public Tensor fill_(long value) {
    FILL_IN_PLACE_SCALAR.begin().tensor(self()).integer(value).discard();
    return self();
  }

  /**
   * Sets every element to 0.
   *
   * @return this
   */
  public Tensor zero_() {
    ZERO_IN_PLACE.begin().tensor(self()).discard();
    return self();
  }

  /**
   * Is held between two bounds, at least one of them given.
   *
   * @param min the lower bound, or null
   * @param max the upper bound, or null
   * @return this
   */
  public Tensor clamp_(@Nullable Double min, @Nullable Double max) {
    CLAMP_IN_PLACE.begin().tensor(self()).real(min).real(max).discard();
    return self();
  }

  /**
   * Becomes this + value × tensor1 × tensor2.
   *
   * @param tensor1 one factor
   * @param tensor2 the other
   * @param value what the product is multiplied by
   * @return this
   */
  public Tensor addcmul_(Tensor tensor1, Tensor tensor2, double value) {
    ADDCMUL_IN_PLACE.begin().tensor(self()).tensor(tensor1).tensor(tensor2).real(value).discard();
    return self();
  }

  /**
   * Becomes this + value × tensor1 ÷ tensor2.
   *
   * @param tensor1 the numerator
   * @param tensor2 the denominator
   * @param value what the quotient is multiplied by
   * @return this
   */
  public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, double value) {
    ADDCDIV_IN_PLACE.begin().tensor(self()).tensor(tensor1).tensor(tensor2).real(value).discard();
    return self();
  }

  /**
   * Sets the main diagonal of a matrix to a number.
   *
   * @param value the number
   * @return this
   */
  public Tensor fillDiagonal_(double value) {
    FILL_DIAGONAL_IN_PLACE.begin().tensor(self()).real(value).bool(false).discard();
    return self();
  }

  /**
   * Becomes its square root.
   *
   * @return this
   */
  public Tensor sqrt_() {
    SQRT_IN_PLACE.begin().tensor(self()).discard();
    return self();
  }

  /**
   * Becomes random numbers, evenly spread.
   *
   * @param from the smallest
   * @param to what all stay below
   * @param generator where the numbers come from; null for the global one
   * @return this
   */
  public Tensor uniform_(double from, double to, @Nullable Generator generator) {
    UNIFORM_IN_PLACE.begin().tensor(self()).real(from).real(to).generator(generator).discard();
    return self();
  }

  /**
   * Becomes random numbers of the normal distribution.
   *
   * @param mean their mean
   * @param std their standard deviation
   * @param generator where the numbers come from; null for the global one
   * @return this
   */
  public Tensor normal_(double mean, double std, @Nullable Generator generator) {
    NORMAL_IN_PLACE.begin().tensor(self()).real(mean).real(std).generator(generator).discard();
    return self();
  }
}
