// What the examples check themselves with: a claim that does not hold ends the program.
#pragma once

#include <cstdio>
#include <cstdlib>

#define CHECK(claim)                                                           \
  do {                                                                         \
    if (!(claim)) {                                                            \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #claim); \
      std::exit(1);                                                            \
    }                                                                          \
  } while (false)
