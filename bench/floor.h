/* What the floors share: a clock in microseconds, and the median. */
#include <stdlib.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int before(const void* left, const void* right) {
    const double l = *(const double*)left, r = *(const double*)right;
    return (l > r) - (l < r);
}

/* Sorts them. */
static double median(double* values, int count) {
    qsort(values, (size_t)count, sizeof *values, before);
    return values[count / 2];
}
