#!/usr/bin/env python3
"""Encodes the lines of a file with a peer of the built-in encoder and prints one JSON object.

Usage: embedding_peers.py torch|onnx MODEL TEXTS THREADS VECTORS
       embedding_peers.py export MODEL ONNX_FILE
       embedding_peers.py compare VECTORS VECTORS

torch    sentence-transformers on PyTorch, its own batches of 32 sorted by length
onnx     ONNX Runtime with all its graph optimisations, the same batches; MODEL is the file that
         `export` made
compare  the least cosine between two files of 384 little-endian floats a text
"""
import json
import os
import sys
import time


def measured(load, encode, texts, vectors_file):
    import numpy

    start = time.monotonic()
    model = load()
    loaded = time.monotonic()
    encode(model, texts[:64])
    before = os.times()
    warm = time.monotonic()
    vectors = encode(model, texts)
    seconds = time.monotonic() - warm
    after = os.times()
    numpy.asarray(vectors, dtype="<f4").tofile(vectors_file)
    cpu = after.user + after.system - before.user - before.system
    print(json.dumps({"lines": len(texts), "seconds": seconds, "loadSeconds": loaded - start, "cpuSeconds": cpu}))


def torch_peer(model_folder, texts, threads, vectors_file):
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    measured(
        lambda: SentenceTransformer(model_folder, device="cpu"),
        lambda model, texts: model.encode(texts, batch_size=32, normalize_embeddings=True),
        texts,
        vectors_file,
    )


def onnx_peer(onnx_file, texts, threads, vectors_file):
    import numpy
    import onnxruntime
    from tokenizers import Tokenizer

    def load():
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        tokenizer = Tokenizer.from_file(os.path.join(os.path.dirname(onnx_file), "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(256)
        session = onnxruntime.InferenceSession(onnx_file, options, providers=["CPUExecutionProvider"])
        return session, tokenizer

    def encode(model, texts):
        session, tokenizer = model
        tokens = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
        order = sorted(range(len(tokens)), key=lambda index: -len(tokens[index]))
        vectors = numpy.zeros((len(tokens), 384), numpy.float32)
        for start in range(0, len(order), 32):
            batch = order[start : start + 32]
            width = max(len(tokens[index]) for index in batch)
            ids = numpy.zeros((len(batch), width), numpy.int64)
            mask = numpy.zeros_like(ids)
            for row, index in enumerate(batch):
                ids[row, : len(tokens[index])] = tokens[index]
                mask[row, : len(tokens[index])] = 1
            states = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
            means = (states * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
            vectors[batch] = means / numpy.linalg.norm(means, axis=1, keepdims=True)
        return vectors

    measured(load, encode, texts, vectors_file)


def export(model_folder, onnx_file):
    import shutil
    import warnings

    import torch
    from transformers import AutoModel

    warnings.simplefilter("ignore")
    model = AutoModel.from_pretrained(model_folder, attn_implementation="eager").eval()

    class States(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, input_ids, attention_mask):
            return self.model(
                input_ids=input_ids,
                attention_mask=attention_mask,
                token_type_ids=torch.zeros_like(input_ids),
            ).last_hidden_state

    example = torch.ones(2, 8, dtype=torch.long)
    axes = {0: "batch", 1: "tokens"}
    torch.onnx.export(
        States(), (example, example), onnx_file + ".new", input_names=["input_ids", "attention_mask"],
        output_names=["states"], opset_version=17, dynamo=False,
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "states": axes},
    )
    shutil.copy(os.path.join(model_folder, "tokenizer.json"), os.path.dirname(onnx_file))
    os.replace(onnx_file + ".new", onnx_file)


def compare(first, second):
    import numpy

    one = numpy.fromfile(first, "<f4").reshape(-1, 384).astype(numpy.float64)
    two = numpy.fromfile(second, "<f4").reshape(-1, 384).astype(numpy.float64)
    cosines = (one * two).sum(1) / numpy.linalg.norm(one, axis=1) / numpy.linalg.norm(two, axis=1)
    print(json.dumps({"least": cosines.min()}))


def main():
    kind, *rest = sys.argv[1:]
    if kind == "export":
        export(*rest)
    elif kind == "compare":
        compare(*rest)
    else:
        model, texts_file, threads, vectors_file = rest
        with open(texts_file, encoding="utf-8") as file:
            texts = file.read().splitlines()
        peer = torch_peer if kind == "torch" else onnx_peer
        peer(model, texts, int(threads), vectors_file)


if __name__ == "__main__":
    main()
