#pragma once
#include <stddef.h>

// Compares every table of kernels that this processor can run with the plain definition of each function, over odd
// sizes and extreme values, on memory that ends where a page that cannot be read begins.
//
// Returns how many comparisons failed, and tells the first ones on standard error. A table that is wanted by name
// ("avx2", "neon-dot") and is not to be had here is a failure too.
//
// The NEON tables are run by an emulator where there is no such processor: see scripts/check-kernels. The emulator of
// Debian 12 has no AVX-512, so those tables are compiled everywhere, and run only on processors that have them.
int kernel_check(const char *const *wanted, size_t count);
