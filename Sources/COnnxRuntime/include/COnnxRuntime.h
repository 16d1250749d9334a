// ONNX Runtime's C interface as Inference uses it, without its header: the library is found at run time.
//
// `OrtGetApiBase()->GetApi(8)` returns a table of function pointers whose order never changes. Each inline function below calls one slot of
// version 8 (slots up to 169) by its number; a wrong number would call another function, so every one is tested by its behaviour.
// Calls that return a status return null for success; "new" results belong to the caller and end in weir_ort_release.
#ifndef WEIR_CONNXRUNTIME_H
#define WEIR_CONNXRUNTIME_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/// The version of the table that is asked for; libraries from 1.8 on have it.
enum { WEIR_ORT_API_VERSION = 8 };

typedef struct OrtApi OrtApi;
typedef struct OrtStatus OrtStatus;
typedef struct OrtEnv OrtEnv;
typedef struct OrtSession OrtSession;
typedef struct OrtSessionOptions OrtSessionOptions;
typedef struct OrtRunOptions OrtRunOptions;
typedef struct OrtValue OrtValue;
typedef struct OrtTypeInfo OrtTypeInfo;
typedef struct OrtTensorInfo OrtTensorInfo;
typedef struct OrtMapInfo OrtMapInfo;
typedef struct OrtSequenceInfo OrtSequenceInfo;
typedef struct OrtMemoryInfo OrtMemoryInfo;
typedef struct OrtAllocator OrtAllocator;
typedef struct OrtMetadata OrtMetadata;

/// Receives what the library would print; called on any of its threads.
typedef void (*OrtLog)(void *journal, int severity, const char *category, const char *logger, const char *place, const char *message);

/// The slots that end the life of what a "new" call returned.
enum WeirOrtKind {
    WEIR_ORT_ENV = 92,
    WEIR_ORT_STATUS = 93,
    WEIR_ORT_MEMORY_INFO = 94,
    WEIR_ORT_SESSION = 95,
    WEIR_ORT_VALUE = 96,
    WEIR_ORT_RUN_OPTIONS = 97,
    WEIR_ORT_TYPE_INFO = 98,
    WEIR_ORT_TENSOR_INFO = 99,
    WEIR_ORT_SESSION_OPTIONS = 100,
    WEIR_ORT_METADATA = 118,
};

#define ORT_SLOT(number, result, ...) ((result(*)(__VA_ARGS__))((void *const *)api)[number])

// MARK: the library

typedef struct OrtApiBase {
    const OrtApi *(*api)(uint32_t version);
    const char *(*version)(void);
} OrtApiBase;

/// Loads the library for good. Null when it cannot be loaded or has no entry point: then dlerror() says why.
static inline const OrtApiBase *weir_ort_open(const char *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) return NULL;
    const OrtApiBase *(*base)(void) = (const OrtApiBase *(*)(void))dlsym(library, "OrtGetApiBase");
    return base ? base() : NULL;
}
static inline const char *weir_ort_load_error(void) { return dlerror(); }
static inline const OrtApi *weir_ort_api(const OrtApiBase *base) { return base->api(WEIR_ORT_API_VERSION); }
static inline const char *weir_ort_version(const OrtApiBase *base) { return base->version(); }
static inline void weir_ort_release(const OrtApi *api, enum WeirOrtKind kind, void *object) { ORT_SLOT(kind, void, void *)(object); }

// MARK: status

static inline int weir_ort_error_code(const OrtApi *api, const OrtStatus *status) {
    return ORT_SLOT(1, int, const OrtStatus *)(status);
}
static inline const char *weir_ort_error_message(const OrtApi *api, const OrtStatus *status) {
    return ORT_SLOT(2, const char *, const OrtStatus *)(status);
}

// MARK: environment and session

static inline OrtStatus *weir_ort_new_env(const OrtApi *api, OrtLog log, void *journal, int severity, const char *name, OrtEnv **env) {
    return ORT_SLOT(4, OrtStatus *, OrtLog, void *, int, const char *, OrtEnv **)(log, journal, severity, name, env);
}
static inline OrtStatus *weir_ort_disable_telemetry(const OrtApi *api, const OrtEnv *env) {
    return ORT_SLOT(6, OrtStatus *, const OrtEnv *)(env);
}
static inline OrtStatus *weir_ort_new_session(
    const OrtApi *api, const OrtEnv *env, const void *bytes, size_t count, const OrtSessionOptions *options, OrtSession **session) {
    return ORT_SLOT(8, OrtStatus *, const OrtEnv *, const void *, size_t, const OrtSessionOptions *, OrtSession **)(
        env, bytes, count, options, session);
}
static inline OrtStatus *weir_ort_new_session_options(const OrtApi *api, OrtSessionOptions **options) {
    return ORT_SLOT(10, OrtStatus *, OrtSessionOptions **)(options);
}
static inline OrtStatus *weir_ort_set_execution_mode(const OrtApi *api, OrtSessionOptions *options, int mode) {
    return ORT_SLOT(13, OrtStatus *, OrtSessionOptions *, int)(options, mode);
}
static inline OrtStatus *weir_ort_disable_memory_pattern(const OrtApi *api, OrtSessionOptions *options) {
    return ORT_SLOT(17, OrtStatus *, OrtSessionOptions *)(options);
}
static inline OrtStatus *weir_ort_disable_arena(const OrtApi *api, OrtSessionOptions *options) {
    return ORT_SLOT(19, OrtStatus *, OrtSessionOptions *)(options);
}
static inline OrtStatus *weir_ort_set_optimization(const OrtApi *api, OrtSessionOptions *options, int level) {
    return ORT_SLOT(23, OrtStatus *, OrtSessionOptions *, int)(options, level);
}
static inline OrtStatus *weir_ort_set_intra_threads(const OrtApi *api, OrtSessionOptions *options, int count) {
    return ORT_SLOT(24, OrtStatus *, OrtSessionOptions *, int)(options, count);
}
static inline OrtStatus *weir_ort_set_inter_threads(const OrtApi *api, OrtSessionOptions *options, int count) {
    return ORT_SLOT(25, OrtStatus *, OrtSessionOptions *, int)(options, count);
}
static inline OrtStatus *weir_ort_set_option(const OrtApi *api, OrtSessionOptions *options, const char *key, const char *value) {
    return ORT_SLOT(130, OrtStatus *, OrtSessionOptions *, const char *, const char *)(options, key, value);
}

// MARK: what a session takes and gives

static inline OrtStatus *weir_ort_input_count(const OrtApi *api, const OrtSession *session, size_t *count) {
    return ORT_SLOT(30, OrtStatus *, const OrtSession *, size_t *)(session, count);
}
static inline OrtStatus *weir_ort_output_count(const OrtApi *api, const OrtSession *session, size_t *count) {
    return ORT_SLOT(31, OrtStatus *, const OrtSession *, size_t *)(session, count);
}
static inline OrtStatus *weir_ort_new_input_type(const OrtApi *api, const OrtSession *session, size_t index, OrtTypeInfo **type) {
    return ORT_SLOT(33, OrtStatus *, const OrtSession *, size_t, OrtTypeInfo **)(session, index, type);
}
static inline OrtStatus *weir_ort_new_output_type(const OrtApi *api, const OrtSession *session, size_t index, OrtTypeInfo **type) {
    return ORT_SLOT(34, OrtStatus *, const OrtSession *, size_t, OrtTypeInfo **)(session, index, type);
}
/// The name is freed by weir_ort_free.
static inline OrtStatus *weir_ort_input_name(
    const OrtApi *api, const OrtSession *session, size_t index, OrtAllocator *allocator, char **name) {
    return ORT_SLOT(36, OrtStatus *, const OrtSession *, size_t, OrtAllocator *, char **)(session, index, allocator, name);
}
static inline OrtStatus *weir_ort_output_name(
    const OrtApi *api, const OrtSession *session, size_t index, OrtAllocator *allocator, char **name) {
    return ORT_SLOT(37, OrtStatus *, const OrtSession *, size_t, OrtAllocator *, char **)(session, index, allocator, name);
}
/// The tensor part of a type, borrowed from it; null when the type is no tensor.
static inline OrtStatus *weir_ort_tensor_info(const OrtApi *api, const OrtTypeInfo *type, const OrtTensorInfo **info) {
    return ORT_SLOT(55, OrtStatus *, const OrtTypeInfo *, const OrtTensorInfo **)(type, info);
}
/// 1 tensor, 2 sequence, 3 map.
static inline OrtStatus *weir_ort_type_kind(const OrtApi *api, const OrtTypeInfo *type, int *kind) {
    return ORT_SLOT(56, OrtStatus *, const OrtTypeInfo *, int *)(type, kind);
}
static inline OrtStatus *weir_ort_element_type(const OrtApi *api, const OrtTensorInfo *info, int *element) {
    return ORT_SLOT(60, OrtStatus *, const OrtTensorInfo *, int *)(info, element);
}
static inline OrtStatus *weir_ort_rank(const OrtApi *api, const OrtTensorInfo *info, size_t *rank) {
    return ORT_SLOT(61, OrtStatus *, const OrtTensorInfo *, size_t *)(info, rank);
}
static inline OrtStatus *weir_ort_dimensions(const OrtApi *api, const OrtTensorInfo *info, int64_t *dimensions, size_t rank) {
    return ORT_SLOT(62, OrtStatus *, const OrtTensorInfo *, int64_t *, size_t)(info, dimensions, rank);
}
static inline OrtStatus *weir_ort_map_info(const OrtApi *api, const OrtTypeInfo *type, const OrtMapInfo **info) {
    return ORT_SLOT(103, OrtStatus *, const OrtTypeInfo *, const OrtMapInfo **)(type, info);
}
static inline OrtStatus *weir_ort_sequence_info(const OrtApi *api, const OrtTypeInfo *type, const OrtSequenceInfo **info) {
    return ORT_SLOT(104, OrtStatus *, const OrtTypeInfo *, const OrtSequenceInfo **)(type, info);
}
static inline OrtStatus *weir_ort_map_key(const OrtApi *api, const OrtMapInfo *info, int *element) {
    return ORT_SLOT(105, OrtStatus *, const OrtMapInfo *, int *)(info, element);
}
static inline OrtStatus *weir_ort_new_map_value(const OrtApi *api, const OrtMapInfo *info, OrtTypeInfo **type) {
    return ORT_SLOT(106, OrtStatus *, const OrtMapInfo *, OrtTypeInfo **)(info, type);
}
static inline OrtStatus *weir_ort_new_sequence_element(const OrtApi *api, const OrtSequenceInfo *info, OrtTypeInfo **type) {
    return ORT_SLOT(107, OrtStatus *, const OrtSequenceInfo *, OrtTypeInfo **)(info, type);
}

// MARK: what a file says about itself; texts are freed by weir_ort_free

static inline OrtStatus *weir_ort_new_metadata(const OrtApi *api, const OrtSession *session, OrtMetadata **metadata) {
    return ORT_SLOT(111, OrtStatus *, const OrtSession *, OrtMetadata **)(session, metadata);
}
static inline OrtStatus *weir_ort_producer(const OrtApi *api, const OrtMetadata *metadata, OrtAllocator *allocator, char **text) {
    return ORT_SLOT(112, OrtStatus *, const OrtMetadata *, OrtAllocator *, char **)(metadata, allocator, text);
}
static inline OrtStatus *weir_ort_description(const OrtApi *api, const OrtMetadata *metadata, OrtAllocator *allocator, char **text) {
    return ORT_SLOT(115, OrtStatus *, const OrtMetadata *, OrtAllocator *, char **)(metadata, allocator, text);
}
/// Null text: the key is not there.
static inline OrtStatus *weir_ort_metadata_value(
    const OrtApi *api, const OrtMetadata *metadata, OrtAllocator *allocator, const char *key, char **text) {
    return ORT_SLOT(116, OrtStatus *, const OrtMetadata *, OrtAllocator *, const char *, char **)(metadata, allocator, key, text);
}
/// INT64_MAX: the file has no version.
static inline OrtStatus *weir_ort_model_version(const OrtApi *api, const OrtMetadata *metadata, int64_t *version) {
    return ORT_SLOT(117, OrtStatus *, const OrtMetadata *, int64_t *)(metadata, version);
}
/// Every key and the list itself are freed by weir_ort_free; the list is null when there are none.
static inline OrtStatus *weir_ort_metadata_keys(
    const OrtApi *api, const OrtMetadata *metadata, OrtAllocator *allocator, char ***keys, int64_t *count) {
    return ORT_SLOT(123, OrtStatus *, const OrtMetadata *, OrtAllocator *, char ***, int64_t *)(metadata, allocator, keys, count);
}

// MARK: memory

static inline OrtStatus *weir_ort_new_memory_info(const OrtApi *api, OrtMemoryInfo **info) {
    return ORT_SLOT(69, OrtStatus *, int, int, OrtMemoryInfo **)(0, 0, info);
}
/// The default allocator; it is never released.
static inline OrtStatus *weir_ort_default_allocator(const OrtApi *api, OrtAllocator **allocator) {
    return ORT_SLOT(78, OrtStatus *, OrtAllocator **)(allocator);
}
static inline OrtStatus *weir_ort_free(const OrtApi *api, OrtAllocator *allocator, void *memory) {
    return ORT_SLOT(76, OrtStatus *, OrtAllocator *, void *)(allocator, memory);
}

// MARK: values

/// A tensor that owns its memory: the only way to have one of texts.
static inline OrtStatus *weir_ort_new_tensor(
    const OrtApi *api, OrtAllocator *allocator, const int64_t *dimensions, size_t rank, int element, OrtValue **value) {
    return ORT_SLOT(48, OrtStatus *, OrtAllocator *, const int64_t *, size_t, int, OrtValue **)(
        allocator, dimensions, rank, element, value);
}
/// A tensor over memory of the caller, who keeps it alive.
static inline OrtStatus *weir_ort_new_borrowing_tensor(
    const OrtApi *api, const OrtMemoryInfo *info, void *bytes, size_t count, const int64_t *dimensions, size_t rank, int element,
    OrtValue **value) {
    return ORT_SLOT(49, OrtStatus *, const OrtMemoryInfo *, void *, size_t, const int64_t *, size_t, int, OrtValue **)(
        info, bytes, count, dimensions, rank, element, value);
}
static inline OrtStatus *weir_ort_tensor_bytes(const OrtApi *api, OrtValue *value, void **bytes) {
    return ORT_SLOT(51, OrtStatus *, OrtValue *, void **)(value, bytes);
}
static inline OrtStatus *weir_ort_fill_texts(const OrtApi *api, OrtValue *value, const char *const *texts, size_t count) {
    return ORT_SLOT(52, OrtStatus *, OrtValue *, const char *const *, size_t)(value, texts, count);
}
static inline OrtStatus *weir_ort_texts_byte_count(const OrtApi *api, const OrtValue *value, size_t *count) {
    return ORT_SLOT(53, OrtStatus *, const OrtValue *, size_t *)(value, count);
}
/// All texts one after another, and where each begins.
static inline OrtStatus *weir_ort_texts(
    const OrtApi *api, const OrtValue *value, void *bytes, size_t capacity, size_t *offsets, size_t count) {
    return ORT_SLOT(54, OrtStatus *, const OrtValue *, void *, size_t, size_t *, size_t)(value, bytes, capacity, offsets, count);
}
static inline OrtStatus *weir_ort_new_value_info(const OrtApi *api, const OrtValue *value, OrtTensorInfo **info) {
    return ORT_SLOT(65, OrtStatus *, const OrtValue *, OrtTensorInfo **)(value, info);
}
static inline OrtStatus *weir_ort_value_kind(const OrtApi *api, const OrtValue *value, int *kind) {
    return ORT_SLOT(67, OrtStatus *, const OrtValue *, int *)(value, kind);
}
/// An item of a sequence; of a map 0 = its keys, 1 = its values.
static inline OrtStatus *weir_ort_new_item(const OrtApi *api, const OrtValue *value, int index, OrtAllocator *allocator, OrtValue **item) {
    return ORT_SLOT(80, OrtStatus *, const OrtValue *, int, OrtAllocator *, OrtValue **)(value, index, allocator, item);
}
static inline OrtStatus *weir_ort_item_count(const OrtApi *api, const OrtValue *value, size_t *count) {
    return ORT_SLOT(81, OrtStatus *, const OrtValue *, size_t *)(value, count);
}

// MARK: running

static inline OrtStatus *weir_ort_new_run_options(const OrtApi *api, OrtRunOptions **options) {
    return ORT_SLOT(39, OrtStatus *, OrtRunOptions **)(options);
}
static inline OrtStatus *weir_ort_terminate(const OrtApi *api, OrtRunOptions *options) {
    return ORT_SLOT(46, OrtStatus *, OrtRunOptions *)(options);
}
static inline OrtStatus *weir_ort_resume(const OrtApi *api, OrtRunOptions *options) {
    return ORT_SLOT(47, OrtStatus *, OrtRunOptions *)(options);
}
/// Null entries of `outputs` are allocated by the library and then belong to the caller.
static inline OrtStatus *weir_ort_run(
    const OrtApi *api, OrtSession *session, const OrtRunOptions *options, const char *const *input_names, const OrtValue *const *inputs,
    size_t input_count, const char *const *output_names, size_t output_count, OrtValue **outputs) {
    return ORT_SLOT(
        9, OrtStatus *, OrtSession *, const OrtRunOptions *, const char *const *, const OrtValue *const *, size_t, const char *const *,
        size_t, OrtValue **)(session, options, input_names, inputs, input_count, output_names, output_count, outputs);
}

#endif
