#ifndef REFERENT_WHISPER_SHIM_H
#define REFERENT_WHISPER_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <ggml.h>
#include <ggml-backend.h>
#include <whisper.h>

// rf_params is the part of whisper_full_params that Go chooses.
struct rf_params {
    const char * language; // Whisper's code, or "auto"
    const char * prompt;   // or NULL
    int   threads;
    int   beam;            // more than 1: beam search
    int   best_of;         // decoders at temperatures above zero
    int   max_tokens;      // in a segment, 0: no limit
    float temperature;
    float temperature_inc; // 0: no second attempt
    float entropy_thold;
    float logprob_thold;
    float no_speech_thold;
    bool  suppress_nst;
};

// rf_run is what one call of rf_full shares with the callbacks whisper.cpp makes during it.
struct rf_run {
    int  stop;     // set by rf_stop from any thread, read by the abort callback
    int  attempts; // decodings of the current stretch of audio
    bool sampled;  // some stretch needed a second attempt
};

struct rf_run * rf_run_new(void);
void rf_run_free(struct rf_run * run);
void rf_stop(struct rf_run * run);

struct whisper_context * rf_load_file(const char * path, bool gpu, int device);
struct whisper_context * rf_load_buffer(void * data, size_t size, bool gpu, int device);

struct rf_encoder_request;

// rf_state_new makes a state that encodes through r, or through ggml when r is NULL.
struct whisper_state * rf_state_new(struct whisper_context * ctx, struct rf_encoder_request * r);

// rf_runs_on names the device of the state that this thread made last; empty: it is not known.
const char * rf_runs_on(void);
// rf_note_device takes a line of whisper.cpp's log. There alone it says that it goes on without a graphics processor that
// cannot be opened.
void rf_note_device(const char * text);
// rf_opens tries whether a device can be opened, as whisper.cpp will.
bool rf_opens(size_t device);

int rf_full(struct whisper_context * ctx, struct whisper_state * state, struct rf_params p,
            struct rf_run * run, const float * samples, int n_samples);

// rf_init sends whisper.cpp's and ggml's log lines to nowhere, except that the last error of the calling
// thread can be fetched with rf_last_error, and makes the C allocator give back what a state took.
void rf_init(void);
// rf_trim gives free memory of the C allocator back to the system.
void rf_trim(void);
const char * rf_last_error(void);
void rf_clear_error(void);

#endif
