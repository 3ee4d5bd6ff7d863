import CEncoder
import DaybreakCore
import Foundation
import Testing

@testable import Embedding

/// The kernels against plain loops, and against each other; needs no model.
@Suite struct KernelTests {
  static let inputs = 384
  static let outputs = 64

  static let sets: [dbk_kernels] = [dbk_kernels_portable, dbk_kernels_avx2, dbk_kernels_avx512]
    .filter { dbk_encoder_supports($0) != 0 }

  /// A block of floats aligned as the kernels ask, freed with its owner.
  final class Block {
    let floats: UnsafeMutablePointer<Float>

    init(_ count: Int, _ value: (Int) -> Float = { _ in 0 }) {
      let bytes = count * MemoryLayout<Float>.stride
      floats = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        .bindMemory(to: Float.self, capacity: count)
      for index in 0..<count { floats[index] = value(index) }
    }

    deinit { floats.deallocate() }

    func numbers(_ count: Int) -> [Float] {
      Array(UnsafeBufferPointer(start: floats, count: count))
    }
  }

  static func noise(_ seed: UInt64, _ count: Int) -> [Float] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { _ in Float(random.normal()) }
  }

  /// activations · weights + bias for `rows` rows in one set.
  static func product(_ kernels: dbk_kernels, rows: Int) -> [Float] {
    let weights = noise(1, inputs * outputs)
    let activations = noise(2, 40 * inputs)
    let bias = noise(3, outputs)
    let packed = Block(inputs * outputs)
    dbk_encoder_pack(kernels, weights, Int32(outputs), Int32(inputs), packed.floats)
    let input = Block(rows * inputs) { activations[$0] }
    let output = Block(rows * outputs)
    bias.withUnsafeBufferPointer { bias in
      var layer = dbk_dense(
        inputs: Int32(inputs), outputs: Int32(outputs), weights: packed.floats,
        bias: bias.baseAddress)
      dbk_encoder_project(kernels, &layer, input.floats, Int32(rows), output.floats)
    }
    return output.numbers(rows * outputs)
  }

  @Test(arguments: sets.map(\.rawValue))
  func `A product is that of plain loops`(_ set: UInt32) {
    let (weights, activations) = (
      Self.noise(1, Self.inputs * Self.outputs), Self.noise(2, 40 * Self.inputs)
    )
    let bias = Self.noise(3, Self.outputs)
    let found = Self.product(dbk_kernels(rawValue: set), rows: 40)
    for row in 0..<40 {
      for output in 0..<Self.outputs {
        let sum = (0..<Self.inputs).reduce(Double(bias[output])) {
          $0 + Double(activations[row * Self.inputs + $1])
            * Double(weights[output * Self.inputs + $1])
        }
        #expect(abs(sum - Double(found[row * Self.outputs + output])) < 1e-3)
      }
    }
  }

  @Test(arguments: sets.map(\.rawValue))
  func `A row's product has the same bytes whatever rows stand beside it`(_ set: UInt32) {
    let kernels = dbk_kernels(rawValue: set)
    let whole = Self.product(kernels, rows: 40)
    for rows in 1..<40 {
      #expect(Self.product(kernels, rows: rows) == Array(whole[..<(rows * Self.outputs)]))
    }
  }

  @Test(.enabled(if: dbk_encoder_supports(dbk_kernels_avx512) != 0, "this processor lacks AVX-512"))
  func `AVX2 and AVX-512 give the same bytes`() {
    #expect(
      Self.product(dbk_kernels_avx2, rows: 17) == Self.product(dbk_kernels_avx512, rows: 17))
    #expect(
      Self.attention(dbk_kernels_avx2, length: 37)
        == Self.attention(dbk_kernels_avx512, length: 37))
  }

  /// Attention of one sequence of noise.
  static func attention(_ kernels: dbk_kernels, length: Int) -> [Float] {
    let rows = noise(4, length * 1152)
    let output = Block(length * 384)
    let scratch = Block(Int(dbk_attention_scratch_count))
    dbk_encoder_attend(kernels, rows, Int32(length), output.floats, scratch.floats)
    return output.numbers(length * 384)
  }

  @Test(arguments: sets.map(\.rawValue), [1, 4, 15, 16, 17, 256])
  func `Attention is the softmax of products`(_ set: UInt32, _ length: Int) {
    let rows = Self.noise(4, length * 1152)
    let found = Self.attention(dbk_kernels(rawValue: set), length: length)
    for head in [0, 11] {
      let row = length - 1
      func part(_ row: Int, _ kind: Int, _ dimension: Int) -> Double {
        Double(rows[row * 1152 + kind * 384 + head * 32 + dimension])
      }
      let weights = (0..<length).map { key in
        exp((0..<32).reduce(0) { $0 + part(row, 0, $1) * part(key, 1, $1) } / 32.0.squareRoot())
      }
      let sum = weights.reduce(0, +)
      for dimension in 0..<32 {
        let mean = (0..<length).reduce(0) { $0 + weights[$1] * part($1, 2, dimension) } / sum
        #expect(abs(mean - Double(found[row * 384 + head * 32 + dimension])) < 1e-4)
      }
    }
  }
}
