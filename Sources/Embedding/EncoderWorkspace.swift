internal import CEncoder

/// The buffers of one thread that encodes, and the pass through the layers.
///
/// Unchecked because `MiniLMEncoder.idle` sees to it that one thread at a time has a workspace.
final class EncoderWorkspace: @unchecked Sendable {
  /// The most rows of a pass: a batch may exceed its target by one longest text.
  static let rowLimit = batchTarget + WordPieceTokenizer.tokenLimit
  /// How many rows a batch should have: enough to use what weights are read, few enough for its
  /// activations to stay in the second cache.
  static let batchTarget = 168

  private let stream: UnsafeMutablePointer<Float>
  private let activations: UnsafeMutableRawPointer
  private let projections: UnsafeMutablePointer<Float>
  private let inner: UnsafeMutableRawPointer
  private let scratch: UnsafeMutablePointer<Float>

  init() {
    func floats(_ count: Int) -> UnsafeMutableRawPointer {
      .allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
    }
    let rows = EncoderWorkspace.rowLimit
    stream = floats(rows * MiniLM.dimension).assumingMemoryBound(to: Float.self)
    activations = floats(rows * MiniLM.dimension)
    projections = floats(rows * 3 * MiniLM.dimension).assumingMemoryBound(to: Float.self)
    inner = floats(rows * MiniLM.innerDimension)
    scratch = floats(Int(dbk_attention_scratch_count)).assumingMemoryBound(to: Float.self)
  }

  deinit {
    stream.deallocate()
    activations.deallocate()
    projections.deallocate()
    inner.deallocate()
    scratch.deallocate()
  }

  /// Encodes a batch: texts one after another, without padding.
  ///
  /// - Parameters:
  ///   - batch: the texts' tokens; `rowLimit` in all at most.
  ///   - weights: the model.
  ///   - vectors: where each text's vector goes, one after another.
  func encode(
    _ batch: ArraySlice<[Int32]>, _ weights: MiniLMWeights,
    into vectors: UnsafeMutablePointer<Float>
  ) {
    let kernels = weights.kernels
    var rows = 0
    withUnsafePointer(to: weights.tables) { tables in
      for tokens in batch {
        dbk_encoder_embed(
          kernels, tables, tokens, Int32(tokens.count), stream + rows * MiniLM.dimension,
          activationRow(rows, kernels))
        rows += tokens.count
      }
    }
    precondition(rows <= EncoderWorkspace.rowLimit, "a batch exceeds its workspace")
    for layer in weights.layers { pass(layer, batch, rows: Int32(rows), kernels) }
    var row = 0
    for (index, tokens) in batch.enumerated() {
      dbk_encoder_pool(
        kernels, stream + row * MiniLM.dimension, Int32(tokens.count),
        vectors + index * MiniLM.dimension)
      row += tokens.count
    }
  }

  /// One layer over all rows; only attention sees where a text ends.
  private func pass(
    _ layer: MiniLMWeights.Layer, _ batch: ArraySlice<[Int32]>, rows: Int32, _ kernels: dbk_kernels
  ) {
    var layer = layer
    dbk_encoder_project(kernels, &layer.attention, activations, rows, projections)
    var row = 0
    for tokens in batch {
      dbk_encoder_attend(
        kernels, projections + row * 3 * MiniLM.dimension, Int32(tokens.count),
        activationRow(row, kernels), scratch)
      row += tokens.count
    }
    dbk_encoder_project_add(kernels, &layer.attentionOutput, activations, rows, stream)
    dbk_encoder_normalise(
      kernels, layer.attentionGain, layer.attentionShift, rows, stream, activations)
    dbk_encoder_project_gelu(kernels, &layer.widening, activations, rows, inner)
    dbk_encoder_project_add(kernels, &layer.narrowing, inner, rows, stream)
    dbk_encoder_normalise(kernels, layer.outputGain, layer.outputShift, rows, stream, activations)
  }

  private func activationRow(_ row: Int, _ kernels: dbk_kernels) -> UnsafeMutableRawPointer {
    activations + row * MiniLM.dimension * dbk_encoder_element_size(kernels)
  }
}
