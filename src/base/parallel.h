// The only place that starts threads. Parallel inside a pass, ordered outside:
// each index writes its own slot, so output does not depend on the number of threads.
#pragma once

#include <cstddef>
#include <functional>

namespace aethel {

// Calls body(i) once for each i in [0, count), on up to `threads` threads, and
// returns when all calls returned. `body` must not throw.
void parallel_for(std::size_t count, unsigned threads,
                  const std::function<void(std::size_t)>& body);

// Number of threads for a request of 0 ("as many as the machine has").
unsigned thread_count(unsigned requested);

} // namespace aethel
