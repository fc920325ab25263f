#include "kernels/cpu/rows/rows.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/cpu/base/processor.h"

namespace tripoint::cpu {
namespace {

// As torch.nn.functional.normalize.
constexpr double kLeastNorm = 1e-12;
constexpr int64_t kRowsOfTask = 64;

// Numbers that are taken at a time, in double.
constexpr int64_t kStep = 8;
static_assert(kLanes<float> == 2 * kStep && kLanes<double> == kStep);

template <typename T>
struct RowKernels {
  double (*squares_of)(const T* row, int64_t width);
  void (*divide)(T* row, int64_t width, double divisor);
  void (*go_back)(const T* unit, double norm, int64_t width, T* gradient);
};

#define TRIPOINT_BODY "kernels/cpu/rows/rows_body.inc"
#include "kernels/cpu/base/each_set.inc"

template <typename T>
const RowKernels<T>& row_kernels() {
#if defined(__x86_64__)
  if (has_avx512()) return avx512::kKernels<T>;
  if (has_avx2()) return avx2::kKernels<T>;
#endif
  return portable::kKernels<T>;
}

// Scaled where the squares overflow or underflow, as those of a double row may.
template <typename T>
double norm_of(const T* row, int64_t columns, double squares) {
  if (squares > 1e-200 && std::isfinite(squares)) return std::sqrt(squares);
  double greatest = 0;
  for (int64_t k = 0; k < columns; ++k) {
    greatest = std::max(greatest, std::abs(static_cast<double>(row[k])));
  }
  if (greatest == 0) return 0;
  double sum = 0;
  for (int64_t k = 0; k < columns; ++k) {
    const double part = row[k] / greatest;
    sum += part * part;
  }
  return greatest * std::sqrt(sum);
}

}  // namespace

template <typename T>
PackedRows<T>::PackedRows(const RelatedBatch& batch, Metric metric, const Parallel& parallel,
                          bool normalize)
    : PackedRows(batch.embeddings, batch.references ? &*batch.references : nullptr, batch.order(),
                 metric, parallel, normalize) {}

template <typename T>
PackedRows<T>::PackedRows(const FloatMatrix& matrix, const FloatMatrix* references,
                          const std::vector<int64_t>& order, Metric metric,
                          const Parallel& parallel, bool normalize)
    : size_(static_cast<int64_t>(order.size())),
      columns_(matrix.columns),
      width_(padded_width<T>(matrix.columns)),
      metric_(metric),
      values_(scratch_array<T>(static_cast<size_t>(size_ * width_))) {
  const bool is_cosine = metric == Metric::kCosine;
  normalize = normalize || is_cosine;
  if (normalize) norms_.resize(order.size());
  if (is_cosine) deficits_.resize(order.size());
  std::atomic<bool> finite{true};
  const RowKernels<T>& kernels = row_kernels<T>();
  const int64_t tasks = (size_ + kRowsOfTask - 1) / kRowsOfTask;
  run(parallel, size_ * columns_, tasks, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin * kRowsOfTask; p < std::min(end * kRowsOfTask, size_); ++p) {
      T* const row = values_.get() + p * width_;
      const int64_t from = order[static_cast<size_t>(p)];
      if (from < matrix.rows) {
        load_row(matrix, from, row);
      } else {
        load_row(*references, from - matrix.rows, row);
      }
      std::fill(row + columns_, row + width_, T{0});
      const double squares = normalize ? kernels.squares_of(row, width_) : 0;
      const bool all_finite = (normalize && std::isfinite(squares)) || is_finite(row, columns_);
      if (!all_finite) finite.store(false, std::memory_order_relaxed);
      if (!normalize) continue;
      if (!all_finite) {
        std::fill(row, row + columns_, std::numeric_limits<T>::quiet_NaN());
        continue;
      }
      const double norm = norm_of(row, columns_, squares);
      const double divisor = std::max(norm, kLeastNorm);
      kernels.divide(row, width_, divisor);
      norms_[static_cast<size_t>(p)] = norm;
      if (!is_cosine) continue;
      const double length = norm / divisor;
      deficits_[static_cast<size_t>(p)] = static_cast<T>((1 - length * length) / 2);
    }
  });
  finite_ = finite.load();
  has_deficits_ = std::any_of(deficits_.begin(), deficits_.end(), [](T d) { return d != 0; });
}

template <typename T>
void PackedRows<T>::finish(int64_t position, const PackedRows& others, int64_t first, int64_t count,
                           T* values) const {
  if (metric_ != Metric::kCosine) return;
  const T own = deficits_[static_cast<size_t>(position)];
  const T* const theirs = others.deficits_.data() + first;
  for (int64_t j = 0; j < count; ++j) values[j] = values[j] / 2 + (own + theirs[j]);
}

template <typename T>
void PackedRows<T>::backward(int64_t position, T weight, T* gradient) const {
  if (norms_.empty()) return;
  const T* const unit = row(position);
  const double norm = norms_[static_cast<size_t>(position)];
  if (norm < kLeastNorm) {
    // The divisor is a constant here, and the difference holds weight · x̂ that the product x̂·ŷ does
    // not depend on.
    const T along = metric_ == Metric::kCosine ? weight : T{0};
    for (int64_t k = 0; k < columns_; ++k) {
      gradient[k] = static_cast<T>((gradient[k] - along * unit[k]) / kLeastNorm);
    }
    return;
  }
  row_kernels<T>().go_back(unit, norm, width_, gradient);
}

template class PackedRows<float>;
template class PackedRows<double>;

}  // namespace tripoint::cpu
