/* Treadle's C interface: plain C99, and what every other language is bound to.
 *
 *   #include <treadle/c_api.h>
 *   #include <stdio.h>
 *
 *   int main(void) {
 *     const int64_t shape[] = {2, 3};
 *     TreadleNDArray *x = NULL, *y = NULL;
 *     float values[6];
 *     if (treadle_ndarray_full(shape, 2, 4.0, TREADLE_FLOAT32, treadle_cpu(0), &x) ||
 *         treadle_invoke("sqrt", NULL, 0, &x, 1, &y, 1, NULL) ||
 *         treadle_ndarray_copy_to_host(y, values, sizeof values)) {
 *       fprintf(stderr, "%s\n", treadle_last_error());
 *       return 1;
 *     }
 *     printf("%g\n", values[0]);
 *     treadle_ndarray_free(x);
 *     treadle_ndarray_free(y);
 *     return 0;
 *   }
 *
 * Errors. Every function that can fail returns a TreadleStatus, 0 for success; treadle_last_error()
 * then has the sentence, of this thread alone. What a failed call was to give is left as it was. No
 * exception leaves the library and nothing in it ends the process. Work is queued and runs later:
 * its errors come from the calls that wait for it (..._wait, ..._copy_to_host, ..._data, ..._save).
 *
 * Ownership. Whatever a function gives as a handle (TreadleNDArray* and the like), alone or in a
 * list, is the caller's, who frees it once; freeing NULL does nothing. Handles stand on their own:
 * an array lives on when the executor that it came from is freed. Texts and lists (const pointers)
 * are the library's: they hold until the next call of the same thread that gives a text or a list.
 * Calls that give none, and frees, leave them as they are. What the caller passes is copied before
 * the call returns.
 *
 * Handles are numbers in a pointer's clothes, never to be looked into. NULL, a handle that was
 * freed and one of another kind are refused with a sentence.
 *
 * Threads. Everything may be called from any thread. Several threads may use one handle at a time,
 * but none while another one frees it, marks it as variable or sets attributes. One thread at a
 * time runs an executor. Scopes, recording and the last error belong to the thread.
 *
 * Growth. Options have struct_size first, to be set to sizeof of them; a zero in any other field
 * stands for the default: `TreadleBindOptions options = {sizeof options};`. Functions and fields
 * are added at the ends; TREADLE_ABI_VERSION counts the changes that are no additions. */
#ifndef TREADLE_C_API_H_
#define TREADLE_C_API_H_

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define TREADLE_API
#else
#define TREADLE_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define TREADLE_ABI_VERSION 1

/* ---- Values ---------------------------------------------------------------------------------- */

typedef int32_t TreadleStatus;
enum {
  TREADLE_OK = 0,
  TREADLE_ERROR = 1,         /* something that cannot work was asked for; the sentence says what */
  TREADLE_OUT_OF_MEMORY = 2, /* free something and try again */
  TREADLE_CANCELLED = 3,     /* the work was stopped before its end */
  TREADLE_INTERNAL_ERROR = 4 /* a bug of Treadle; the sentence asks for a report */
};

/* Element types, with the numbers that MXNet's files have for them. */
typedef int32_t TreadleDType;
enum {
  TREADLE_UNKNOWN_TYPE = -1, /* of inference */
  TREADLE_FLOAT32 = 0,
  TREADLE_FLOAT64 = 1,
  TREADLE_FLOAT16 = 2,
  TREADLE_UINT8 = 3,
  TREADLE_INT32 = 4,
  TREADLE_INT8 = 5,
  TREADLE_INT64 = 6,
  TREADLE_BOOL = 7,
  TREADLE_BFLOAT16 = 12
};

/* What happens to a gradient, or to an output of a custom operator. */
typedef int32_t TreadleRequest;
enum {
  TREADLE_REQUEST_DEFAULT = 0, /* what the function says */
  TREADLE_REQUEST_NULL = 1,    /* it is not wanted */
  TREADLE_REQUEST_WRITE = 2,
  TREADLE_REQUEST_ADD = 3 /* added to what the array holds */
};

/* Where an array lives and an operator runs: MXNet's context. */
enum { TREADLE_CPU = 1, TREADLE_GPU = 2, TREADLE_CPU_PINNED = 3, TREADLE_CPU_SHARED = 5 };
typedef struct TreadleDevice {
  int32_t kind; /* TREADLE_CPU, ... */
  int32_t id;
} TreadleDevice;

static inline TreadleDevice treadle_cpu(int32_t id) {
  TreadleDevice device;
  device.kind = TREADLE_CPU;
  device.id = id;
  return device;
}
static inline TreadleDevice treadle_gpu(int32_t id) {
  TreadleDevice device;
  device.kind = TREADLE_GPU;
  device.id = id;
  return device;
}

/* Extents, as many as ndim; none and NULL for a scalar, and for "unknown" in inference, where an
 * extent of 0 is unknown too. */
typedef struct TreadleShape {
  const int64_t* dims;
  int32_t ndim;
} TreadleShape;

typedef struct TreadleNDArray TreadleNDArray;
typedef struct TreadleSymbol TreadleSymbol;
typedef struct TreadleExecutor TreadleExecutor;

/* A parameter of an operator or an attribute; values are text, as files have it: "(3, 3)",
 * "True". */
typedef struct TreadlePair {
  const char* key;
  const char* value;
} TreadlePair;
typedef struct TreadleNamedShape {
  const char* name;
  TreadleShape shape;
} TreadleNamedShape;
typedef struct TreadleNamedType {
  const char* name;
  TreadleDType type;
} TreadleNamedType;
typedef struct TreadleNamedRequest {
  const char* name;
  TreadleRequest request;
} TreadleNamedRequest;
typedef struct TreadleNamedDevice {
  const char* name;
  TreadleDevice device;
} TreadleNamedDevice;
typedef struct TreadleNamedArray {
  const char* name;
  TreadleNDArray* array;
} TreadleNamedArray;
typedef struct TreadleNamedSymbol {
  const char* name;
  TreadleSymbol* symbol;
} TreadleNamedSymbol;

/* ---- The library ----------------------------------------------------------------------------- */

/* "0.1.0"; never freed. */
TREADLE_API const char* treadle_version(void);
/* The library's TREADLE_ABI_VERSION: a program compiled with another number cannot use it. */
TREADLE_API int32_t treadle_abi_version(void);
/* The sentence of this thread's last failed call, "" before the first; it holds until the next
 * failure. A call that succeeds leaves it. */
TREADLE_API const char* treadle_last_error(void);
/* Sets it: what a callback says before it returns a status other than 0. */
TREADLE_API void treadle_set_error(const char* sentence);
/* How many handles are not freed yet, of all kinds together: for tests of bindings. */
TREADLE_API int64_t treadle_live_handles(void);

/* ---- Devices, engine, random numbers --------------------------------------------------------- */

/* How many accelerators there are, emulated ones (TREADLE_EMULATED_GPUS) included. */
TREADLE_API TreadleStatus treadle_num_gpus(int32_t* count);
/* Adds an emulated accelerator, which stays until the process ends. */
TREADLE_API TreadleStatus treadle_add_emulated_gpu(uint64_t seed, TreadleDevice* device);

typedef int32_t TreadleEngineKind;
enum {
  TREADLE_ENGINE_THREADED = 0, /* on all cores, as soon as inputs are ready */
  TREADLE_ENGINE_SERIAL = 1,   /* inside the call, for debugging */
  TREADLE_ENGINE_REPLAY = 2    /* one at a time in a legal order drawn from the seed */
};
/* Replaces the process's engine for arrays made from now on; the seed is replay's. */
TREADLE_API TreadleStatus treadle_set_engine(TreadleEngineKind kind, uint64_t seed);
TREADLE_API TreadleStatus treadle_get_engine(TreadleEngineKind* kind);
/* Waits for all that is queued; gives the first error that no other wait has reported. */
TREADLE_API TreadleStatus treadle_wait_all(void);
/* Restarts the sequence of random numbers: what follows depends on the seed alone. */
TREADLE_API TreadleStatus treadle_seed(uint64_t seed);

/* ---- Arrays ---------------------------------------------------------------------------------- */

/* Uninitialised. `dims` has `ndim` extents, each at least 0. */
TREADLE_API TreadleStatus treadle_ndarray_empty(const int64_t* dims, int32_t ndim,
                                                TreadleDType type, TreadleDevice device,
                                                TreadleNDArray** array);
TREADLE_API TreadleStatus treadle_ndarray_full(const int64_t* dims, int32_t ndim, double value,
                                               TreadleDType type, TreadleDevice device,
                                               TreadleNDArray** array);
TREADLE_API void treadle_ndarray_free(TreadleNDArray* array);
/* One more handle on the same array. */
TREADLE_API TreadleStatus treadle_ndarray_clone(TreadleNDArray* array, TreadleNDArray** clone);

TREADLE_API TreadleStatus treadle_ndarray_shape(TreadleNDArray* array, TreadleShape* shape);
TREADLE_API TreadleStatus treadle_ndarray_type(TreadleNDArray* array, TreadleDType* type);
TREADLE_API TreadleStatus treadle_ndarray_device(TreadleNDArray* array, TreadleDevice* device);
/* Elements, and bytes of all of them. */
TREADLE_API TreadleStatus treadle_ndarray_size(TreadleNDArray* array, int64_t* elements);
TREADLE_API TreadleStatus treadle_ndarray_bytes(TreadleNDArray* array, size_t* bytes);

/* The caller's memory in and out, row-major and of the array's type; `bytes` must be those of the
 * array. Both wait for what is queued on it. */
TREADLE_API TreadleStatus treadle_ndarray_copy_from_host(TreadleNDArray* array, const void* data,
                                                         size_t bytes);
TREADLE_API TreadleStatus treadle_ndarray_copy_to_host(TreadleNDArray* array, void* data,
                                                       size_t bytes);
/* Waits, then gives the address of the first element, to be read and written until something else
 * is queued on the array. Refused for arrays of an accelerator. */
TREADLE_API TreadleStatus treadle_ndarray_data(TreadleNDArray* array, void** data);
/* Returns when all that writes the array has ended, with its error if it failed. */
TREADLE_API TreadleStatus treadle_ndarray_wait(TreadleNDArray* array);

/* Queued: every element becomes `value`. */
TREADLE_API TreadleStatus treadle_ndarray_fill(TreadleNDArray* array, double value);
/* Queued: the elements of `source`, of equal shape, converted and brought here from its device. */
TREADLE_API TreadleStatus treadle_ndarray_copy_from(TreadleNDArray* array, TreadleNDArray* source);
/* A new array with the same contents, on a device or of a type. */
TREADLE_API TreadleStatus treadle_ndarray_copy(TreadleNDArray* array, TreadleDevice device,
                                               TreadleNDArray** copy);
TREADLE_API TreadleStatus treadle_ndarray_as_type(TreadleNDArray* array, TreadleDType type,
                                                  TreadleNDArray** converted);
/* Views on the same memory: of another shape with as many elements; of the rows [begin, end). */
TREADLE_API TreadleStatus treadle_ndarray_reshape(TreadleNDArray* array, const int64_t* dims,
                                                  int32_t ndim, TreadleNDArray** view);
TREADLE_API TreadleStatus treadle_ndarray_slice(TreadleNDArray* array, int64_t begin, int64_t end,
                                                TreadleNDArray** view);

/* MXNet's .params files. All arrays have a name or none has (NULL). Loading gives a handle for each
 * array, NULL where the file has MXNet's "none"; names are NULL where the file has none. */
TREADLE_API TreadleStatus treadle_ndarray_save(const char* path, const TreadleNamedArray* arrays,
                                               size_t count);
TREADLE_API TreadleStatus treadle_ndarray_load(const char* path, const TreadleNamedArray** arrays,
                                               size_t* count);

/* ---- Operators ------------------------------------------------------------------------------- */

/* The names of all operators, without aliases, in alphabetical order. */
TREADLE_API TreadleStatus treadle_list_operators(const char* const** names, size_t* count);
/* What one operator (name or alias) declares, as a JSON object: name, aliases, doc,
 * variadic_inputs, count_param (the parameter that counts the inputs; filled in when left out),
 * inputs, auxiliary_states and outputs in their fullest form, num_visible_outputs, gradient
 * ("defined", "zero", "none"), is_loss, cpu_implementations, in_place, and params: name, type,
 * values, none_allowed, required, default, range, doc. */
TREADLE_API TreadleStatus treadle_operator_json(const char* op, const char** json);

typedef struct TreadleInvokeOptions {
  size_t struct_size;
  /* One per input: the operator's name for it, or NULL for "by position", which come first. */
  const char* const* input_names;
  /* Where the result of an operator without inputs lives; kind 0 is cpu(0). */
  TreadleDevice device;
} TreadleInvokeOptions;

/* Queues an operator on arrays; auxiliary states, which are updated, are inputs too. `outputs` has
 * room for `count` handles: where the first is NULL new ones are put there, one per output, and the
 * others are left as they are; otherwise those up to the first NULL are arrays to write to, which
 * may be inputs. It is an error if there is too little room. The operator runs as in inference
 * unless treadle_set_training is on. */
TREADLE_API TreadleStatus treadle_invoke(const char* op, const TreadlePair* params,
                                         size_t num_params, TreadleNDArray* const* inputs,
                                         size_t num_inputs, TreadleNDArray** outputs, size_t count,
                                         const TreadleInvokeOptions* options);
/* How many outputs treadle_invoke gives. */
TREADLE_API TreadleStatus treadle_num_outputs(const char* op, const TreadlePair* params,
                                              size_t num_params, size_t num_inputs, size_t* count);

/* ---- Gradients of imperative work ------------------------------------------------------------ */

/* Whether this thread's calls are recorded, and whether they learn (Dropout drops); `before` gets
 * the state until now, where it is not NULL. */
TREADLE_API TreadleStatus treadle_set_recording(int32_t is_on, int32_t* before);
TREADLE_API TreadleStatus treadle_set_training(int32_t is_on, int32_t* before);
TREADLE_API int32_t treadle_is_recording(void);
TREADLE_API int32_t treadle_is_training(void);
/* Makes `variable` one whose gradient treadle_backward writes (the default) or adds to `gradient`,
 * an array of the same shape and type. */
TREADLE_API TreadleStatus treadle_mark_variable(TreadleNDArray* variable, TreadleNDArray* gradient,
                                                TreadleRequest request);
/* Gradients of all marked variables that the heads were made of. `head_gradients` is NULL or has
 * one per head; NULL stands for ones. What was recorded is given up unless `retains`. */
TREADLE_API TreadleStatus treadle_backward(TreadleNDArray* const* heads,
                                           TreadleNDArray* const* head_gradients, size_t num_heads,
                                           int32_t retains);
/* The same, but gives the gradients of `variables` to `gradients`, one each, and touches no other.
 */
TREADLE_API TreadleStatus treadle_gradients(TreadleNDArray* const* heads,
                                            TreadleNDArray* const* head_gradients, size_t num_heads,
                                            TreadleNDArray* const* variables, size_t num_variables,
                                            int32_t retains, TreadleNDArray** gradients);

/* ---- Symbols --------------------------------------------------------------------------------- */

/* An input of a graph. */
TREADLE_API TreadleStatus treadle_symbol_variable(const char* name, TreadleSymbol** variable);
/* A node of operator `op`, name or alias. Inputs are given by position or, where `input_names` is
 * not NULL and has a name for one, by the operator's name for it; those by position come first.
 * What is left out becomes variables "<name>_<input>". Without a name (NULL) the node gets one:
 * "convolution0". */
TREADLE_API TreadleStatus treadle_symbol_compose(const char* op, const TreadlePair* params,
                                                 size_t num_params, TreadleSymbol* const* inputs,
                                                 const char* const* input_names, size_t num_inputs,
                                                 const char* name, TreadleSymbol** symbol);
/* All outputs of the members, in order. */
TREADLE_API TreadleStatus treadle_symbol_group(TreadleSymbol* const* members, size_t count,
                                               TreadleSymbol** group);
TREADLE_API TreadleStatus treadle_symbol_output(TreadleSymbol* symbol, size_t index,
                                                TreadleSymbol** output);
TREADLE_API TreadleStatus treadle_symbol_output_named(TreadleSymbol* symbol, const char* name,
                                                      TreadleSymbol** output);
/* Every output of every node, as a group; the inputs of the last nodes, *children NULL for none. */
TREADLE_API TreadleStatus treadle_symbol_internals(TreadleSymbol* symbol,
                                                   TreadleSymbol** internals);
TREADLE_API TreadleStatus treadle_symbol_children(TreadleSymbol* symbol, TreadleSymbol** children);
/* The same graph with nodes of its own; and one where variables are replaced by symbols. */
TREADLE_API TreadleStatus treadle_symbol_copy(TreadleSymbol* symbol, TreadleSymbol** copy);
TREADLE_API TreadleStatus treadle_symbol_substitute(TreadleSymbol* symbol,
                                                    const TreadleNamedSymbol* replacements,
                                                    size_t count, TreadleSymbol** made);
TREADLE_API void treadle_symbol_free(TreadleSymbol* symbol);

/* While a scope lasts, the nodes and variables that this thread composes get its attributes, or
 * automatic names that count from 0, with `prefix` in front of every name if it is not NULL. Scopes
 * nest; each end closes the innermost of its kind. */
TREADLE_API TreadleStatus treadle_attribute_scope_begin(const TreadlePair* attributes,
                                                        size_t count);
TREADLE_API TreadleStatus treadle_attribute_scope_end(void);
TREADLE_API TreadleStatus treadle_name_scope_begin(const char* prefix);
TREADLE_API TreadleStatus treadle_name_scope_end(void);

/* Of the node behind the symbol; "" for a group of several. */
TREADLE_API TreadleStatus treadle_symbol_name(TreadleSymbol* symbol, const char** name);
TREADLE_API TreadleStatus treadle_symbol_num_outputs(TreadleSymbol* symbol, size_t* count);
/* Names in depth-first order: of the arguments, outputs, auxiliary states; of arguments and states
 * together. */
TREADLE_API TreadleStatus treadle_symbol_list_arguments(TreadleSymbol* symbol,
                                                        const char* const** names, size_t* count);
TREADLE_API TreadleStatus treadle_symbol_list_outputs(TreadleSymbol* symbol,
                                                      const char* const** names, size_t* count);
TREADLE_API TreadleStatus treadle_symbol_list_auxiliaries(TreadleSymbol* symbol,
                                                          const char* const** names, size_t* count);
TREADLE_API TreadleStatus treadle_symbol_list_inputs(TreadleSymbol* symbol,
                                                     const char* const** names, size_t* count);

/* An attribute or parameter of the symbol's node; *value is NULL where it has none. */
TREADLE_API TreadleStatus treadle_symbol_attribute(TreadleSymbol* symbol, const char* key,
                                                   const char** value);
TREADLE_API TreadleStatus treadle_symbol_set_attribute(TreadleSymbol* symbol, const char* key,
                                                       const char* value);
/* The user's attributes of the node. */
TREADLE_API TreadleStatus treadle_symbol_list_attributes(TreadleSymbol* symbol,
                                                         const TreadlePair** attributes,
                                                         size_t* count);
typedef struct TreadleNodeAttribute {
  const char* node;
  const char* key;
  const char* value;
} TreadleNodeAttribute;
/* Attributes and given parameters of all nodes. */
TREADLE_API TreadleStatus treadle_symbol_all_attributes(TreadleSymbol* symbol,
                                                        const TreadleNodeAttribute** attributes,
                                                        size_t* count);

/* Shapes of arguments, outputs and auxiliary states, in the order of their lists of names, from
 * those known. Unless `is_partial` it is an error if some stay unknown; *is_complete, where it is
 * not NULL, says so too. */
typedef struct TreadleInferredShapes {
  const TreadleShape *arguments, *outputs, *auxiliaries;
  size_t num_arguments, num_outputs, num_auxiliaries;
} TreadleInferredShapes;
TREADLE_API TreadleStatus treadle_symbol_infer_shapes(TreadleSymbol* symbol,
                                                      const TreadleNamedShape* known, size_t count,
                                                      int32_t is_partial,
                                                      TreadleInferredShapes* inferred,
                                                      int32_t* is_complete);
/* The same for types; TREADLE_UNKNOWN_TYPE where nothing says. */
typedef struct TreadleInferredTypes {
  const TreadleDType *arguments, *outputs, *auxiliaries;
  size_t num_arguments, num_outputs, num_auxiliaries;
} TreadleInferredTypes;
TREADLE_API TreadleStatus treadle_symbol_infer_types(TreadleSymbol* symbol,
                                                     const TreadleNamedType* known, size_t count,
                                                     TreadleInferredTypes* inferred,
                                                     int32_t* is_complete);

/* MXNet's -symbol.json, as text and as a file. */
TREADLE_API TreadleStatus treadle_symbol_to_json(TreadleSymbol* symbol, const char** json);
TREADLE_API TreadleStatus treadle_symbol_from_json(const char* json, TreadleSymbol** symbol);
TREADLE_API TreadleStatus treadle_symbol_save(TreadleSymbol* symbol, const char* path);
TREADLE_API TreadleStatus treadle_symbol_load(const char* path, TreadleSymbol** symbol);
/* The graph as text for people, a node a line. */
TREADLE_API TreadleStatus treadle_symbol_debug_text(TreadleSymbol* symbol, const char** text);

/* ---- Executors ------------------------------------------------------------------------------- */

typedef struct TreadleBindOptions {
  size_t struct_size;
  const TreadleNamedType* types; /* of arguments; for simple_bind */
  size_t num_types;
  const TreadleNamedRequest* requests; /* of the arguments' gradients */
  size_t num_requests;
  TreadleRequest default_request;   /* of the arguments not named; the default is to write */
  const TreadleNamedDevice* groups; /* the device of each ctx_group */
  size_t num_groups;
  /* Internal memory is taken from this executor where it suffices; the two then take turns. */
  TreadleExecutor* shares_memory_of;
  int64_t memory_budget; /* bytes of internal memory; what does not fit is computed again */
} TreadleBindOptions;

/* Allocates all arrays from the shapes of some arguments: zeros. `options` may be NULL. */
TREADLE_API TreadleStatus treadle_executor_simple_bind(TreadleSymbol* symbol, TreadleDevice device,
                                                       const TreadleNamedShape* shapes,
                                                       size_t num_shapes,
                                                       const TreadleBindOptions* options,
                                                       TreadleExecutor** executor);

typedef struct TreadleBindings {
  size_t struct_size;
  const TreadleNamedArray *arguments, *gradients, *auxiliaries;
  size_t num_arguments, num_gradients, num_auxiliaries;
} TreadleBindings;
/* Binds the caller's arrays. A gradient is wanted where an array is given for it. */
TREADLE_API TreadleStatus treadle_executor_bind(TreadleSymbol* symbol, TreadleDevice device,
                                                const TreadleBindings* arrays,
                                                const TreadleBindOptions* options,
                                                TreadleExecutor** executor);
TREADLE_API void treadle_executor_free(TreadleExecutor* executor);

/* Queues the computation of the outputs, after copying `inputs` to the arguments of their names. */
TREADLE_API TreadleStatus treadle_executor_forward(TreadleExecutor* executor, int32_t is_train,
                                                   const TreadleNamedArray* inputs, size_t count);
/* Queues that of the gradients. Losses need no head gradient: NULL, or none at all. */
TREADLE_API TreadleStatus treadle_executor_backward(TreadleExecutor* executor,
                                                    TreadleNDArray* const* head_gradients,
                                                    size_t count);
/* Handles on the executor's arrays, by name; and lists of them in the symbol's order, where a
 * gradient that is not wanted is NULL. */
TREADLE_API TreadleStatus treadle_executor_output(TreadleExecutor* executor, const char* name,
                                                  TreadleNDArray** array);
TREADLE_API TreadleStatus treadle_executor_argument(TreadleExecutor* executor, const char* name,
                                                    TreadleNDArray** array);
TREADLE_API TreadleStatus treadle_executor_gradient(TreadleExecutor* executor, const char* name,
                                                    TreadleNDArray** array);
TREADLE_API TreadleStatus treadle_executor_auxiliary(TreadleExecutor* executor, const char* name,
                                                     TreadleNDArray** array);
TREADLE_API TreadleStatus treadle_executor_outputs(TreadleExecutor* executor,
                                                   TreadleNDArray* const** arrays, size_t* count);
TREADLE_API TreadleStatus treadle_executor_arguments(TreadleExecutor* executor,
                                                     TreadleNDArray* const** arrays, size_t* count);
TREADLE_API TreadleStatus treadle_executor_gradients(TreadleExecutor* executor,
                                                     TreadleNDArray* const** arrays, size_t* count);
TREADLE_API TreadleStatus treadle_executor_auxiliaries(TreadleExecutor* executor,
                                                       TreadleNDArray* const** arrays,
                                                       size_t* count);
/* Bytes beyond the arrays that it was given; what it runs, as text for people. */
TREADLE_API TreadleStatus treadle_executor_allocated_bytes(TreadleExecutor* executor,
                                                           size_t* bytes);
TREADLE_API TreadleStatus treadle_executor_debug_text(TreadleExecutor* executor, const char** text);

/* ---- Custom operators ------------------------------------------------------------------------ */

/* The program's own operators: nodes and calls of the operator "Custom" whose parameter op_type is
 * the name that they are registered under.
 *
 * A callback that fails calls treadle_set_error and returns a status other than 0; it may also
 * return the status of a call that failed, whose sentence is then set already. The sentence arrives
 * where something waits for the result, or from the call that composes, infers or binds.
 *
 * forward and backward run on the engine's threads, or on one that waits; those of different nodes
 * at the same time. The others run on the thread that composes, infers, binds or lets go. */

/* The shapes of one operator while they are worked out; gone when the callback returns. */
typedef struct TreadleShapeInference TreadleShapeInference;
/* What is known of an argument: ndim 0 for nothing. */
TREADLE_API TreadleStatus treadle_inference_argument(TreadleShapeInference* inference, size_t index,
                                                     TreadleShape* shape);
TREADLE_API TreadleStatus treadle_inference_set_argument(TreadleShapeInference* inference,
                                                         size_t index, const int64_t* dims,
                                                         int32_t ndim);
TREADLE_API TreadleStatus treadle_inference_set_output(TreadleShapeInference* inference,
                                                       size_t index, const int64_t* dims,
                                                       int32_t ndim);
TREADLE_API TreadleStatus treadle_inference_set_state(TreadleShapeInference* inference,
                                                      size_t index, const int64_t* dims,
                                                      int32_t ndim);

/* The arrays of one run, in the order of the operator's lists: views on the run's memory. The
 * handles are the library's and dead when the callback returns; clones and views of them that live
 * on hold what they held then, in memory of their own. What the callback queues has ended before
 * the node ends. In backward `outputs` are what forward gave and `out_grads` their gradients, none
 * if reads_out_grads says so. */
typedef struct TreadleCustomRun {
  size_t struct_size;
  int32_t is_train;
  const TreadleRequest* requests; /* per output; in backward per gradient of an argument */
  size_t num_requests;
  TreadleNDArray *const *inputs, *const *outputs, *const *states;
  size_t num_inputs, num_outputs, num_states;
  TreadleNDArray *const *out_grads, *const *in_grads; /* of backward */
  size_t num_out_grads, num_in_grads;
} TreadleCustomRun;

/* What an operator does. NULL is fine where a default is told. */
typedef struct TreadleCustomOperator {
  size_t struct_size;
  void* data;                    /* for make */
  void (*free_data)(void* data); /* when the name is registered anew or taken away, and no operator
                                    that it made is left; not at exit */
  /* Makes *op from a node's parameters, op_type left out; pairs and texts hold during the call.
   * NULL: *op is `data`, and there are no parameters. */
  TreadleStatus (*make)(void* data, const TreadlePair* params, size_t num_params, void** op);
  void (*free_op)(void* op); /* of what make has made */
  /* Names; the lists are copied at once. NULL: "data", "output", no auxiliary states. */
  TreadleStatus (*list_arguments)(void* op, const char* const** names, size_t* count);
  TreadleStatus (*list_outputs)(void* op, const char* const** names, size_t* count);
  TreadleStatus (*list_states)(void* op, const char* const** names, size_t* count);
  int32_t (*reads_out_grads)(void* op); /* 0 for losses. NULL: backward reads them */
  /* Needed: sets the shape of every output and state, and of arguments that follow from others. */
  TreadleStatus (*infer_shape)(void* op, TreadleShapeInference* inference);
  /* Completes the types; those of arguments may be unknown, the others are. NULL: all are like the
   * first argument's. */
  TreadleStatus (*infer_type)(void* op, TreadleDType* arguments, size_t num_arguments,
                              TreadleDType* outputs, size_t num_outputs, TreadleDType* states,
                              size_t num_states);
  /* Makes *use, what one bound node keeps from forward to backward; shapes and types are those of
   * its arguments. NULL: *use is `op`. */
  TreadleStatus (*bind)(void* op, TreadleDevice device, const TreadleShape* shapes,
                        const TreadleDType* types, size_t count, void** use);
  void (*free_use)(void* use);                                      /* of what bind has made */
  TreadleStatus (*forward)(void* use, const TreadleCustomRun* run); /* needed */
  TreadleStatus (*backward)(void* use, const TreadleCustomRun* run);
} TreadleCustomOperator;

/* Makes the operator known under `name`, in place of an earlier one; the struct is copied. */
TREADLE_API TreadleStatus treadle_custom_register(const char* name,
                                                  const TreadleCustomOperator* custom);
/* Takes the name away; nodes that exist keep their operator. */
TREADLE_API TreadleStatus treadle_custom_forget(const char* name);

#ifdef __cplusplus
}
#endif

#endif /* TREADLE_C_API_H_ */
