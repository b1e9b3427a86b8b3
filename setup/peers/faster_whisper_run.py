"""Recognises one recording with faster-whisper and prints it line by line: a thing to compare with.

usage: faster_whisper_run.py MODEL_FOLDER FILE LANGUAGE COMPUTE_TYPE BATCH BEAM THREADS
BATCH 0: one window after another, with its own voice activity detection. The first line says how many
seconds loading took; the others are text.
"""
import sys
import time

began = time.monotonic()
from faster_whisper import BatchedInferencePipeline, WhisperModel  # noqa: E402

folder, path, language, compute, batch, beam, threads = sys.argv[1:8]
model = WhisperModel(folder, device="cpu", compute_type=compute, cpu_threads=int(threads), local_files_only=True)
print(f"loaded {time.monotonic() - began:.3f}", flush=True)
options = {"language": language, "beam_size": int(beam)}
if int(batch):
    segments, _ = BatchedInferencePipeline(model=model).transcribe(path, batch_size=int(batch), **options)
else:
    segments, _ = model.transcribe(path, vad_filter=True, **options)
for segment in segments:
    print(segment.text.strip(), flush=True)
