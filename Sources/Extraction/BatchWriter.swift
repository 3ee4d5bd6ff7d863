package import DaybreakCore

/// Gathers events into batches and hands them to a sink: what every source writes through.
///
/// One block of bytes and one array of records are reused for all batches; appending allocates
/// nothing once they have their size. Not safe to share between threads.
package final class BatchWriter {
  /// How many bytes past a reservation may be read (not written) by vectorised code.
  package static let padding = 64

  /// The services met so far, by the numbers that records carry.
  package let services: ServiceTable
  private let sink: any LineSink
  private let targetBytes: Int
  private let targetRecords: Int
  private var block: UnsafeMutableRawPointer
  private var capacity: Int
  private var used = 0
  private var records: UnsafeMutablePointer<LineRecord>
  private var recordCount = 0

  /// Makes a writer with empty buffers.
  ///
  /// - Parameters:
  ///   - sink: takes the batches.
  ///   - services: numbers the services.
  ///   - targetBytes: a batch is handed on when it holds as much; one larger event makes a larger batch.
  ///   - targetRecords: a batch is handed on when it holds as many events.
  package init(
    sink: any LineSink, services: ServiceTable = ServiceTable(), targetBytes: Int = 256 << 10,
    targetRecords: Int = 8192
  ) {
    self.sink = sink
    self.services = services
    self.targetBytes = targetBytes
    self.targetRecords = targetRecords
    capacity = targetBytes + targetBytes / 2
    block = .allocate(byteCount: capacity + BatchWriter.padding, alignment: 16)
    records = .allocate(capacity: targetRecords)
  }

  deinit {
    block.deallocate()
    records.deallocate()
  }

  /// Copies one event into the batch; hands the batch on when it is full.
  ///
  /// - Parameters:
  ///   - message: the message, without its newline.
  ///   - timestamp: nanoseconds since the Unix epoch, or `LineRecord.noTimestamp`.
  ///   - level: how serious it is.
  ///   - service: its number in `services`.
  ///   - lineCount: how many lines of the source it stands for.
  /// - Throws: what the sink throws.
  package func append(
    _ message: UnsafeRawBufferPointer, timestamp: Int64, level: Level, service: Int32,
    lineCount: Int32 = 1
  ) throws {
    let space = reserve(message.count)
    if let source = message.baseAddress {
      space.copyMemory(from: source, byteCount: message.count)
    }
    try commit(
      messageOffset: 0, messageLength: message.count, timestamp: timestamp, level: level,
      service: service, lineCount: lineCount)
  }

  /// Gives room for `byteCount` bytes at the end of the batch, to be written in place and then
  /// committed; valid until the next call.
  ///
  /// A second reservation without a commit keeps what was written to the first: an event may grow.
  package func reserve(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let needed = used + byteCount
    if needed > capacity { grow(to: needed) }
    return block + used
  }

  /// Makes one event of bytes written to the last reservation; hands the batch on when it is full.
  ///
  /// - Parameters:
  ///   - messageOffset: where the message starts in the reservation.
  ///   - messageLength: how many bytes it has.
  ///   - timestamp: nanoseconds since the Unix epoch, or `LineRecord.noTimestamp`.
  ///   - level: how serious it is.
  ///   - service: its number in `services`.
  ///   - lineCount: how many lines of the source it stands for.
  /// - Throws: what the sink throws.
  package func commit(
    messageOffset: Int, messageLength: Int, timestamp: Int64, level: Level, service: Int32,
    lineCount: Int32 = 1
  ) throws {
    records[recordCount] = LineRecord(
      offset: Int32(used + messageOffset), length: Int32(messageLength), timestamp: timestamp,
      service: service, lineCount: lineCount, level: level.rawValue)
    recordCount += 1
    used += messageOffset + messageLength
    if used >= targetBytes || recordCount == targetRecords { try flush() }
  }

  /// Hands on what is gathered; call once after the last event.
  ///
  /// - Throws: what the sink throws.
  package func flush() throws {
    guard recordCount > 0 else { return }
    defer {
      used = 0
      recordCount = 0
    }
    try sink.consume(
      LineBatch(
        bytes: UnsafeRawBufferPointer(start: block, count: used),
        records: UnsafeBufferPointer(start: records, count: recordCount)),
      services: services)
  }

  private func grow(to needed: Int) {
    precondition(needed < Int(Int32.max), "a batch outgrows its 32-bit offsets")
    let larger = max(needed, min(capacity * 2, 1 << 30))
    // All of the old block is kept: bytes past `used` may be an event under way.
    let block = UnsafeMutableRawPointer.allocate(
      byteCount: larger + BatchWriter.padding, alignment: 16)
    block.copyMemory(from: self.block, byteCount: capacity)
    self.block.deallocate()
    self.block = block
    capacity = larger
  }
}
