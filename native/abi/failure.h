#ifndef TRIPOINT_ABI_FAILURE_H
#define TRIPOINT_ABI_FAILURE_H

#include <stdexcept>
#include <string>

#include "tripoint.h"

namespace tripoint::abi {

// A refusal of Tripoint's own, on its way to the border of the C ABI.
class Failure : public std::runtime_error {
 public:
  Failure(tp_status status, const std::string& message)
      : std::runtime_error(message), status_(status) {}

  tp_status status() const noexcept { return status_; }

 private:
  tp_status status_;
};

[[noreturn]] inline void invalid_argument(const std::string& message) {
  throw Failure(TP_INVALID_ARGUMENT, message);
}

}  // namespace tripoint::abi

#endif
