/*
 * The C ABI of Tripoint: the one header that the bindings are generated from.
 *
 * It is a door to LibTorch, not a copy of it. Any operator of LibTorch, and Tripoint's own (namespace `tripoint`), is
 * found once by name and called with tagged values; tensors are handles whose memory can be borrowed in both directions.
 *
 * Rules that hold for every function:
 *
 *  - Status. A function that can fail returns a `tp_status` (TP_OK is 0) and then fills the `tp_error` that the caller
 *    gives. `error` may be NULL when the text is not wanted. Nothing is written to an output when a call fails.
 *  - No exception and no C++ type crosses. Handles are opaque; all other data is laid out below.
 *  - No state is left in the native thread. Grad mode, inference mode, device and stream are the `tp_modes` of a call: set
 *    when it starts, put back when it ends. Two calls in a row may come from different native threads.
 *  - Ownership. A handle that a function gives ("new") belongs to the caller, who releases it once. A handle that is
 *    passed in ("borrowed") is not kept: the callee takes a reference of its own where it needs one.
 *  - Threads. A handle may be used from any thread, by several at once where LibTorch allows it for that operator, and may
 *    be released from any thread; it must not be released while a call that borrows it is running.
 *  - Only fixed-width types are used, so that every binding generator reads the same sizes.
 *  - Text is UTF-8. A function that gives text writes at most `capacity` bytes with a final NUL, cut between characters,
 *    and gives the full length in bytes without the NUL in `length`.
 */
#ifndef TRIPOINT_H
#define TRIPOINT_H

#include <stdint.h>

#if defined(__cplusplus)
#define TP_NOEXCEPT noexcept
extern "C" {
#else
#define TP_NOEXCEPT
#endif

#if defined(TP_BUILD)
#define TP_API __attribute__((visibility("default")))
#else
#define TP_API
#endif

/* ---------------------------------------------------------------------------------------------------------- versions */

/* Raised by one with every change of this file that an older caller would notice. */
#define TP_ABI_VERSION 1

/* The LibTorch versions that one build of this library runs on, both ends included. */
#define TP_LIBTORCH_MIN_MAJOR 2
#define TP_LIBTORCH_MIN_MINOR 10
#define TP_LIBTORCH_MAX_MAJOR 2
#define TP_LIBTORCH_MAX_MINOR 15

/* ------------------------------------------------------------------------------------------------------------ errors */

typedef enum tp_status {
  TP_OK = 0,
  TP_INVALID_ARGUMENT = 1, /* the caller's fault: a bad value, a NULL, a released generator, a list of the wrong kind   */
  TP_NOT_FOUND = 2,        /* no such operator, overload or device                                                      */
  TP_TORCH_ERROR = 3,      /* LibTorch refused the call; the message is its text without the back trace                 */
  TP_OUT_OF_MEMORY = 4,
  TP_UNSUPPORTED = 5, /* this LibTorch, build or device cannot do it                                                    */
  TP_INTERNAL = 6     /* a fault of Tripoint                                                                            */
} tp_status;

#define TP_MESSAGE_CAPACITY 2040

/* 2,048 bytes. A message that does not fit is cut between characters and ends with "...". */
typedef struct tp_error {
  int32_t code;     /* a tp_status */
  int32_t reserved; /* 0 */
  char message[TP_MESSAGE_CAPACITY];
} tp_error;

/* ----------------------------------------------------------------------------------------------------------- handles */

typedef struct tp_tensor_s* tp_tensor;     /* a reference to a tensor                                                   */
typedef struct tp_operator_s* tp_operator; /* an operator overload; lives as long as the process, never released        */
typedef struct tp_object_s* tp_object;     /* a value that has no form of its own below: a list, a text, a generator, … */

/* ------------------------------------------------------------------------------------------------- types and devices */

/* Element types, by LibTorch's own numbers. */
typedef enum tp_dtype {
  TP_UINT8 = 0,
  TP_INT8 = 1,
  TP_INT16 = 2,
  TP_INT32 = 3,
  TP_INT64 = 4,
  TP_FLOAT16 = 5,
  TP_FLOAT32 = 6,
  TP_FLOAT64 = 7,
  TP_COMPLEX64 = 9,
  TP_COMPLEX128 = 10,
  TP_BOOL = 11,
  TP_BFLOAT16 = 15
} tp_dtype;

/* Device types, by LibTorch's own numbers. The index counts from 0; -1 is the current one, and the only one of a CPU. */
typedef enum tp_device_type { TP_CPU = 0, TP_CUDA = 1, TP_META = 14 } tp_device_type;

/* How a call runs. NULL stands for {1, 0, -1, -1, 0}. */
typedef struct tp_modes {
  int32_t grad;         /* 1: record for autograd, 0: do not                                                            */
  int32_t inference;    /* 1: inference mode, results can never take part in autograd                                   */
  int32_t device_type;  /* current device while the call runs: a tp_device_type, or -1 to leave it                      */
  int32_t device_index; /* its index                                                                                    */
  int64_t stream;       /* a native stream of that device (cudaStream_t), or 0 for its current one                      */
} tp_modes;

/* ------------------------------------------------------------------------------------------------------------ values */

typedef enum tp_tag {
  TP_NONE = 0,
  TP_DEFAULT = 1,     /* argument only: the schema's default                                                            */
  TP_TENSOR = 2,      /* as.tensor                                                                                      */
  TP_INT = 3,         /* as.integer; also dtypes, layouts, memory formats                                               */
  TP_DOUBLE = 4,      /* as.real                                                                                        */
  TP_BOOLEAN = 5,     /* as.integer, 0 or 1                                                                             */
  TP_STRING = 6,      /* argument: as.text, `length` bytes; result: TP_OBJECT                                           */
  TP_DEVICE = 7,      /* as.integer: type in the low 32 bits, index in the high 32                                      */
  TP_GENERATOR = 8,   /* as.object                                                                                      */
  TP_OBJECT = 9,      /* as.object: any value that an operator gave; see tp_object_kind                                 */
  TP_INT_LIST = 10,   /* as.integers, `length` entries                                                                  */
  TP_DOUBLE_LIST = 11,/* as.reals                                                                                       */
  TP_BOOLEAN_LIST = 12,        /* as.integers, each 0 or 1                                                              */
  TP_TENSOR_LIST = 13,         /* as.tensors, none of them NULL                                                         */
  TP_OPTIONAL_TENSOR_LIST = 14,/* as.tensors, NULL for none                                                             */
  TP_SCALAR_LIST = 15,         /* as.values, each TP_INT, TP_DOUBLE or TP_BOOLEAN                                       */
  TP_STRING_LIST = 16,         /* as.values, each TP_STRING                                                             */
  TP_DICT = 17,                /* result kind only                                                                      */
  TP_TUPLE = 18                /* result kind only                                                                      */
} tp_tag;

/* 24 bytes. As an argument, what it points to is borrowed. As a result, a tensor or object in it is new. */
typedef struct tp_value {
  int32_t tag;      /* a tp_tag */
  int32_t reserved; /* 0 */
  int64_t length;   /* entries of a list, bytes of a text, else 0 */
  union {
    int64_t integer;
    double real;
    const char* text;
    tp_tensor tensor;
    tp_object object;
    const int64_t* integers;
    const double* reals;
    const tp_tensor* tensors;
    const struct tp_value* values;
  } as;
} tp_value;

/* ----------------------------------------------------------------------------------------------- library and machine */

/* TP_ABI_VERSION of the library that answers. */
TP_API int32_t tp_abi_version(void) TP_NOEXCEPT;

/* This library's version, as "0.1.0"; lives as long as the process. */
TP_API const char* tp_version(void) TP_NOEXCEPT;

/*
 * Checks that the LibTorch that was loaded is in range and laid out as this build expects, by trying it. Call it once
 * before anything else; calling it again is cheap and gives the same answer. TP_UNSUPPORTED names what was found.
 */
TP_API int32_t tp_open(tp_error* error) TP_NOEXCEPT;

/* The version of the LibTorch that was loaded, in or out of range. Any of the three may be NULL. */
TP_API void tp_libtorch_version(int32_t* major, int32_t* minor, int32_t* patch) TP_NOEXCEPT;

/* LibTorch's own description of how it was built, many lines. */
TP_API int32_t tp_libtorch_config(char* buffer, int64_t capacity, int64_t* length, tp_error* error) TP_NOEXCEPT;

/* The processor features that LibTorch's kernels use, as "AVX512". */
TP_API int32_t tp_cpu_capability(char* buffer, int64_t capacity, int64_t* length, tp_error* error) TP_NOEXCEPT;

/* How many devices of a tp_device_type can be used; 0 where LibTorch has no support for the type. */
TP_API int32_t tp_device_count(int32_t device_type, int32_t* count, tp_error* error) TP_NOEXCEPT;

/* Waits until all work queued on a device is done; returns at once for a CPU. */
TP_API int32_t tp_device_synchronize(int32_t device_type, int32_t device_index, tp_error* error) TP_NOEXCEPT;

/* Threads that one operator may use, for the whole process; at least 1. */
TP_API int32_t tp_get_num_threads(void) TP_NOEXCEPT;
TP_API int32_t tp_set_num_threads(int32_t threads, tp_error* error) TP_NOEXCEPT;

/* ----------------------------------------------------------------------------------------------------------- tensors */

/* Called once, from any thread, when LibTorch lets go of memory that was wrapped. Must not call back into this library. */
typedef void (*tp_release_callback)(void* context);

/*
 * A new tensor over memory that the caller owns; nothing is copied. `strides` counts elements and may be NULL for a
 * contiguous tensor. With a callback, the memory must stay as it is until the callback ran, with `context`; that may be
 * long after the handle was released, since views and saved values hold the same storage. With a NULL callback the caller
 * keeps the memory alive by other means. When the call fails the callback is never called. `data` may be NULL only where
 * the tensor has no elements.
 */
TP_API int32_t tp_tensor_wrap(void* data, int32_t dtype, int32_t device_type, int32_t device_index, int32_t dim,
                              const int64_t* sizes, const int64_t* strides, tp_release_callback release, void* context,
                              tp_tensor* tensor, tp_error* error) TP_NOEXCEPT;

/* A new contiguous tensor with memory of LibTorch's, not initialised. `pinned` asks for page-locked host memory. */
TP_API int32_t tp_tensor_allocate(int32_t dtype, int32_t device_type, int32_t device_index, int32_t pinned, int32_t dim,
                                  const int64_t* sizes, tp_tensor* tensor, tp_error* error) TP_NOEXCEPT;

/* A second, new handle to the same tensor. */
TP_API int32_t tp_tensor_retain(tp_tensor tensor, tp_tensor* again, tp_error* error) TP_NOEXCEPT;

/* Gives a handle up; NULL is allowed. */
TP_API void tp_tensor_release(tp_tensor tensor) TP_NOEXCEPT;

/* 72 bytes: what a tensor is, at the time of the call. */
typedef struct tp_tensor_info {
  int32_t dtype;
  int32_t device_type;
  int32_t device_index;
  int32_t dim;
  int32_t layout;        /* 0: strided, all that Tripoint reads itself                                                  */
  int32_t requires_grad; /* 0 or 1                                                                                      */
  int64_t numel;
  int64_t element_size;   /* bytes                                                                                      */
  int64_t storage_offset; /* elements from the start of the storage                                                     */
  void* data;             /* first element; NULL for a tensor without memory. On a GPU, an address of the GPU's         */
  void* storage;          /* start of the storage's memory; equal for all views of one storage                          */
  int64_t storage_bytes;
} tp_tensor_info;

/*
 * Fills `info`, and where `capacity` is at least its dim also `sizes` and `strides` (elements), either of which may be
 * NULL. A smaller capacity is no error: info->dim tells what is needed. Strides of a layout other than strided are 0.
 */
TP_API int32_t tp_tensor_describe(tp_tensor tensor, tp_tensor_info* info, int64_t* sizes, int64_t* strides,
                                  int32_t capacity, tp_error* error) TP_NOEXCEPT;

/* --------------------------------------------------------------------------------------------------------- operators */

/* Finds "aten::add.Tensor" (or "aten::relu", whose overload has no name). TP_NOT_FOUND names the overloads there are. */
TP_API int32_t tp_operator_find(const char* name, tp_operator* op, tp_error* error) TP_NOEXCEPT;

/* The schema as LibTorch writes it: "aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor". */
TP_API int32_t tp_operator_schema(tp_operator op, char* buffer, int64_t capacity, int64_t* length,
                                  tp_error* error) TP_NOEXCEPT;

/* Full names of all operators of a namespace ("aten", "tripoint"), one a line, sorted. */
TP_API int32_t tp_operator_names(const char* name_space, char* buffer, int64_t capacity, int64_t* length,
                                 tp_error* error) TP_NOEXCEPT;

/*
 * Calls an operator inside LibTorch, dispatch and autograd included. `arguments` are the schema's, in its order; those
 * left out at the end take their defaults. `results` has room for `capacity` values; `count` gives how many the operator
 * has. Too small a capacity is TP_INVALID_ARGUMENT, before the call is made.
 */
TP_API int32_t tp_operator_call(tp_operator op, const tp_value* arguments, int32_t argument_count, tp_value* results,
                                int32_t capacity, int32_t* count, const tp_modes* modes, tp_error* error) TP_NOEXCEPT;

/* ----------------------------------------------------------------------------------------------------------- objects */

/* The tp_tag that says what an object holds: TP_STRING, a list, TP_GENERATOR, TP_DICT, TP_TUPLE, or TP_OBJECT for others. */
TP_API int32_t tp_object_kind(tp_object object) TP_NOEXCEPT;

/* Entries of a list or tuple, bytes of a text, pairs of a dict; else 0. */
TP_API int64_t tp_object_length(tp_object object) TP_NOEXCEPT;

/* Entry `index` of a list or tuple as a new value. A dict gives key 0, value 0, key 1, value 1, … */
TP_API int32_t tp_object_get(tp_object object, int64_t index, tp_value* value, tp_error* error) TP_NOEXCEPT;

/* The text of a TP_STRING object. */
TP_API int32_t tp_object_text(tp_object object, char* buffer, int64_t capacity, int64_t* length,
                              tp_error* error) TP_NOEXCEPT;

/* Gives an object up; NULL is allowed. */
TP_API void tp_object_release(tp_object object) TP_NOEXCEPT;

/* ---------------------------------------------------------------------------------------------------------- autograd */

/* Only floating-point leaf tensors can be changed. */
TP_API int32_t tp_tensor_set_requires_grad(tp_tensor tensor, int32_t requires_grad, tp_error* error) TP_NOEXCEPT;

/* The accumulated gradient as a new handle, NULL where there is none. */
TP_API int32_t tp_tensor_grad(tp_tensor tensor, tp_tensor* grad, tp_error* error) TP_NOEXCEPT;

/* Replaces the gradient; NULL clears it. */
TP_API int32_t tp_tensor_set_grad(tp_tensor tensor, tp_tensor grad, tp_error* error) TP_NOEXCEPT;

/*
 * Adds the gradients of `tensor` into its leaves, or into `inputs` alone where `input_count` is not 0. `gradient` may be
 * NULL for a tensor of one element.
 */
TP_API int32_t tp_backward(tp_tensor tensor, tp_tensor gradient, const tp_tensor* inputs, int32_t input_count,
                           int32_t retain_graph, int32_t create_graph, const tp_modes* modes,
                           tp_error* error) TP_NOEXCEPT;

/*
 * Gradients of `outputs` by `inputs` as new handles in `grads` (room for input_count), without touching any .grad. An
 * entry is NULL where an input has no part in the outputs, which is an error unless `allow_unused`. `grad_outputs` may be
 * NULL, as may its entries, for outputs of one element.
 */
TP_API int32_t tp_grad(const tp_tensor* outputs, const tp_tensor* grad_outputs, int32_t output_count,
                       const tp_tensor* inputs, int32_t input_count, int32_t retain_graph, int32_t create_graph,
                       int32_t allow_unused, tp_tensor* grads, const tp_modes* modes, tp_error* error) TP_NOEXCEPT;

/* ------------------------------------------------------------------------------------------------- random generators */

/* Seeds LibTorch's global generators of all devices. */
TP_API int32_t tp_manual_seed(int64_t seed, tp_error* error) TP_NOEXCEPT;

/* A new generator of its own, to be passed as TP_GENERATOR. */
TP_API int32_t tp_generator_new(int32_t device_type, int32_t device_index, int64_t seed, tp_object* generator,
                                tp_error* error) TP_NOEXCEPT;

/* Sets a generator back to the start of a seed. */
TP_API int32_t tp_generator_seed(tp_object generator, int64_t seed, tp_error* error) TP_NOEXCEPT;

/* --------------------------------------------------------------------------------------------------------- benchmark */

/*
 * Calls an operator `repeats` times in a loop, releasing the results, and gives the nanoseconds that all took: what the
 * same calls cost without a caller in another language.
 */
TP_API int32_t tp_operator_time(tp_operator op, const tp_value* arguments, int32_t argument_count, int64_t repeats,
                                const tp_modes* modes, int64_t* nanoseconds, tp_error* error) TP_NOEXCEPT;

#if defined(__cplusplus)
}
#endif

#endif
