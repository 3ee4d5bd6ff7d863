internal import Clustering
internal import DaybreakCore
internal import Extraction
internal import Foundation

/// Reads a night's sources a second time, for what stood just before a few clusters began.
///
/// The fold keeps no lines but samples, and what is news is known only after it: so the few lines that
/// tell of a beginning are looked up again. Files are read through once more, without folding; of a
/// table only the moments wanted are asked for.
struct NeighbourPass {
  /// Where lines are looked for.
  struct Target: Hashable {
    let identity: ServiceIdentity
    /// The cluster's template: its own lines do not count.
    let template: String
    /// When it began; only what is earlier counts.
    let moment: Timestamp
  }

  /// How far before a first event lines count, in seconds.
  static let reach: Int64 = 60

  let night: Night
  let surroundings: Surroundings
  /// How many threads read the files of one source.
  let threads: Int
  /// How many lines are kept of a target.
  let limit: Int

  /// Looks lines up.
  ///
  /// - Parameter targets: where.
  /// - Returns: the latest distinct lines of each target's service before its moment, oldest first, not
  ///   redacted; the same however the sources are split among threads. A source that cannot be read
  ///   again to its end gives none.
  /// - Throws: `RunCancelled` alone.
  func lines(before targets: [Target]) throws -> [Target: [LineSample]] {
    guard !targets.isEmpty, limit > 0 else { return [:] }
    let factory = SourceFactory(night: night, duplicates: DuplicateFilter(entryLimit: 64))
    var found: [Target: NearestLines] = [:]
    for source in night.sources {
      do {
        guard let reader = try factory.secondReader(of: source) else {
          note(source, "standard input is read once")
          continue
        }
        let (sinks, failure) = try read(reader, for: targets)
        if let failure {
          note(source, failure)
          continue
        }
        for (target, lines) in sinks.flatMap(\.found) {
          found[target, default: NearestLines(limit: limit)].merge(lines)
        }
      } catch let error as RunCancelled {
        throw error
      } catch {
        note(source, String(describing: error))
      }
    }
    return found.mapValues(\.lines)
  }

  private func note(_ source: JobSource, _ problem: String) {
    surroundings.log.note("no neighbouring lines", ["source": source.name, "problem": problem])
  }

  /// Reads one source; what it gave counts only where nothing failed.
  private func read(
    _ source: any LogSource, for targets: [Target]
  ) throws -> (sinks: [NeighbourSink], failure: String?) {
    let progress = ReadProgress()
    let spans = windows(of: targets)
    guard let files = source as? FileSource else {
      let sink = NeighbourSink(targets, limit: limit)
      for window in spans {
        try Cancellation.check()
        // What fails once is not asked again, window by window.
        let coverage = try source.read(window: window, into: sink, progress: progress)
        if let failure = coverage.failure { return ([], failure) }
      }
      return ([sink], nil)
    }
    guard let first = spans.first, let last = spans.last else { return ([], nil) }
    let sinks = (0..<threads).map { _ in NeighbourSink(targets, limit: limit) }
    let coverage = try files.read(
      window: TimeWindow(start: first.start, end: last.end), into: sinks, progress: progress)
    return (sinks, coverage.failure)
  }

  /// The spans that hold all lines wanted, in order, none touching the next.
  private func windows(of targets: [Target]) -> [TimeWindow] {
    var windows: [TimeWindow] = []
    for moment in targets.map(\.moment).sorted() {
      let start = max(night.window.start, moment.advanced(bySeconds: -Self.reach))
      guard start < moment else { continue }
      if let last = windows.last, start <= last.end {
        windows[windows.count - 1] = TimeWindow(start: last.start, end: moment)
      } else {
        windows.append(TimeWindow(start: start, end: moment))
      }
    }
    return windows
  }
}

/// The latest distinct lines before a moment.
struct NearestLines {
  private let limit: Int
  /// The latest first; at one moment by text, so that the order of reading does not matter.
  private var latest: [LineSample] = []

  init(limit: Int) { self.limit = limit }

  /// Oldest first.
  var lines: [LineSample] { latest.reversed() }

  /// Whether a line of a moment might be among the latest.
  func mayTake(_ nanoseconds: Int64) -> Bool {
    latest.count < limit || nanoseconds >= latest[limit - 1].timestamp ?? .min
  }

  /// Takes a line if it is among the latest; of two of the same text the later one.
  mutating func take(_ line: LineSample) {
    if let same = latest.firstIndex(where: { $0.text == line.text }) {
      guard Self.isNearer(line, latest[same]) else { return }
      latest.remove(at: same)
    }
    let place = latest.firstIndex { Self.isNearer(line, $0) } ?? latest.count
    latest.insert(line, at: place)
    if latest.count > limit { latest.removeLast() }
  }

  mutating func merge(_ other: NearestLines) {
    for line in other.latest { take(line) }
  }

  private static func isNearer(_ left: LineSample, _ right: LineSample) -> Bool {
    let (one, other) = (left.timestamp ?? .min, right.timestamp ?? .min)
    if one != other { return one > other }
    return left.text == right.text ? left.level > right.level : left.text < right.text
  }
}

/// Keeps of what passes the lines that stand before targets.
private final class NeighbourSink: LineSink {
  private(set) var found: [NeighbourPass.Target: NearestLines] = [:]
  private let targets: [ServiceIdentity: [NeighbourPass.Target]]
  private let limit: Int
  /// The targets of each number of the reader's table, as far as it has met services.
  private var byNumber: [[NeighbourPass.Target]] = []
  private let matchers: [NeighbourPass.Target: TemplateMatcher]
  private var table: ServiceTable?

  init(_ targets: [NeighbourPass.Target], limit: Int) {
    self.targets = Dictionary(grouping: targets, by: \.identity)
    matchers = Dictionary(
      targets.map { ($0, TemplateMatcher(template: $0.template)) }, uniquingKeysWith: { $1 })
    self.limit = limit
  }

  func consume(_ batch: LineBatch, services: ServiceTable) throws {
    try Cancellation.check()
    number(services)
    for record in batch.records where record.timestamp != LineRecord.noTimestamp {
      let wanted = byNumber[Int(record.service)]
      guard !wanted.isEmpty else { continue }
      for target in wanted { offer(record, of: batch, to: target) }
    }
  }

  private func offer(
    _ record: LineRecord, of batch: LineBatch, to target: NeighbourPass.Target
  ) {
    let earliest = target.moment.advanced(bySeconds: -NeighbourPass.reach).nanoseconds
    guard record.timestamp < target.moment.nanoseconds, record.timestamp >= earliest,
      found[target]?.mayTake(record.timestamp) ?? true
    else { return }
    let message = batch.message(of: record)
    guard matchers[target]?.matches(message) != true else { return }
    let line = lineSample(
      Array(message.prefix(LineSample.byteLimit))[...], of: message.count,
      timestamp: record.timestamp, level: record.level)
    found[target, default: NearestLines(limit: limit)].take(line)
  }

  /// Looks up the services that the reader has met since the last batch.
  private func number(_ services: ServiceTable) {
    if table !== services {
      table = services
      byNumber = []
    }
    for identity in services.identities.dropFirst(byNumber.count) {
      byNumber.append(targets[identity] ?? [])
    }
  }
}
