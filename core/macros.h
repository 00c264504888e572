// What the host compiler and nvcc must be told differently. Included by kernel code; keep it tiny.
#pragma once

#ifdef __CUDACC__
#define TREADLE_HD __host__ __device__
#else
#define TREADLE_HD
#endif
