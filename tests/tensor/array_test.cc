#include "treadle/tensor/array.h"

#include <future>
#include <optional>

#include "treadle/core/error.h"
#include "treadle/engine/interrupt.h"
#include "treadle/tests/support/catch.h"
#include "treadle/tests/support/with_engine.h"

namespace treadle::testing {
namespace {

Array counting(const Shape& shape) {
  std::vector<float> values(size_t(shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = float(i);
  return Array::from(values, shape);
}
using Floats = std::vector<float>;

}  // namespace

TEST_CASE("arrays are made, filled and read", "[tensor]") {
  REQUIRE(Array::zeros({2, 2}).to_vector<float>() == Floats(4, 0.0f));
  REQUIRE(Array::full({3}, 2.5).to_vector<float>() == Floats(3, 2.5f));
  REQUIRE(Array::full({2}, 7, DType::i64).to_vector<int64_t>() == std::vector<int64_t>{7, 7});
  Array a = Array::empty({2, 3}, DType::f64, cpu(1));
  REQUIRE(a.shape() == Shape{2, 3});
  REQUIRE(a.type() == DType::f64);
  REQUIRE(a.device() == cpu(1));
  REQUIRE(a.bytes() == 48);
  a.fill(-1);
  REQUIRE(a.to_vector<double>() == std::vector<double>(6, -1.0));
  REQUIRE(Array::full({}, 4).to_vector<float>() == Floats{4});  // a scalar
  REQUIRE(Array::zeros({0, 3}).to_vector<float>().empty());     // an empty array
}

TEST_CASE("copies are of their own; handles share", "[tensor]") {
  const Array a = counting({2, 3});
  Array handle = a;
  const Array copy = a.copy();
  handle.fill(9);
  REQUIRE(a.to_vector<float>() == Floats(6, 9.0f));
  REQUIRE(copy.to_vector<float>() == Floats{0, 1, 2, 3, 4, 5});
  REQUIRE(handle.shares_memory_with(a));
  REQUIRE_FALSE(copy.shares_memory_with(a));
  REQUIRE(a.copy(cpu(2)).device() == cpu(2));
}

TEST_CASE("views share memory and write through", "[tensor]") {
  const Array a = counting({4, 3});
  Array rows = a.slice(1, 3);
  REQUIRE(rows.shape() == Shape{2, 3});
  REQUIRE(rows.to_vector<float>() == Floats{3, 4, 5, 6, 7, 8});
  REQUIRE_FALSE(rows.is_whole());
  rows.fill(0);
  REQUIRE(a.to_vector<float>() == Floats{0, 1, 2, 0, 0, 0, 0, 0, 0, 9, 10, 11});
  Array row = rows.slice(1, 2).reshape({3});
  const Floats values = {7, 8, 9};
  row.copy_from_host(values.data(), 12);
  REQUIRE(a.slice(2, 3).to_vector<float>() == values);
  REQUIRE(a.reshape({2, 6}).is_whole());
  REQUIRE(a.reshape({12}).slice(11, 12).to_vector<float>() == Floats{11});
  REQUIRE(a.slice(2, 2).elements() == 0);
  REQUIRE(a.slice(4, 4).elements() == 0);
}

TEST_CASE("overlapping views are copied as if by way of a third array", "[tensor]") {
  const Array a = counting({6});
  a.slice(1, 6).copy_from(a.slice(0, 5));
  REQUIRE(a.to_vector<float>() == Floats{0, 0, 1, 2, 3, 4});
  a.slice(0, 5).copy_from(a.slice(1, 6));
  REQUIRE(a.to_vector<float>() == Floats{0, 1, 2, 3, 4, 4});
}

TEST_CASE("copies convert between types", "[tensor]") {
  const Floats values = {0, -1.75f, 2.5f, 100};
  const Array a = Array::from(values, {4});
  REQUIRE(a.as_type(DType::i32).to_vector<int32_t>() == std::vector<int32_t>{0, -1, 2, 100});
  REQUIRE(a.as_type(DType::boolean).as_type(DType::u8).to_vector<uint8_t>() ==
          std::vector<uint8_t>{0, 1, 1, 1});
  Array doubles = Array::empty({4}, DType::f64);
  doubles.copy_from(a);
  REQUIRE(doubles.to_vector<double>() == std::vector<double>{0, -1.75, 2.5, 100});
  REQUIRE(a.as_type(DType::f16).as_type(DType::f32).to_vector<float>() == values);
}

TEST_CASE("each wrong use of an array is refused in a sentence", "[tensor]") {
  const Array a = counting({2, 3});
  Array b = Array::zeros({3, 2});
  require_error_matches([&] { (void)a.to_vector<double>(); },
                        {"The array holds float32; it is read as float64", "as_type"});
  require_error_matches([&] { b.copy_from(a); }, {"(2, 3)", "(3, 2)", "must be equal"});
  require_error_matches([&] { (void)a.reshape({4}); }, "has 6 elements; shape (4,) needs 4");
  require_error_matches([&] { (void)a.slice(1, 3); },
                        "Rows [1, 3) are asked of an array of shape (2, 3)");
  require_error_matches([&] { (void)a.slice(-1, 1); }, "Rows [-1, 1)");
  require_error_matches([&] { (void)a.slice(2, 1); }, "Rows [2, 1)");
  require_error_matches([] { (void)Array::full({}, 1).slice(0, 1); }, "shape ()");
  require_error_matches([&] { (void)Array::from(Floats{1, 2}, {3}); },
                        {"has 12 bytes", "filled from 8 bytes"});
  float value = 0;
  require_error_matches([&] { a.copy_to_host(&value, 4); }, "read into 4 bytes");
  require_error_matches([] { Array::empty({2, -1}); }, "extents are at least 0");
  require_error_matches([] { Array::empty({int64_t(1) << 40, int64_t(1) << 40}); }, "63 bits");
  require_error_matches([] { Array::empty({2}, DType::f32, gpu(0)); }, "gpu");
  // After the refusals nothing has changed.
  REQUIRE(a.to_vector<float>() == Floats{0, 1, 2, 3, 4, 5});
  REQUIRE(b.to_vector<float>() == Floats(6, 0.0f));
}

TEST_CASE("an empty handle says that it is one", "[tensor]") {
  Array none;
  const Array some = Array::zeros({1});
  REQUIRE_FALSE(none.is_valid());
  REQUIRE_FALSE(none.shares_memory_with(Array()));
  const auto refuse = [](const auto& fn) {
    require_error_matches(fn, "An empty array handle is used");
  };
  refuse([&] { none.wait(); });
  refuse([&] { none.fill(1); });
  refuse([&] { (void)none.to_vector<float>(); });
  refuse([&] { none.copy_from(some); });
  refuse([&] { Array(some).copy_from(none); });
  refuse([&] { (void)none.copy(); });
  refuse([&] { (void)none.as_type(DType::f64); });
  refuse([&] { (void)none.reshape({1}); });
  refuse([&] { (void)none.slice(0, 0); });
  refuse([&] { (void)none.device(); });
  refuse([&] { (void)none.data(); });
}

TEST_CASE("an error reaches who reads the array, and writing it anew clears it", "[tensor]") {
  Array a = Array::zeros({2});
  const Variable writes[] = {a.variable()};
  a.engine()->push([] { throw Error("the disk is on fire."); }, {}, writes,
                   {.op = "load", .node = "a"});
  const Array dependent = a.copy();
  require_error_matches([&] { dependent.wait(); }, "the disk is on fire.");
  require_error_matches([&] { (void)a.to_vector<float>(); }, "load(a): the disk is on fire.");
  a.fill(3);
  REQUIRE(a.to_vector<float>() == Floats{3, 3});
}

TEST_CASE("many queued operations end in order", "[tensor]") {
  Array a = Array::zeros({1000}), b = Array::zeros({1000});
  for (int i = 0; i < 200; ++i) {
    a.fill(i);
    b.copy_from(a);
    a.fill(-1);
  }
  REQUIRE(b.to_vector<float>() == Floats(1000, 199.0f));
  REQUIRE(a.to_vector<float>() == Floats(1000, -1.0f));
}

TEST_CASE("memory of the caller is let go of, however a wait ends", "[tensor][interrupt]") {
  const WithEngine engine(EngineKind::threaded);
  const Array array = Array::full({1 << 10}, 1);
  std::optional<Completion> held;
  std::promise<void> started;
  const Variable writes[] = {array.variable()};
  array.engine()->push_async(
      [&](Completion end) {
        held.emplace(std::move(end));
        started.set_value();
      },
      writes, writes);
  started.get_future().wait();
  std::vector<float> values(1 << 10, 2);
  {
    const InterruptibleWaits waits([] { return true; });
    Array target = array;
    CHECK_THROWS_AS(target.copy_from_host(values.data(), array.bytes()), Interrupted);
    CHECK_THROWS_AS(array.copy_to_host(values.data(), array.bytes()), Interrupted);
  }
  values.clear();  // nothing that is queued uses it
  values.shrink_to_fit();
  held->done();
  CHECK(array.to_vector<float>() == std::vector<float>(1 << 10, 1));
}

}  // namespace treadle::testing
