/* Two layers that learn "exactly one of two", from C: a graph, an executor, an optimizer. */
#include <treadle/c_api.h>

#include <stdio.h>
#include <stdlib.h>

/* Every call may fail; the sentence says why. */
static void check(TreadleStatus status) {
  if (status == TREADLE_OK) return;
  fprintf(stderr, "%s\n", treadle_last_error());
  exit(1);
}

/* Puts an operator with one parameter behind *net. */
static void add(TreadleSymbol** net, const char* op, TreadlePair param, const char* name) {
  TreadleSymbol* next = NULL;
  check(treadle_symbol_compose(op, &param, param.key != NULL, net, NULL, 1, name, &next));
  treadle_symbol_free(*net); /* next keeps what it needs of it */
  *net = next;
}

int main(void) {
  static const float data[] = {0, 0, 0, 1, 1, 0, 1, 1}, labels[] = {0, 1, 1, 0};
  static const char* const weights[] = {"fc1_weight", "fc1_bias", "fc2_weight", "fc2_bias"};
  const TreadlePair hidden = {"num_hidden", "8"}, tanh = {"act_type", "tanh"};
  const TreadlePair classes = {"num_hidden", "2"}, none = {NULL, NULL};
  const TreadlePair rate = {"lr", "0.5"};
  const int64_t data_shape[] = {4, 2};
  const TreadleNamedShape shapes[] = {{"data", {data_shape, 2}}};
  TreadleSymbol* net = NULL;
  TreadleExecutor* executor = NULL;
  TreadleNDArray *values[4] = {NULL}, *gradients[4] = {NULL}, *array = NULL, *output = NULL;
  float chances[8];
  int i, step, right = 0;

  check(treadle_symbol_variable("data", &net));
  add(&net, "FullyConnected", hidden, "fc1");
  add(&net, "Activation", tanh, "tanh1");
  add(&net, "FullyConnected", classes, "fc2");
  add(&net, "SoftmaxOutput", none, "softmax");
  check(treadle_executor_simple_bind(net, treadle_cpu(0), shapes, 1, NULL, &executor));

  check(treadle_executor_argument(executor, "data", &array));
  check(treadle_ndarray_copy_from_host(array, data, sizeof data));
  treadle_ndarray_free(array);
  check(treadle_executor_argument(executor, "softmax_label", &array));
  check(treadle_ndarray_copy_from_host(array, labels, sizeof labels));
  treadle_ndarray_free(array);

  check(treadle_seed(1));
  for (i = 0; i < 4; ++i) {
    const TreadlePair uniform[] = {{"low", "-1"}, {"high", "1"}};
    check(treadle_executor_argument(executor, weights[i], &values[i]));
    check(treadle_executor_gradient(executor, weights[i], &gradients[i]));
    array = NULL;
    check(treadle_invoke("_random_uniform_like", uniform, 2, &values[i], 1, &array, 1, NULL));
    check(treadle_ndarray_copy_from(values[i], array));
    treadle_ndarray_free(array);
  }

  for (step = 0; step < 200; ++step) { /* nothing here waits: the engine keeps the order */
    check(treadle_executor_forward(executor, 1, NULL, 0));
    check(treadle_executor_backward(executor, NULL, 0));
    for (i = 0; i < 4; ++i) {
      TreadleNDArray* inputs[2];
      inputs[0] = values[i];
      inputs[1] = gradients[i];
      check(treadle_invoke("sgd_update", &rate, 1, inputs, 2, &values[i], 1, NULL));
    }
  }

  check(treadle_executor_forward(executor, 0, NULL, 0));
  check(treadle_executor_output(executor, "softmax_output", &output));
  check(treadle_ndarray_copy_to_host(output, chances, sizeof chances));
  for (i = 0; i < 4; ++i) {
    printf("%g, %g: %.3f\n", data[2 * i], data[2 * i + 1], chances[2 * i + 1]);
    right += (chances[2 * i + 1] > 0.5f) == (labels[i] > 0);
  }

  for (i = 0; i < 4; ++i) {
    treadle_ndarray_free(values[i]);
    treadle_ndarray_free(gradients[i]);
  }
  treadle_ndarray_free(output);
  treadle_executor_free(executor);
  treadle_symbol_free(net);
  return right == 4 ? 0 : 1;
}
