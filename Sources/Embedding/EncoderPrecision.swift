internal import CEncoder

/// How the built-in encoder multiplies.
package enum EncoderPrecision: String, Sendable, CaseIterable {
  /// `bfloat16` where the processor has instructions for it, else `float32`.
  case automatic
  /// The model as it was published. Every x86-64 processor with AVX2 gives the same bytes.
  case float32
  /// Weights and activations rounded to 8 significant bits, products summed in float32: about twice
  /// as fast; the cosine with `float32` stays above 0.9999.
  case bfloat16
}

extension EncoderPrecision {
  /// The instruction set to use.
  ///
  /// - Throws: `EmbeddingError.unsupportedPrecision`.
  func kernels() throws(EmbeddingError) -> dbk_kernels {
    let float32 =
      [dbk_kernels_avx512, dbk_kernels_avx2]
      .first { dbk_encoder_supports($0) != 0 } ?? dbk_kernels_portable
    let hasBFloat16 = dbk_encoder_supports(dbk_kernels_avx512_bf16) != 0
    switch self {
    case .automatic: return hasBFloat16 ? dbk_kernels_avx512_bf16 : float32
    case .float32: return float32
    case .bfloat16:
      guard hasBFloat16 else { throw .unsupportedPrecision("bfloat16") }
      return dbk_kernels_avx512_bf16
    }
  }
}
