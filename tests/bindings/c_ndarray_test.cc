
#include "treadle/device/memory.h"
#include "treadle/tests/bindings/c_testing.h"

namespace treadle::testing {
namespace {

TEST_CASE("an array tells what it is", "[bindings][c]") {
  const int64_t dims[] = {2, 3};
  ArrayHandle array;
  ok(treadle_ndarray_empty(dims, 2, TREADLE_INT64, treadle_cpu(1), array.out()));
  TreadleShape shape = {};
  TreadleDType type = TREADLE_UNKNOWN_TYPE;
  TreadleDevice device = {};
  int64_t elements = 0;
  size_t bytes = 0;
  ok(treadle_ndarray_shape(array, &shape));
  ok(treadle_ndarray_type(array, &type));
  ok(treadle_ndarray_device(array, &device));
  ok(treadle_ndarray_size(array, &elements));
  ok(treadle_ndarray_bytes(array, &bytes));
  REQUIRE(shape.ndim == 2);
  REQUIRE((shape.dims[0] == 2 && shape.dims[1] == 3));
  REQUIRE(type == TREADLE_INT64);
  REQUIRE((device.kind == TREADLE_CPU && device.id == 1));
  REQUIRE(elements == 6);
  REQUIRE(bytes == 48);
}

TEST_CASE("scalars have no extents, and empty arrays no elements", "[bindings][c]") {
  const ArrayHandle scalar = make({}, 7);
  TreadleShape shape = {nullptr, 5};
  ok(treadle_ndarray_shape(scalar, &shape));
  REQUIRE(shape.ndim == 0);
  REQUIRE(values_of(scalar) == std::vector<float>{7});
  const ArrayHandle nothing = make({0, 3}, 1);
  ok(treadle_ndarray_copy_from_host(nothing, nullptr, 0));
  REQUIRE(values_of(nothing).empty());
}

TEST_CASE("host memory goes in and out, and its address is shared", "[bindings][c]") {
  const ArrayHandle array = make({2, 2}, {1, 2, 3, 4});
  void* data = nullptr;
  ok(treadle_ndarray_data(array, &data));
  REQUIRE(static_cast<float*>(data)[3] == 4);
  static_cast<float*>(data)[3] = 9;
  REQUIRE(values_of(array) == std::vector<float>{1, 2, 3, 9});
  ok(treadle_ndarray_fill(array, 2));
  ok(treadle_ndarray_wait(array));
  REQUIRE(static_cast<float*>(data)[0] == 2);
}

TEST_CASE("views share memory, copies and clones of handles do what they say", "[bindings][c]") {
  const ArrayHandle array = make({3, 2}, {0, 1, 2, 3, 4, 5});
  ArrayHandle rows, flat, copy, clone, whole;
  const int64_t dims[] = {6};
  ok(treadle_ndarray_slice(array, 1, 3, rows.out()));
  ok(treadle_ndarray_reshape(array, dims, 1, flat.out()));
  ok(treadle_ndarray_copy(array, treadle_cpu(0), copy.out()));
  ok(treadle_ndarray_clone(array, clone.out()));
  ok(treadle_ndarray_as_type(array, TREADLE_INT32, whole.out()));
  ok(treadle_ndarray_fill(rows, 8));
  REQUIRE(values_of(flat) == std::vector<float>{0, 1, 8, 8, 8, 8});
  REQUIRE(values_of(clone) == values_of(flat));
  REQUIRE(values_of(copy) == std::vector<float>{0, 1, 2, 3, 4, 5});
  std::vector<int32_t> integers(6);
  ok(treadle_ndarray_copy_to_host(whole, integers.data(), 24));
  REQUIRE(integers == std::vector<int32_t>{0, 1, 2, 3, 4, 5});
  ok(treadle_ndarray_copy_from(array, whole));
  REQUIRE(values_of(array) == std::vector<float>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("arrays go to an accelerator and back", "[bindings][c]") {
  int32_t before = 0, after = 0;
  TreadleDevice gpu = {};
  ok(treadle_num_gpus(&before));
  ok(treadle_add_emulated_gpu(3, &gpu));
  ok(treadle_num_gpus(&after));
  REQUIRE(after == before + 1);
  REQUIRE((gpu.kind == TREADLE_GPU && gpu.id == before));
  const ArrayHandle here = make({2}, {3, 4});
  ArrayHandle there, back;
  ok(treadle_ndarray_copy(here, gpu, there.out()));
  void* data = nullptr;
  refuses(treadle_ndarray_data(there, &data), {"treadle_ndarray_data", "gpu(", "copy it to"});
  ok(treadle_ndarray_copy(call("square", {}, {there}), treadle_cpu(0), back.out()));
  REQUIRE(values_of(back) == std::vector<float>{9, 16});
}

TEST_CASE("arrays with and without names go through files", "[bindings][c]") {
  const std::string path = TREADLE_TEST_SCRATCH "/c_arrays.params";
  const ArrayHandle a = make({2}, {1, 2}), b = make({1}, 3);
  const TreadleNamedArray named[] = {{"arg:a", a}, {"aux:b", b}};
  ok(treadle_ndarray_save(path.c_str(), named, 2));
  const int64_t handles = treadle_live_handles();
  const TreadleNamedArray* loaded = nullptr;
  size_t count = 0;
  ok(treadle_ndarray_load(path.c_str(), &loaded, &count));
  REQUIRE(count == 2);
  REQUIRE(loaded[1].name == std::string("aux:b"));
  // What reads arrays gives no list, so this one holds.
  REQUIRE(values_of(loaded[0].array) == std::vector<float>{1, 2});
  REQUIRE(loaded[0].name == std::string("arg:a"));
  for (size_t i = 0; i < count; ++i) treadle_ndarray_free(loaded[i].array);
  REQUIRE(treadle_live_handles() == handles);

  const TreadleNamedArray plain[] = {{nullptr, b}};
  ok(treadle_ndarray_save(path.c_str(), plain, 1));
  ok(treadle_ndarray_load(path.c_str(), &loaded, &count));
  REQUIRE(count == 1);
  REQUIRE(loaded[0].name == nullptr);
  treadle_ndarray_free(loaded[0].array);

  const TreadleNamedArray mixed[] = {{"a", a}, {nullptr, b}};
  refuses(treadle_ndarray_save(path.c_str(), mixed, 2), "1 of 2 arrays have a name");
}

TEST_CASE("memory that runs out has a status of its own, at once and at the wait",
          "[bindings][c]") {
  const int64_t dims[] = {64};
  const ArrayHandle array = make({64}, 1);
  TreadleNDArray* out = nullptr;
  memory_pool(cpu()).fail_after(1);
  refuses(treadle_ndarray_full(dims, 1, 0, TREADLE_FLOAT32, treadle_cpu(0), &out),
          {"the failure is injected"}, TREADLE_OUT_OF_MEMORY);
  REQUIRE(out == nullptr);
  memory_pool(cpu()).fail_after(1);
  const ArrayHandle made = call("exp", {}, {array});  // its memory is taken when it runs
  refuses(treadle_ndarray_wait(made), {"the failure is injected"}, TREADLE_OUT_OF_MEMORY);
}

TEST_CASE("what cannot be made, copied or read is refused", "[bindings][c]") {
  const int64_t dims[] = {2, -3};
  const int64_t huge[] = {int64_t(1) << 40, int64_t(1) << 40};
  const ArrayHandle array = make({2}, 1), other = make({3}, 1);
  TreadleNDArray* out = nullptr;
  float values[2] = {};
  const auto full = [&](const int64_t* extents, int32_t ndim, TreadleDType type,
                        TreadleDevice device) {
    return treadle_ndarray_full(extents, ndim, 0, type, device, &out);
  };
  refuses(full(dims, 2, TREADLE_FLOAT32, treadle_cpu(0)),
          {"treadle_ndarray_full: dims has the extent -3 at axis 1", "at least 0"});
  refuses(full(dims, -1, TREADLE_FLOAT32, treadle_cpu(0)), "dims has -1 extents");
  refuses(full(nullptr, 2, TREADLE_FLOAT32, treadle_cpu(0)), "dims is NULL, but 2 are announced");
  refuses(full(dims, 1, 9, treadle_cpu(0)), "there is no element type 9");
  refuses(full(dims, 1, TREADLE_UNKNOWN_TYPE, treadle_cpu(0)), "there is no element type -1");
  refuses(full(dims, 1, TREADLE_FLOAT32, {4, 0}), "there is no device of kind 4");
  refuses(full(dims, 1, TREADLE_FLOAT32, {TREADLE_CPU, -1}), "number -1");
  refuses(full(dims, 1, TREADLE_FLOAT32, treadle_gpu(99)), "gpu(99)");
  refuses(full(huge, 2, TREADLE_FLOAT32, treadle_cpu(0)), {});
  refuses(treadle_ndarray_empty(dims, 1, TREADLE_FLOAT32, treadle_cpu(0), nullptr),
          "treadle_ndarray_empty: the place for the new handle is NULL");
  refuses(treadle_ndarray_copy_from_host(array, values, 4),
          {"shape (2,)", "8 bytes", "from 4 bytes"});
  refuses(treadle_ndarray_copy_to_host(array, values, 12), {"8 bytes", "into 12 bytes"});
  refuses(treadle_ndarray_copy_to_host(array, nullptr, 8), "data is NULL");
  refuses(treadle_ndarray_copy_from_host(array, nullptr, 8), "data is NULL");
  refuses(treadle_ndarray_copy_from(array, other), {"(3,)", "(2,)", "shapes must be equal"});
  refuses(treadle_ndarray_slice(array, 1, 3, &out), "Rows [1, 3)");
  refuses(treadle_ndarray_reshape(array, huge, 1, &out), "2 elements");
  refuses(treadle_ndarray_shape(array, nullptr), "shape is NULL");
  refuses(treadle_ndarray_load("no/such/file", nullptr, nullptr), "arrays is NULL");
  const TreadleNamedArray* loaded = nullptr;
  size_t count = 0;
  refuses(treadle_ndarray_load("no/such/file", &loaded, &count), "no/such/file");
  refuses(treadle_ndarray_load(nullptr, &loaded, &count), "path is NULL");
  REQUIRE(out == nullptr);
  REQUIRE(loaded == nullptr);
}

}  // namespace
}  // namespace treadle::testing
