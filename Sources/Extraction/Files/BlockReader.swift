internal import Glibc

/// A window of memory that slides over a byte stream.
///
/// The bytes between `start` and `end` are read and not yet used; `BatchWriter.padding` bytes behind
/// `end` may be read as well.
final class BlockReader {
  private let stream: ByteStream
  private let contentDigest: RunningDigest?
  private(set) var base: UnsafeMutableRawPointer
  private var capacity: Int
  /// Where the unused bytes start in `base`.
  private(set) var start = 0
  /// Where they end.
  private(set) var end = 0
  /// Where `base` lies in the decompressed stream.
  private var baseOffset: Int64
  /// Why the stream ended early.
  private(set) var failure: ReadFailure?
  /// Whether nothing more will come.
  private(set) var isAtEnd = false

  /// Makes an empty window.
  ///
  /// - Parameters:
  ///   - stream: where the bytes come from.
  ///   - contentDigest: is fed every decompressed byte; nil where nobody asks.
  ///   - capacity: the first size of the window.
  ///   - offset: where the stream starts in the decompressed file.
  init(
    _ stream: ByteStream, contentDigest: RunningDigest?, capacity: Int = 256 << 10,
    offset: Int64 = 0
  ) {
    baseOffset = offset
    self.stream = stream
    self.contentDigest = contentDigest
    self.capacity = capacity
    base = .allocate(byteCount: capacity + BatchWriter.padding, alignment: 16)
  }

  deinit { base.deallocate() }

  /// Where the first unused byte lies in the decompressed stream.
  var offset: Int64 { baseOffset + Int64(start) }

  /// The unused bytes.
  var unused: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + start, count: end - start)
  }

  /// Marks bytes as used.
  func consume(_ count: Int) { start += count }

  /// Reads more behind the unused bytes, moving them to the front and growing the window as needed.
  ///
  /// - Returns: whether anything came.
  func fill() -> Bool {
    guard !isAtEnd else { return false }
    makeRoom()
    do throws(ReadFailure) {
      let room = UnsafeMutableRawBufferPointer(start: base + end, count: capacity - end)
      let count = try stream.read(into: room)
      if count == 0 {
        isAtEnd = true
        return false
      }
      contentDigest?.update(UnsafeRawBufferPointer(start: base + end, count: count))
      end += count
      return true
    } catch {
      failure = error
      isAtEnd = true
      return false
    }
  }

  /// Fills until `count` bytes are unused or the stream ends.
  func fill(atLeast count: Int) {
    while end - start < count, fill() {}
  }

  private func makeRoom() {
    if start > 0 {
      memmove(base, base + start, end - start)
      baseOffset += Int64(start)
      end -= start
      start = 0
    }
    guard capacity - end < capacity / 4 else { return }
    let larger = UnsafeMutableRawPointer.allocate(
      byteCount: capacity * 2 + BatchWriter.padding, alignment: 16)
    larger.copyMemory(from: base, byteCount: end)
    base.deallocate()
    base = larger
    capacity *= 2
  }
}

/// Splits a byte stream into lines.
///
/// A line longer than the limit is passed over in bounded memory: only its start is kept.
final class LineReader {
  let blocks: BlockReader
  private let limit: Int
  /// The current line without its newline; lent until the next call of `next`.
  private(set) var line = UnsafeRawBufferPointer(start: nil, count: 0)
  /// Where it starts in the decompressed stream.
  private(set) var lineOffset: Int64 = 0
  /// Whether a newline ended it.
  private(set) var isTerminated = false
  /// Whether it was longer than the limit; `line` is then its start only.
  private(set) var isTooLong = false
  private let excerpt = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 16)

  init(_ blocks: BlockReader, limit: Int) {
    self.blocks = blocks
    self.limit = limit
  }

  deinit { excerpt.deallocate() }

  /// Moves to the next line.
  ///
  /// - Returns: false at the end of the stream.
  func next() -> Bool {
    var searched = 0
    while true {
      let count = blocks.end - blocks.start
      let first = blocks.base + blocks.start
      if count > searched, let found = memchr(first + searched, 0x0A, count - searched) {
        let length = UnsafeRawPointer(found) - UnsafeRawPointer(first)
        take(length, terminated: true)
        return true
      }
      searched = count
      if count > limit {
        skipLongLine()
        return true
      }
      if !blocks.fill() {
        guard count > 0 else { return false }
        take(blocks.end - blocks.start, terminated: false)
        return true
      }
    }
  }

  private func take(_ length: Int, terminated: Bool) {
    lineOffset = blocks.offset
    line = UnsafeRawBufferPointer(start: blocks.base + blocks.start, count: length)
    isTerminated = terminated
    isTooLong = length > limit
    blocks.consume(terminated ? length + 1 : length)
  }

  private func skipLongLine() {
    lineOffset = blocks.offset
    isTooLong = true
    isTerminated = false
    let start = UnsafeRawBufferPointer(rebasing: blocks.unused.prefix(excerpt.count))
    excerpt.copyMemory(from: start)
    line = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(excerpt).prefix(start.count))
    while true {
      let count = blocks.end - blocks.start
      if let found = memchr(blocks.base + blocks.start, 0x0A, count) {
        let length = UnsafeRawPointer(found) - UnsafeRawPointer(blocks.base + blocks.start)
        blocks.consume(length + 1)
        isTerminated = true
        break
      }
      blocks.consume(count)
      if !blocks.fill() { break }
    }
  }
}
