#include "treadle/training/model.h"

#include <filesystem>
#include <stdexcept>

#include "treadle/engine/engine.h"
#include "treadle/io/array_iterator.h"
#include "treadle/operators/random.h"
#include "treadle/ops.h"
#include "treadle/tests/support/catch.h"
#include "treadle/training/checkpoint_writer.h"
#include "treadle/training/sgd.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

Symbol mlp() {
  Symbol net = FullyConnected{.num_hidden = 16}(Symbol::variable("data"), "fc1");
  net = Activation{.act_type = ActType::tanh}(net, "tanh1");
  return SoftmaxOutput{}(FullyConnected{.num_hidden = 2}(net, "fc2"), "softmax");
}

// Points in the plane; the class says whether they lie inside a circle.
ArrayIterator points(int64_t count, int64_t batch_size, uint64_t seed, bool shuffle = false) {
  std::vector<float> data, labels;
  for (int64_t i = 0; i < count; ++i) {
    const float x = 2 * uniform_at({seed, 0}, uint64_t(2 * i)) - 1,
                y = 2 * uniform_at({seed, 0}, uint64_t(2 * i + 1)) - 1;
    data.insert(data.end(), {x, y});
    labels.push_back(x * x + y * y < 0.5f ? 1.0f : 0.0f);
  }
  return ArrayIterator({{"data", Array::from(data, {count, 2})}},
                       {{"softmax_label", Array::from(labels, {count})}},
                       {.batch_size = batch_size, .shuffle = shuffle, .seed = seed});
}

std::shared_ptr<SGD> sgd() {
  return std::make_shared<SGD>(SGD::Options{.learning_rate = 0.1f, .momentum = 0.9f});
}

std::string scratch(const std::string& name) {
  const std::string folder = std::string(TREADLE_TEST_SCRATCH) + "/model_" + name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder + "/net";
}

// Calls a function after every batch.
class AfterBatch final : public Callback {
 public:
  explicit AfterBatch(std::function<void(TrainingState&)> call) : call_(std::move(call)) {}
  void end_batch(TrainingState& state) override { call_(state); }
  void end_training(TrainingState&) noexcept override { ++ends; }
  int ends = 0;

 private:
  std::function<void(TrainingState&)> call_;
};

std::vector<std::vector<float>> parameters(const Model& model) {
  std::vector<std::vector<float>> all;
  for (const auto& [name, array] : model.parameters()) all.push_back(array.to_vector<float>());
  return all;
}

}  // namespace

TEST_CASE("fit learns, score and predict agree", "[training]") {
  Model model(mlp());
  ArrayIterator train = points(400, 32, 1, true), test = points(130, 32, 2);
  const FitResult result = model.fit(train, {.epochs = 40,
                                             .optimizer = sgd(),
                                             .initializer = std::make_shared<Xavier>(),
                                             .validation = &test});
  REQUIRE(result.epochs.size() == 40);
  CHECK_FALSE(result.was_stopped);
  CHECK(result.epochs.back().training[0].value > 0.9);
  CHECK(result.epochs[0].examples == 400);
  CHECK(result.epochs[0].examples_per_second() > 0);

  Accuracy accuracy;
  const double scored = model.score(test, accuracy)[0].value;
  CHECK(scored > 0.88);
  CHECK(result.epochs.back().validation[0].value == scored);
  const std::vector<Array> outputs = model.predict(test);
  REQUIRE(outputs.size() == 1);
  CHECK(outputs[0].shape() == Shape{130, 2});  // without padding
  ArrayIterator all = points(130, 130, 2);
  Accuracy whole;
  const auto batch = all.next();
  whole.update(batch->labels, outputs);
  CHECK(whole.value() == Approx(scored));
}

TEST_CASE("training gives the same bits again, and on the serial engine", "[training][engine]") {
  const auto run = [] {
    seed_random(1);
    Model model(mlp());
    ArrayIterator train = points(100, 16, 4, true);
    model.fit(
        train,
        {.epochs = 5, .optimizer = sgd(), .initializer = std::make_shared<Xavier>(), .seed = 9});
    return parameters(model);
  };
  const auto first = run();
  CHECK(run() == first);
  const auto outer = Engine::set_default(Engine::create({.kind = EngineKind::serial}));
  const auto serial = run();
  Engine::set_default(outer);
  CHECK(serial == first);
}

TEST_CASE("the gradient is that of the batch's mean unless told otherwise", "[training]") {
  const auto after_one_batch = [](std::optional<float> rescale, float rate) {
    Model model(mlp());
    ArrayIterator train = points(16, 16, 4);
    model.fit(train, {.optimizer = std::make_shared<SGD>(
                          SGD::Options{.learning_rate = rate, .rescale_grad = rescale})});
    return parameters(model);
  };
  CHECK(after_one_batch(std::nullopt, 0.5f) == after_one_batch(1.0f / 16, 0.5f));
  CHECK(after_one_batch(1.0f, 0.5f) != after_one_batch(std::nullopt, 0.5f));
}

TEST_CASE("a saved model, loaded, predicts the same", "[training][files]") {
  const std::string prefix = scratch("save");
  Model model(mlp());
  ArrayIterator train = points(64, 16, 4), test = points(10, 10, 5);
  model.fit(train, {.epochs = 2, .optimizer = sgd()});
  model.save(prefix, 2);
  Model loaded = Model::load(prefix, 2);
  CHECK(loaded.predict(test)[0].to_vector<float>() == model.predict(test)[0].to_vector<float>());
  CHECK(parameters(loaded) == parameters(model));
  // Data without labels will do.
  ArrayIterator blind({{"data", Array::full({4, 2}, 0.1)}}, {}, {.batch_size = 2});
  CHECK(loaded.predict(blind)[0].shape() == Shape{4, 2});
  // And training goes on from there.
  const FitResult more = loaded.fit(train, {.epochs = 5, .first_epoch = 2, .optimizer = sgd()});
  REQUIRE(more.epochs.size() == 3);
  CHECK(more.epochs[0].epoch == 2);
}

TEST_CASE("checkpoints are written while training, old ones removed when told",
          "[training][files]") {
  const auto files = [](const std::string& prefix) {
    std::vector<std::string> found;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(prefix).parent_path())) {
      found.push_back(entry.path().filename().string());
    }
    std::ranges::sort(found);
    return found;
  };
  ArrayIterator train = points(32, 16, 4);
  const std::string all = scratch("all"), one = scratch("one");
  const auto every_second = std::make_shared<CheckpointWriter>(all, 2),
             newest = std::make_shared<CheckpointWriter>(one, 1, 1);
  Model model(mlp());
  model.fit(train, {.epochs = 5, .optimizer = sgd(), .callbacks = {every_second, newest}});
  CHECK(files(all) == std::vector<std::string>{"net-0002.params", "net-0004.params",
                                               "net-0005.params", "net-symbol.json"});
  CHECK(files(one) == std::vector<std::string>{"net-0005.params", "net-symbol.json"});
  CHECK(newest->last_epoch() == 5);
  require_error_matches([] { CheckpointWriter("x", 0); }, "period is 0");
}

TEST_CASE("training stops where it is asked to, with the last checkpoint kept", "[training]") {
  ArrayIterator train = points(64, 16, 4);  // four batches
  const std::string prefix = scratch("stop");
  StopFlag stop;
  const auto writer = std::make_shared<CheckpointWriter>(prefix);
  const auto watch = std::make_shared<AfterBatch>([&](TrainingState& state) {
    if (state.epoch.epoch == 2 && state.batches_done == 2) stop.request();
  });
  Model model(mlp());
  const FitResult result = model.fit(
      train, {.epochs = 9, .optimizer = sgd(), .callbacks = {writer, watch}, .stop = &stop});
  CHECK(result.was_stopped);
  CHECK(result.epochs.size() == 2);
  CHECK(writer->last_epoch() == 2);
  CHECK(watch->ends == 1);
  CHECK_NOTHROW(Model::load(prefix, 2));

  const auto early = std::make_shared<AfterBatch>([](TrainingState& state) { state.stop = true; });
  Model other(mlp());
  const FitResult none = other.fit(train, {.epochs = 3, .optimizer = sgd(), .callbacks = {early}});
  CHECK(none.was_stopped);
  CHECK(none.epochs.empty());
  CHECK(early->ends == 1);
}

TEST_CASE("a callback that throws ends the training, and the model works on",
          "[training][errors]") {
  ArrayIterator train = points(64, 16, 4);
  const auto bad = std::make_shared<AfterBatch>([](TrainingState& state) {
    if (state.batches_done == 3) throw std::runtime_error("enough");
  });
  Model model(mlp());
  require_error_matches<std::runtime_error>(
      [&] { model.fit(train, {.epochs = 3, .optimizer = sgd(), .callbacks = {bad}}); }, "enough");
  CHECK(bad->ends == 1);
  model.wait();
  CHECK(model.fit(train, {.epochs = 1, .optimizer = sgd()}).epochs.size() == 1);
}

TEST_CASE("parameters start as their names and attributes say", "[training]") {
  Symbol net = FullyConnected{.num_hidden = 4}(Symbol::variable("data"), "fc1");
  net = BatchNorm{}(net, "bn1");
  const Symbol weight =
      Symbol::variable("fc2_weight", {{"__init__", R"(["constant", {"value": 0.25}])"}});
  net = compose("FullyConnected", {{"num_hidden", "2"}}, {}, {{"data", net}, {"weight", weight}},
                "fc2");
  Model model(SoftmaxOutput{}(net, "softmax"));
  model.init_parameters({{"data", {8, 3}}, {"softmax_label", {8}}}, Xavier());
  CHECK(model.parameters().size() == 6);
  CHECK(model.parameters().find("fc1_weight")->second.shape() == Shape{4, 3});
  CHECK(model.parameters().find("fc1_bias")->second.to_vector<float>() == std::vector<float>(4, 0));
  CHECK(model.parameters().find("bn1_gamma")->second.to_vector<float>() ==
        std::vector<float>(4, 1));
  CHECK(model.parameters().find("fc2_weight")->second.to_vector<float>() ==
        std::vector<float>(8, 0.25));
  CHECK(model.auxiliaries().find("bn1_moving_var")->second.to_vector<float>() ==
        std::vector<float>(4, 1));
}

TEST_CASE("what a model refuses, in sentences", "[training][errors]") {
  ArrayIterator train = points(16, 8, 4);
  Model model(mlp());
  require_error_matches([&] { model.predict(train); }, {"fc1_weight"});
  require_error_matches([] { Model(Symbol{}); }, "empty");
  require_error_matches([&] { model.fit(train, {.epochs = 1, .first_epoch = 2}); },
                        "epochs 2 to 1");
  model.fit(train, {.optimizer = sgd()});
  ArrayIterator wide({{"data", Array::zeros({8, 3})}}, {{"softmax_label", Array::zeros({8})}},
                     {.batch_size = 8});
  require_error_matches([&] { model.fit(wide, {.optimizer = sgd()}); },
                        {"'fc1_weight' has shape (16, 2)", "(16, 3)"});
  ArrayIterator misnamed({{"dota", Array::zeros({8, 2})}}, {}, {.batch_size = 8});
  require_error_matches([&] { model.predict(misnamed); }, {"dota", "data"});
  require_error_matches([] { Model::load(std::string(TREADLE_TEST_SCRATCH) + "/nothing_here", 1); },
                        "nothing_here");
}
