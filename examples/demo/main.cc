// The demo: trains LeNet on handwritten digits, shows how well it does, saves it, and loads it
// back.
#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include "evaluate.h"
#include "lenet.h"
#include "options.h"
#include "process.h"
#include "report.h"
#include "train.h"
#include "treadle/core/error.h"
#include "treadle/operators/random.h"
#include "treadle/serialization/checkpoint.h"

namespace demo {
namespace {

treadle::StopFlag stop;

// The first Ctrl-C asks training to stop, a second one ends the program at once.
void stop_on_interrupt() {
  struct sigaction action = {};
  action.sa_handler = [](int) { stop.request(); };
  action.sa_flags = SA_RESETHAND;
  sigaction(SIGINT, &action, nullptr);
}

constexpr int stopped_by_user = 130;  // what shells give for Ctrl-C

Digits load(const Options& options) {
  Digits digits = load_digits(options.data);
  if (options.is_quick) {
    const int64_t few = std::min<int64_t>(256, digits.training.count());
    digits.training = {digits.training.pixels.slice(0, few).copy(),
                       digits.training.labels.slice(0, few).copy()};
  }
  return digits;
}

// Trains once per seed and prints how well each did.
int run_seeds(const Options& options, const Digits& digits) {
  double sum = 0;
  for (int i = 0; i < options.seeds; ++i) {
    Options one = options;
    one.seed = options.seed + uint64_t(i);
    treadle::seed_random(one.seed);
    treadle::Model model(lenet());
    const TrainingRun run = train(model, digits, one, "", false, stop);
    if (run.fit.was_stopped) {
      std::printf("stopped in seed %llu\n", static_cast<unsigned long long>(one.seed));
      return stopped_by_user;
    }
    const Score result = score(model, digits.held_out);
    sum += result.percent();
    std::printf("seed %-3llu %s, %.0f samples/s\n", static_cast<unsigned long long>(one.seed),
                to_string(result).c_str(), run.examples_per_second());
    std::fflush(stdout);
  }
  std::printf("mean of %d seeds: test accuracy %.2f %%\n", options.seeds, sum / options.seeds);
  return 0;
}

// Trains once per fold of the training images and prints how well each did on what it left out. A
// recipe is chosen with this, so that the held-out images stay unseen.
int cross_validate(const Options& options, const Digits& digits) {
  Score sum;
  for (int i = 0; i < options.folds * options.seeds; ++i) {
    Options one = options;
    one.seed = options.seed + uint64_t(i / options.folds);
    const Digits fold = make_fold(digits.training, i % options.folds, options.folds);
    treadle::seed_random(one.seed);
    treadle::Model model(lenet());
    if (train(model, fold, one, "", false, stop).fit.was_stopped) return stopped_by_user;
    const Score result = score(model, fold.held_out);
    sum.right += result.right;
    sum.total += result.total;
    std::printf("seed %llu, fold %d of %d: %.2f %% of %lld images\n",
                static_cast<unsigned long long>(one.seed), i % options.folds + 1, options.folds,
                result.percent(), static_cast<long long>(result.total));
    std::fflush(stdout);
  }
  std::printf("cross-validation accuracy: %.2f %%\n", sum.percent());
  return 0;
}

int tell_of_stop(const TrainingRun& run, const std::string& prefix) {
  if (run.last_checkpoint > 0) {
    std::printf("stopped by Ctrl-C. The model after %d epochs is kept: %s\n", run.last_checkpoint,
                treadle::checkpoint_array_file(prefix, run.last_checkpoint).c_str());
  } else {
    std::printf("stopped by Ctrl-C in the first epoch; nothing was saved yet.\n");
  }
  return stopped_by_user;
}

// Loads the model in a new process; its words about the accuracy must be ours.
int confirm(const Options& options, const std::string& prefix, const std::string& ours) {
  const Finished other = run_program({own_program(), "--evaluate", prefix, "--epoch",
                                      std::to_string(options.epochs), "--data", options.data});
  const std::string theirs = other.output.substr(0, other.output.find('\n'));
  if (other.status == 0 && theirs == ours) {
    std::printf("loaded again in a new process: %s, the same\n", theirs.c_str());
    return 0;
  }
  std::fprintf(stderr,
               "treadle_demo: the saved model, loaded in a new process, says '%s' (status %d), "
               "expected '%s'\n",
               theirs.c_str(), other.status, ours.c_str());
  return 1;
}

int run_once(const Options& options, const Digits& digits) {
  std::filesystem::create_directories(options.folder);
  const std::string prefix = (std::filesystem::path(options.folder) / "lenet").string();
  std::printf("LeNet on handwritten digits: %lld images to train on, %lld held out, seed %llu\n",
              static_cast<long long>(digits.training.count()),
              static_cast<long long>(digits.held_out.count()),
              static_cast<unsigned long long>(options.seed));
  std::fflush(stdout);
  treadle::seed_random(options.seed);
  treadle::Model model(lenet());
  const TrainingRun run = train(model, digits, options, prefix, true, stop);
  if (options.print_losses) {
    for (size_t i = 0; i < run.batch_losses.size(); ++i)
      std::printf("batch %zu loss %.9g\n", i, run.batch_losses[i]);
  }
  if (run.fit.was_stopped) return tell_of_stop(run, prefix);

  const std::string accuracy = to_string(score(model, digits.held_out));
  const std::string picture_trouble = draw_graph(model.symbol(), digits.training, prefix);
  draw_curve(run.fit, prefix);
  std::printf("\n%s\nspeed: %.0f samples/s in training\n\nwritten:\n", accuracy.c_str(),
              run.examples_per_second());
  std::printf("  %-34s the network\n", treadle::checkpoint_symbol_file(prefix).c_str());
  std::printf("  %-34s its weights\n",
              treadle::checkpoint_array_file(prefix, options.epochs).c_str());
  if (picture_trouble.empty())
    std::printf("  %-34s a picture of the network\n", (prefix + "-graph.svg").c_str());
  std::printf("  %-34s loss and accuracy over the epochs\n\n", (prefix + "-curve.svg").c_str());
  if (!picture_trouble.empty()) std::printf("%s\n\n", picture_trouble.c_str());
  std::fflush(stdout);
  return confirm(options, prefix, accuracy);
}

int run(const Options& options) {
  if (!options.evaluate.empty()) {
    evaluate(options);
    return 0;
  }
  stop_on_interrupt();
  const Digits digits = load(options);
  if (!options.save_initial.empty()) {
    treadle::Model model(lenet());
    save_initial(model, digits, options);
  }
  if (options.folds > 1) return cross_validate(options, digits);
  return options.seeds > 1 ? run_seeds(options, digits) : run_once(options, digits);
}

}  // namespace
}  // namespace demo

int main(int argc, char** argv) {
  demo::Options options;
  options.data = TREADLE_DEMO_DATA;
  CLI::App app("Trains LeNet on handwritten digits and shows the result.", "treadle_demo");
  const auto* epochs =
      app.add_option("--epochs", options.epochs, "Times to go through the training images (20)")
          ->check(CLI::Range(1, 9999));
  app.add_option("--seed", options.seed,
                 "Seed of the first weights and of the order of the images (1)");
  app.add_option(
         "--seeds", options.seeds,
         "Train with this many seeds, beginning with --seed; print each accuracy and the mean")
      ->check(CLI::Range(1, 1000));
  app.add_option("--batch-size", options.batch_size, "Images per step (32)")
      ->check(CLI::Range(1, 1024));
  app.add_option("--learning-rate", options.learning_rate, "Size of the steps (0.05)")
      ->check(CLI::PositiveNumber);
  app.add_option("--momentum", options.momentum, "Share of the last step that is kept (0.9)")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--shift", options.shift,
                 "Move each image at random by up to this many pixels (2)")
      ->check(CLI::Range(0, 14));
  app.add_flag(
      "--plain", options.is_plain,
      "Images as they are and one learning rate throughout, to compare with other programs");
  app.add_option("--cross-validate", options.folds,
                 "Train once per fold of the training images and print the accuracy on what each "
                 "left out; the held-out images are not used")
      ->check(CLI::Range(2, 1000));
  app.add_option("--out", options.folder, "Folder for what is written (demo-output)");
  app.add_option("--data", options.data,
                 "The digits: rows of 64 pixels and a label, .csv or .csv.gz");
  app.add_flag("--quick", options.is_quick,
               "Two epochs on 256 images, to see that everything works");
  app.add_option("--evaluate", options.evaluate,
                 "Load the model of this prefix and print its accuracy; train nothing");
  app.add_option("--epoch", options.evaluated_epoch,
                 "Which checkpoint --evaluate loads (the newest)");
  app.add_option(
      "--predictions", options.predictions,
      "With --evaluate: write the held-out images, labels and probabilities to this .params file");
  app.add_option("--save-initial", options.save_initial,
                 "Write the first weights and the batches of the first epoch under this prefix");
  app.add_flag("--print-losses", options.print_losses,
               "Print the training loss of each batch of the first epoch");
  CLI11_PARSE(app, argc, argv);
  if (options.is_quick && epochs->count() == 0) options.epochs = 2;
  try {
    return demo::run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "treadle_demo: %s\n", error.what());
    return 1;
  }
}
