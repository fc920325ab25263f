#ifndef TRIPOINT_KERNELS_CPU_ROWS_RELATION_H
#define TRIPOINT_KERNELS_CPU_ROWS_RELATION_H

#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/cpu/base/strided.h"

namespace tripoint::cpu {

// What a column of a batch is to an anchor, as bits.
enum PairSide : uint8_t { kNeither = 0, kPositive = 1, kNegative = 2 };

// How many columns are positives and how many negatives of an anchor.
struct SideCounts {
  int64_t positives = 0;
  int64_t negatives = 0;
};

// Who is a positive and who a negative of whom, where classes alone do not say it: anchors with
// columns, which are references or the batch itself. Of itself, a row is neither.
class Relation {
 public:
  // Equal labels are positives, others negatives. Without labels of references the batch is its own
  // reference.
  Relation(const IntegerVector& labels, const std::optional<IntegerVector>& reference_labels,
           const std::optional<Mask>& ignored);

  // What is not a positive is a negative.
  Relation(const Mask& positives, int64_t anchors, int64_t columns, bool self,
           const std::optional<Mask>& ignored);

  int64_t anchors() const { return anchors_; }
  int64_t columns() const { return columns_; }
  bool self() const { return self_; }

  // sides[j] = the PairSide of column first + j.
  void read(int64_t anchor, int64_t first, int64_t count, uint8_t* sides) const;

  SideCounts count(int64_t anchor) const;

  // How many (anchor, positive, negative) there are.
  int64_t triplets() const;

 private:
  int64_t anchors_;
  int64_t columns_;
  bool self_;
  std::vector<int64_t> labels_;
  std::vector<int64_t> reference_labels_;
  std::optional<Mask> positives_;
  std::optional<Mask> ignored_;
};

// A batch with what it is compared with.
struct RelatedBatch {
  FloatMatrix embeddings;
  std::optional<FloatMatrix> references;  // of as many columns and the same type
  Relation relation;

  // Rows of embeddings and references together, one after the other: a gradient has as many.
  int64_t rows() const { return embeddings.rows + (references ? references->rows : 0); }

  // Which of these is at each position of packed rows.
  std::vector<int64_t> order() const;

  // The position of column 0 among them.
  int64_t first_column() const { return references ? embeddings.rows : 0; }
};

}  // namespace tripoint::cpu

#endif
