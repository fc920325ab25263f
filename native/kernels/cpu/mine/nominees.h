#ifndef TRIPOINT_KERNELS_CPU_MINE_NOMINEES_H
#define TRIPOINT_KERNELS_CPU_MINE_NOMINEES_H

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "kernels/cpu/mine/sorting.h"
#include "kernels/cpu/screen/whole_rows.h"

namespace tripoint::cpu {

// A row and its key in one number, ordered by key.
class Nominee {
 public:
  Nominee(int32_t key, int64_t row)
      : bits_((static_cast<uint64_t>(static_cast<uint32_t>(key) ^ kSign) << 32) |
              static_cast<uint64_t>(row)) {}
  int32_t key() const { return key_of(number()); }
  int64_t row() const { return static_cast<int64_t>(bits_ & 0xffffffffu); }

  // Of its key, in the order of keys; and back.
  uint32_t number() const { return static_cast<uint32_t>(bits_ >> 32); }
  static int32_t key_of(uint32_t number) { return static_cast<int32_t>(number ^ kSign); }
  bool operator<(const Nominee& other) const { return bits_ < other.bits_; }

 private:
  static constexpr uint32_t kSign = 0x80000000u;
  uint64_t bits_;
};

// What keys tell of a window of values.
struct KeyWindow {
  int32_t least = kLeastKey;  // below it a row is outside
  int32_t least_certain = kLeastKey;
  int32_t greatest_certain = kGreatestKey;  // between these two it is inside
  int32_t greatest = kGreatestKey;          // above it, it is outside
};

// The rows that may be among the k nearest of one query, as far as their keys tell.
class Nominees {
 public:
  void set(const KeyWindow& window) {
    window_ = window;
    limit_ = window.greatest;
  }

  // Wants no greater key, though nothing proves yet that the k nearest have none. At most `most`
  // will be held.
  void guess(int32_t limit, int64_t most) {
    guess_ = limit;
    limit_ = std::min(limit_, limit);
    all_.reserve(static_cast<size_t>(most));
  }

  // No row with a greater key is wanted.
  int32_t limit() const { return limit_; }

  bool wants(int32_t key) const {
    return key <= limit_ && (key >= window_.least || key < kLeastKey);
  }

  // At most `most` are held. Where the bound keeps too many, it gives up.
  void add(Nominee nominee, int64_t k, int64_t most, const KeyBound& bound) {
    all_.push_back(nominee);
    if (std::ssize(all_) >= most) lessen(k, most, bound);
  }

  // Whether a row may be too near.
  bool has_near_end() const { return window_.least > kLeastKey; }

  // The same of several at once, where there is no near end. Those that are beyond the limit by now
  // may be among them.
  void add(const Nominee* begin, const Nominee* end, int64_t k, int64_t most,
           const KeyBound& bound) {
    while (begin != end && !gave_up_) {
      const Nominee* const last = begin + std::min(end - begin, most - std::ssize(all_));
      all_.insert(all_.end(), begin, last);
      begin = last;
      if (std::ssize(all_) >= most) lessen(k, most, bound);
    }
  }

  // Wants nothing from now on, and is of no use.
  void give_up() {
    gave_up_ = true;
    limit_ = std::numeric_limits<int32_t>::min();
    all_ = {};
  }
  bool gave_up() const { return gave_up_; }

  // The k-th least of the keys that are inside the window for certain says up to which key a row
  // may still be among the nearest.
  void prune(int64_t k, const KeyBound& bound) {
    const auto certain = std::partition(all_.begin(), all_.end(), [&](Nominee one) {
      return one.key() >= window_.least_certain && one.key() <= window_.greatest_certain;
    });
    if (certain - all_.begin() < k) return;
    const auto last = all_.begin() + (k - 1);
    std::nth_element(all_.begin(), last, certain);
    limit_ = std::min(limit_, bound.farther(last->key()));
    std::erase_if(all_, [&](Nominee one) { return one.key() > limit_; });
  }

  // The rows that may be among the k nearest, the nearer first but for small differences; there are
  // none afterwards. Nothing at all where a guess left out what may be among them.
  std::optional<std::vector<int64_t>> take_rows(int64_t k, const KeyBound& bound) {
    std::optional<std::vector<int64_t>> rows(std::in_place);
    if (all_.empty()) return is_whole(window_.greatest) ? rows : std::nullopt;
    const auto number_of = [](Nominee one) { return one.number(); };
    RoughOrder order(all_, number_of);
    const auto before = std::count_if(
        all_.begin(), all_.end(), [&](Nominee one) { return one.key() < window_.least_certain; });
    const auto count = static_cast<size_t>(before + k);
    int32_t farthest = window_.greatest;
    if (count <= all_.size()) {
      const int32_t key = Nominee::key_of(order.upto(count));
      if (key <= window_.greatest_certain) farthest = bound.farther(key);
    }
    if (is_whole(farthest)) {
      rows = order.take(Nominee(farthest, 0).number(), [](Nominee one) { return one.row(); });
    } else {
      rows.reset();
    }
    all_ = {};
    return rows;
  }

 private:
  // Whether no guess left out a key up to this one that the window lets through.
  bool is_whole(int32_t farthest) const { return farthest <= guess_ || window_.greatest <= guess_; }

  void lessen(int64_t k, int64_t most, const KeyBound& bound) {
    prune(k, bound);
    if (std::ssize(all_) > most - most / 4) give_up();
  }

  std::vector<Nominee> all_;
  KeyWindow window_;
  int32_t limit_ = kGreatestKey;
  int32_t guess_ = kGreatestKey;
  bool gave_up_ = false;
};

}  // namespace tripoint::cpu

#endif
