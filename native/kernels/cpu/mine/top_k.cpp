#include "kernels/cpu/mine/top_k.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <numeric>
#include <optional>

#include "kernels/cpu/mine/top_k_bytes.h"
#include "kernels/cpu/mine/top_k_parts.h"
#include "kernels/cpu/mine/top_k_screen.h"

namespace tripoint::cpu {
namespace {

// Queries of the plain scan, which holds a little more than k rows for each.
constexpr int64_t kBytesOfNearest = int64_t{4} << 20;
constexpr int64_t kMostQueries = 2048;

// Fewer are scanned faster than they are screened.
constexpr int64_t kLeastScreened = 8;
constexpr int64_t kQueriesOfLock = 32;

template <typename T>
class Search {
 public:
  Search(const FloatMatrix& queries, const FloatMatrix& corpus, const TopK& wanted,
         const Parallel& parallel, const TopKResult& result)
      : queries_(queries),
        corpus_(corpus),
        wanted_(wanted),
        parallel_(parallel),
        result_(result),
        metric_(packing_of(wanted.nearness)),
        admission_(wanted),
        values_(wanted.nearness, wanted.least, wanted.greatest) {}

  int64_t run_all(TopKScreens screens) {
    if (!worth_screening(queries_.rows, corpus_, wanted_.k, screens)) screens = {false, false};
    int64_t most = kMostQueries;
    std::optional<TopKBytes<T>> bytes;
    // Where many are wanted, bytes leave more pairs than wider numbers nominate.
    const bool bytes_first = !screens.wider || !can_guess(corpus_, wanted_.k);
    if (screens.bytes && bytes_first && fits_into_bytes(corpus_)) {
      bytes.emplace(corpus_, wanted_, parallel_);
      most = std::min(most, TopKBytes<T>::most_queries(wanted_.k));
    }
    std::optional<TopKScreen<T>> wider;
    if (screens.wider) most = std::min(most, TopKScreen<T>::most_queries(wanted_.k));
    int64_t evaluated = 0;
    for (int64_t begin = 0; begin < queries_.rows; begin += most) {
      std::vector<int64_t> order(static_cast<size_t>(std::min(most, queries_.rows - begin)));
      std::iota(order.begin(), order.end(), begin);
      const QueryRows<T> some{begin, PackedRows<T>(queries_, order, metric_, parallel_)};
      std::vector<uint8_t> left(order.size(), 1);
      if (!some.rows.finite()) leave_out(some, left);
      if (bytes) evaluated += bytes->search(some, result_, left);
      if (screens.wider && std::count(left.begin(), left.end(), 1) >= kLeastScreened) {
        if (!wider) wider.emplace(corpus_, wanted_, parallel_);
        evaluated += wider->search(some, result_, left);
      }
      evaluated += scan(some, left);
    }
    return evaluated;
  }

 private:
  // Of queries that are not finite.
  void leave_out(const QueryRows<T>& some, std::vector<uint8_t>& left) const {
    for (int64_t q = 0; q < some.size(); ++q) {
      if (is_finite(some.rows.row(q), queries_.columns)) continue;
      left[static_cast<size_t>(q)] = 0;
      const int64_t at = (some.begin + q) * wanted_.k;
      std::fill_n(static_cast<T*>(result_.values) + at, wanted_.k,
                  std::numeric_limits<T>::quiet_NaN());
      std::fill_n(result_.rows + at, wanted_.k, int64_t{-1});
    }
  }

  // Looks at every pair of the queries that are left.
  int64_t scan(const QueryRows<T>& some, const std::vector<uint8_t>& left) const {
    std::vector<int64_t> all;
    for (int64_t q = 0; q < some.size(); ++q) {
      if (left[static_cast<size_t>(q)] != 0) all.push_back(q);
    }
    const auto total = static_cast<int64_t>(all.size());
    const int64_t most = std::max<int64_t>(kBytesOfNearest / Nearest<T>::bytes(wanted_.k), 1);
    int64_t evaluated = 0;
    for (int64_t begin = 0; begin < total; begin += most) {
      const std::vector<int64_t> part(all.begin() + begin,
                                      all.begin() + std::min(begin + most, total));
      evaluated += scan_part(some, part);
    }
    return evaluated;
  }

  int64_t scan_part(const QueryRows<T>& some, const std::vector<int64_t>& part) const {
    const auto size = static_cast<int64_t>(part.size());
    std::vector<Nearest<T>> nearest(part.size());
    std::vector<std::mutex> locks(static_cast<size_t>(parts_of(size, kQueriesOfLock)));
    const int64_t block = corpus_block<T>(corpus_);
    run(parallel_, size * corpus_.rows * std::max<int64_t>(corpus_.columns, 1),
        parts_of(corpus_.rows, block), [&](int64_t begin, int64_t end) {
          for (int64_t number = begin; number < end; ++number) {
            scan_block(number * block, std::min((number + 1) * block, corpus_.rows), some, part,
                       nearest, locks);
          }
        });
    run(parallel_, size * wanted_.k * 64, size, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        const int64_t at = (some.begin + part[static_cast<size_t>(p)]) * wanted_.k;
        write(nearest[static_cast<size_t>(p)].take_all(wanted_.k), values_, wanted_.k,
              static_cast<T*>(result_.values) + at, result_.rows + at);
      }
    });
    return size * corpus_.rows;
  }

  void scan_block(int64_t begin, int64_t end, const QueryRows<T>& some,
                  const std::vector<int64_t>& part, std::vector<Nearest<T>>& nearest,
                  std::vector<std::mutex>& locks) const {
    std::vector<int64_t> order;
    for (int64_t c = begin; c < end; ++c) {
      if (!admission_.skips(c)) order.push_back(c);
    }
    const PackedRows<T> rows(corpus_, order, metric_, kOnThisThread);
    std::vector<uint8_t> never(order.size(), 0);
    for (size_t j = 0; !rows.finite() && j < never.size(); ++j) {
      never[j] = !is_finite(rows.row(static_cast<int64_t>(j)), corpus_.columns);
    }
    std::vector<T> values(order.size());
    const auto groups = static_cast<int64_t>(locks.size());
    // Threads begin at different groups, so that they seldom wait for each other.
    const int64_t first = begin / (end - begin) % groups;
    for (int64_t turn = 0; turn < groups; ++turn) {
      const int64_t group = (first + turn) % groups;
      const int64_t last =
          std::min((group + 1) * kQueriesOfLock, static_cast<int64_t>(part.size()));
      for (int64_t p = group * kQueriesOfLock; p < last; ++p) {
        const int64_t query = part[static_cast<size_t>(p)];
        values_.of(some.rows, query, rows, 0, rows.size(), values.data());
        const std::lock_guard<std::mutex> guard(locks[static_cast<size_t>(group)]);
        Nearest<T>& one = nearest[static_cast<size_t>(p)];
        for (size_t j = 0; j < values.size(); ++j) {
          if (one.takes(values[j]) && never[j] == 0 && values_.admits(values[j]) &&
              !admission_.excludes(some.begin + query, order[j])) {
            one.take(values[j], order[j], wanted_.k);
          }
        }
      }
    }
  }

  const FloatMatrix& queries_;
  const FloatMatrix& corpus_;
  const TopK& wanted_;
  const Parallel& parallel_;
  const TopKResult& result_;
  const Metric metric_;
  const Admission admission_;
  const PairValues<T> values_;
};

}  // namespace

int64_t top_k(const FloatMatrix& queries, const FloatMatrix& corpus, const TopK& wanted,
              Screening screening, const Parallel& parallel, const TopKResult& result) {
  const bool on = screening == Screening::kOn;
  return top_k(queries, corpus, wanted, TopKScreens{on && multiplies_bytes_fast(), on}, parallel,
               result);
}

int64_t top_k(const FloatMatrix& queries, const FloatMatrix& corpus, const TopK& wanted,
              TopKScreens screens, const Parallel& parallel, const TopKResult& result) {
  if (queries.rows == 0 || wanted.k == 0) return 0;
  const bool is_double = queries.type == FloatType::kFloat64 || corpus.type == FloatType::kFloat64;
  return is_double ? Search<double>(queries, corpus, wanted, parallel, result).run_all(screens)
                   : Search<float>(queries, corpus, wanted, parallel, result).run_all(screens);
}

}  // namespace tripoint::cpu
