// Sums that tasks of the engine add to, and what they add.
#include "treadle/training/tally.h"

#include <atomic>
#include <cmath>
#include <future>
#include <thread>

#include "treadle/device/emulated.h"
#include "treadle/tests/support/catch.h"
#include "treadle/tests/support/with_engine.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

Array array(const std::vector<float>& values, const Shape& shape) {
  return Array::from(values, shape);
}

Findings found_by(const Measure& measure, const Array& labels, const Array& predictions,
                  std::optional<int> class_axis = {}) {
  Tally tally(measure);
  tally.add({{labels, predictions, class_axis}});
  return tally.take();
}

double mean(const Findings& found) { return found.onto(0) / double(found.count); }

const Array scores() { return array({.7f, .2f, .1f, .1f, .8f, .1f, .3f, .3f, .4f}, {3, 3}); }
const Array classes(const std::vector<float>& values) {
  return array(values, {int64_t(values.size())});
}

}  // namespace

TEST_CASE("measures of classes", "[training]") {
  CHECK(mean(found_by(measure::accuracy(), classes({0, 1, 0}), scores(), 1)) == Approx(2. / 3));
  // Without classes both are cut to integers; what is no number is no class.
  CHECK(found_by(measure::accuracy(), classes({0, 1, 2}), classes({.9f, 1.5f, NAN})).onto(0) == 2);
  // NaN is the largest.
  CHECK(found_by(measure::accuracy(), classes({1}), array({1, NAN, 3}, {1, 3}), 1).onto(0) == 1);
  CHECK(found_by(measure::top_k(2), classes({0, 1, 1}), scores(), -1).onto(0) == 3);
  CHECK(found_by(measure::top_k(2), classes({2, 3, -1}), scores(), 1).onto(0) == 0);
  CHECK(found_by(measure::top_k(9), classes({2, 0, 1}), scores(), 1).onto(0) == 3);
  const double loss = -(std::log(.7) + std::log(.8) + std::log(.4)) / 3;
  CHECK(mean(found_by(measure::cross_entropy(0), classes({0, 1, 2}), scores(), 1)) ==
        Approx(loss).epsilon(1e-6));
  CHECK(mean(found_by(measure::cross_entropy(0), classes({-3, -2, -1}), scores(), 1)) ==
        Approx(loss).epsilon(1e-6));
  const Findings perplexity = found_by(measure::perplexity(1), classes({0, 1, 9}), scores(), 1);
  CHECK(perplexity.count == 2);
  CHECK(perplexity.onto(0) == Approx(-std::log(.7) - std::log(.4)).epsilon(1e-6));
  // The first of the largest, also in long rows.
  for (int64_t n : {20, 40, 1000}) {
    for (int64_t at : {int64_t(0), n / 3, n - 1}) {
      std::vector<float> row(size_t(n), -1);
      row[size_t(at)] = row[size_t(n - 1)] = 2;
      CHECK(found_by(measure::accuracy(), classes({float(at)}), array(row, {1, n}), 1).onto(0) ==
            1);
      row[size_t(n / 2)] = NAN;
      CHECK(found_by(measure::accuracy(), classes({float(n / 2)}), array(row, {1, n}), 1).onto(0) ==
            1);
    }
  }
  // Positions behind the classes.
  const Array maps = array({.9f, .1f, .5f, .1f, .9f, .4f}, {1, 2, 3});
  CHECK(found_by(measure::accuracy(), array({0, 1, 1}, {1, 3}), maps, 1).onto(0) == 2);
}

TEST_CASE("measures of numbers", "[training]") {
  const Array labels = classes({1, 2, 4}), predictions = classes({2, 2, 1});
  CHECK(mean(found_by(measure::absolute_error(), labels, predictions)) == Approx(4. / 3));
  CHECK(mean(found_by(measure::squared_error(), labels, predictions)) == Approx(10. / 3));
  CHECK(mean(found_by(measure::root_squared_error(), labels, predictions)) ==
        Approx(std::sqrt(10. / 3)));
  CHECK(mean(found_by(measure::total(), Array(), predictions)) == Approx(5. / 3));
  const double r = (3 * 10 - 7 * 5) / std::sqrt((3. * 21 - 49) * (3. * 9 - 25));
  CHECK(mean(found_by(measure::correlation(), labels, predictions)) == Approx(r));
}

TEST_CASE("measures of two classes, and of any", "[training]") {
  // 2 hits, 1 false alarm, 1 rejection, 1 miss.
  const Array labels = classes({1, 1, 0, 0, 1}), scores = classes({.9f, .2f, .1f, .8f, .7f});
  CHECK(found_by(measure::two_class_counts(), labels, scores).table ==
        std::vector<double>{2, 1, 1, 1});
  CHECK(mean(found_by(measure::two_classes(measure::f1_score), labels, scores)) == Approx(2. / 3));
  CHECK(mean(found_by(measure::two_classes(measure::matthews_score), labels, scores)) ==
        Approx((2. * 1 - 1 * 1) / std::sqrt(3. * 3 * 2 * 2)));
  CHECK(measure::f1_score(std::vector<double>(4)) == 0);
  CHECK(measure::matthews_score(std::vector<double>(4)) == 0);
  Tally confusion(measure::confusion());
  confusion.add({{classes({0, 1}), classes({1, 1})}});
  confusion.add({{classes({2, 1}), classes({1, 1})}});
  const Findings sums = confusion.take();
  CHECK(sums.table == std::vector<double>{0, 0, 0, 1, 2, 1, 0, 0, 0});
  CHECK(sums.count == 2);
}

TEST_CASE("arrays of any type and device are measured", "[training]") {
  const Device device = add_emulated_gpu();
  const Array labels = classes({0, 1, 2});
  for (DType type : {DType::f64, DType::f16, DType::bf16}) {
    CHECK(found_by(measure::accuracy(), labels.as_type(DType::i32), scores().as_type(type), 1)
              .onto(0) == 3);
  }
  CHECK(found_by(measure::accuracy(), labels.as_type(DType::u8), labels.as_type(DType::i64))
            .onto(0) == 3);
  CHECK(found_by(measure::accuracy(), labels.copy(device), scores().copy(device), 1).onto(0) == 3);
}

TEST_CASE("adding a batch waits for the one that is `depth` back only", "[training][engine]") {
  const WithEngine engine(EngineKind::threaded);
  const Array held = Array::empty({1});
  std::promise<void> gate;
  const Variable writes[] = {held.variable()};
  held.engine()->push([&, opened = gate.get_future().share()] { opened.wait(); }, {}, writes);
  Tally tally(measure::total());
  for (int i = 0; i < Tally::depth; ++i) tally.add({{Array(), held}});
  std::atomic<bool> was_added = false;
  std::thread next([&] {
    tally.add({{Array(), held}});
    was_added = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK_FALSE(was_added);
  gate.set_value();
  next.join();
  CHECK(tally.take().count == Tally::depth + 1);
  CHECK(tally.take().count == 0);
}

TEST_CASE("an error of measuring stays until reset", "[training][errors]") {
  Tally tally(measure::cross_entropy(0), "loss");
  tally.add({{classes({3}), array({.5f, .5f}, {1, 2}), 1}});
  require_error_matches([&] { tally.take(); }, {"the label 3", "classes 0 to 1"});
  require_error_matches([&] { tally.read(); }, "the label 3");
  tally.reset();
  tally.add({{classes({1}), array({.5f, .5f}, {1, 2}), 1}});
  CHECK(tally.read().onto(0) == Approx(-std::log(.5)));
}

TEST_CASE("batches of one engine after another are summed", "[training][engine]") {
  Tally tally(measure::total());
  for (EngineKind kind : {EngineKind::serial, EngineKind::threaded, EngineKind::replay}) {
    const WithEngine engine(kind);
    tally.add({{Array(), Array::full({2}, 3)}});
  }
  CHECK(tally.take().onto(0) == 18);
}

TEST_CASE("what a tally refuses, in sentences", "[training][errors]") {
  Tally tally(measure::accuracy(), "acc");
  require_error_matches([&] { tally.add({{classes({0, 1}), scores(), 1}}); },
                        {"'acc' is given labels of shape (2,)", "(3, 3)", "3 labels"});
  require_error_matches([&] { tally.add({{classes({0, 1}), scores(), 2}}); }, "from axis 2");
  require_error_matches([&] { tally.add({{classes({}), Array::empty({2, 0}), 1}}); },
                        "have no classes");
  require_error_matches([&] { tally.add({{classes({0, 1, 2}), scores(), 1, 4}}); },
                        "leave out 4 of 3 rows");
  Tally table(measure::confusion());
  table.add({{classes({1e9f}), classes({0})}});
  require_error_matches([&] { table.take(); }, {"the class 1000000000", "at most 10000"});
  table.reset();
  table.add({{classes({-1}), classes({0})}});
  require_error_matches([&] { table.take(); }, "the label -1");
  Tally best(measure::top_k(2));
  best.add({{classes({0}), classes({0})}});
  require_error_matches([&] { best.take(); }, "without an axis of classes");
}
