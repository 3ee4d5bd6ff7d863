/// One log event inside a `LineBatch`: where its message lies, and what its source said of it.
@frozen
public struct LineRecord: Sendable {
  /// The value of `timestamp` when the line carries no time.
  public static var noTimestamp: Int64 { Int64.min }

  /// Where the message starts in the batch's bytes, behind any header (time, level, service).
  public var offset: Int32
  /// How many bytes the message has, without its newline; inner newlines belong to stack traces.
  public var length: Int32
  /// Nanoseconds since the Unix epoch, or `noTimestamp`.
  public var timestamp: Int64
  /// Index of who wrote it in the batch's `ServiceTable`.
  public var service: Int32
  /// How many lines of the source this event stands for: 1, and more for a joined stack trace.
  public var lineCount: Int32
  /// The raw value of its `Level`.
  public var level: UInt8

  @inlinable
  public init(
    offset: Int32, length: Int32, timestamp: Int64, service: Int32, lineCount: Int32, level: UInt8
  ) {
    self.offset = offset
    self.length = length
    self.timestamp = timestamp
    self.service = service
    self.lineCount = lineCount
    self.level = level
  }
}

/// The services that one reader has met, numbered in the order it met them.
///
/// Not safe to share between threads: each reader has its own, and folds are merged by name.
package final class ServiceTable {
  package private(set) var identities: [ServiceIdentity] = []
  private var indices: [ServiceIdentity: Int32] = [:]

  package init() {}

  /// The number of a service, given on first sight.
  package func index(of identity: ServiceIdentity) -> Int32 {
    if let index = indices[identity] { return index }
    let index = Int32(identities.count)
    identities.append(identity)
    indices[identity] = index
    return index
  }
}

/// A run of events that share one block of bytes: what extraction hands to clustering.
///
/// The bytes are lent for the duration of `LineSink.consume` only; a sink that keeps a message copies
/// it. Reused by its reader for the next batch.
public struct LineBatch {
  /// The block that every record's offset points into.
  public let bytes: UnsafeRawBufferPointer
  /// The events, in the order of the source.
  public let records: UnsafeBufferPointer<LineRecord>

  @inlinable
  public init(bytes: UnsafeRawBufferPointer, records: UnsafeBufferPointer<LineRecord>) {
    self.bytes = bytes
    self.records = records
  }

  /// The message of one event.
  @inlinable
  public func message(of record: LineRecord) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      rebasing: bytes[Int(record.offset)..<Int(record.offset) + Int(record.length)])
  }
}

/// What becomes of lines that hold no event for the sink.
package enum LineFate: Sendable, Hashable {
  /// They could not be read.
  case quarantined
  /// They were met before.
  case duplicate
  /// They lie outside of the window.
  case outsideWindow
  /// They are blank lines of a format that does not count them.
  case blank
}

/// A sink that accounts for every line, in the order of the source.
///
/// Slower than others where many lines are passed over: each such run ends a batch.
package protocol LineAccountingSink: LineSink {
  /// Passes over lines that hold no event.
  ///
  /// - Parameters:
  ///   - lines: how many, behind those of the batches before.
  ///   - fate: what becomes of them.
  /// - Throws: whatever stops the reader.
  func pass(lines: Int64, fate: LineFate) throws
}

/// Where extraction puts what it reads.
package protocol LineSink: AnyObject {
  /// Takes one batch; throws to stop the reader (a cancelled run).
  ///
  /// - Parameters:
  ///   - batch: lent until this call returns.
  ///   - services: the table that the records' service numbers refer to.
  /// - Throws: whatever stops the reader.
  func consume(_ batch: LineBatch, services: ServiceTable) throws
}
