#include "shim.h"
#include "encoder.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Errors are kept for each thread: every state runs in a goroutine locked to its own.
static _Thread_local char last_error[512];

// What the state made last in this thread runs on; empty: whisper.cpp did not say.
static _Thread_local char runs_on[64];

void rf_note_device(const char * text) {
    static const char says[] = "whisper_backend_init_gpu: ";
    char name[sizeof(runs_on)];
    if (strncmp(text, says, sizeof(says) - 1) != 0) {
        return;
    }
    text += sizeof(says) - 1;
    if (sscanf(text, "using %63s backend", name) == 1) {
        strcpy(runs_on, name);
    } else if (strncmp(text, "no GPU found", 12) == 0 || strncmp(text, "failed to initialize", 20) == 0) {
        strcpy(runs_on, "cpu");
    }
}

const char * rf_runs_on(void) { return runs_on; }

bool rf_opens(size_t device) {
    ggml_backend_t opened = ggml_backend_dev_init(ggml_backend_dev_get(device), NULL);
    if (opened == NULL) {
        return false;
    }
    ggml_backend_free(opened);
    return true;
}

static void keep_errors(enum ggml_log_level level, const char * text, void * user_data) {
    (void) user_data;
    if (text != NULL) {
        rf_note_device(text);
    }
    if (level != GGML_LOG_LEVEL_ERROR || text == NULL) {
        return;
    }
    strncpy(last_error, text, sizeof(last_error) - 1);
    last_error[sizeof(last_error) - 1] = '\0';
}

void rf_init(void) {
    whisper_log_set(keep_errors, NULL);
    ggml_log_set(keep_errors, NULL);
#ifdef __GLIBC__
    // A state is made and freed for each window. Left to itself the allocator raises this threshold until it
    // keeps every state's buffers, each in a place of its own: a worker would grow by a half.
    mallopt(M_MMAP_THRESHOLD, 512 << 10);
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
#endif
}

void rf_trim(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

const char * rf_last_error(void) { return last_error; }
void rf_clear_error(void) { last_error[0] = '\0'; }

struct rf_run * rf_run_new(void) { return calloc(1, sizeof(struct rf_run)); }
void rf_run_free(struct rf_run * run) { free(run); }
void rf_stop(struct rf_run * run) { __atomic_store_n(&run->stop, 1, __ATOMIC_RELAXED); }

static struct whisper_context_params context_params(bool gpu, int device) {
    struct whisper_context_params p = whisper_context_default_params();
    p.use_gpu    = gpu;
    p.gpu_device = device;
    p.flash_attn = true;
    return p;
}

struct whisper_context * rf_load_file(const char * path, bool gpu, int device) {
    return whisper_init_from_file_with_params_no_state(path, context_params(gpu, device));
}

struct whisper_context * rf_load_buffer(void * data, size_t size, bool gpu, int device) {
    return whisper_init_from_buffer_with_params_no_state(data, size, context_params(gpu, device));
}

struct whisper_state * rf_state_new(struct whisper_context * ctx, struct rf_encoder_request * r) {
    runs_on[0] = '\0';
    struct whisper_state * state = whisper_init_state(ctx);
    if (state == NULL || r == NULL) {
        return state;
    }
    rf_encoder_use(r);
    // The names are not looked at: the request is ready.
    int rc = whisper_ctx_init_openvino_encoder_with_state(ctx, state, "", "CPU", "");
    rf_encoder_use(NULL);
    if (rc != 0) {
        whisper_free_state(state);
        return NULL;
    }
    return state;
}

static bool aborted(void * user_data) {
    struct rf_run * run = user_data;
    return __atomic_load_n(&run->stop, __ATOMIC_RELAXED) != 0;
}

static bool encoder_begin(struct whisper_context * ctx, struct whisper_state * state, void * user_data) {
    (void) ctx; (void) state;
    struct rf_run * run = user_data;
    run->attempts = 0;
    return true; // false would look like success with a part of the text; the abort callback reports
}

// The first logits of a decoding come with no tokens; whisper.cpp has no other sign of a second attempt.
static void logits_filter(struct whisper_context * ctx, struct whisper_state * state,
                          const whisper_token_data * tokens, int n_tokens, float * logits, void * user_data) {
    (void) ctx; (void) state; (void) tokens; (void) logits;
    struct rf_run * run = user_data;
    if (n_tokens == 0 && ++run->attempts > 1) {
        run->sampled = true;
    }
}

int rf_full(struct whisper_context * ctx, struct whisper_state * state, struct rf_params p,
            struct rf_run * run, const float * samples, int n_samples) {
    struct whisper_full_params w = whisper_full_default_params(
        p.beam > 1 ? WHISPER_SAMPLING_BEAM_SEARCH : WHISPER_SAMPLING_GREEDY);
    w.n_threads        = p.threads;
    w.no_context       = true;
    w.print_progress   = false;
    w.print_timestamps = false;
    w.token_timestamps = true;
    w.max_tokens       = p.max_tokens;
    w.language         = p.language;
    w.initial_prompt   = p.prompt;
    w.suppress_nst     = p.suppress_nst;
    w.temperature      = p.temperature;
    w.temperature_inc  = p.temperature_inc;
    w.entropy_thold    = p.entropy_thold;
    w.logprob_thold    = p.logprob_thold;
    w.no_speech_thold  = p.no_speech_thold;
    w.greedy.best_of   = p.best_of;
    if (p.beam > 1) {
        w.beam_search.beam_size = p.beam;
    }
    w.abort_callback                   = aborted;
    w.abort_callback_user_data         = run;
    w.encoder_begin_callback           = encoder_begin;
    w.encoder_begin_callback_user_data = run;
    w.logits_filter_callback           = logits_filter;
    w.logits_filter_callback_user_data = run;
    if (p.temperature > 0.0f) {
        run->sampled = true;
    }
    return whisper_full_with_state(ctx, state, w, samples, n_samples);
}
