/* What the C programs check themselves with: what does not hold ends the program with a message. */
#ifndef TREADLE_TESTS_BINDINGS_C_CHECK_H_
#define TREADLE_TESTS_BINDINGS_C_CHECK_H_

#include <stdio.h>
#include <stdlib.h>

#define CHECK(claim)                                                                     \
  do {                                                                                   \
    if (!(claim)) {                                                                      \
      fprintf(stderr, "%s:%d: not so: %s\nlast error: %s\n", __FILE__, __LINE__, #claim, \
              treadle_last_error());                                                     \
      exit(1);                                                                           \
    }                                                                                    \
  } while (0)
#define OK(call) CHECK((call) == TREADLE_OK)

#endif
