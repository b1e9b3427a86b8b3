#ifndef REFERENT_WHISPER_ENCODER_H
#define REFERENT_WHISPER_ENCODER_H

#include <stdbool.h>
#include <stddef.h>

// OpenVINO through its C interface, opened at run time: a machine without it runs the same binary.
// Functions that can fail return NULL and write a reason to err, which holds RF_ERR bytes.
#define RF_ERR 512

struct rf_openvino;        // the opened library
struct rf_encoder;         // an encoder ready to run, shared by its requests
struct rf_encoder_request; // one run at a time; each slot has its own

struct rf_openvino * rf_openvino_open(const char * path, char * err);
const char * rf_openvino_version(struct rf_openvino * ov); // of the library, e.g. "2026.4.1"

// rf_encoder_new compiles the ONNX model for the processor, with so many streams of one thread each.
struct rf_encoder * rf_encoder_new(struct rf_openvino * ov, const void * onnx, size_t size, int streams,
                                   const char * precision, char * err);
void rf_encoder_free(struct rf_encoder * e);

struct rf_encoder_request * rf_encoder_request_new(struct rf_encoder * e, char * err);
void rf_encoder_request_free(struct rf_encoder_request * r);
bool rf_encoder_request_failed(struct rf_encoder_request * r); // since it was made

// rf_encoder_use makes the calling thread's next whisper_ctx_init_openvino_encoder_with_state take r.
void rf_encoder_use(struct rf_encoder_request * r);

#endif
