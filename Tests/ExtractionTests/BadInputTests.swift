import CZlib
import CZstd
import DaybreakCore
import Extraction
import Foundation
import Testing

/// Packs bytes as one gzip member.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var stream = z_stream()
  deflateInit2_(
    &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
    Int32(MemoryLayout<z_stream>.size))
  defer { deflateEnd(&stream) }
  var input = bytes
  var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 64)
  let capacity = output.count
  input.withUnsafeMutableBufferPointer { source in
    output.withUnsafeMutableBufferPointer { target in
      stream.next_in = source.baseAddress
      stream.avail_in = UInt32(source.count)
      stream.next_out = target.baseAddress
      stream.avail_out = UInt32(target.count)
      deflate(&stream, Z_FINISH)
    }
  }
  return Array(output.prefix(capacity - Int(stream.avail_out)))
}

/// Packs bytes as one Zstandard frame.
func zstandard(_ bytes: [UInt8]) -> [UInt8] {
  var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
  let count = ZSTD_compress(&output, output.count, bytes, bytes.count, 3)
  return Array(output.prefix(count))
}

@Suite struct CompressionTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  @Test func `members of gzip and frames of Zstandard are read one after the other`() throws {
    let one = Array("one\n".utf8)
    let two = Array("two\n".utf8)
    try folder.write("a.log.gz", gzip(one) + gzip([]) + gzip(two))
    try folder.write("b.log.zst", zstandard(Array("three\n".utf8)) + zstandard(two))
    let reading = try folder.read("*")
    #expect(reading.texts == ["one", "two", "three", "two"])
    #expect(reading.coverage.failure == nil)
  }

  @Test func `names do not matter, magic numbers do`() throws {
    try folder.write("a.log", gzip(Array("packed\n".utf8)))
    try folder.write("b.gz", "not packed\n")
    #expect(try folder.read("*").texts == ["packed", "not packed"])
  }

  @Test func `the digest is of the stored bytes`() throws {
    let packed = gzip(Array("one\n".utf8))
    try folder.write("a.gz", packed)
    let input = try #require(try folder.read("a.gz").coverage.inputs.first)
    #expect(input.sha256 == hex(sha256(packed)))
    #expect(input.byteCount == Int64(packed.count))
    #expect(input.lineCount == 1)
  }

  @Test func `what stands in front of a bad gzip member counts`() throws {
    let lines = (0..<50_000).map { "line \($0) \($0 &* 2_654_435_761)\n" }.joined()
    var bad = gzip(Array(lines.utf8))
    for index in bad.count / 2..<bad.count / 2 + 64 { bad[index] = 0xFF }
    try folder.write("a.log.gz", gzip(Array("one\n".utf8)) + bad)
    let reading = try folder.read("a.log.gz")
    #expect(reading.events.count > 1000)
    #expect(reading.coverage.inputs.first?.failure?.contains("gzip") == true)
    #expect(reading.coverage.failure != nil)
    #expect(reading.coverage.quarantine.count == 1)
  }

  @Test(arguments: [true, false])
  func `a cut archive gives what it has and says so`(usesGzip: Bool) throws {
    let text = Array((0..<50_000).map { "line \($0) \($0 &* 2_654_435_761)\n" }.joined().utf8)
    let packed = usesGzip ? gzip(text) : zstandard(text)
    try folder.write("a", packed.prefix(packed.count * 3 / 4))
    let reading = try folder.read("a")
    #expect(reading.events.count > 1000)
    #expect(reading.coverage.inputs.first?.failure != nil)
  }

  @Test func `damaged Zstandard data stop nothing else`() throws {
    try folder.write("a.zst", [0x28, 0xB5, 0x2F, 0xFD] + [UInt8](repeating: 0xEE, count: 100))
    try folder.write("b.log", "fine\n")
    let reading = try folder.read("*")
    #expect(reading.texts == ["fine"])
    #expect(reading.coverage.inputs.map { $0.failure == nil } == [false, true])
  }
}

@Suite struct BadInputTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  @Test func `an empty file is an input without lines`() throws {
    try folder.write("a.log", "")
    let reading = try folder.read("a.log")
    #expect(reading.coverage.inputs.map(\.lineCount) == [0])
    #expect(reading.coverage.inputs.first?.failure == nil)
    #expect(reading.coverage.linesFound == 0)
  }

  @Test(arguments: [
    [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0], [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A],
    [UInt8](repeating: 0, count: 5000), [0xFF, 0xFE, 0x61, 0x00],
  ])
  func `a binary file is quarantined as a file`(bytes: [UInt8]) throws {
    try folder.write("a.bin", bytes)
    try folder.write("b.log", "fine\n")
    let reading = try folder.read("*")
    #expect(reading.texts == ["fine"])
    let record = try #require(reading.coverage.quarantine.first)
    #expect(record.lineCount == 0)
    #expect(record.reason.hasPrefix("a binary file"))
    #expect(reading.coverage.inputs.first?.failure != nil)
  }

  @Test func `a file that vanishes is reported`() throws {
    try folder.write("b.log", "fine\n")
    // A link to nowhere is listed and then cannot be opened, as a file deleted in between.
    try FileManager.default.createSymbolicLink(
      atPath: folder.url.appending(path: "a.log").path, withDestinationPath: "gone")
    let reading = try folder.read(".")
    #expect(reading.texts == ["fine"])
    #expect(reading.coverage.inputs.first?.failure == "no longer there")
    #expect(reading.coverage.quarantine.map(\.reason) == ["no longer there"])
    #expect(reading.coverage.failure?.contains("1 of 2 files") == true)
  }

  @Test func `a file that is deleted while others are read is reported`() throws {
    let url = try folder.write("b.log", "late\n")
    try folder.write("a.log", String(repeating: "line\n", count: 200_000))
    let sink = Deleter(url)
    var configuration = FileSourceConfiguration(name: "test", patterns: ["*.log"])
    configuration.baseDirectory = folder.url.path
    let coverage = try FileSource(configuration, duplicates: DuplicateFilter())
      .read(window: .night, into: sink, progress: ReadProgress())
    #expect(coverage.inputs.last?.failure == "no longer there")
  }

  @Test func `a file that shrinks while it is read is reported`() throws {
    let line = String(repeating: "x", count: 99) + "\n"
    let url = try folder.write("a.log", String(repeating: line, count: 200_000))
    let sink = Truncater(url)
    var configuration = FileSourceConfiguration(name: "test", patterns: ["a.log"])
    configuration.baseDirectory = folder.url.path
    let coverage = try FileSource(configuration, duplicates: DuplicateFilter())
      .read(window: .night, into: sink, progress: ReadProgress())
    #expect(coverage.inputs.first?.failure?.contains("shrank") == true)
    #expect(coverage.linesClustered > 0)
  }

  @Test(.enabled(if: getuid() != 0, "root may read everything"))
  func `a file without permission is reported`() throws {
    let url = try folder.write("a.log", "secret\n")
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: url.path)
    #expect(try folder.read("a.log").coverage.inputs.first?.failure == "permission denied")
  }

  @Test func `a pattern that matches nothing is the source's failure`() throws {
    let reading = try folder.read("nothing/*.log")
    #expect(reading.coverage.failure == "no file matches nothing/*.log")
  }

  @Test func `a sink's error stops the reader`() throws {
    try folder.write("a.log", "one\n")
    var configuration = FileSourceConfiguration(name: "test", patterns: ["a.log"])
    configuration.baseDirectory = folder.url.path
    let source = try FileSource(configuration, duplicates: DuplicateFilter())
    #expect(throws: Refused.self) {
      try source.read(window: .night, into: Refuser(), progress: ReadProgress())
    }
  }

  @Test func `quarantine keeps the first thousand and counts all`() throws {
    let good = logcliLine(["app": "x"], "2026-11-20T09:00:04Z", "good")
    try folder.write("a.jsonl", good + String(repeating: "{bad\n", count: 3000))
    let coverage = try folder.read("a.jsonl").coverage
    #expect(coverage.linesQuarantined == 3000)
    #expect(coverage.quarantine.count == SourceCoverage.quarantineLimit)
    #expect(coverage.quarantine.first?.byteOffset == Int64(good.utf8.count))
  }

  @Test func `an excerpt shows no escapes and stays short`() throws {
    let good = logcliLine(["app": "x"], "2026-11-20T09:00:04Z", "good")
    try folder.write("a.jsonl", good + String(repeating: "\u{1B}[31m\u{202E}", count: 200) + "\n")
    let record = try #require(try folder.read("a.jsonl").coverage.quarantine.first)
    #expect(!record.excerpt.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
    #expect(record.excerpt.utf8.count <= 200)
  }

  @Test func `a configuration of no use is refused`() {
    var configuration = FileSourceConfiguration(name: "x", patterns: [])
    #expect(throws: ExtractionError.self) {
      try FileSource(configuration, duplicates: DuplicateFilter())
    }
    configuration.patterns = ["a"]
    configuration.zoneName = "Mars/Olympus"
    #expect(throws: ExtractionError.self) {
      try FileSource(configuration, duplicates: DuplicateFilter())
    }
  }
}

private struct Refused: Error {}

private final class Refuser: LineSink {
  func consume(_ batch: LineBatch, services: ServiceTable) throws { throw Refused() }
}

/// Deletes a file as soon as anything was read.
private final class Deleter: LineSink {
  private let url: URL
  init(_ url: URL) { self.url = url }
  func consume(_ batch: LineBatch, services: ServiceTable) throws {
    try? FileManager.default.removeItem(at: url)
  }
}

/// Cuts a file as soon as anything was read.
private final class Truncater: LineSink {
  private let url: URL
  init(_ url: URL) { self.url = url }
  func consume(_ batch: LineBatch, services: ServiceTable) throws { truncate(url.path, 1000) }
}
