import DaybreakCore
import Extraction
import Foundation
import Testing

/// One line of `logcli -o jsonl` as Foundation writes it.
func logcliLine(_ labels: [String: String], _ time: String, _ line: String) -> String {
  let label = labels.sorted { $0.key < $1.key }
    .map { "\(jsonString($0.key)):\(jsonString($0.value))" }.joined(separator: ",")
  return "{\"labels\":{\(label)},\"line\":\(jsonString(line)),\"timestamp\":\"\(time)\"}\n"
}

/// A JSON string by hand: quotes, backslashes and controls escaped.
func jsonString(_ text: String) -> String {
  var out = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": out += "\\\""
    case "\\": out += "\\\\"
    case "\n": out += "\\n"
    case _ where scalar.value < 0x20: out += "\\u" + String(format: "%04x", scalar.value)
    default: out.unicodeScalars.append(scalar)
    }
  }
  return out + "\""
}

/// One `query_range` body.
func queryRange(_ streams: [(labels: [String: String], values: [String])]) -> String {
  let result = streams.map { stream in
    let labels = stream.labels.sorted { $0.key < $1.key }
      .map { "\(jsonString($0.key)):\(jsonString($0.value))" }.joined(separator: ",")
    return "{\"stream\":{\(labels)},\"values\":[\(stream.values.joined(separator: ","))]}"
  }
  return "{\"status\":\"success\",\"data\":{\"resultType\":\"streams\",\"result\":["
    + result.joined(separator: ",") + "],\"stats\":{\"summary\":{\"bytes\":1}}}}"
}

@Suite struct LogcliTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  @Test func `an entry has its labels' service, namespace and level`() throws {
    let labels = ["service_name": "cart", "namespace": "prod", "detected_level": "warn"]
    try folder.write("a.jsonl", logcliLine(labels, "2026-11-20T09:00:04.064908Z", "low stock"))
    let event = try #require(try folder.read("a.jsonl").events.first)
    #expect(
      event
        == Event(
          namespace: "prod", service: "cart", timestamp: at(9, 0, 4, 64_908_000), level: .warn,
          message: Array("low stock".utf8), lineCount: 1))
  }

  @Test(arguments: [
    "2026-11-20T09:00:04Z", "2026-11-20T09:00:04.000Z", "2026-11-20T20:00:04+11:00",
    "2026-11-20T04:00:04.000000000-05:00",
  ])
  func `reads times of any length and offset`(time: String) throws {
    try folder.write("a.jsonl", logcliLine([:], time, "x"))
    #expect(try folder.read("a.jsonl").events.first?.timestamp == at(9, 0, 4))
  }

  @Test func `unknown as a level does not count as found`() throws {
    let labels = ["detected_level": "unknown", "level": "error"]
    try folder.write(
      "a.jsonl",
      logcliLine(labels, "2026-11-20T09:00:04Z", "x")
        + logcliLine(["detected_level": "unknown"], "2026-11-20T09:00:04Z", "FATAL: no disk")
        + logcliLine(["detected_level": "unknown"], "2026-11-20T09:00:04Z", "{\"level\":\"debug\"}")
    )
    #expect(try folder.read("a.jsonl").events.map(\.level) == [.error, .fatal, .debug])
  }

  @Test func `a label goes before the line's own words and Loki's time before the header's`() throws
  {
    try folder.write(
      "a.jsonl",
      logcliLine(["level": "info"], "2026-11-20T09:00:04Z", "2020-01-01 00:00:00,000 ERROR gone"))
    let event = try #require(try folder.read("a.jsonl").events.first)
    #expect(event.level == .info)
    #expect(event.timestamp == at(9, 0, 4))
    #expect(event.text == "gone")
  }

  @Test func `parts in another order and spacing are read`() throws {
    try folder.write(
      "a.jsonl",
      "{ \"timestamp\" : \"2026-11-20T09:00:04Z\", \"line\" : \"a\\u0000\\ud83d\\ude00b\", "
        + "\"labels\" : { \"app\" : \"c\\u0061rt\" } }\n")
    let event = try #require(
      try folder.read("a.jsonl") { $0.format = .logcliJSONLines }.events.first)
    #expect(event.text == "a\u{0}😀b")
    #expect(event.service == "cart")
  }

  @Test func `an entry with inner newlines is one line`() throws {
    try folder.write("a.jsonl", logcliLine([:], "2026-11-20T09:00:04Z", "boom\n\tat x\n"))
    let reading = try folder.read("a.jsonl")
    #expect(reading.events.map(\.lineCount) == [1])
    #expect(reading.texts == ["boom\n\tat x\n"])
  }

  @Test func `invalid UTF-8 stays as it is`() throws {
    var bytes = Array(logcliLine(["app": "x"], "2026-11-20T09:00:04Z", "a?b").utf8)
    let index = try #require(bytes.firstIndex(of: UInt8(ascii: "?")))
    bytes[index] = 0xFF
    try folder.write("a.jsonl", bytes)
    #expect(try folder.read("a.jsonl").events.map(\.message) == [[0x61, 0xFF, 0x62]])
    // And where the line takes the slow way.
    try folder.write("b.jsonl", [0x20] + bytes)
    #expect(
      try folder.read("b.jsonl") { $0.format = .logcliJSONLines }.events.map(\.message)
        == [[0x61, 0xFF, 0x62]])
  }

  @Test func `rules name other labels`() throws {
    let labels = ["team": "blue", "stage": "qa", "sev": "E"]
    try folder.write("a.jsonl", logcliLine(labels, "2026-11-20T09:00:04Z", "x"))
    let reading = try folder.read("a.jsonl") {
      $0.labelRules = LabelRules(service: ["team"], namespace: ["stage"], level: ["sev"])
    }
    let event = try #require(reading.events.first)
    #expect(event.service == "blue")
    #expect(event.namespace == "qa")
    #expect(event.level == .error)
  }

  @Test func `entries without labels have the job's defaults`() throws {
    try folder.write("a.jsonl", logcliLine([:], "2026-11-20T09:00:04Z", "x"))
    let event = try #require(
      try folder.read("a.jsonl") {
        $0.defaultService = "shop"
        $0.defaultNamespace = "prod"
      }.events.first)
    #expect(event.service == "shop")
    #expect(event.namespace == "prod")
  }

  @Test func `entries of other nights are counted, not handed on`() throws {
    try folder.write(
      "a.jsonl",
      logcliLine([:], "2026-11-19T23:59:59.999999999Z", "a")
        + logcliLine([:], "2026-11-20T00:00:00Z", "b")
        + logcliLine([:], "2026-11-20T23:59:59.999999999Z", "c")
        + logcliLine([:], "2026-11-21T00:00:00Z", "d"))
    let reading = try folder.read("a.jsonl")
    #expect(reading.texts == ["b", "c"])
    #expect(reading.coverage.linesOutsideWindow == 2)
  }

  @Test(arguments: [
    ("{\"labels\":{},\"line\":\"cut", "the file ends in the middle of a line"),
    ("not json\n", "not a JSON object"),
    ("{\"labels\":{},\"line\":\"x\"}\n", "missing"),
    ("{\"labels\":{},\"line\":\"x\",\"timestamp\":\"yesterday\"}\n", "RFC 3339"),
    ("{\"labels\":{},\"line\":\"\\q\",\"timestamp\":\"2026-11-20T09:00:04Z\"}\n", ""),
    ("{\"labels\":{\"a\":{}},\"line\":\"x\",\"timestamp\":\"2026-11-20T09:00:04Z\"}\n", "labels"),
  ])
  func `a bad line is quarantined with offset, reason and excerpt`(bad: String, reason: String)
    throws
  {
    let good = logcliLine(["app": "x"], "2026-11-20T09:00:04Z", "good")
    try folder.write("a.jsonl", good + bad)
    let reading = try folder.read("a.jsonl")
    let record = try #require(reading.coverage.quarantine.first)
    #expect(reading.texts == ["good"])
    #expect(reading.coverage.linesQuarantined == 1)
    #expect(record.file == "a.jsonl")
    #expect(record.byteOffset == Int64(good.utf8.count))
    #expect(reason.isEmpty || record.reason.contains(reason), "\(record.reason)")
    #expect(bad.hasPrefix(record.excerpt.prefix(8)))
    #expect(record.excerpt.utf8.count <= 200)
  }

  @Test func `default output has time, labels and line`() throws {
    try folder.write(
      "a.txt",
      "2026-11-20T09:00:04Z {app=\"cart\", level=\"warn\"}        low \"stock\"\n"
        + "  second line\n"
        + "2026-11-20T09:00:05.5Z {app=\"cart\", path=\"a\\\"}b\"} {\"a\":1}\n")
    let reading = try folder.read("a.txt")
    #expect(reading.texts == ["low \"stock\"\n  second line", "{\"a\":1}"])
    #expect(reading.events.map(\.service) == ["cart", "cart"])
    #expect(reading.events.map(\.lineCount) == [2, 1])
    #expect(reading.events.first?.level == .warn)
    #expect(reading.coverage.linesClustered == 3)
  }

  @Test func `equal lines of one second in default output all count`() throws {
    let line = "2026-11-20T09:00:04Z {app=\"cart\"} tick\n"
    try folder.write("a.txt", line + line)
    #expect(try folder.read("a.txt").events.count == 2)
  }

  @Test func `raw output has no time even where a header has one`() throws {
    try folder.write("a.log", "2026-11-20 09:00:04 ERROR gone\nplain\n")
    let reading = try folder.read("a.log") { $0.format = .logcliRaw }
    #expect(reading.texts == ["gone", "plain"])
    #expect(reading.events.map(\.timestamp) == [nil, nil])
    #expect(reading.events.first?.level == .error)
    #expect(reading.coverage.linesWithoutTime == 2)
  }
}

@Suite struct QueryRangeTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  @Test func `entries of two and three elements are read`() throws {
    try folder.write(
      "a.json",
      queryRange([
        (
          ["app": "cart"],
          [
            "[\"1795165204064908000\",\"a\"]",
            "[\"1795165204064908001\",\"b\",{\"structuredMetadata\":{\"detected_level\":\"error\"},"
              + "\"parsed\":{\"namespace\":\"prod\"}}]",
            "[ \"1795165204064908002\" , \"c\" , { } ]",
          ]
        )
      ]))
    let reading = try folder.read("a.json")
    #expect(reading.texts == ["a", "b", "c"])
    #expect(reading.events.map(\.level) == [.unknown, .error, .unknown])
    #expect(reading.events.map(\.namespace) == ["default", "prod", "default"])
    #expect(reading.events[0].timestamp == 1_795_165_204_064_908_000)
    #expect(reading.coverage.inputs.first?.lineCount == 3)
  }

  @Test func `an indented body is read like a dense one`() throws {
    let dense = queryRange([(["app": "cart"], ["[\"1795165204064908000\",\"a{]\\\"b\"]"])])
    let object = try JSONSerialization.jsonObject(with: Data(dense.utf8))
    let pretty = try JSONSerialization.data(
      withJSONObject: object, options: [.prettyPrinted, .sortedKeys])
    try folder.write("a.json", pretty)
    #expect(try folder.read("a.json").texts == ["a{]\"b"])
  }

  @Test func `bodies one after the other are all read`() throws {
    let body = { (time: String) in queryRange([(["app": "cart"], ["[\"\(time)\",\"x\"]"])]) }
    try folder.write("a.json", body("1795165204064908000") + "\n" + body("1795165204064908001"))
    #expect(try folder.read("a.json").events.count == 2)
  }

  @Test func `a cut body gives the entries before the cut and says so`() throws {
    let body = queryRange([
      (["app": "cart"], ["[\"1795165204064908000\",\"a\"]", "[\"1795165204064908001\",\"bcd\"]"])
    ])
    let end = try #require(body.range(of: "bc")).upperBound
    try folder.write("a.json", String(body[..<end]))
    let reading = try folder.read("a.json")
    #expect(reading.texts == ["a"])
    #expect(reading.coverage.linesQuarantined == 1)
    #expect(reading.coverage.inputs.first?.failure != nil)
    #expect(reading.coverage.failure != nil)
  }

  @Test func `a bad entry is quarantined and the next one read`() throws {
    try folder.write(
      "a.json",
      queryRange([
        (
          ["app": "cart"],
          ["[\"soon\",\"a\"]", "[\"1795165204064908000\"]", "[\"1795165204064908001\",\"b\"]"]
        )
      ]))
    let reading = try folder.read("a.json")
    #expect(reading.texts == ["b"])
    #expect(reading.coverage.linesQuarantined == 2)
  }

  @Test(arguments: [
    "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{},\"values\":[[1,\"2\"]]}]}}",
    "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{},\"value\":[1,\"2\"]}]}}",
    "{\"status\":\"success\",\"data\":[\"env\",\"level\"]}",
    "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"no\"}",
  ])
  func `other answers are quarantined as files`(body: String) throws {
    try folder.write("a.json", body)
    let reading = try folder.read("a.json")
    #expect(reading.events.isEmpty)
    #expect(reading.coverage.quarantine.map(\.lineCount) == [0])
    #expect(reading.coverage.quarantine.first?.reason.hasPrefix("not log streams") == true)
    #expect(reading.coverage.failure == nil)
  }

  @Test func `an error in words is no log where query_range is asked for`() throws {
    try folder.write("a.txt", "too many outstanding requests\n")
    let reading = try folder.read("a.txt") { $0.format = .queryRange }
    #expect(reading.coverage.quarantine.first?.reason.hasPrefix("not log streams") == true)
  }

  @Test func `an empty result is no fault`() throws {
    try folder.write("a.json", queryRange([]))
    let reading = try folder.read("a.json")
    #expect(reading.coverage.quarantine.isEmpty)
    #expect(reading.coverage.inputs.first?.failure == nil)
  }

  @Test func `a body larger than any buffer is read in bounded memory`() throws {
    let line = String(repeating: "x", count: 900)
    let values = (0..<5000).map { "[\"\(1_795_165_204_064_908_000 + $0)\",\"\(line)\"]" }
    try folder.write("a.json", queryRange([(["app": "cart"], values)]))
    #expect(try folder.read("a.json").events.count == 5000)
  }
}
