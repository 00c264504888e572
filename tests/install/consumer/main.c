/* What a program in C that embeds Treadle sees: one header and one library. */
#include <treadle/c_api.h>

#include <stdio.h>
#include <string.h>

int main(void) {
  const int64_t shape[] = {2, 3};
  TreadleNDArray *x = NULL, *y = NULL;
  float values[6];
  if (treadle_ndarray_full(shape, 2, 4.0, TREADLE_FLOAT32, treadle_cpu(0), &x) ||
      treadle_invoke("sqrt", NULL, 0, &x, 1, &y, 1, NULL) ||
      treadle_ndarray_copy_to_host(y, values, sizeof values)) {
    fprintf(stderr, "%s\n", treadle_last_error());
    return 1;
  }
  printf("%g\n", values[5]);
  treadle_ndarray_free(x);
  treadle_ndarray_free(y);
  x = NULL;
  if (treadle_invoke("sqrrt", NULL, 0, NULL, 0, &x, 1, NULL) != TREADLE_ERROR) return 1;
  return values[5] == 2.0f && strstr(treadle_last_error(), "sqrrt") != NULL ? 0 : 1;
}
