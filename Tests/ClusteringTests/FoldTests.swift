import DaybreakCore
import Testing

@testable import Clustering

/// A mixed night in small: changing values, services, levels, minutes, repeats, ugly bytes.
func mixedEvents(_ count: Int, seed: UInt64) -> [Event] {
  var random = SeededGenerator(seed: seed)
  let users = (0..<40).map { "user\($0 % 7)x\($0)" } + ["anna", "bo", "cy"]
  return (0..<count).map { index in
    let second = Int64.random(in: 0..<86_400, using: &random)
    let level = Level.allCases[Int.random(in: 0..<8, using: &random)]
    let service = ["api", "cart", "mail"][index % 3]
    switch index % 100 == 7 ? 7 : [0, 1, 2, 3, 4, 5, 6, 8][Int.random(in: 0..<8, using: &random)] {
    case 0:
      return Event("took \(Int.random(in: 0..<900, using: &random)) ms", at: second, level: level)
    case 1:
      return Event(
        "user \(users.randomElement(using: &random) ?? "") logged in from 10.0.0.\(index % 250)",
        at: second, level: level, service: service)
    case 2: return Event("cache is full", at: nil, level: level, service: service)
    case 3: return Event("", at: second, level: level, service: service)
    case 4: return Event(bytes: [0, 0xFF, 0xC3, 0x28, UInt8(index % 256)], at: second)
    case 5:
      return Event(
        "E: x \(index)\n\tat a.b(C.java:\(index))\n\tat d.e(F.java:1)", at: second, level: .error,
        service: service, lineCount: 3)
    case 6: return Event("outside of the night", at: -60 - second, service: service)
    case 7:
      return Event(
        String(repeating: "word ", count: 2000) + "\(index % 3)", at: second, service: service)
    default:
      return Event("{\"msg\":\"order \(index) placed\",\"n\":\(second)}", at: second, level: level)
    }
  }
}

@Suite struct FoldTests {
  private let events = mixedEvents(3000, seed: 7)

  @Test func `counts every event and every line`() {
    let result = folded(events)
    #expect(result.eventCount == 3000)
    #expect(result.lineCount == events.reduce(0) { $0 + Int64($1.lineCount) })
    #expect(refine(result).reduce(0) { $0 + $1.count } == 3000)
  }

  @Test func `counts minutes by service and level`() {
    let minutes = folded(events).serviceMinutes()
    let timed = events.filter { testWindow.contains(Timestamp(nanoseconds: $0.timestamp)) }
    #expect(minutes.reduce(0) { $0 + $1.total.total } == Int64(timed.count))
    for service in minutes {
      for level in Level.allCases {
        let expected = timed.count { $0.service == service.identity && $0.level == level }
        #expect(service.total[level] == Int64(expected))
      }
    }
    #expect(minutes.map(\.identity) == minutes.map(\.identity).sorted())
  }

  @Test func `counts an event at its minute and hour`() {
    let result = folded([Event("a b 1", at: 3 * 3600 + 5 * 60 + 59, level: .warn)])
    #expect(result.serviceMinutes()[0].minutes[185][.warn] == 1)
    let cluster = refine(result)[0]
    #expect(cluster.hourly[3][.warn] == 1)
    #expect(cluster.count == 1)
    #expect(cluster.firstSeen?.seconds == testWindow.start.seconds + 11_159)
  }

  @Test func `counts an event of another night as one without a time`() {
    let cluster = refine(folded([Event("x y z", at: -1), Event("x y z", at: 86_400)]))[0]
    #expect(cluster.untimed.total == 2)
    #expect(cluster.firstSeen == nil)
  }

  @Test(arguments: [1, 2, 3])
  func `gives the same bytes for any order`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let expected = folded(events).encoded()
    #expect(folded(events.shuffled(using: &random)).encoded() == expected)
  }

  @Test(arguments: [2, 5, 16])
  func `gives the same bytes for any division`(parts: Int) throws {
    var random = SeededGenerator(seed: UInt64(parts))
    let expected = folded(events).encoded()
    let shards = Dictionary(grouping: events.shuffled(using: &random)) { _ in
      Int.random(in: 0..<parts, using: &random)
    }
    var merged = folded([])
    for shard in shards.values.shuffled(using: &random) {
      merged = try merged.merged(with: folded(shard))
    }
    #expect(merged.encoded() == expected)
  }

  @Test func `merges associatively and commutatively`() throws {
    let parts = (0..<3).map { part in
      folded(events.enumerated().filter { $0.offset % 3 == part }.map(\.element))
    }
    let left = try parts[0].merged(with: parts[1]).merged(with: parts[2])
    let right = try parts[2].merged(with: parts[1].merged(with: parts[0]))
    #expect(left == right)
    #expect(left.encoded() == right.encoded())
  }

  @Test func `gives the same bytes for any batch size`() {
    let fold = Fold(window: testWindow)
    feed(events, to: fold, batchesOf: 7)
    #expect(fold.result().encoded() == folded(events).encoded())
  }

  @Test func `refuses to merge other windows and limits`() {
    let other = TimeWindow(start: testWindow.start, end: testWindow.start.advanced(bySeconds: 60))
    #expect(throws: ClusteringError.self) {
      try folded([]).merged(with: Fold(window: other).result())
    }
    #expect(throws: ClusteringError.self) {
      try folded([]).merged(with: folded([], options: FoldOptions(patternLimit: 5)))
    }
  }

  @Test func `keeps as samples the messages that hash lowest, each once`() {
    let lines = (0..<200).map { "request \($0) done" }
    let once = clusters(lines)[0].samples
    #expect(once.count == 5)
    #expect(Set(once.map(\.text)).count == 5)
    #expect(clusters(lines.reversed() + lines)[0].samples == once)
  }

  @Test func `keeps the earliest time of a repeated message`() {
    let events = [Event("a b", at: 50), Event("a b", at: nil), Event("a b", at: 40)]
    let sample = refine(folded(events))[0].samples
    #expect(sample.map(\.timestamp) == [testWindow.start.nanoseconds + 40_000_000_000])
  }

  @Test func `cuts a sample at its limit and says so`() {
    let cluster = clusters([String(repeating: "é", count: 5000)])[0]
    let text = cluster.samples[0].text
    #expect(text.utf8.count <= LineSample.byteLimit + 3)
    #expect(text.hasSuffix("é…"))
  }

  @Test func `yields the values of placeholders, most frequent first`() {
    let cluster = clusters(["port 1 of a", "port 2 of a", "port 3 of a"])[0]
    #expect(cluster.placeholderValues == [["1", "2", "3"]])
  }
}

@Suite struct BoundTests {
  /// Lines whose second word is always another.
  private func flood(_ count: Int) -> [Event] {
    (0..<count).map { index in
      var word = ""
      var rest = index
      for _ in 0..<5 {
        word.append(Character(UnicodeScalar(UInt8(ascii: "g") + UInt8(rest % 16))))
        rest /= 16
      }
      return Event(
        "peer zz\(word) logged \(index % 2 == 0 ? "in" : "out")", at: Int64(index % 86_400))
    }
  }

  @Test func `makes words variable when too many differ, and loses no count`() {
    let result = folded(flood(20_000))
    #expect(result.isCoarsened)
    let templates = refine(result).map { "\($0.count) \($0.template)" }
    #expect(templates.sorted() == ["10000 peer <*> logged in", "10000 peer <*> logged out"])
  }

  @Test(arguments: [1, 3, 10, 64, 500])
  func `holds the limit whatever comes`(limit: Int) {
    var random = SeededGenerator(seed: UInt64(limit))
    let letters = Array("abcdefghijklmnop qrstuv-=()[]:;")
    let events = (0..<4000).map { index in
      Event(
        String(
          (0..<Int.random(in: 1..<30, using: &random)).map { _ in
            letters.randomElement(using: &random) ?? "a"
          }), at: Int64(index), service: index % 2 == 0 ? "api" : "cart")
    }
    let options = FoldOptions(patternLimit: limit, bucketLimit: 16)
    let result = folded(events, options: options)
    #expect(result.patternCount <= max(2 * limit, 2))
    #expect(result.eventCount == 4000)
  }

  @Test(arguments: [5, 40, 300, 2000])
  func `depends on no order or division when the limit is met`(limit: Int) throws {
    var random = SeededGenerator(seed: UInt64(limit))
    let events = flood(1500) + mixedEvents(1500, seed: 3)
    let options = FoldOptions(patternLimit: limit, bucketLimit: 64)
    let expected = folded(events, options: options).encoded()
    for _ in 0..<3 {
      let shuffled = events.shuffled(using: &random)
      #expect(folded(shuffled, options: options).encoded() == expected)
      let cut = Int.random(in: 0..<events.count, using: &random)
      let parts = try folded(shuffled[..<cut], options: options).merged(
        with: folded(shuffled[cut...], options: options))
      #expect(parts.encoded() == expected)
    }
  }

  @Test func `has no two words of the vocabulary under one hash`() {
    let words = Vocabulary.words.split(whereSeparator: { $0 == " " || $0 == "\n" })
    #expect(Set(words).count == words.count)
    for word in words {
      let bytes = Array(word.utf8)
      bytes.withUnsafeBufferPointer {
        #expect(Vocabulary.contains($0, from: 0, to: bytes.count))
      }
    }
    let unknown = Array("zzanna".utf8)
    unknown.withUnsafeBufferPointer { #expect(!Vocabulary.contains($0, from: 0, to: 6)) }
  }
}

@Suite struct FoldFileTests {
  private let result = folded(mixedEvents(120, seed: 9))

  @Test func `reads back what it wrote`() throws {
    let read = try FoldResult(decoding: result.encoded())
    #expect(read == result)
    #expect(read.encoded() == result.encoded())
  }

  @Test func `reads back an empty result and a coarse one`() throws {
    for options in [FoldOptions(), FoldOptions(patternLimit: 3, bucketLimit: 2)] {
      for events in [[], mixedEvents(300, seed: 1)] {
        let result = folded(events, options: options)
        #expect(try FoldResult(decoding: result.encoded()) == result)
      }
    }
  }

  @Test func `refuses a file with any one byte changed`() {
    let bytes = result.encoded()
    for offset in stride(from: 0, to: bytes.count, by: 97) {
      var changed = bytes
      changed[offset] ^= 0x10
      #expect(throws: ClusteringError.self) { try FoldResult(decoding: changed) }
    }
  }

  @Test func `refuses a file that was cut`() {
    let bytes = result.encoded()
    for length in [0, 3, 7, 8, 39, 40, bytes.count / 2, bytes.count - 1] {
      #expect(throws: ClusteringError.self) {
        try FoldResult(decoding: Array(bytes.prefix(length)))
      }
    }
  }

  @Test(arguments: [1, 3])
  func `names a version that it does not know`(version: Int) {
    var bytes = result.encoded()
    bytes[6] = UInt8(version)
    #expect(throws: ClusteringError.unknownVersion(found: version, known: 2)) {
      try FoldResult(decoding: bytes)
    }
  }

  @Test func `refuses content that breaks the format under a right checksum`() {
    var random = SeededGenerator(seed: 5)
    let body = Array(result.encoded().dropLast(32))
    for _ in 0..<200 {
      var changed = body
      let offset = Int.random(in: 8..<changed.count, using: &random)
      changed[offset] = UInt8.random(in: 0...255, using: &random)
      // Any outcome but a trap is right: a changed sample byte is still a sample.
      if let read = try? FoldResult(decoding: changed + sha256(changed)) {
        #expect(read.encoded() == changed + sha256(changed))
        _ = refine(read)
      }
    }
  }
}
