#include <stdio.h>

#include "kernel_check.h"

// Checks every table of kernels; those named by arguments must be there.
int main(int count, char **words) {
    const int failures = kernel_check((const char *const *)words + 1, (size_t)count - 1);
    if (failures) fprintf(stderr, "kernel-check: %d comparisons failed\n", failures);
    return failures ? 1 : 0;
}
