internal import Dispatch
internal import Foundation
internal import Synchronization

/// The built-in encoder: all-MiniLM-L6-v2 (Wang et al., "MiniLM", 2020; Reimers and Gurevych,
/// "Sentence-BERT", 2019) on this machine's processor.
///
/// A text's vector depends on the text and the precision alone: not on its batch, nor on how many
/// threads work.
package final class MiniLMEncoder: TextEncoder {
  /// What the encoder splits texts with.
  package let tokenizer: WordPieceTokenizer
  private let weights: MiniLMWeights
  private let threadCount: Int
  /// Workspaces that no thread has.
  private let idle = Mutex<[EncoderWorkspace]>([])

  /// Maps the model into memory.
  ///
  /// - Parameters:
  ///   - directory: with `model.safetensors` and `vocab.txt`.
  ///   - precision: how to multiply.
  ///   - threadCount: how many threads may work at once; by default one a processor.
  /// - Throws: `EmbeddingError` when a file is missing or not this model's.
  package init(
    directory: String, precision: EncoderPrecision = .automatic, threadCount: Int? = nil
  ) throws(EmbeddingError) {
    let kernels = try precision.kernels()
    let vocabularyPath = "\(directory)/\(MiniLM.vocabularyFile)"
    tokenizer = try WordPieceTokenizer(vocabulary: vocabularyPath)
    guard tokenizer.vocabulary.count == MiniLM.wordCount else {
      let reason = "it has \(tokenizer.vocabulary.count) lines, the model \(MiniLM.wordCount) words"
      throw .damaged(file: vocabularyPath, byteOffset: nil, reason: reason)
    }
    weights = try MiniLMWeights(path: "\(directory)/\(MiniLM.weightsFile)", kernels: kernels)
    self.threadCount = max(1, threadCount ?? ProcessInfo.processInfo.activeProcessorCount)
  }

  /// The one model that this encoder runs.
  package static let model = EncoderModel(
    provider: "builtin", name: MiniLM.name, dimension: MiniLM.dimension)

  package func model() -> EncoderModel { MiniLMEncoder.model }

  package func vectors(
    for texts: [String], isCancelled: @escaping @Sendable () -> Bool
  ) throws(EmbeddingError) -> [[Float]] {
    let tokens = texts.map(tokenizer.tokens)
    let batches = MiniLMEncoder.batches(of: tokens)
    let width = MiniLM.dimension
    let numbers = UnsafeMutablePointer<Float>.allocate(capacity: max(1, texts.count * width))
    defer { numbers.deallocate() }
    let isComplete = encode(tokens, batches, into: numbers, isCancelled: isCancelled)
    guard isComplete else { throw .cancelled }
    return texts.indices.map { index in
      Array(UnsafeBufferPointer(start: numbers + index * width, count: width))
    }
  }

  /// Encodes all batches, each by whichever thread is free.
  private func encode(
    _ tokens: [[Int32]], _ batches: [Range<Int>], into numbers: UnsafeMutablePointer<Float>,
    isCancelled: @escaping @Sendable () -> Bool
  ) -> Bool {
    let next = Atomic(0)
    let isStopped = Atomic(false)
    // Each batch writes its own part of the numbers; all threads are done when the call returns.
    nonisolated(unsafe) let numbers = numbers
    let work: @Sendable (Int) -> Void = { [self] _ in
      let workspace = idle.withLock { $0.popLast() } ?? EncoderWorkspace()
      while !isStopped.load(ordering: .relaxed) {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < batches.count else { break }
        guard !isCancelled() else {
          isStopped.store(true, ordering: .relaxed)
          break
        }
        let batch = batches[index]
        workspace.encode(
          tokens[batch], weights, into: numbers + batch.lowerBound * MiniLM.dimension)
      }
      idle.withLock { $0.append(workspace) }
    }
    let workers = min(threadCount, batches.count)
    if workers > 1 {
      DispatchQueue.concurrentPerform(iterations: workers, execute: work)
    } else {
      work(0)
    }
    return !isStopped.load(ordering: .relaxed)
  }

  /// Cuts texts, in order, into batches of about `EncoderWorkspace.batchTarget` tokens.
  static func batches(of tokens: [[Int32]]) -> [Range<Int>] {
    var batches: [Range<Int>] = []
    var start = 0
    var rows = 0
    for index in tokens.indices {
      rows += tokens[index].count
      if rows >= EncoderWorkspace.batchTarget || index == tokens.count - 1 {
        batches.append(start..<index + 1)
        start = index + 1
        rows = 0
      }
    }
    return batches
  }
}
