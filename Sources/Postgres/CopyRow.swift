/// One row of a COPY stream: raw cells in binary form, lent until the reader's closure returns.
package struct CopyRow {
  /// Where a cell lies in the row's bytes; a negative length is NULL.
  @usableFromInline
  struct Cell {
    @usableFromInline var offset: Int
    @usableFromInline var length: Int
  }

  /// The row's place in the stream, from 1.
  package let ordinal: Int64
  @usableFromInline let bytes: UnsafeRawBufferPointer
  @usableFromInline let cells: UnsafeBufferPointer<Cell>

  init(
    ordinal: Int64, bytes: UnsafeRawBufferPointer, cells: UnsafeBufferPointer<Cell>
  ) {
    self.ordinal = ordinal
    self.bytes = bytes
    self.cells = cells
  }

  /// How many columns the row has.
  @inlinable
  package var count: Int { cells.count }

  /// The bytes of one cell, nil for NULL; `BinaryFormat` reads them.
  @inlinable
  package subscript(column: Int) -> UnsafeRawBufferPointer? {
    let cell = cells[column]
    guard cell.length >= 0 else { return nil }
    return UnsafeRawBufferPointer(rebasing: bytes[cell.offset..<cell.offset + cell.length])
  }
}

/// Cuts a COPY BINARY stream into rows (PostgreSQL 15 manual, COPY, "Binary Format").
///
/// The server sends one row a message, but the protocol does not promise it: rows that straddle
/// messages are put together here.
struct CopyStreamParser {
  private static let signature: [UInt8] = [
    0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00,
  ]

  private var pending: [UInt8] = []
  private var cells: [CopyRow.Cell] = []
  private var hasHeader = false
  /// Whether the trailer has been seen.
  private(set) var isComplete = false
  /// Rows handed out so far.
  private(set) var rowCount: Int64 = 0

  /// Takes the next message and hands the rows that it completes to `body`.
  ///
  /// - Returns: false when the bytes are no COPY BINARY stream.
  mutating func consume(
    _ chunk: UnsafeRawBufferPointer, _ body: (CopyRow) throws -> Void
  ) rethrows -> Bool {
    guard !pending.isEmpty else {
      guard let used = try parse(chunk, body) else { return false }
      pending.append(contentsOf: UnsafeRawBufferPointer(rebasing: chunk[used...]))
      return true
    }
    pending.append(contentsOf: chunk)
    var joined: [UInt8] = []
    swap(&joined, &pending)
    let used = try joined.withUnsafeBytes { try parse($0, body) }
    guard let used else { return false }
    joined.removeFirst(used)
    swap(&joined, &pending)
    return true
  }

  /// Hands out all complete rows.
  ///
  /// - Returns: how many bytes they took; nil when the stream is malformed.
  private mutating func parse(
    _ bytes: UnsafeRawBufferPointer, _ body: (CopyRow) throws -> Void
  ) rethrows -> Int? {
    var offset = 0
    if !hasHeader {
      guard bytes.count >= 19 else { return 0 }
      guard bytes.prefix(11).elementsEqual(CopyStreamParser.signature) else { return nil }
      let extensionLength = Int(BinaryFormat.load(bytes, at: 15, as: Int32.self))
      guard extensionLength >= 0 else { return nil }
      guard bytes.count >= 19 + extensionLength else { return 0 }
      offset = 19 + extensionLength
      hasHeader = true
    }
    while bytes.count - offset >= 2, !isComplete {
      let columnCount = Int(BinaryFormat.load(bytes, at: offset, as: Int16.self))
      if columnCount == -1 {
        isComplete = true
        return offset + 2
      }
      guard columnCount >= 0 else { return nil }
      guard let end = scanCells(bytes, from: offset + 2, count: columnCount) else { return nil }
      guard end > 0 else { break }
      rowCount += 1
      try cells.withUnsafeBufferPointer {
        try body(CopyRow(ordinal: rowCount, bytes: bytes, cells: $0))
      }
      offset = end
    }
    return offset
  }

  /// Finds the cells of one row.
  ///
  /// - Returns: where the row ends, 0 when it is not complete yet, nil when it is malformed.
  private mutating func scanCells(
    _ bytes: UnsafeRawBufferPointer, from start: Int, count: Int
  ) -> Int? {
    cells.removeAll(keepingCapacity: true)
    var offset = start
    for _ in 0..<count {
      guard bytes.count - offset >= 4 else { return 0 }
      let length = Int(BinaryFormat.load(bytes, at: offset, as: Int32.self))
      offset += 4
      cells.append(CopyRow.Cell(offset: offset, length: length))
      guard length >= -1 else { return nil }
      if length > 0 {
        guard bytes.count - offset >= length else { return 0 }
        offset += length
      }
    }
    return offset
  }
}
