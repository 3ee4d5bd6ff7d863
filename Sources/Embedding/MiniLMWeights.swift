internal import CEncoder

/// The model's numbers: tables as they are in the file, dense layers in the order of the kernels.
///
/// Sendable because nothing is written after `init`.
final class MiniLMWeights: @unchecked Sendable {
  /// One of the six layers.
  struct Layer {
    /// Queries, keys and values in one product.
    var attention: dbk_dense
    var attentionOutput: dbk_dense
    var attentionGain: UnsafePointer<Float>
    var attentionShift: UnsafePointer<Float>
    var widening: dbk_dense
    var narrowing: dbk_dense
    var outputGain: UnsafePointer<Float>
    var outputShift: UnsafePointer<Float>
  }

  let kernels: dbk_kernels
  let tables: dbk_embedding_tables
  let layers: [Layer]
  private let tensors: SafetensorsFile
  private let packed: UnsafeMutableRawPointer

  /// Maps a weights file and packs its dense layers.
  ///
  /// - Parameters:
  ///   - path: the safetensors file.
  ///   - kernels: the instruction set that will read them.
  /// - Throws: `EmbeddingError` when the file is not this model's.
  init(path: String, kernels: dbk_kernels) throws(EmbeddingError) {
    let tensors = try SafetensorsFile(path: path)
    let width = MiniLM.dimension
    tables = dbk_embedding_tables(
      words: try tensors.floats(
        "embeddings.word_embeddings.weight", shape: [MiniLM.wordCount, width]),
      positions: try tensors.floats(
        "embeddings.position_embeddings.weight", shape: [MiniLM.positionCount, width]),
      segment: try tensors.floats(
        "embeddings.token_type_embeddings.weight", shape: [2, width]),
      gain: try tensors.floats("embeddings.LayerNorm.weight", shape: [width]),
      shift: try tensors.floats("embeddings.LayerNorm.bias", shape: [width]))
    var sources: [LayerTensors] = []
    for number in 0..<MiniLM.layerCount { sources.append(try LayerTensors(tensors, number)) }
    self.kernels = kernels
    self.tensors = tensors
    var packer = Packer(kernels: kernels, layerCount: sources.count)
    layers = sources.map { packer.pack($0) }
    packed = packer.base
    // What was packed is not read again; the small tensors between come back when they are.
    for tensor in tensors.tensors.values where tensor.shape.count == 2 {
      if tensor.shape[0] != MiniLM.wordCount { tensors.file.release(tensor.range) }
    }
  }

  deinit { packed.deallocate() }
}

/// The tensors of one layer, in the file.
private struct LayerTensors {
  typealias Dense = (weights: UnsafePointer<Float>, bias: UnsafePointer<Float>)

  let queries, keys, values, attentionOutput, widening, narrowing: Dense
  let attentionGain, attentionShift, outputGain, outputShift: UnsafePointer<Float>

  init(_ tensors: SafetensorsFile, _ number: Int) throws(EmbeddingError) {
    let (width, inner) = (MiniLM.dimension, MiniLM.innerDimension)
    let prefix = "encoder.layer.\(number)."
    func dense(_ name: String, _ outputs: Int, _ inputs: Int) throws(EmbeddingError) -> Dense {
      (
        try tensors.floats("\(prefix)\(name).weight", shape: [outputs, inputs]),
        try tensors.floats("\(prefix)\(name).bias", shape: [outputs])
      )
    }
    func row(_ name: String) throws(EmbeddingError) -> UnsafePointer<Float> {
      try tensors.floats(prefix + name, shape: [width])
    }
    queries = try dense("attention.self.query", width, width)
    keys = try dense("attention.self.key", width, width)
    values = try dense("attention.self.value", width, width)
    attentionOutput = try dense("attention.output.dense", width, width)
    attentionGain = try row("attention.output.LayerNorm.weight")
    attentionShift = try row("attention.output.LayerNorm.bias")
    widening = try dense("intermediate.dense", inner, width)
    narrowing = try dense("output.dense", width, inner)
    outputGain = try row("output.LayerNorm.weight")
    outputShift = try row("output.LayerNorm.bias")
  }
}

/// Lays packed weights, then the joined biases of attention, one after another in one block.
private struct Packer {
  let kernels: dbk_kernels
  let base: UnsafeMutableRawPointer
  private var end: UnsafeMutableRawPointer

  init(kernels: dbk_kernels, layerCount: Int) {
    self.kernels = kernels
    let (width, inner) = (MiniLM.dimension, MiniLM.innerDimension)
    let weightCount = 4 * width * width + 2 * width * inner
    let byteCount =
      weightCount * dbk_encoder_element_size(kernels) + 3 * width * MemoryLayout<Float>.stride
    base = .allocate(byteCount: byteCount * layerCount, alignment: 64)
    end = base
  }

  mutating func pack(_ source: LayerTensors) -> MiniLMWeights.Layer {
    let (width, inner) = (MiniLM.dimension, MiniLM.innerDimension)
    let parts = [source.queries, source.keys, source.values]
    let weights = UnsafeRawPointer(end)
    for part in parts { add(part.weights, outputs: width, inputs: width) }
    let bias = end.bindMemory(to: Float.self, capacity: 3 * width)
    for (index, part) in parts.enumerated() {
      (bias + index * width).initialize(from: part.bias, count: width)
    }
    end += 3 * width * MemoryLayout<Float>.stride
    return MiniLMWeights.Layer(
      attention: dbk_dense(
        inputs: Int32(width), outputs: Int32(3 * width), weights: weights, bias: bias),
      attentionOutput: dense(source.attentionOutput, outputs: width, inputs: width),
      attentionGain: source.attentionGain, attentionShift: source.attentionShift,
      widening: dense(source.widening, outputs: inner, inputs: width),
      narrowing: dense(source.narrowing, outputs: width, inputs: inner),
      outputGain: source.outputGain, outputShift: source.outputShift)
  }

  private mutating func dense(
    _ source: LayerTensors.Dense, outputs: Int, inputs: Int
  ) -> dbk_dense {
    let weights = UnsafeRawPointer(end)
    add(source.weights, outputs: outputs, inputs: inputs)
    return dbk_dense(
      inputs: Int32(inputs), outputs: Int32(outputs), weights: weights, bias: source.bias)
  }

  private mutating func add(_ weights: UnsafePointer<Float>, outputs: Int, inputs: Int) {
    dbk_encoder_pack(kernels, weights, Int32(outputs), Int32(inputs), end)
    end += outputs * inputs * dbk_encoder_element_size(kernels)
  }
}
