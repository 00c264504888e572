#include "treadle/serialization/checkpoint.h"

#include "treadle/serialization/array_file.h"
#include "treadle/serialization/checksum.h"
#include "treadle/tests/serialization/data.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

Symbol small_net() {
  const Symbol data[] = {Symbol::variable("data")};
  const Symbol fc[] = {compose("FullyConnected", {{"num_hidden", "3"}}, data, {}, "fc")};
  return compose("BatchNorm", {{"fix_gamma", "False"}}, fc, {}, "bn");
}

ArrayMap arguments() {
  return {{"fc_weight", Array::full({3, 4}, 0.5)}, {"fc_bias", Array::zeros({3})}};
}
ArrayMap states() { return {{"bn_moving_mean", Array::full({3}, 2)}}; }

}  // namespace

TEST_CASE("a checkpoint is two files and reads back", "[serialization]") {
  const ScratchFolder folder("checkpoint");
  const Symbol net = small_net();
  save_checkpoint(folder / "net", 7, net, arguments(), states());
  REQUIRE(folder.num_files() == 2);
  REQUIRE(checkpoint_array_file(folder / "net", 7) == folder / "net-0007.params");
  REQUIRE(read_file(folder / "net-symbol.json") == with_checksum(net.to_json()));
  REQUIRE(load_arrays(folder / "net-0007.params").names ==
          std::vector<std::string>{"arg:fc_bias", "arg:fc_weight", "aux:bn_moving_mean"});

  const Checkpoint loaded = load_checkpoint(folder / "net", 7);
  REQUIRE(loaded.symbol.to_json() == net.to_json());
  REQUIRE(loaded.arguments.size() == 2);
  REQUIRE(loaded.arguments.at("fc_weight").to_vector<float>() == std::vector<float>(12, 0.5f));
  REQUIRE(loaded.auxiliaries.at("bn_moving_mean").to_vector<float>() ==
          std::vector<float>(3, 2.0f));
}

TEST_CASE("an empty symbol leaves the graph's file alone", "[serialization]") {
  const ScratchFolder folder("checkpoint_arrays");
  save_checkpoint(folder / "net", 12345, Symbol(), arguments(), {});
  REQUIRE(folder.num_files() == 1);
  REQUIRE(load_arrays(folder / "net-12345.params").arrays.size() == 2);
}

TEST_CASE("arrays without arg: and aux: are sorted by the symbol", "[serialization]") {
  const ScratchFolder folder("checkpoint_plain");
  small_net().save(folder / "net-symbol.json");
  const ArrayMap plain = {{"fc_bias", Array::zeros({3})},
                          {"bn_moving_var", Array::full({3}, 1)},
                          {"aux:bn_moving_mean", Array::zeros({3})}};
  save_arrays(folder / "net-0000.params", plain);
  const Checkpoint loaded = load_checkpoint(folder / "net", 0);
  REQUIRE(loaded.arguments.size() == 1);
  REQUIRE(loaded.arguments.contains("fc_bias"));
  REQUIRE(loaded.auxiliaries.size() == 2);
}

TEST_CASE("each checkpoint that cannot be is refused in a sentence", "[serialization]") {
  const ScratchFolder folder("checkpoint_refused");
  require_error_matches([&] { save_checkpoint(folder / "net", -1, small_net(), {}, {}); },
                        "A checkpoint's epoch is -1; at least 0 is expected.");
  REQUIRE(folder.num_files() == 0);
  require_error_matches([&] { load_checkpoint(folder / "net", 1); },
                        "net-symbol.json cannot be read: No such file or directory.");
  small_net().save(folder / "net-symbol.json");
  require_error_matches([&] { load_checkpoint(folder / "net", 1); },
                        "net-0001.params cannot be read");
  const Array one[] = {Array::zeros({1})};
  save_arrays(folder / "net-0001.params", one);
  require_error_matches([&] { load_checkpoint(folder / "net", 1); },
                        {"net-0001.params: the file holds 1 arrays without names", "arg:NAME"});
  save_arrays(folder / "net-0001.params", ArrayMap{{"arg:w", one[0]}, {"w", one[0]}});
  require_error_matches([&] { load_checkpoint(folder / "net", 1); }, "there are two arrays 'w'");
  require_error_matches([&] { save_checkpoint("hdfs://bucket/net", 1, small_net(), {}, {}); },
                        "there is no scheme 'hdfs'");
}

}  // namespace treadle::testing
