internal import Foundation

/// A file of named tensors, mapped into memory.
///
/// Format: eight bytes with the header's length (little-endian), a JSON object that maps names to
/// `{dtype, shape, data_offsets}`, then the data without gaps
/// (https://github.com/huggingface/safetensors, "Format").
struct SafetensorsFile {
  /// What the header says of one tensor.
  struct Tensor: Equatable {
    /// As the file names it: `F32`, `I64`.
    var type: String
    var shape: [Int]
    /// Where its bytes are, from the start of the file.
    var range: Range<Int>
  }

  let file: MappedFile
  let tensors: [String: Tensor]

  /// Maps a file and checks its header whole.
  ///
  /// - Parameter path: the file.
  /// - Throws: `EmbeddingError` when it cannot be read, or its header and size do not fit together.
  init(path: String) throws(EmbeddingError) {
    let file = try MappedFile(path: path)
    self.file = file
    let header = try SafetensorsFile.header(of: file)
    var tensors: [String: Tensor] = [:]
    for (name, value) in header.entries where name != "__metadata__" {
      tensors[name] = try SafetensorsFile.tensor(name, value, file, dataStart: header.end)
    }
    self.tensors = tensors
    try checkLayout(dataStart: header.end)
  }

  /// The numbers of a float32 tensor, borrowed from the file.
  ///
  /// - Parameters:
  ///   - name: the tensor's.
  ///   - shape: what it must be.
  /// - Returns: the first number's place; it lives as long as `file`.
  /// - Throws: `EmbeddingError.damaged` when there is no such tensor.
  func floats(_ name: String, shape: [Int]) throws(EmbeddingError) -> UnsafePointer<Float> {
    guard let tensor = tensors[name] else {
      throw damage("it holds no tensor \(name)")
    }
    guard tensor.type == "F32" else {
      throw damage("tensor \(name) is \(tensor.type), not F32", at: tensor.range.lowerBound)
    }
    guard tensor.shape == shape else {
      let reason = "tensor \(name) has the shape \(tensor.shape), not \(shape)"
      throw damage(reason, at: tensor.range.lowerBound)
    }
    guard tensor.range.lowerBound % MemoryLayout<Float>.alignment == 0,
      let base = file.bytes.baseAddress
    else {
      throw damage("tensor \(name) is not aligned to 4 bytes", at: tensor.range.lowerBound)
    }
    return (base + tensor.range.lowerBound).assumingMemoryBound(to: Float.self)
  }

  private func damage(_ reason: String, at byteOffset: Int? = nil) -> EmbeddingError {
    .damaged(file: file.path, byteOffset: byteOffset, reason: reason)
  }

  // MARK: Reading the header

  private static func header(
    of file: MappedFile
  ) throws(EmbeddingError) -> (entries: [String: Any], end: Int) {
    func damage(_ reason: String, at byteOffset: Int = 0) -> EmbeddingError {
      .damaged(file: file.path, byteOffset: byteOffset, reason: reason)
    }
    guard file.bytes.count >= 8 else { throw damage("it ends within the header's length") }
    let length = UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self))
    // The reference implementation refuses headers above 100 MB too.
    guard length <= 100_000_000 else { throw damage("the header cannot be \(length) bytes long") }
    let end = 8 + Int(length)
    guard end <= file.bytes.count else {
      throw damage("the header should end at byte \(end), the file ends at \(file.bytes.count)")
    }
    let text = Data(file.bytes[8..<end])
    guard let entries = (try? JSONSerialization.jsonObject(with: text)) as? [String: Any] else {
      throw damage("the header is no JSON object", at: 8)
    }
    return (entries, end)
  }

  private static func tensor(
    _ name: String, _ value: Any, _ file: MappedFile, dataStart: Int
  ) throws(EmbeddingError) -> Tensor {
    func damage(_ reason: String) -> EmbeddingError {
      .damaged(file: file.path, byteOffset: 8, reason: "tensor \(name): \(reason)")
    }
    guard let fields = value as? [String: Any], let type = fields["dtype"] as? String,
      let shape = fields["shape"] as? [Int], let offsets = fields["data_offsets"] as? [Int],
      offsets.count == 2
    else { throw damage("its entry lacks dtype, shape or data_offsets") }
    guard let width = elementSizes[type] else { throw damage("its type \(type) is unknown") }
    var size = width
    for extent in shape {
      let (product, isTooLarge) = size.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !isTooLarge else { throw damage("its shape \(shape) is impossible") }
      size = product
    }
    let dataSize = file.bytes.count - dataStart
    guard 0 <= offsets[0], offsets[0] <= offsets[1], offsets[1] <= dataSize else {
      throw damage("its data \(offsets) lie outside of the file's \(dataSize) bytes of data")
    }
    guard offsets[1] - offsets[0] == size else {
      throw damage("its data have \(offsets[1] - offsets[0]) bytes, its shape needs \(size)")
    }
    return Tensor(
      type: type, shape: shape, range: dataStart + offsets[0]..<dataStart + offsets[1])
  }

  /// Checks that the tensors cover the data without gap or overlap, as the format demands.
  private func checkLayout(dataStart: Int) throws(EmbeddingError) {
    var end = dataStart
    let ordered = tensors.sorted {
      ($0.value.range.lowerBound, $0.value.range.upperBound)
        < ($1.value.range.lowerBound, $1.value.range.upperBound)
    }
    for (name, tensor) in ordered {
      guard tensor.range.lowerBound == end else {
        let reason = "tensor \(name) begins at \(tensor.range.lowerBound), not at \(end)"
        throw damage(reason, at: end)
      }
      end = tensor.range.upperBound
    }
    guard end == file.bytes.count else {
      throw damage("the tensors end here, the file at \(file.bytes.count)", at: end)
    }
  }

  /// How many bytes a number of each type has.
  private static let elementSizes = [
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "U16": 2, "I16": 2, "F16": 2,
    "BF16": 2, "U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
  ]
}
