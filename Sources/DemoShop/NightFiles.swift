import DaybreakCore

/// The files of one night in memory.
struct NightFiles {
  /// One file and its bytes.
  struct Output {
    var file: DemoManifest.File
    var bytes: [UInt8] = []
  }

  private(set) var outputs: [Output] = []

  init(_ night: DemoNight) {
    let writer = LineWriter(night: night)
    var indices: [String: Int] = [:]
    // The file of each service.
    let targets = demoServices.map { service -> Int in
      let output = NightFiles.output(of: service, night: night.date.description)
      if let index = indices[output.file.path] { return index }
      indices[output.file.path] = outputs.count
      outputs.append(output)
      return outputs.count - 1
    }
    var line: [UInt8] = []
    for index in night.events.indices {
      let event = night.events[index]
      let service = demoServices[Int(event.service)]
      let target = targets[Int(event.service)]
      line.removeAll(keepingCapacity: true)
      writer.write(index, to: &line)
      if service.file == nil {
        let level = service.kinds[Int(event.kind)].level
        var random = writer.random(of: index)
        NightFiles.writeEntry(
          line, service, level, pod: random.below(2), at: Timestamp(nanoseconds: event.timestamp),
          to: &outputs[target].bytes)
        outputs[target].file.lineCount += 1
      } else {
        outputs[target].bytes += line
        outputs[target].bytes.append(0x0A)
        outputs[target].file.lineCount += 1 + line.count { $0 == 0x0A }
      }
      outputs[target].file.eventCount += 1
    }
  }

  private static func output(of service: DemoService, night: String) -> Output {
    let isText = service.file != nil
    let name = isText ? "\(service.file ?? "")-\(night).log" : "loki-\(night).jsonl"
    return Output(
      file: DemoManifest.File(
        path: "\(service.tenant)/\(name)", tenant: service.tenant, night: night,
        format: isText ? "text" : "loki_jsonl", service: isText ? service.name : nil, lineCount: 0,
        eventCount: 0))
  }

  /// Writes an entry as `logcli query -o jsonl --include-common-labels --timezone=UTC` does: keys and
  /// labels sorted, the time in RFC 3339 without trailing zeros, Loki's own `detected_level` there.
  private static func writeEntry(
    _ line: [UInt8], _ service: DemoService, _ level: Level, pod: Int, at time: Timestamp,
    to bytes: inout [UInt8]
  ) {
    bytes += "{\"labels\":{\"detected_level\":\"".utf8
    bytes += level.name.lowercased().utf8
    bytes += "\",\"env\":\"prod\",\"namespace\":\"".utf8
    bytes += service.namespace.utf8
    bytes += "\",\"pod\":\"".utf8
    bytes += service.name.utf8
    bytes.append(UInt8(ascii: "-"))
    bytes.appendNumber(pod)
    bytes += "\",\"service_name\":\"".utf8
    bytes += service.name.utf8
    bytes += "\"},\"line\":\"".utf8
    bytes.appendJSONEscaped(line[...])
    bytes += "\",\"timestamp\":\"".utf8
    bytes += time.rfc3339.utf8
    bytes += "\"}\n".utf8
  }
}
