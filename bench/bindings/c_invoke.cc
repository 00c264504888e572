// What a call costs in C beside the same call in C++: a small operator on arrays, queued and freed,
// and the questions that bindings ask most often.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "treadle/c_api.h"
#include "treadle/executor/imperative.h"

namespace {

using namespace treadle;

constexpr int rounds = 201, calls = 500;

struct Contender {
  const char* name;
  void (*body)(int calls);
  std::vector<double> nanoseconds = {};
};

Array x, y;
TreadleNDArray *c_x = nullptr, *c_y = nullptr;

void add_in_cpp(int count) {
  const Array inputs[] = {x, y};
  for (int i = 0; i < count; ++i) invoke("elemwise_add", {}, inputs);
}
void add_in_c(int count) {
  TreadleNDArray* inputs[] = {c_x, c_y};
  for (int i = 0; i < count; ++i) {
    TreadleNDArray* sum = nullptr;
    treadle_invoke("elemwise_add", nullptr, 0, inputs, 2, &sum, 1, nullptr);
    treadle_ndarray_free(sum);
  }
}
void scale_in_cpp(int count) {
  for (int i = 0; i < count; ++i) invoke("_mul_scalar", {{"scalar", "2"}}, {&x, 1});
}
void scale_in_c(int count) {
  const TreadlePair params[] = {{"scalar", "2"}};
  for (int i = 0; i < count; ++i) {
    TreadleNDArray* scaled = nullptr;
    treadle_invoke("_mul_scalar", params, 1, &c_x, 1, &scaled, 1, nullptr);
    treadle_ndarray_free(scaled);
  }
}
void clone_and_free(int count) {
  for (int i = 0; i < count; ++i) {
    TreadleNDArray* clone = nullptr;
    treadle_ndarray_clone(c_x, &clone);
    treadle_ndarray_free(clone);
  }
}
void ask_size(int count) {
  int64_t elements = 0;
  for (int i = 0; i < count; ++i) treadle_ndarray_size(c_x, &elements);
}

double nanoseconds_of(const Contender& contender) {
  const auto start = std::chrono::steady_clock::now();
  contender.body(calls);
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
  treadle_wait_all();
  return taken.count() / calls;
}

}  // namespace

int main() {
  x = Array::full({8}, 1), y = Array::full({8}, 2);
  const int64_t dims[] = {8};
  treadle_ndarray_full(dims, 1, 1, TREADLE_FLOAT32, treadle_cpu(0), &c_x);
  treadle_ndarray_full(dims, 1, 2, TREADLE_FLOAT32, treadle_cpu(0), &c_y);
  Contender contenders[] = {{"elemwise_add, C++", add_in_cpp},  {"elemwise_add, C", add_in_c},
                            {"_mul_scalar, C++", scale_in_cpp}, {"_mul_scalar, C", scale_in_c},
                            {"clone and free", clone_and_free}, {"size", ask_size}};
  for (int i = 0; i < rounds; ++i) {
    for (Contender& each : contenders) each.nanoseconds.push_back(nanoseconds_of(each));
  }
  std::printf("%-20s %10s %10s   (ns a call, of %d rounds)\n", "", "median", "least", rounds);
  for (Contender& each : contenders) {
    std::ranges::sort(each.nanoseconds);
    std::printf("%-20s %10.1f %10.1f\n", each.name, each.nanoseconds[rounds / 2],
                each.nanoseconds[0]);
  }
  treadle_ndarray_free(c_x);
  treadle_ndarray_free(c_y);
}
