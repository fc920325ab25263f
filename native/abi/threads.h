#ifndef TRIPOINT_ABI_THREADS_H
#define TRIPOINT_ABI_THREADS_H

namespace tripoint::abi {

// LibTorch keeps its number of threads per native thread. The one that was set for the process is
// put in force here, at the start of each call, since calls in a row may come from different native
// threads.
void apply_thread_count();

}  // namespace tripoint::abi

#endif
