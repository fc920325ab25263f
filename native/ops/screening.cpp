#include "ops/screening.h"

#include <cstdlib>
#include <string_view>

#include "ops/checks.h"

namespace tripoint::ops {

cpu::Screening screening(const char* op) {
  const char* const value = std::getenv("TRIPOINT_SCREENING");
  const std::string_view word = value == nullptr ? "on" : value;
  if (word == "on") return cpu::Screening::kOn;
  if (word == "off") return cpu::Screening::kOff;
  refuse(op, "the environment's TRIPOINT_SCREENING must be on or off, but is \"" +
                 std::string(word) + "\".");
}

}  // namespace tripoint::ops
