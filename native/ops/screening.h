#ifndef TRIPOINT_OPS_SCREENING_H
#define TRIPOINT_OPS_SCREENING_H

#include "kernels/cpu/screen/screen.h"

namespace tripoint::ops {

// On, but where the environment has TRIPOINT_SCREENING=off. Another word than on and off is refused
// in the name of `op`.
cpu::Screening screening(const char* op);

}  // namespace tripoint::ops

#endif
