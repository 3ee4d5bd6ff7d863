#!/usr/bin/env python3
"""Writes a small language model with random weights as GGUF: it babbles, but a server runs it.

Usage: tiny_model.py FILE

The same call gives the same weights. Byte-level vocabulary (every byte is a token, as llama.cpp's
`BYTE` tokens of a SentencePiece model), two layers of a Llama, 64 dimensions: about 200 kB.
"""
import sys

import gguf
import numpy

DIMENSION, LAYERS, HEADS, FEED_FORWARD, CONTEXT = 64, 2, 4, 128, 16384


def vocabulary():
    """Three control tokens, then one for each byte, then the printable characters as words."""
    tokens = [b"<unk>", b"<s>", b"</s>"] + [f"<0x{byte:02X}>".encode() for byte in range(256)]
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    kinds += [gguf.TokenType.BYTE] * 256
    for code in range(32, 127):
        tokens.append("▁".encode() if code == 32 else bytes([code]))
        kinds.append(gguf.TokenType.NORMAL)
    return tokens, kinds


def main():
    writer = gguf.GGUFWriter(sys.argv[1], "llama")
    writer.add_name("daybreak-soak")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(DIMENSION)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(DIMENSION // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    tokens, kinds = vocabulary()
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * 3 + [-1e6] * 256 + [-1.0] * (len(tokens) - 259))
    writer.add_token_types(kinds)
    writer.add_vocab_size(len(tokens))
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template(
        "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}")
    random = numpy.random.default_rng(1)

    def add(name, *shape, change=lambda weights: None):
        weights = random.normal(0, 0.05, shape).astype(numpy.float32)
        change(weights)
        writer.add_tensor(name, weights)

    # Without a bias the babble would never close a string. Two dimensions carry one, and no layer writes to
    # them: the first is the same for every token, the second tells that the last token was a quotation mark.
    mark = tokens.index(b'"')

    def carrying(weights):
        weights[:, 0] = 0.4
        weights[:, 1] = 0
        weights[mark, 1] = 2

    def untouched(weights):
        weights *= 0.2
        weights[0:2, :] = 0

    def preferring(weights):
        weights[:, 0:2] = 0
        for end, strength in [('"', 0.7), ("{", 0.55), ("}", 0.45), ("]", 0.45), ("\n", -1), ("\\", -1)]:
            for number in [index for index, token in enumerate(tokens) if token == end.encode()]:
                weights[number, 0] = strength
        # A string has at least one character, and it is a printable one.
        weights[mark, 1] = -1
        weights[3 : 3 + 256, 0] = -1

    def add_norm(name):
        writer.add_tensor(name, numpy.ones(DIMENSION, dtype=numpy.float32))

    add("token_embd.weight", len(tokens), DIMENSION, change=carrying)
    add_norm("output_norm.weight")
    add("output.weight", len(tokens), DIMENSION, change=preferring)
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        add_norm(block + "attn_norm.weight")
        for part in ("q", "k", "v"):
            add(f"{block}attn_{part}.weight", DIMENSION, DIMENSION)
        add(block + "attn_output.weight", DIMENSION, DIMENSION, change=untouched)
        add_norm(block + "ffn_norm.weight")
        add(block + "ffn_gate.weight", FEED_FORWARD, DIMENSION)
        add(block + "ffn_up.weight", FEED_FORWARD, DIMENSION)
        add(block + "ffn_down.weight", DIMENSION, FEED_FORWARD, change=untouched)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


main()
