import Clustering
import DaybreakCore
import Extraction
import Foundation

/// Extraction and fold of a file, on one thread or several.
func measureFold(_ call: Call) throws {
  let window = try call.night()
  let folds = (0..<(try call.number("threads", default: 1))).map { _ in Fold(window: window) }
  let source = try fileSource(call)
  let clock = ContinuousClock()
  let start = clock.now
  let coverage = try source.read(window: window, into: folds, progress: ReadProgress())
  var result = folds[0].result()
  for other in folds.dropFirst() { result = try result.merged(with: other.result()) }
  let seconds = (clock.now - start) / .seconds(1)
  if let failure = coverage.failure { throw UsageError(reason: failure) }
  printMeasurement(
    lines: coverage.linesFound, bytes: coverage.inputs.reduce(0) { $0 + $1.byteCount },
    seconds: seconds,
    more: [
      ("clustered", "\(coverage.linesClustered)"), ("events", "\(result.eventCount)"),
      ("patterns", "\(result.patternCount)"), ("coarsened", "\(result.isCoarsened)"),
      ("cpuSeconds", "\(processorSeconds())"),
    ])
}

/// Extraction of a file alone, on one thread or several.
func measureExtraction(_ call: Call) throws {
  let sinks = (0..<(try call.number("threads", default: 1))).map { _ in NoSink() }
  let source = try fileSource(call)
  let clock = ContinuousClock()
  let start = clock.now
  let coverage = try source.read(window: try call.night(), into: sinks, progress: ReadProgress())
  let seconds = (clock.now - start) / .seconds(1)
  if let failure = coverage.failure { throw UsageError(reason: failure) }
  printMeasurement(
    lines: coverage.linesFound, bytes: coverage.inputs.reduce(0) { $0 + $1.byteCount },
    seconds: seconds,
    more: [
      ("events", "\(sinks.reduce(0) { $0 + $1.events })"), ("cpuSeconds", "\(processorSeconds())"),
    ])
}

/// The file as `daybreak cluster` reads it: lines of any time count, no digests, no duplicates.
private func fileSource(_ call: Call) throws -> FileSource {
  var configuration = FileSourceConfiguration(name: call.file, patterns: [call.file])
  let format = try call.text("format", default: FileFormat.automatic.rawValue)
  guard let format = FileFormat(rawValue: format) else {
    throw UsageError(reason: "unknown format `\(format)`")
  }
  configuration.format = format
  configuration.keepsOutsideWindow = true
  configuration.skipsDuplicates = false
  configuration.makesDigests = false
  return try FileSource(configuration, duplicates: DuplicateFilter())
}

/// Counts events and forgets them.
private final class NoSink: LineSink {
  var events = 0

  func consume(_ batch: LineBatch, services: ServiceTable) { events += batch.records.count }
}

/// The fold alone: whole lines of a file, in memory, as messages of one service.
func measureFoldOnly(_ call: Call) throws {
  let lines = try Lines(file: call.file)
  let window = try call.night()
  let rounds = try call.number("rounds", default: 5)
  let threads = try call.number("threads", default: 1)
  let clock = ContinuousClock()
  var seconds: [Double] = []
  var processor: [Double] = []
  var patterns = 0
  for _ in 0..<rounds {
    let folds = (0..<threads).map { _ in FoldBox(window: window) }
    let start = clock.now
    DispatchQueue.concurrentPerform(iterations: threads) { folds[$0].consume(lines) }
    seconds.append((clock.now - start) / .seconds(1))
    processor.append(folds.reduce(0) { $0 + $1.processorSeconds } / Double(threads))
    patterns = folds[0].fold.result().patternCount
  }
  let median = seconds.sorted()[rounds / 2]
  printMeasurement(
    lines: Int64(lines.records.count * threads), bytes: Int64(lines.bytes.count * threads),
    seconds: median,
    more: [
      ("patterns", "\(patterns)"), ("best", "\(seconds.min() ?? 0)"), ("rounds", "\(rounds)"),
      ("processorSecondsBest", "\(processor.min() ?? 0)"),
      (
        "linesPerProcessorSecond",
        "\((Double(lines.records.count) / (processor.min() ?? .infinity)).rounded())"
      ),
    ])
}

/// Refining the patterns of a file.
func measureRefine(_ call: Call) throws {
  let lines = try Lines(file: call.file)
  let fold = FoldBox(window: try call.night())
  fold.consume(lines)
  let result = fold.fold.result()
  let clock = ContinuousClock()
  let start = clock.now
  let clusters = refine(result)
  let refined = clock.now
  let bytes = result.encoded().count
  let encoded = clock.now
  printMeasurement(
    lines: Int64(lines.records.count), bytes: Int64(lines.bytes.count),
    seconds: (refined - start) / .seconds(1),
    more: [
      ("patterns", "\(result.patternCount)"), ("clusters", "\(clusters.count)"),
      ("foldFileBytes", "\(bytes)"), ("encodeSeconds", "\((encoded - refined) / .seconds(1))"),
    ])
}

/// A fold that one thread at a time uses.
private final class FoldBox: @unchecked Sendable {
  // No lock: each is handed to one iteration of concurrentPerform, and read after all have ended.
  let fold: Fold
  /// Processor time of its thread: what another program on the machine does not lengthen.
  private(set) var processorSeconds = 0.0

  init(window: TimeWindow) { fold = Fold(window: window) }

  func consume(_ lines: Lines) {
    let start = threadSeconds()
    defer { processorSeconds += threadSeconds() - start }
    let services = ServiceTable()
    _ = services.index(of: ServiceIdentity(namespace: "bench", service: "bench"))
    lines.forEachBatch { fold.consume($0, services: services) }
  }
}

/// The lines of a file in memory, as records with a time every millisecond.
private struct Lines: Sendable {
  let bytes: [UInt8]
  let records: [LineRecord]
  private static let batchSize = 4096

  init(file: String) throws {
    let data = try Data(contentsOf: URL(filePath: file))
    guard data.count < Int(Int32.max) else { throw UsageError(reason: "at most 2 GiB") }
    var records: [LineRecord] = []
    let start: Int64 = 1_773_273_600_000_000_000
    var offset = 0
    bytes = Array(data)
    while offset < bytes.count {
      let end = bytes[offset...].firstIndex(of: 0x0A) ?? bytes.count
      records.append(
        LineRecord(
          offset: Int32(offset), length: Int32(end - offset),
          timestamp: start + Int64(records.count % 86_400_000) * 1_000_000, service: 0,
          lineCount: 1, level: UInt8(records.count % 64 == 0 ? 5 : 3)))
      offset = end + 1
    }
    self.records = records
  }

  func forEachBatch(_ body: (LineBatch) -> Void) {
    bytes.withUnsafeBytes { bytes in
      records.withUnsafeBufferPointer { records in
        var first = 0
        while first < records.count {
          let last = min(first + Lines.batchSize, records.count)
          let batch = UnsafeBufferPointer(rebasing: records[first..<last])
          body(LineBatch(bytes: bytes, records: batch))
          first = last
        }
      }
    }
  }
}

/// Processor time of this thread so far.
private func threadSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Processor time of this process so far.
func processorSeconds() -> Double {
  Double(clock()) / Double(CLOCKS_PER_SEC)
}

/// Prints one measurement as JSON.
func printMeasurement(
  lines: Int64, bytes: Int64, seconds: Double, more: [(name: String, value: String)]
) {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  // Linux counts ru_maxrss in KiB (getrusage(2)).
  let peak = usage.ru_maxrss * 1024
  var fields = [
    ("lines", "\(lines)"), ("bytes", "\(bytes)"), ("seconds", "\(seconds)"),
    ("linesPerSecond", "\((Double(lines) / seconds).rounded())"),
    ("megabytesPerSecond", "\((Double(bytes) / 1e4 / seconds).rounded() / 100)"),
    ("peakResidentBytes", "\(peak)"),
  ]
  fields += more
  print("{" + fields.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}")
}
