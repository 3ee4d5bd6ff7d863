import CScanJSON
import DaybreakCore
import Postgres

/// Turns rows into events: decodes, maps labels, quarantines what cannot be read.
final class PostgreSQLRowReader {
  private typealias Place = PostgreSQLQuery.Place

  let context: ReadContext
  private let query: PostgreSQLQuery
  private let unit: Int64
  private let decoder: TextDecoder
  private let labels: LabelFields
  private let progress: ReadProgress
  /// Rows taken so far.
  private(set) var rowCount: Int64 = 0
  /// Bytes of their cells.
  private(set) var byteCount: Int64 = 0
  private var reportedBytes: Int64 = 0

  init(
    _ query: PostgreSQLQuery, unit: PostgreSQLSourceConfiguration.TimeUnit, context: ReadContext,
    progress: ReadProgress
  ) {
    self.query = query
    self.unit = unit.nanoseconds
    self.context = context
    self.progress = progress
    decoder = TextDecoder(encoding: query.rawEncoding)
    labels = LabelFields(context.labels)
  }

  /// Takes one row.
  ///
  /// - Throws: what the sink throws.
  func take(_ row: CopyRow) throws {
    rowCount += 1
    for column in 0..<row.count { byteCount += Int64(row[column]?.count ?? 0) }
    if rowCount & 1023 == 0 { report() }
    guard let message = row[Place.message] else {
      let isTooLong = row[Place.tooLong].flatMap(BinaryFormat.bool) ?? false
      let limit = context.configuration.maximumLineBytes
      return quarantine(
        row, isTooLong ? "the message is longer than \(limit) bytes" : "the message is NULL")
    }
    guard let time = row[Place.time] else { return quarantine(row, "the time is NULL") }
    guard let timestamp = timestamp(time) else {
      return quarantine(row, "the time cannot be read, or lies outside the years 1677 to 2262")
    }
    guard context.window.contains(Timestamp(nanoseconds: timestamp)) else {
      return context.recorder.countOutsideWindow(
        isEarlier: timestamp < context.window.start.nanoseconds)
    }
    let resolved = resolve(row)
    let text = withoutLineEnd(query.hasBinaryMessage ? message : decoder.decode(message))
    let space = context.writer.reserve(text.count)
    if let source = text.baseAddress { space.copyMemory(from: source, byteCount: text.count) }
    try context.commit(
      UnsafeRawBufferPointer(start: space, count: text.count), timestamp: timestamp,
      resolved: resolved, lines: 1)
  }

  /// Brings the progress up to date.
  func report() {
    context.reportProgress()
    progress.add(bytesRead: Int(byteCount - reportedBytes))
    reportedBytes = byteCount
  }

  private func timestamp(_ cell: UnsafeRawBufferPointer) -> Int64? {
    switch query.timeForm {
    case .timestamp: return BinaryFormat.timestamp(cell)?.nanoseconds
    case .integer:
      guard let count = BinaryFormat.int64(cell) else { return nil }
      let (nanoseconds, overflow) = count.multipliedReportingOverflow(by: unit)
      return overflow ? nil : nanoseconds
    case .double:
      return BinaryFormat.double(cell).flatMap(nanoseconds)
    case .text:
      // The header reader looks beyond the end, so it gets a copy with room behind it.
      let moment = context.headers.read(labels.hold(decoder.decode(cell), in: .time)).timestamp
      return moment == LineRecord.noTimestamp ? nil : moment
    }
  }

  /// Whole units exactly and the fraction to the microsecond, which is what a double holds of seconds.
  private func nanoseconds(_ count: Double) -> Int64? {
    guard let whole = Int64(exactly: count.rounded(.down)) else { return nil }
    let fraction = ((count - Double(whole)) * Double(unit) / 1000).rounded()
    let (scaled, isTooLarge) = whole.multipliedReportingOverflow(by: unit)
    let (sum, overflow) = scaled.addingReportingOverflow(Int64(fraction) * 1000)
    return isTooLarge || overflow ? nil : sum
  }

  /// Service, namespace and level: columns of their own go before labels.
  private func resolve(_ row: CopyRow) -> ResolvedLabels {
    context.labels.resetScratch()
    var choice = LabelResolver.Choice()
    if let cell = row[Place.labels] {
      switch query.labelForm {
      case .none: break
      case .hstore: labels.add(hstore: cell, to: &choice)
      case .text: labels.add(text: decoder.decode(cell), to: &choice)
      }
    }
    if let cell = row[Place.level], let level = LevelWord.level(decoder.decode(cell)) {
      choice.level = (-1, level)
    }
    if let cell = row[Place.service], !cell.isEmpty {
      choice.service = (-1, labels.hold(decoder.decode(cell), in: .service))
    }
    if let cell = row[Place.namespace], !cell.isEmpty {
      choice.namespace = (-1, labels.hold(decoder.decode(cell), in: .namespace))
    }
    return context.labels.finish(choice)
  }

  private func quarantine(_ row: CopyRow, _ reason: String) {
    context.recorder.quarantine(
      file: context.configuration.name, byteOffset: row.ordinal,
      reason: "row \(row.ordinal): \(reason)",
      excerpt: row[Place.message].map(decoder.decode)
        ?? UnsafeRawBufferPointer(start: nil, count: 0))
  }

  private func withoutLineEnd(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var end = text.count
    while end > 0, text[end - 1] == 0x0A || text[end - 1] == 0x0D { end -= 1 }
    return UnsafeRawBufferPointer(rebasing: text[..<end])
  }
}
