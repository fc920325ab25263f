#include "kernels/cpu/screen/byte_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "kernels/cpu/rows/pair.h"
#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::Random;

TEST(ByteTile, TellsWhichSumsAreLargeEnough) {
  for (const int64_t quads : {1, 2, 3, 8, 33}) {
    Random random(static_cast<uint64_t>(quads));
    const int64_t count = 2 * kByteRows;
    // At the end of a page, so that a read beyond it would be noticed.
    const test::Guarded own(static_cast<size_t>(count * 4 * quads));
    const test::Guarded others(static_cast<size_t>(kBytePanel * 4 * quads));
    const std::span rows(reinterpret_cast<int8_t*>(own.data()),
                         static_cast<size_t>(count * 4 * quads));
    const std::span panel(reinterpret_cast<uint8_t*>(others.data()),
                          static_cast<size_t>(kBytePanel * 4 * quads));
    for (int8_t& value : rows) value = static_cast<int8_t>(static_cast<int>(random() % 255) - 127);
    for (uint8_t& value : panel) value = static_cast<uint8_t>(random());
    std::vector<int32_t> starts(static_cast<size_t>(kBytePanel));
    for (int32_t& start : starts) start = static_cast<int32_t>(random() % 2001) - 1000;
    std::vector<int32_t> sums(static_cast<size_t>(count * kBytePanel));
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t j = 0; j < kBytePanel; ++j) {
        int64_t sum = starts[static_cast<size_t>(j)];
        for (int64_t k = 0; k < 4 * quads; ++k) {
          sum += int64_t{rows[static_cast<size_t>(4 * quads * i + k)]} *
                 panel[static_cast<size_t>(byte_place(j, k / 4) + k % 4)];
        }
        sums[static_cast<size_t>(i * kBytePanel + j)] = static_cast<int32_t>(sum);
      }
    }
    std::vector<int32_t> least(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; ++i) {  // one of the sums itself, so that equality shows
      least[static_cast<size_t>(i)] = i % 5 == 3 ? std::numeric_limits<int32_t>::max()
                                                 : sums[static_cast<size_t>(i * kBytePanel) +
                                                        random() % static_cast<size_t>(kBytePanel)];
    }
    for (const ByteKernels* const kernels : {&byte_kernels(), &portable_byte_kernels()}) {
      std::vector<ByteHits> hits(static_cast<size_t>(count));
      hits.resize(static_cast<size_t>(kernels->scan(rows.data(), count, quads, panel.data(),
                                                    starts.data(), least.data(), hits.data())));
      auto hit = hits.begin();
      for (int64_t i = 0; i < count; ++i) {
        uint64_t columns = 0;
        for (int64_t j = 0; j < kBytePanel; ++j) {
          const bool is_met =
              sums[static_cast<size_t>(i * kBytePanel + j)] >= least[static_cast<size_t>(i)];
          columns |= uint64_t{is_met} << j;
        }
        if (columns == 0) continue;
        ASSERT_NE(hit, hits.end());
        EXPECT_EQ(hit->row, i);
        EXPECT_EQ(hit->columns, columns) << quads << " quads, row " << i;
        ++hit;
      }
      EXPECT_EQ(hit, hits.end());

      const int64_t stride = kBytePanel + 3;
      std::vector<int32_t> greatest(static_cast<size_t>(count * stride), 50);
      kernels->raise(rows.data(), count, quads, panel.data(), starts.data(), greatest.data(),
                     stride);
      for (int64_t i = 0; i < count; ++i) {
        for (int64_t j = 0; j < stride; ++j) {
          const int32_t sum = j < kBytePanel ? sums[static_cast<size_t>(i * kBytePanel + j)] : 0;
          EXPECT_EQ(greatest[static_cast<size_t>(stride * i + j)], std::max(sum, 50));
        }
      }
    }
  }
}

template <typename T>
void expect_residues_bounded(T size) {
  Random random(1);
  const int64_t width = 4 * kLanes<T>;
  std::vector<int8_t> bytes(static_cast<size_t>(width));
  for (const double spread : {1e-3, 0.3, 1.0, 1.5}) {
    const std::vector<double> drawn = test::normal_values(random, 2 * width);
    std::vector<T> row, centre;
    for (int64_t k = 0; k < width; ++k) {
      row.push_back(static_cast<T>(spread * drawn[static_cast<size_t>(k)]) * size);
      centre.push_back(static_cast<T>(drawn[static_cast<size_t>(width + k)]) * size / 8);
    }
    const T per_unit = 127 / (2 * size);  // some entries are too great for a byte
    const ByteRow put = put_into_bytes(row.data(), centre.data(), per_unit, width, bytes.data());
    double residue = 0;
    int64_t square = 0;
    int64_t sum = 0;
    for (size_t k = 0; k < bytes.size(); ++k) {
      const double exact = (static_cast<double>(row[k]) - static_cast<double>(centre[k])) *
                           static_cast<double>(per_unit);
      EXPECT_LE(std::abs(std::clamp(exact, -127.0, 127.0) - bytes[k]), 0.5 + 1e-4);
      residue += (exact - bytes[k]) * (exact - bytes[k]);
      square += bytes[k] * bytes[k];
      sum += bytes[k];
    }
    EXPECT_EQ(put.square, square);
    EXPECT_EQ(put.sum, sum);
    EXPECT_GE(put.residue, std::sqrt(residue));
    EXPECT_LE(put.residue, std::sqrt(residue) * 1.001 + 0.01);
  }
}

TEST(ByteRows, AreWithinTheirResidues) {
  for (const float size : {1e-30F, 1.0F, 1e30F}) expect_residues_bounded(size);
  for (const double size : {1e-140, 1.0, 1e140}) expect_residues_bounded(size);
}

TEST(ByteRows, TellOfWhatIsNotFinite) {
  const int64_t width = kLanes<float>;
  const std::vector<float> centre(static_cast<size_t>(width), 0.0F);
  std::vector<int8_t> bytes(static_cast<size_t>(width));
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
        -std::numeric_limits<float>::infinity()}) {
    std::vector<float> row(static_cast<size_t>(width), 1.0F);
    row[5] = value;
    EXPECT_FALSE(std::isfinite(
        put_into_bytes(row.data(), centre.data(), 1.0F, width, bytes.data()).residue));
  }
}

}  // namespace
}  // namespace tripoint::cpu
