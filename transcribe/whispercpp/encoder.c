// whisper.cpp calls three functions when it was built for another encoder (WHISPER_USE_OPENVINO). They
// are here, instead of in its own OpenVINO source, for three reasons: the library is opened at run time,
// so that it is optional; the number of threads is ours to set; and every state of a slot shares one
// compiled encoder instead of reading and compiling it anew.
#include "encoder.h"
#include "shim.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ggml.h>

// The part of OpenVINO's C interface that is used. Its types are opaque to callers; status 0 is success.
typedef struct { const char * build; const char * description; } ov_version;

struct rf_openvino {
    void * core;
    char   version[64];
    int  (*read_model)(const void * core, const char * model, size_t size, const void * weights, void ** out);
    int  (*compile_model)(const void * core, const void * model, const char * device, size_t n_args, void ** out, ...);
    int  (*create_request)(const void * compiled, void ** out);
    int  (*input)(const void * request, size_t index, void ** tensor);
    int  (*output)(const void * request, size_t index, void ** tensor);
    int  (*infer)(void * request);
    int  (*tensor_size)(const void * tensor, size_t * bytes);
    int  (*tensor_data)(const void * tensor, void ** data);
    void (*tensor_free)(void * tensor);
    void (*request_free)(void * request);
    void (*compiled_free)(void * compiled);
    void (*model_free)(void * model);
    const char * (*last_error)(void);
};

struct rf_encoder {
    struct rf_openvino * ov;
    void * compiled;
};

struct rf_encoder_request {
    struct rf_openvino * ov;
    void * request;
    void * in, * out;             // its tensors
    float * in_data, * out_data;
    size_t in_size, out_size;     // bytes
    bool failed;
};

static void complain(struct rf_openvino * ov, const char * what, char * err) {
    const char * why = ov != NULL && ov->last_error != NULL ? ov->last_error() : NULL;
    snprintf(err, RF_ERR, "%s: %.400s", what, why != NULL && *why ? why : "no reason was given");
}

struct rf_openvino * rf_openvino_open(const char * path, char * err) {
    void * lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (lib == NULL) {
        snprintf(err, RF_ERR, "open library: %.400s", dlerror());
        return NULL;
    }
    struct rf_openvino * ov = calloc(1, sizeof(*ov));
    int (*core_create)(void **) = NULL;
    int (*get_version)(ov_version *) = NULL;
    void (*version_free)(ov_version *) = NULL;
    struct { const char * name; void ** to; } symbols[] = {
        { "ov_core_create", (void **) &core_create },
        { "ov_get_openvino_version", (void **) &get_version },
        { "ov_version_free", (void **) &version_free },
        { "ov_core_read_model_from_memory_buffer", (void **) &ov->read_model },
        { "ov_core_compile_model", (void **) &ov->compile_model },
        { "ov_compiled_model_create_infer_request", (void **) &ov->create_request },
        { "ov_infer_request_get_input_tensor_by_index", (void **) &ov->input },
        { "ov_infer_request_get_output_tensor_by_index", (void **) &ov->output },
        { "ov_infer_request_infer", (void **) &ov->infer },
        { "ov_tensor_get_byte_size", (void **) &ov->tensor_size },
        { "ov_tensor_data", (void **) &ov->tensor_data },
        { "ov_tensor_free", (void **) &ov->tensor_free },
        { "ov_infer_request_free", (void **) &ov->request_free },
        { "ov_compiled_model_free", (void **) &ov->compiled_free },
        { "ov_model_free", (void **) &ov->model_free },
        { "ov_get_last_err_msg", (void **) &ov->last_error },
    };
    for (size_t i = 0; i < sizeof(symbols)/sizeof(symbols[0]); i++) {
        if ((*symbols[i].to = dlsym(lib, symbols[i].name)) == NULL) {
            snprintf(err, RF_ERR, "the library lacks %s", symbols[i].name);
            free(ov);
            return NULL; // the library stays open: its own threads may run already
        }
    }
    if (core_create(&ov->core) != 0) {
        complain(ov, "start OpenVINO", err);
        free(ov);
        return NULL;
    }
    ov_version v = {0};
    if (get_version(&v) == 0) {
        snprintf(ov->version, sizeof(ov->version), "%.60s", v.build != NULL ? v.build : "");
        version_free(&v);
    }
    return ov;
}

const char * rf_openvino_version(struct rf_openvino * ov) { return ov->version; }

struct rf_encoder * rf_encoder_new(struct rf_openvino * ov, const void * onnx, size_t size, int streams,
                                   const char * precision, char * err) {
    void * model = NULL, * compiled = NULL;
    if (ov->read_model(ov->core, onnx, size, NULL, &model) != 0) {
        complain(ov, "read encoder", err);
        return NULL;
    }
    char n[16];
    snprintf(n, sizeof(n), "%d", streams);
    // No pinning: a pinned thread shares its core with whoever else is pinned or busy there.
    int rc = precision != NULL && *precision
        ? ov->compile_model(ov->core, model, "CPU", 8, &compiled, "NUM_STREAMS", n, "INFERENCE_NUM_THREADS", n,
                            "ENABLE_CPU_PINNING", "NO", "INFERENCE_PRECISION_HINT", precision)
        : ov->compile_model(ov->core, model, "CPU", 6, &compiled, "NUM_STREAMS", n, "INFERENCE_NUM_THREADS", n,
                            "ENABLE_CPU_PINNING", "NO");
    if (rc != 0) {
        complain(ov, "compile encoder", err);
        ov->model_free(model);
        return NULL;
    }
    ov->model_free(model);
    rf_trim(); // the network as it was read is several times as large as what was compiled
    struct rf_encoder * e = calloc(1, sizeof(*e));
    e->ov = ov;
    e->compiled = compiled;
    return e;
}

void rf_encoder_free(struct rf_encoder * e) {
    e->ov->compiled_free(e->compiled);
    free(e);
}

struct rf_encoder_request * rf_encoder_request_new(struct rf_encoder * e, char * err) {
    struct rf_openvino * ov = e->ov;
    struct rf_encoder_request * r = calloc(1, sizeof(*r));
    r->ov = ov;
    if (ov->create_request(e->compiled, &r->request) != 0 ||
        ov->input(r->request, 0, &r->in) != 0 || ov->output(r->request, 0, &r->out) != 0 ||
        ov->tensor_data(r->in, (void **) &r->in_data) != 0 || ov->tensor_data(r->out, (void **) &r->out_data) != 0 ||
        ov->tensor_size(r->in, &r->in_size) != 0 || ov->tensor_size(r->out, &r->out_size) != 0) {
        complain(ov, "make encoder request", err);
        rf_encoder_request_free(r);
        return NULL;
    }
    return r;
}

void rf_encoder_request_free(struct rf_encoder_request * r) {
    if (r->in != NULL) r->ov->tensor_free(r->in);
    if (r->out != NULL) r->ov->tensor_free(r->out);
    if (r->request != NULL) r->ov->request_free(r->request);
    free(r);
}

bool rf_encoder_request_failed(struct rf_encoder_request * r) { return r->failed; }

static _Thread_local struct rf_encoder_request * next_request;

void rf_encoder_use(struct rf_encoder_request * r) { next_request = r; }

// What whisper.cpp calls. Its context is a slot's request, which outlives the state.

void * whisper_openvino_init(const char * path_model, const char * device, const char * cache_dir);
void whisper_openvino_free(void * ctx);
int whisper_openvino_encode(void * ctx, struct ggml_tensor * mel, struct ggml_tensor * out);

void * whisper_openvino_init(const char * path_model, const char * device, const char * cache_dir) {
    (void) path_model; (void) device; (void) cache_dir;
    return next_request;
}

void whisper_openvino_free(void * ctx) { (void) ctx; }

// whisper.cpp does not look at what this returns: a failure is kept in the request for the caller.
int whisper_openvino_encode(void * ctx, struct ggml_tensor * mel, struct ggml_tensor * out) {
    struct rf_encoder_request * r = ctx;
    if (r->failed || ggml_nbytes(mel) != r->in_size || ggml_nbytes(out) != r->out_size) {
        r->failed = true;
        return 0;
    }
    memcpy(r->in_data, mel->data, r->in_size);
    if (r->ov->infer(r->request) != 0) {
        r->failed = true;
        return 0;
    }
    memcpy(out->data, r->out_data, r->out_size);
    return 1;
}
