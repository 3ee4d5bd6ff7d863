import Foundation
import Testing

@testable import Embedding

@Suite struct SafetensorsTests {
  /// Writes a file of a header and data, and reads it.
  func read(
    _ header: String, data: Int = 8, length: UInt64? = nil
  ) throws -> SafetensorsFile {
    // As writers do, so that the data are aligned.
    let padding = String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    let header = header + padding
    var bytes = withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { Data($0) }
    bytes += Data(header.utf8) + Data(count: data)
    let file = FileManager.default.temporaryDirectory
      .appending(path: "daybreak-\(UUID().uuidString).safetensors")
    try bytes.write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try SafetensorsFile(path: file.path)
  }

  static let good =
    #"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]} }"#

  @Test func `A sound file gives its tensors`() throws {
    let file = try read(Self.good)
    let tensor = try #require(file.tensors["a"])
    #expect(tensor.shape == [2] && tensor.type == "F32")
    #expect(try file.floats("a", shape: [2])[1] == 0)
  }

  @Test(
    arguments: [
      "not json", "[]", #"{"a":1}"#,
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9]}}"#,
      #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#,
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
      #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
      #"{"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}}"#,
      #"{"a":{"dtype":"F32","shape":[9223372036854775807,4],"data_offsets":[0,8]}}"#,
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
    ])
  func `A header that does not fit its file is refused`(_ header: String) throws {
    let error = try #require(throws: EmbeddingError.self) { try read(header) }
    guard case .damaged = error else {
      Issue.record("\(error)")
      return
    }
  }

  @Test(arguments: [UInt64(1000), 200_000_000, .max])
  func `A header longer than its file is refused`(_ length: UInt64) throws {
    #expect(throws: EmbeddingError.self) { try read(Self.good, length: length) }
  }

  @Test func `A tensor of another name, shape or type is refused`() throws {
    let file = try read(Self.good)
    #expect(throws: EmbeddingError.self) { try file.floats("b", shape: [2]) }
    #expect(throws: EmbeddingError.self) { try file.floats("a", shape: [1, 2]) }
    let whole = try read(#"{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#)
    #expect(throws: EmbeddingError.self) { try whole.floats("a", shape: [1]) }
  }

  @Test func `A file that is absent, empty or a directory is refused`() throws {
    for path in ["/nowhere/model.safetensors", "/dev/null", "/tmp"] {
      let error = try #require(throws: EmbeddingError.self) { try SafetensorsFile(path: path) }
      guard case .unreadable(path, _) = error else {
        Issue.record("\(error)")
        return
      }
    }
  }
}
