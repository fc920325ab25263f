#ifndef TRIPOINT_TESTS_RELATED_BATCHES_H
#define TRIPOINT_TESTS_RELATED_BATCHES_H

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/relation.h"
#include "kernels/cpu/rows/rows.h"
#include "tests/support.h"

namespace tripoint::test {

inline constexpr cpu::Nearness kNearnesses[] = {cpu::Nearness::kEuclidean,
                                                cpu::Nearness::kSquaredEuclidean,
                                                cpu::Nearness::kCosine, cpu::Nearness::kDot};

// How a relation is given.
enum class Given { kLabels, kLabelsPartly, kBytes, kBits };
inline constexpr Given kGivens[] = {Given::kLabels, Given::kLabelsPartly, Given::kBytes,
                                    Given::kBits};

// A batch with its relation, and what that is in plain words.
class RelatedCase {
 public:
  // Without references where `columns` is below 0. Masks hold about one positive in `rarity`.
  RelatedCase(Random& random, std::vector<double> embeddings, std::vector<double> references,
              int64_t rows, int64_t references_or_none, int64_t width, cpu::FloatType type,
              Given given, int64_t rarity)
      : rows_(rows),
        columns_(references_or_none < 0 ? rows : references_or_none),
        self_(references_or_none < 0),
        width_(width),
        embeddings_(embeddings, rows, width, type, 1, rows % 2 == 0) {
    if (!self_) references_.emplace(references, columns_, width, type);
    const int64_t classes = std::max<int64_t>(1, rarity);
    own_ = ragged_labels(random, rows, classes);
    others_ = self_ ? own_ : ragged_labels(random, columns_, classes);
    for (int64_t i = 0; i < rows * columns_; ++i) {
      positive_.push_back(random() % static_cast<uint64_t>(classes) == 0 ? 1 : 0);
      ignored_.push_back(random() % 5 == 0 ? 1 : 0);
    }
    given_ = given;
    if (given == Given::kLabels || given == Given::kLabelsPartly) {
      labels_.emplace(own_, cpu::IntegerType::kInt64, 2);
      if (!self_) reference_labels_.emplace(others_, cpu::IntegerType::kInt64);
    }
  }

  cpu::RelatedBatch batch() {
    std::optional<cpu::FloatMatrix> references;
    if (references_) references = references_->get();
    std::optional<cpu::Mask> ignored;
    if (given_ != Given::kLabels) {
      ignored = given_ == Given::kBits ? bits(ignored_, ignored_bits_)
                                       : cpu::Mask{ignored_.data(), columns_, 1, false};
    }
    if (labels_) {
      std::optional<cpu::IntegerVector> theirs;
      if (reference_labels_) theirs = reference_labels_->get();
      return {embeddings_.get(), references, {labels_->get(), theirs, ignored}};
    }
    const cpu::Mask positives =
        given_ == Given::kBits ? bits(positive_, positive_bits_) : by_column(positive_);
    return {embeddings_.get(), references, {positives, rows_, columns_, self_, ignored}};
  }

  int64_t rows() const { return rows_; }
  int64_t columns() const { return columns_; }

  int side(int64_t anchor, int64_t column) const {
    const auto at = static_cast<size_t>(anchor * columns_ + column);
    if ((self_ && anchor == column) || (given_ != Given::kLabels && ignored_[at] != 0)) {
      return cpu::kNeither;
    }
    const bool positive =
        labels_ ? own_[static_cast<size_t>(anchor)] == others_[static_cast<size_t>(column)]
                : positive_[at] != 0;
    return positive ? cpu::kPositive : cpu::kNegative;
  }

  // Of a batch without references whose positives are classes: labels that say so.
  std::vector<int64_t> classes() const {
    std::vector<int64_t> labels;
    for (int64_t i = 0; i < rows_; ++i) {
      int64_t first = i;
      for (int64_t j = 0; j < i && first == i; ++j) {
        if (side(i, j) == cpu::kPositive) first = j;
      }
      labels.push_back(first);
    }
    return labels;
  }

  // Distances by their textbook formulas, in double; products with their sign turned.
  std::vector<double> textbook(cpu::Nearness nearness, bool normalize) const {
    const std::vector<double> own = rows_of(embeddings_.values(), nearness, normalize);
    const std::vector<double> others =
        references_ ? rows_of(references_->values(), nearness, normalize) : own;
    std::vector<double> distances;
    for (int64_t i = 0; i < rows_; ++i) {
      for (int64_t j = 0; j < columns_; ++j) {
        double square = 0, product = 0;
        for (int64_t k = 0; k < width_; ++k) {
          const double x = own[static_cast<size_t>(i * width_ + k)];
          const double y = others[static_cast<size_t>(j * width_ + k)];
          square += (x - y) * (x - y);
          product += x * y;
        }
        distances.push_back(nearness == cpu::Nearness::kEuclidean ? std::sqrt(square)
                            : nearness == cpu::Nearness::kCosine  ? 1 - product
                            : nearness == cpu::Nearness::kDot     ? -product
                                                                  : square);
      }
    }
    return distances;
  }

  // The same by the pair kernel, which defines them.
  template <typename T>
  std::vector<T> defined(cpu::Nearness nearness, bool normalize) {
    const cpu::RelatedBatch related = batch();
    const cpu::PackedRows<T> packed(related, cpu::packing_of(nearness), Threads(1), normalize);
    const cpu::PairValues<T> values(nearness, {}, {});
    std::vector<T> distances(static_cast<size_t>(rows_ * columns_));
    for (int64_t i = 0; i < rows_; ++i) {
      values.of(packed, i, packed, related.first_column(), columns_,
                distances.data() + i * columns_);
    }
    if (nearness == cpu::Nearness::kEuclidean) {
      for (T& distance : distances) distance = std::sqrt(distance);
    }
    return distances;
  }

 private:
  std::vector<double> rows_of(std::vector<double> rows, cpu::Nearness nearness,
                              bool normalize) const {
    if (!normalize && nearness != cpu::Nearness::kCosine) return rows;
    for (size_t begin = 0; begin < rows.size(); begin += static_cast<size_t>(width_)) {
      double square = 0;
      for (size_t k = begin; k < begin + static_cast<size_t>(width_); ++k) {
        square += rows[k] * rows[k];
      }
      for (size_t k = begin; k < begin + static_cast<size_t>(width_); ++k) {
        rows[k] /= std::max(std::sqrt(square), 1e-12);
      }
    }
    return rows;
  }

  cpu::Mask by_column(const std::vector<uint8_t>& truths) {
    turned_.resize(truths.size());
    for (int64_t i = 0; i < rows_; ++i) {
      for (int64_t j = 0; j < columns_; ++j) {
        turned_[static_cast<size_t>(j * rows_ + i)] = truths[static_cast<size_t>(i * columns_ + j)];
      }
    }
    return {turned_.data(), 1, rows_, false};
  }

  cpu::Mask bits(const std::vector<uint8_t>& truths, std::vector<uint8_t>& target) const {
    const int64_t width = (columns_ + 7) / 8;
    target.assign(static_cast<size_t>(rows_ * width), 0);
    for (int64_t i = 0; i < rows_; ++i) {
      for (int64_t j = 0; j < columns_; ++j) {
        if (truths[static_cast<size_t>(i * columns_ + j)] == 0) continue;
        target[static_cast<size_t>(i * width + j / 8)] |= static_cast<uint8_t>(1 << j % 8);
      }
    }
    return {target.data(), width, 1, true};
  }

  const int64_t rows_;
  const int64_t columns_;
  const bool self_;
  const int64_t width_;
  Matrix embeddings_;
  std::optional<Matrix> references_;
  Given given_;
  std::optional<Labels<int64_t>> labels_;
  std::optional<Labels<int64_t>> reference_labels_;
  std::vector<int64_t> own_;
  std::vector<int64_t> others_;
  std::vector<uint8_t> positive_;
  std::vector<uint8_t> ignored_;
  std::vector<uint8_t> turned_;
  std::vector<uint8_t> positive_bits_;
  std::vector<uint8_t> ignored_bits_;
};

}  // namespace tripoint::test

#endif
