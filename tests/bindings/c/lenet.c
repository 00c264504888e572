/* A small convolutional network, trained, saved, loaded and compared, with an operator of the
 * program's own inside, all in C99. */
#include "treadle/c_api.h"

#include <string.h>

#include "check.h"

enum { SIDE = 8, PIXELS = SIDE * SIDE, BATCH = 32, CLASSES = 4, MAX_ARRAYS = 16 };

/* max(x, 0), with a callback of its own for each direction. */
static TreadleStatus relu_shape(void* op, TreadleShapeInference* inference) {
  TreadleShape shape;
  TreadleStatus status = treadle_inference_argument(inference, 0, &shape);
  (void)op;
  return status ? status : treadle_inference_set_output(inference, 0, shape.dims, shape.ndim);
}
static TreadleStatus pass_positive(TreadleNDArray* target, TreadleRequest request,
                                   TreadleNDArray* source, TreadleNDArray* sign) {
  void *to = NULL, *from = NULL, *by = NULL;
  int64_t count = 0, i;
  if (treadle_ndarray_data(target, &to) || treadle_ndarray_data(source, &from) ||
      treadle_ndarray_data(sign, &by) || treadle_ndarray_size(target, &count)) {
    return TREADLE_ERROR;
  }
  for (i = 0; i < count && request != TREADLE_REQUEST_NULL; ++i) {
    const float value = ((const float*)by)[i] > 0 ? ((const float*)from)[i] : 0;
    ((float*)to)[i] = request == TREADLE_REQUEST_ADD ? ((float*)to)[i] + value : value;
  }
  return TREADLE_OK;
}
static TreadleStatus relu_forward(void* use, const TreadleCustomRun* run) {
  (void)use;
  return pass_positive(run->outputs[0], run->requests[0], run->inputs[0], run->inputs[0]);
}
static TreadleStatus relu_backward(void* use, const TreadleCustomRun* run) {
  (void)use;
  return pass_positive(run->in_grads[0], run->requests[0], run->out_grads[0], run->inputs[0]);
}
static TreadleStatus fail_forward(void* use, const TreadleCustomRun* run) {
  (void)use, (void)run;
  treadle_set_error("the valve is shut");
  return TREADLE_ERROR;
}

static void register_operators(void) {
  TreadleCustomOperator custom = {0};
  custom.struct_size = sizeof custom;
  custom.infer_shape = relu_shape;
  custom.forward = relu_forward;
  custom.backward = relu_backward;
  OK(treadle_custom_register("lenet_relu", &custom));
  custom.forward = fail_forward;
  OK(treadle_custom_register("lenet_broken", &custom));
}

/* Puts an operator behind *net; parameters end with a NULL key. */
static void add(TreadleSymbol** net, const char* op, const char* name, const TreadlePair* params) {
  TreadleSymbol* next = NULL;
  size_t count = 0;
  while (params[count].key != NULL) ++count;
  OK(treadle_symbol_compose(op, params, count, net, NULL, 1, name, &next));
  treadle_symbol_free(*net);
  *net = next;
}

static TreadleSymbol* lenet(void) {
  const TreadlePair conv[] = {{"kernel", "(3, 3)"}, {"num_filter", "8"}, {NULL, NULL}};
  const TreadlePair pool[] = {
      {"kernel", "(2, 2)"}, {"stride", "(2, 2)"}, {"pool_type", "max"}, {NULL, NULL}};
  const TreadlePair relu[] = {{"op_type", "lenet_relu"}, {NULL, NULL}};
  const TreadlePair classes[] = {{"num_hidden", "4"}, {NULL, NULL}};
  const TreadlePair none[] = {{NULL, NULL}};
  TreadleSymbol* net = NULL;
  OK(treadle_symbol_variable("data", &net));
  add(&net, "Convolution", "conv", conv);
  add(&net, "Custom", "relu", relu);
  add(&net, "Pooling", "pool", pool);
  add(&net, "FullyConnected", "fc", classes);
  add(&net, "SoftmaxOutput", "softmax", none);
  return net;
}

static unsigned random_state = 12345;
static float draw(void) { /* between 0 and 1 */
  random_state = random_state * 1664525u + 1013904223u;
  return (float)(random_state >> 8) / 16777216.0f;
}

/* Noise with one bright quadrant, whose number is the class. */
static void draw_batch(float* pixels, float* labels) {
  int i, p;
  for (i = 0; i < BATCH; ++i) {
    const int label = (int)(draw() * CLASSES);
    labels[i] = (float)label;
    for (p = 0; p < PIXELS; ++p) {
      const int quadrant = p / SIDE / (SIDE / 2) * 2 + p % SIDE / (SIDE / 2);
      pixels[i * PIXELS + p] = draw() + (quadrant == label ? 0.7f : 0);
    }
  }
}

static TreadleExecutor* bind(TreadleSymbol* net) {
  const int64_t images[] = {BATCH, 1, SIDE, SIDE}, labels[] = {BATCH};
  const TreadleNamedShape shapes[] = {{"data", {images, 4}}, {"softmax_label", {labels, 1}}};
  TreadleNamedRequest requests[] = {{"data", TREADLE_REQUEST_NULL},
                                    {"softmax_label", TREADLE_REQUEST_NULL}};
  TreadleBindOptions options = {0};
  TreadleExecutor* executor = NULL;
  options.struct_size = sizeof options;
  options.requests = requests;
  options.num_requests = 2;
  OK(treadle_executor_simple_bind(net, treadle_cpu(0), shapes, 2, &options, &executor));
  return executor;
}

/* Names of the arguments, kept, with handles on them; gradients are NULL where there is none. */
typedef struct Parameters {
  char names[MAX_ARRAYS][32];
  TreadleNDArray *values[MAX_ARRAYS], *gradients[MAX_ARRAYS];
  size_t count;
} Parameters;

static Parameters parameters_of(TreadleSymbol* net, TreadleExecutor* executor) {
  Parameters made;
  const char* const* names = NULL;
  TreadleNDArray* const* arrays = NULL;
  size_t i;
  OK(treadle_symbol_list_arguments(net, &names, &made.count));
  CHECK(made.count <= MAX_ARRAYS);
  for (i = 0; i < made.count; ++i) {
    CHECK(strlen(names[i]) < sizeof made.names[i]);
    strcpy(made.names[i], names[i]);
  }
  OK(treadle_executor_arguments(executor, &arrays, &made.count));
  memcpy(made.values, arrays, made.count * sizeof *arrays);
  OK(treadle_executor_gradients(executor, &arrays, &made.count));
  memcpy(made.gradients, arrays, made.count * sizeof *arrays);
  return made;
}

static void free_parameters(Parameters* parameters) {
  size_t i;
  for (i = 0; i < parameters->count; ++i) {
    treadle_ndarray_free(parameters->values[i]);
    treadle_ndarray_free(parameters->gradients[i]);
  }
}

static void initialize(Parameters* parameters) {
  const TreadlePair range[] = {{"low", "-0.2"}, {"high", "0.2"}, {"shape", NULL}};
  size_t i;
  OK(treadle_seed(7));
  for (i = 0; i < parameters->count; ++i) {
    TreadlePair params[3];
    TreadleShape shape;
    char text[64];
    int used = 0, axis;
    if (parameters->gradients[i] == NULL) continue;
    OK(treadle_ndarray_shape(parameters->values[i], &shape));
    used += sprintf(text, "(");
    for (axis = 0; axis < shape.ndim; ++axis) {
      used += sprintf(text + used, "%ld,", (long)shape.dims[axis]);
    }
    sprintf(text + used, ")");
    memcpy(params, range, sizeof range);
    params[2].value = text;
    OK(treadle_invoke("_random_uniform", params, 3, NULL, 0, &parameters->values[i], 1, NULL));
  }
}

static void update(Parameters* parameters) {
  const TreadlePair params[] = {{"lr", "0.1"}, {"rescale_grad", "0.03125"}};
  size_t i;
  for (i = 0; i < parameters->count; ++i) {
    TreadleNDArray* inputs[2];
    if (parameters->gradients[i] == NULL) continue;
    inputs[0] = parameters->values[i];
    inputs[1] = parameters->gradients[i];
    OK(treadle_invoke("sgd_update", params, 2, inputs, 2, &parameters->values[i], 1, NULL));
  }
}

/* Runs one batch and gives how many of it are told right. */
static int run(TreadleExecutor* executor, int is_train, float* outputs) {
  float pixels[BATCH * PIXELS], labels[BATCH];
  TreadleNDArray *data = NULL, *label = NULL, *output = NULL;
  int i, c, right = 0;
  draw_batch(pixels, labels);
  OK(treadle_executor_argument(executor, "data", &data));
  OK(treadle_executor_argument(executor, "softmax_label", &label));
  OK(treadle_executor_output(executor, "softmax_output", &output));
  OK(treadle_ndarray_copy_from_host(data, pixels, sizeof pixels));
  OK(treadle_ndarray_copy_from_host(label, labels, sizeof labels));
  OK(treadle_executor_forward(executor, is_train, NULL, 0));
  if (is_train) OK(treadle_executor_backward(executor, NULL, 0));
  OK(treadle_ndarray_copy_to_host(output, outputs, BATCH * CLASSES * sizeof *outputs));
  for (i = 0; i < BATCH; ++i) {
    int best = 0;
    for (c = 1; c < CLASSES; ++c) {
      if (outputs[i * CLASSES + c] > outputs[i * CLASSES + best]) best = c;
    }
    right += best == (int)labels[i];
  }
  treadle_ndarray_free(data);
  treadle_ndarray_free(label);
  treadle_ndarray_free(output);
  return right;
}

static void save(TreadleSymbol* net, const Parameters* parameters) {
  TreadleNamedArray saved[MAX_ARRAYS];
  char names[MAX_ARRAYS][40];
  size_t i, count = 0;
  for (i = 0; i < parameters->count; ++i) {
    if (parameters->gradients[i] == NULL) continue;
    sprintf(names[count], "arg:%s", parameters->names[i]);
    saved[count].name = names[count];
    saved[count++].array = parameters->values[i];
  }
  OK(treadle_symbol_save(net, "c_lenet-symbol.json"));
  OK(treadle_ndarray_save("c_lenet-0001.params", saved, count));
}

/* A new executor from the files. */
static TreadleExecutor* load(void) {
  TreadleSymbol* net = NULL;
  TreadleExecutor* executor;
  const TreadleNamedArray* loaded = NULL;
  size_t count = 0, i;
  OK(treadle_symbol_load("c_lenet-symbol.json", &net));
  executor = bind(net);
  OK(treadle_ndarray_load("c_lenet-0001.params", &loaded, &count));
  CHECK(count == 4);
  for (i = 0; i < count; ++i) {
    TreadleNDArray* argument = NULL;
    CHECK(strncmp(loaded[i].name, "arg:", 4) == 0);
    OK(treadle_executor_argument(executor, loaded[i].name + 4, &argument));
    OK(treadle_ndarray_copy_from(argument, loaded[i].array));
    treadle_ndarray_free(argument);
    treadle_ndarray_free(loaded[i].array);
  }
  treadle_symbol_free(net);
  return executor;
}

static void train(void) {
  TreadleSymbol* net = lenet();
  TreadleExecutor *executor = bind(net), *again;
  Parameters parameters = parameters_of(net, executor);
  float outputs[BATCH * CLASSES], same[BATCH * CLASSES];
  int step, right = 0;
  unsigned state;
  initialize(&parameters);
  for (step = 0; step < 150; ++step) {
    run(executor, 1, outputs);
    update(&parameters);
  }
  for (step = 0; step < 10; ++step) right += run(executor, 0, outputs);
  printf("%d of %d are told right\n", right, 10 * BATCH);
  CHECK(right > 10 * BATCH * 95 / 100);

  save(net, &parameters);
  again = load();
  state = random_state;
  run(executor, 0, outputs);
  random_state = state;
  run(again, 0, same);
  CHECK(memcmp(outputs, same, sizeof outputs) == 0);

  free_parameters(&parameters);
  treadle_executor_free(again);
  treadle_executor_free(executor);
  treadle_symbol_free(net);
}

static void differentiate(void) {
  const int64_t dims[] = {3};
  const TreadlePair op_type[] = {{"op_type", "lenet_relu"}};
  const float values[] = {-1, 2, 3};
  float found[3];
  TreadleNDArray *x = NULL, *gradient = NULL, *squared = NULL, *y = NULL;
  OK(treadle_ndarray_empty(dims, 1, TREADLE_FLOAT32, treadle_cpu(0), &x));
  OK(treadle_ndarray_copy_from_host(x, values, sizeof values));
  OK(treadle_ndarray_full(dims, 1, 0, TREADLE_FLOAT32, treadle_cpu(0), &gradient));
  OK(treadle_mark_variable(x, gradient, TREADLE_REQUEST_WRITE));
  OK(treadle_set_recording(1, NULL));
  OK(treadle_invoke("Custom", op_type, 1, &x, 1, &y, 1, NULL));
  OK(treadle_invoke("square", NULL, 0, &y, 1, &squared, 1, NULL));
  OK(treadle_set_recording(0, NULL));
  OK(treadle_backward(&squared, NULL, 1, 0));
  OK(treadle_ndarray_copy_to_host(gradient, found, sizeof found));
  CHECK(found[0] == 0 && found[1] == 4 && found[2] == 6);
  treadle_ndarray_free(x);
  treadle_ndarray_free(gradient);
  treadle_ndarray_free(squared);
  treadle_ndarray_free(y);
}

static void fail(void) {
  const int64_t dims[] = {2};
  const TreadlePair op_type[] = {{"op_type", "lenet_broken"}};
  TreadleNDArray *x = NULL, *y = NULL;
  OK(treadle_ndarray_full(dims, 1, 1, TREADLE_FLOAT32, treadle_cpu(0), &x));
  OK(treadle_invoke("Custom", op_type, 1, &x, 1, &y, 1, NULL)); /* queued: runs later */
  CHECK(treadle_ndarray_wait(y) == TREADLE_ERROR);
  CHECK(strstr(treadle_last_error(), "Custom") != NULL);
  CHECK(strstr(treadle_last_error(), "lenet_broken.forward: the valve is shut") != NULL);
  treadle_ndarray_free(x);
  treadle_ndarray_free(y);
}

int main(void) {
  CHECK(treadle_abi_version() == TREADLE_ABI_VERSION);
  register_operators();
  train();
  differentiate();
  fail();
  OK(treadle_custom_forget("lenet_relu"));
  OK(treadle_custom_forget("lenet_broken"));
  CHECK(treadle_live_handles() == 0);
  return 0;
}
