import DaybreakCore
import Foundation
import TestSupport
import Testing

@testable import Clustering

/// The scanner's fast way must write what its plain way writes.
@Suite struct BlockScanTests {
  @Test func `masks every labelled line as the plain scan does`() throws {
    let lines = try Samples.lines()
    var comparison = Comparison()
    for line in lines { comparison.compare(line) }
    #expect(comparison.differences == [])
  }

  @Test func `masks cut and joined lines as the plain scan does`() throws {
    let lines = try Samples.lines()
    var random = SeededBytes(seed: 7)
    var comparison = Comparison()
    for _ in 0..<Samples.rounds(4_000) {
      let first = lines[random.next(lines.count)]
      let second = lines[random.next(lines.count)]
      let cut = first.isEmpty ? 0 : random.next(first.count)
      let tail = second.isEmpty ? 0 : random.next(second.count)
      comparison.compare(Array(first[..<cut] + second[tail...]))
    }
    #expect(comparison.differences == [])
  }

  @Test func `masks bytes of the scanner's own alphabet as the plain scan does`() {
    var random = SeededBytes(seed: 11)
    var comparison = Comparison()
    for _ in 0..<Samples.rounds(8_000) { comparison.compare(random.line()) }
    #expect(comparison.differences == [])
  }

  @Test func `masks any bytes as the plain scan does`() {
    var random = SeededBytes(seed: 13)
    var comparison = Comparison()
    for _ in 0..<Samples.rounds(2_000) {
      comparison.compare((0..<random.next(300)).map { _ in UInt8(random.next(256)) })
    }
    #expect(comparison.differences == [])
  }

  @Test func `judges a mark behind a value that ends with its block`() {
    var comparison = Comparison()
    for padding in 0..<70 {
      for value in [
        "::1%eth0zone", "fe80::1%e", "::1", "\"a b\"", "k='v'", "a@b.example", "http://h/p",
      ] {
        for mark in ["/a", "./a", "'a'", ".b", "://x", "@c.example", "=1"] {
          comparison.compare(
            Array((String(repeating: "x", count: padding) + " " + value + mark + " end").utf8))
        }
      }
    }
    #expect(comparison.differences == [])
  }

  @Test func `takes back no more than it wrote where a value precedes a URL's mark`() {
    for text in ["true://x", "a true://x", "5s://x", "DEADBEEF://x", "Jan 3 10:11:12://x"] {
      #expect(masked(Array(text.utf8), readable: 0).count >= 2, "\(text)")
    }
  }
}

/// Masks lines both ways and keeps those that differ.
private struct Comparison {
  private(set) var differences: [String] = []

  mutating func compare(_ line: [UInt8]) {
    let plain = masked(line, readable: 0)
    let fast = masked(line, readable: line.count + 80)
    if plain != fast, differences.count < 5 {
      differences.append(
        "\(String(decoding: line, as: UTF8.self)) -> \(shown(plain)) but \(shown(fast))")
    }
  }

  private func shown(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.map { $0 == placeholderMark ? UInt8(ascii: "$") : $0 }, as: UTF8.self)
  }
}

/// Masks a line; what stands behind it must not matter.
private func masked(_ line: [UInt8], readable: Int) -> [UInt8] {
  var masker = Masker()
  // Letters behind the line would join its last word if anything looked at them.
  let bytes = line + [UInt8](repeating: UInt8(ascii: "a"), count: 80)
  bytes.withUnsafeBufferPointer { buffer in
    if let base = buffer.baseAddress {
      masker.mask(base, count: line.count, readable: readable)
    }
  }
  return Array(UnsafeBufferPointer(start: masker.output, count: masker.count))
}

/// Lines to start from.
private enum Samples {
  /// How often a random test tries; `DAYBREAK_FUZZ` multiplies it.
  static func rounds(_ standard: Int) -> Int {
    let factor = ProcessInfo.processInfo.environment["DAYBREAK_FUZZ"].flatMap { Int($0) } ?? 1
    return standard * factor
  }

  /// Our own lines, and the labelled ones where they are there.
  static func lines() throws -> [[UInt8]] {
    var lines = own.map { Array($0.utf8) }
    guard let folder = Fixtures.shared("loghub") else { return lines }
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
      let file = folder.appending(path: "\(name)/\(name)_2k.log")
      guard let data = try? Data(contentsOf: file) else { continue }
      lines += data.split(separator: 0x0A).map { Array($0) }
    }
    return lines
  }

  private static let own = [
    "", " ", "a", "7", "=", "f 255 x", "t 25 x", "A 2 x", "f 25x y", "us 7 x", "ad 25 x",
    "user=anna id=7 url=http://h/a?b=1,2 t=0.5s", "12:30:45abc7 x",
    "a \"b 1 c\" 'd' it's 10.0.0.1:80 ::1 fe80::1%eth0 std::min 2001:db8::7/64",
    "./a ../b ~/c /d //e ... .a /10.0.0.1:7 x/y C:\\a\\b \\\\srv\\x a@b.de @x @7",
    "true false TRUE False tree fable t f Jan 3 10:11:12 Dec 10 06:55:46 Sun Dec 04 04:47:44 2005",
    "deadbeef cafe decade face: abcd-1 DEADBEEF12 0x7f 12ms 1h2m 3.4 MB 5 s 7 KB 1,234.5 -5 +3 a-5",
    "{\"a\":1,\"b\":\"x y\",\"msg\":\"user 7\",\"c\":[1,2],\"d\":true,\"e\":null}",
    "550e8400-e29b-41d4-a716-446655440000 aa:bb:cc:dd:ee:ff 2026-03-12T02:11:09.123Z 20260312T021109Z",
    "head\n\tat a.b.C(D.java:12)\n\tat a.b.E(F.java:13)\nCaused by: x: 7\n  File \"x.py\", line 3\n    y",
    "\u{FFFD} Ünïcode 7µs é1 日本語 7 файл",
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01234567890123456789",
  ]
}

/// Random bytes from a seed.
private struct SeededBytes {
  private var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  mutating func next(_ bound: Int) -> Int { random.below(bound) }

  /// A line of pieces that the scanner's rules look for.
  mutating func line() -> [UInt8] {
    var line: [UInt8] = []
    for _ in 0..<next(40) { line += Array(SeededBytes.pieces[next(SeededBytes.pieces.count)].utf8) }
    return line
  }

  private static let pieces = [
    " ", " ", " ", " ", "a", "f", "t", "b", "7", "0", "12", "255", "2026", "=", ":", "/", ".", "-",
    "\"", "'", "\\", "@", "~", ",", ";", "(", ")", "[", "]", "{", "}", "<", ">", "|", "&", "%", "+",
    "_", "#", "*", "?", "!", "$", "^", "`", "\n", "\t", "x", "Z", "É", "true", "false", "Jan",
    "Mon",
    "Dec", "user", "msg", "error", "http://", "s", "ms", "KB", "MB", "0x", "e", "e-", "T", "UTC",
    "at ",
    "\n\tat ", "  File \"", "cafe", "deadbeef", "abcdefgh", "null", "None", "10.0.0.1", "::", "://",
    "02:11", "02:11:09", "2026-03-12", "12/Mar/2026", "GET ", "1,234", "word", "longerwordhere",
  ]
}
