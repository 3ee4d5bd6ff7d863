import Foundation

/// Writes lines of labelled systems again and again, each time with fresh digits, users and hosts.
///
/// The same folder, options and seed give the same bytes. Systems follow one another as their files
/// do; with `--interleave 1` each line is of another system than the line before.
func mutate(_ call: Call) throws {
  let lines = try call.number("lines", default: 1_000_000)
  let systems = try SampleSystem.all(in: call.text("from"), withHeader: call.flag("header"))
  var mutator = Mutator(
    seed: UInt64(try call.number("seed", default: 1)),
    names: try call.number("names", default: 1000))
  let isInterleaved = try call.flag("interleave")
  let writer = try FileWriter(call.file)
  let total = systems.reduce(0) { $0 + $1.lines.count }
  var written = 0
  while written < lines {
    for place in 0..<total where written < lines {
      let line = systems.line(at: place, isInterleaved: isInterleaved, round: written / total)
      mutator.append(line, to: &writer.bytes)
      written += 1
      try writer.flushIfFull()
    }
  }
  print("{\"lines\": \(written), \"bytes\": \(try writer.close())}")
}

/// Writes lines of a few templates whose variable words come from a million different ones.
func generateWords(_ call: Call) throws {
  let lines = try call.number("lines", default: 5_000_000)
  let words = try call.number("words", default: 1_000_000)
  var random = SplitMix(state: UInt64(try call.number("seed", default: 1)))
  let templates = [
    "session opened for user % by %", "cannot open file % of project % now", "% joined",
    "rule % matched host % in zone %", "Deleted tenant % and all of its data",
  ].map { Array($0.utf8) }
  let writer = try FileWriter(call.file)
  for _ in 0..<lines {
    for byte in templates[Int(random.next() >> 8 % UInt64(templates.count))] {
      if byte == UInt8(ascii: "%") {
        appendWord(Int(random.next() >> 8 % UInt64(words)), to: &writer.bytes)
      } else {
        writer.bytes.append(byte)
      }
    }
    writer.bytes.append(0x0A)
    try writer.flushIfFull()
  }
  print("{\"lines\": \(lines), \"bytes\": \(try writer.close())}")
}

/// Writes lines of which nearly each is a pattern of its own, in words that logs are made of.
func generatePatterns(_ call: Call) throws {
  let lines = try call.number("lines", default: 100_000)
  var random = SplitMix(state: UInt64(try call.number("seed", default: 1)))
  let words = """
    accepted access account active added address after agent alert allocated already application \
    archive attempt attribute backup batch before block bridge buffer bytes cache cancelled capacity \
    certificate change channel check checkpoint client closed cluster column command commit complete \
    config connection container controller copy count created current data database deadline default \
    delayed delete denied device directory disabled disk dispatch domain download driver dropped \
    duplicate element empty enabled encoding endpoint engine entry error event exception executor exit \
    expired failed fallback fetch field file filter finished flag flush folder format forward found \
    frame gateway group handler handshake header health heap history host idle ignored image index
    """.split { $0 == " " || $0 == "\n" }.map { Array($0.utf8) }
  let writer = try FileWriter(call.file)
  for _ in 0..<lines {
    for place in 0..<(5 + Int(random.next() >> 8 % 5)) {
      if place > 0 { writer.bytes.append(0x20) }
      writer.bytes += words[Int(random.next() >> 8 % UInt64(words.count))]
    }
    writer.bytes += Array(" \(random.next() >> 8 % 1000)\n".utf8)
    try writer.flushIfFull()
  }
  print("{\"lines\": \(lines), \"bytes\": \(try writer.close())}")
}

/// Wraps each line of a file as `logcli -o jsonl` writes it, one entry a millisecond of the night of
/// 2026-03-12.
func wrapAsJSONLines(_ call: Call) throws {
  let text = try Data(contentsOf: URL(filePath: call.text("from")))
  let writer = try FileWriter(call.file)
  var count = 0
  for line in text.split(separator: 0x0A) {
    let second = count / 1000 % 86_400
    let head =
      "{\"labels\":{\"app\":\"app-\(count % 12)\",\"level\":\"\(count % 64 == 0 ? "error" : "info")\","
      + "\"namespace\":\"shop\",\"pod\":\"app-\(count % 12)-7d9f\"},\"line\":\""
    writer.bytes.append(contentsOf: head.utf8)
    for byte in line {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): writer.bytes.append(contentsOf: [0x5C, byte])
      case 0x09: writer.bytes.append(contentsOf: [0x5C, 0x74])
      case 0x00..<0x20: writer.bytes.append(0x20)
      default: writer.bytes.append(byte)
      }
    }
    let clock = [second / 3600, second / 60 % 60, second % 60].map {
      ($0 < 10 ? "0" : "") + "\($0)"
    }
    let tail =
      "\",\"timestamp\":\"2026-03-12T\(clock.joined(separator: ":")).\(1000 + count % 1000)Z\"}\n"
    writer.bytes.append(contentsOf: tail.utf8)
    count += 1
    try writer.flushIfFull()
  }
  print("{\"lines\": \(count), \"bytes\": \(try writer.close())}")
}

/// A word of letters for a number, different for each.
private func appendWord(_ number: Int, to bytes: inout [UInt8]) {
  let consonants = Array("bdfghklmnprstvz".utf8)
  let vowels = Array("aeiou".utf8)
  var rest = number
  for _ in 0..<5 {
    bytes.append(consonants[rest % 15])
    bytes.append(vowels[rest / 15 % 5])
    rest /= 75
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}

/// A file written through one buffer.
final class FileWriter {
  var bytes: [UInt8] = []
  private let handle: FileHandle
  private var written = 0

  init(_ path: String) throws {
    guard FileManager.default.createFile(atPath: path, contents: nil) else {
      throw UsageError(reason: "cannot write \(path)")
    }
    handle = try FileHandle(forWritingTo: URL(filePath: path))
  }

  func flushIfFull() throws {
    guard bytes.count >= 1 << 20 else { return }
    try handle.write(contentsOf: Data(bytes))
    written += bytes.count
    bytes.removeAll(keepingCapacity: true)
  }

  /// Writes the rest; returns how many bytes the file has.
  func close() throws -> Int {
    try handle.write(contentsOf: Data(bytes))
    try handle.close()
    return written + bytes.count
  }
}

/// Lines of one labelled system: `<name>/<name>_2k.log` with the column `Content` beside it.
struct SampleSystem {
  struct Line {
    /// Time, level, program: kept as it is.
    var header: [UInt8]
    var content: [UInt8]
  }

  var lines: [Line]

  static func all(in folder: String, withHeader: Bool) throws -> [SampleSystem] {
    let root = URL(filePath: folder)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    let systems = try names.compactMap { name -> SampleSystem? in
      let log = root.appending(path: name).appending(path: "\(name)_2k.log")
      guard FileManager.default.fileExists(atPath: log.path) else { return nil }
      let table = try Data(
        contentsOf: URL(filePath: log.path + "_structured_corrected.csv"))
      let raw = try Data(contentsOf: log).split(separator: 0x0A)
      let contents = SampleSystem.contents(Array(table))
      return SampleSystem(
        lines: zip(raw, contents).map { line, content in
          let raw = line[..<(line.lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? line.endIndex)]
          let isSuffix = raw.count >= content.count && raw.suffix(content.count) == Data(content)
          let header = withHeader && isSuffix ? Array(raw.dropLast(content.count)) : []
          return Line(header: header, content: withHeader && !isSuffix ? Array(raw) : content)
        })
    }
    guard !systems.isEmpty else { throw UsageError(reason: "no system in \(folder)") }
    return systems
  }

  /// The column `Content` of a table (RFC 4180).
  private static func contents(_ bytes: [UInt8]) -> [[UInt8]] {
    var rows: [[[UInt8]]] = []
    var row: [[UInt8]] = []
    var cell: [UInt8] = []
    var isQuoted = false
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if isQuoted {
        if byte == 0x22, index + 1 < bytes.count, bytes[index + 1] == 0x22 {
          cell.append(byte)
          index += 1
        } else if byte == 0x22 {
          isQuoted = false
        } else {
          cell.append(byte)
        }
      } else if byte == 0x22 {
        isQuoted = true
      } else if byte == 0x2C || byte == 0x0A {
        row.append(cell)
        cell.removeAll()
        if byte == 0x0A {
          rows.append(row)
          row.removeAll()
        }
      } else if byte != 0x0D {
        cell.append(byte)
      }
      index += 1
    }
    guard let column = rows.first?.firstIndex(of: Array("Content".utf8)) else { return [] }
    return rows.dropFirst().filter { $0.count > column }.map { $0[column] }
  }
}

extension [SampleSystem] {
  /// A line of all systems one after the other, or of each in turn.
  func line(at place: Int, isInterleaved: Bool, round: Int) -> SampleSystem.Line {
    if isInterleaved {
      let lines = self[place % count].lines
      return lines[(place / count + round) % lines.count]
    }
    var rest = place
    for system in self {
      if rest < system.lines.count { return system.lines[rest] }
      rest -= system.lines.count
    }
    return self[0].lines[0]
  }
}

/// Replaces what is variable in a line.
private struct Mutator {
  private var random: SplitMix
  private let names: Int
  private static let domains: Set<String> = [
    "com", "net", "org", "edu", "hk", "cn", "de", "jp", "tw", "kr", "br", "it", "fr", "ca", "uk",
  ]

  /// Makes a mutator.
  ///
  /// - Parameters:
  ///   - seed: the same seed gives the same lines.
  ///   - names: how many different users and hosts there are.
  init(seed: UInt64, names: Int) {
    random = SplitMix(state: seed)
    self.names = names
  }

  mutating func append(_ line: SampleSystem.Line, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: line.header)
    var previous: ArraySlice<UInt8> = []
    var index = 0
    let content = line.content
    while index < content.count {
      var end = index
      while end < content.count, content[end] != 0x20 { end += 1 }
      appendToken(content[index..<end], after: previous, to: &bytes)
      previous = content[index..<end]
      if end < content.count { bytes.append(0x20) }
      index = end + 1
    }
    bytes.append(0x0A)
  }

  private mutating func appendToken(
    _ token: ArraySlice<UInt8>, after previous: ArraySlice<UInt8>, to bytes: inout [UInt8]
  ) {
    let isUser =
      previous.elementsEqual("user".utf8) && !token.elementsEqual("unknown".utf8)
      && token.allSatisfy { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A }
    if isUser {
      appendWord(Int(random.next() >> 8 % UInt64(names)), to: &bytes)
    } else if token.starts(with: "user=".utf8) {
      bytes.append(contentsOf: "user=".utf8)
      appendWord(Int(random.next() >> 8 % UInt64(names)), to: &bytes)
    } else if let host = hostEnd(token) {
      let start = token.starts(with: "rhost=".utf8) ? token.startIndex + 6 : token.startIndex
      bytes.append(contentsOf: token[token.startIndex..<start])
      appendWord(Int(random.next() >> 8 % UInt64(names)), to: &bytes)
      appendDigits(token[(token[start..<host].firstIndex(of: 0x2E) ?? start)...], to: &bytes)
    } else {
      appendDigits(token, to: &bytes)
    }
  }

  /// Where a name such as `proxy.example.com:443` ends in front of its port; nil for anything else.
  private func hostEnd(_ token: ArraySlice<UInt8>) -> Int? {
    let end = token.lastIndex(of: 0x3A) ?? token.endIndex
    guard let dot = token[token.startIndex..<end].lastIndex(of: 0x2E) else { return nil }
    return Mutator.domains.contains(String(decoding: token[(dot + 1)..<end], as: UTF8.self))
      ? end : nil
  }

  /// Copies a token with other digits; parts of an address stay below 256.
  private mutating func appendDigits(_ token: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
    var index = token.startIndex
    while index < token.endIndex {
      guard token[index] &- 0x30 < 10 else {
        bytes.append(token[index])
        index += 1
        continue
      }
      var end = index
      while end < token.endIndex, token[end] &- 0x30 < 10 { end += 1 }
      let isDotted =
        end - index <= 3
        && (end < token.endIndex && token[end] == 0x2E
          || index > token.startIndex && token[index - 1] == 0x2E)
      if isDotted {
        bytes.append(contentsOf: String(1 + random.next() >> 8 % 255).utf8)
      } else {
        for place in index..<end {
          let digit = UInt8(random.next() >> 8 % 10)
          bytes.append(0x30 + (place == index && end - index > 1 && digit == 0 ? 1 : digit))
        }
      }
      index = end
    }
  }
}
