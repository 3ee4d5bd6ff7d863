import CScanBytes
import DaybreakCore
import Foundation
import TestSupport
import Testing

@testable import Extraction

/// The quick search for words that name a level must find what the search word by word finds.
@Suite struct LevelScanTests {
  @Test func `finds the level of any text as the search word by word does`() {
    var random = SeededRandom(seed: 3)
    var differences: [String] = []
    for _ in 0..<4_000 {
      var line: [UInt8] = []
      for _ in 0..<random.below(60) {
        line += Array(LevelScanTests.pieces[random.below(LevelScanTests.pieces.count)].utf8)
      }
      compare(line, &differences)
    }
    #expect(differences == [])
  }

  @Test(.enabled(if: Fixtures.shared("loghub") != nil))
  func `finds the level of labelled lines as the search word by word does`() throws {
    let folder = try #require(Fixtures.shared("loghub"))
    var differences: [String] = []
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      guard let data = try? Data(contentsOf: folder.appending(path: "\(name)/\(name)_2k.log"))
      else {
        continue
      }
      for line in data.split(separator: 0x0A) { compare(Array(line), &differences) }
    }
    #expect(differences == [])
  }

  @Test func `marks the same words with every set of instructions`() {
    var random = SeededRandom(seed: 4)
    var differences: [String] = []
    for _ in 0..<4_000 {
      var line: [UInt8] = []
      for _ in 0..<random.below(40) {
        line += Array(LevelScanTests.pieces[random.below(LevelScanTests.pieces.count)].utf8)
      }
      line = Array(line.prefix(200))
      var fast: [UInt64] = [1, 2, 3, 4]
      var plain: [UInt64] = [5, 6, 7, 8]
      let isMarked = dbk_scan_level_words(line, line.count, line.count, &fast)
      _ = dbk_scan_level_words_plain(line, line.count, line.count, &plain)
      // Bytes that are no letters may be taken for some by the fast ways, which marks more words.
      let holds = zip(fast, plain).allSatisfy { $0 & $1 == $1 }
      if !holds || (isMarked == 0) != (fast == [0, 0, 0, 0]) {
        differences.append(String(decoding: line, as: UTF8.self))
      }
    }
    #expect(differences == [])
  }

  private func compare(_ line: [UInt8], _ differences: inout [String]) {
    let padding = Array("error: panic".utf8) + [UInt8](repeating: 0x65, count: BatchWriter.padding)
    let isSame = (line + padding).withUnsafeBytes { padded in
      let bytes = UnsafeRawBufferPointer(rebasing: padded[..<line.count])
      return [false, true].allSatisfy {
        let level = LevelWord.scanWords(bytes, onlyMarked: $0)
        return LevelWord.scan(bytes, onlyMarked: $0) == level
          && LevelWord.scan(bytes, onlyMarked: $0, isPadded: true) == level
      }
    }
    if !isSame { differences.append(String(decoding: line, as: UTF8.self)) }
  }

  private static let pieces = [
    " ", " ", " ", ":", "=", "[", "]", ".", "-", "_", "7", "(", ")", "error", "ERROR", "Error",
    "fatal",
    "warn", "WARN", "warning", "Warning", "panic", "INFO", "info", "notice", "NOTICE",
    "IOException",
    "ValueError", "option", "Option", "mirror", "critical", "CRIT", "alert", "EMERG", "debug",
    "severe",
    "trace", "DPANIC", "dbg", "FTL", "x", "word", "connection", "\u{E9}", "a", "terror", "errors",
    "informational", "emergency", "ERR", "Failed", "and some more text that fills the line",
  ]
}
