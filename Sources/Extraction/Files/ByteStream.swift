internal import CCrypto
internal import CZlib
internal import CZstd
internal import DaybreakCore
internal import Glibc

/// Why a file could not be read, or not to its end.
struct ReadFailure: Error {
  let reason: String
}

/// SHA-256 over bytes that come in pieces.
final class RunningDigest {
  private let context: OpaquePointer?

  init() {
    context = EVP_MD_CTX_new()
    EVP_DigestInit_ex(context, EVP_sha256(), nil)
  }

  deinit { EVP_MD_CTX_free(context) }

  func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// The digest of everything so far; ends the running one.
  func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(context, &digest, nil)
    return digest
  }
}

/// The bytes of one file as stored, or of its end from some byte on; hashed while they pass where somebody
/// asks.
///
/// Read by `read(2)`, not mapped: a file that shrinks while it is read is then a short file and not a
/// SIGBUS.
final class StoredFile {
  private let descriptor: Int32
  private let ownsDescriptor: Bool
  private let progress: ReadProgress?
  private let digest: RunningDigest?
  private let sizeAtOpen: Int64
  /// Where in the file the next byte read lies.
  private(set) var byteCount: Int64

  /// Opens a file, or standard input for `-`.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - progress: counted up while reading.
  ///   - offset: where reading starts; only regular files can start anywhere but at 0.
  ///   - makesDigest: whether the bytes are hashed.
  ///   - takesPipe: whether it may be a pipe; opening waits for a writer then.
  /// - Throws: `ReadFailure` where the file cannot be opened.
  init(
    path: String, progress: ReadProgress?, offset: Int64 = 0, makesDigest: Bool = true,
    takesPipe: Bool = false
  ) throws(ReadFailure) {
    self.progress = progress
    digest = makesDigest ? RunningDigest() : nil
    byteCount = offset
    ownsDescriptor = path != "-"
    descriptor =
      ownsDescriptor ? open(path, O_RDONLY | O_CLOEXEC | (takesPipe ? 0 : O_NONBLOCK)) : 0
    guard descriptor >= 0 else { throw StoredFile.failure(errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      if ownsDescriptor { close(descriptor) }
      throw StoredFile.failure(code)
    }
    let isRegular = status.st_mode & S_IFMT == S_IFREG
    let isPipe = takesPipe && status.st_mode & S_IFMT == S_IFIFO
    guard isRegular || isPipe || !ownsDescriptor else {
      close(descriptor)
      throw ReadFailure(reason: "not a regular file")
    }
    sizeAtOpen = isRegular ? Int64(status.st_size) : 0
    if isRegular { posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL) }
    if offset > 0, lseek(descriptor, off_t(offset), SEEK_SET) < 0 {
      throw StoredFile.failure(errno)
    }
  }

  deinit { if ownsDescriptor { close(descriptor) } }

  /// Reads the next bytes; 0 at the end.
  func read(into target: UnsafeMutableRawBufferPointer) throws(ReadFailure) -> Int {
    while true {
      let count = Glibc.read(descriptor, target.baseAddress, target.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw StoredFile.failure(errno)
      }
      if count == 0 && byteCount < sizeAtOpen {
        throw ReadFailure(
          reason: "shrank from \(sizeAtOpen) to \(byteCount) bytes while it was read")
      }
      byteCount += Int64(count)
      digest?.update(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(target)[..<count]))
      progress?.add(bytesRead: count)
      return count
    }
  }

  /// SHA-256 of the bytes read, empty where none was asked for; ends the reading.
  func finishDigest() -> String { digest.map { hex($0.finish()) } ?? "" }

  private static func failure(_ code: Int32) -> ReadFailure {
    switch code {
    case ENOENT: ReadFailure(reason: "no longer there")
    case EACCES, EPERM: ReadFailure(reason: "permission denied")
    case ENXIO: ReadFailure(reason: "not a regular file")
    default: ReadFailure(reason: String(cString: strerror(code)))
    }
  }
}

/// The bytes of one file after decompression: gzip (RFC 1952, any number of members) and Zstandard
/// (RFC 8878, any number of frames) are known by their magic numbers, everything else is as it is.
final class ByteStream {
  /// How the stored bytes are encoded.
  private enum Coding { case undecided, stored, gzip, zstd, ended }

  let file: StoredFile
  private var coding = Coding.undecided
  private let input: UnsafeMutableRawBufferPointer
  private var inputStart = 0
  private var inputEnd = 0
  private var inputFailure: ReadFailure?
  private var inflater: Inflater?
  private var unzstd: ZstandardDecoder?

  /// Opens a file; see `StoredFile`.
  init(
    path: String, progress: ReadProgress?, makesDigest: Bool = true, takesPipe: Bool = false
  ) throws(ReadFailure) {
    file = try StoredFile(
      path: path, progress: progress, makesDigest: makesDigest, takesPipe: takesPipe)
    input = .allocate(byteCount: 256 << 10, alignment: 16)
  }

  /// Opens the rest of a file that is known not to be compressed.
  init(storedPath path: String, offset: Int64, progress: ReadProgress?) throws(ReadFailure) {
    file = try StoredFile(path: path, progress: progress, offset: offset, makesDigest: false)
    coding = .stored
    input = .allocate(byteCount: 16, alignment: 16)
  }

  deinit { input.deallocate() }

  /// Whether the stored bytes are compressed; known after the first read.
  var isCompressed: Bool { inflater != nil || unzstd != nil }

  /// Reads the next decompressed bytes; 0 at the end.
  ///
  /// Whatever could be decoded is returned before a failure is thrown.
  func read(into target: UnsafeMutableRawBufferPointer) throws(ReadFailure) -> Int {
    if coding == .undecided { decideCoding() }
    switch coding {
    case .undecided, .ended: return 0
    case .stored: return try readStored(into: target)
    case .gzip, .zstd: return try readCompressed(into: target)
    }
  }

  private func decideCoding() {
    while inputEnd < 4, refill() {}
    let head = UnsafeRawBufferPointer(input)
    if inputEnd >= 2, head[0] == 0x1F, head[1] == 0x8B {
      coding = .gzip
      inflater = Inflater()
    } else if inputEnd >= 4, isZstandard(head) {
      coding = .zstd
      unzstd = ZstandardDecoder()
    } else {
      coding = .stored
    }
  }

  /// A frame, or a skippable frame (RFC 8878 §3.1).
  private func isZstandard(_ head: UnsafeRawBufferPointer) -> Bool {
    let magic = UInt32(littleEndian: head.loadUnaligned(as: UInt32.self))
    return magic == 0xFD2F_B528 || magic & 0xFFFF_FFF0 == 0x184D_2A50
  }

  private func readStored(into target: UnsafeMutableRawBufferPointer) throws(ReadFailure) -> Int {
    let waiting = inputEnd - inputStart
    guard waiting > 0 else {
      if let inputFailure { throw inputFailure }
      return try file.read(into: target)
    }
    let count = min(waiting, target.count)
    target.copyMemory(
      from: UnsafeRawBufferPointer(rebasing: input[inputStart..<inputStart + count]))
    inputStart += count
    return count
  }

  private func readCompressed(into target: UnsafeMutableRawBufferPointer) throws(ReadFailure)
    -> Int
  {
    while true {
      let hasInput = inputStart < inputEnd || refill()
      if !hasInput {
        coding = .ended
        if let inputFailure { throw inputFailure }
        if inflater?.isInsideMember ?? unzstd?.isInsideFrame ?? false {
          throw ReadFailure(reason: "the compressed data end in the middle")
        }
        return 0
      }
      let waiting = UnsafeRawBufferPointer(rebasing: input[inputStart..<inputEnd])
      let step =
        if let inflater { inflater.decode(waiting, into: target) } else {
          unzstd?.decode(waiting, into: target) ?? DecodeStep(failure: "no decoder")
        }
      inputStart += step.consumed
      if step.produced > 0 {
        pendingFailure = step.failure
        return step.produced
      }
      if let reason = pendingFailure ?? step.failure {
        coding = .ended
        throw ReadFailure(reason: reason)
      }
    }
  }

  private var pendingFailure: String?

  /// Gets more stored bytes; false at the end or at a failure, which is kept.
  private func refill() -> Bool {
    if inputStart == inputEnd {
      inputStart = 0
      inputEnd = 0
    }
    guard inputEnd < input.count, inputFailure == nil else { return false }
    do throws(ReadFailure) {
      let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: input[inputEnd...]))
      inputEnd += count
      return count > 0
    } catch {
      inputFailure = error
      return false
    }
  }

  /// Reads what is left of the stored bytes, so that the file's digest covers all of it.
  func drainStored() {
    inputStart = inputEnd
    while inputFailure == nil, refill() { inputStart = inputEnd }
  }
}

/// What one call of a decoder did.
struct DecodeStep {
  var consumed = 0
  var produced = 0
  var failure: String?
}

/// Decodes gzip members one after the other.
private final class Inflater {
  private var stream = z_stream()
  /// Whether a member was begun and its end not yet met.
  private(set) var isInsideMember = true
  private var isAtBoundary = false
  private var sawMember = false

  init() {
    // 15 + 16: the largest window, and a gzip header is demanded (zlib.h, inflateInit2).
    inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  }

  deinit { inflateEnd(&stream) }

  func decode(_ input: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer)
    -> DecodeStep
  {
    if isAtBoundary {
      // Padding behind the last member is allowed by gzip itself; anything else is damage.
      let zeros = input.prefix { $0 == 0 }.count
      if zeros > 0 { return DecodeStep(consumed: zeros) }
      guard input[0] == 0x1F else {
        return DecodeStep(failure: "something that is no gzip member follows the first ones")
      }
      inflateReset(&stream)
      isAtBoundary = false
      isInsideMember = true
    }
    let source = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
    stream.next_in = source
    stream.avail_in = UInt32(input.count)
    stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
    stream.avail_out = UInt32(target.count)
    let status = inflate(&stream, Z_NO_FLUSH)
    var step = DecodeStep(
      consumed: input.count - Int(stream.avail_in), produced: target.count - Int(stream.avail_out))
    switch status {
    case Z_STREAM_END:
      isAtBoundary = true
      isInsideMember = false
    case Z_OK, Z_BUF_ERROR: break
    default: step.failure = "a damaged gzip member"
    }
    return step
  }
}

/// Decodes Zstandard frames one after the other.
private final class ZstandardDecoder {
  private let stream = ZSTD_createDStream()
  /// Whether a frame was begun and its end not yet met.
  private(set) var isInsideFrame = true

  deinit { ZSTD_freeDStream(stream) }

  func decode(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer)
    -> DecodeStep
  {
    var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
    var output = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
    let result = ZSTD_decompressStream(stream, &output, &input)
    var step = DecodeStep(consumed: input.pos, produced: output.pos)
    if ZSTD_isError(result) != 0 {
      step.failure = "damaged Zstandard data"
    } else {
      isInsideFrame = result != 0
    }
    return step
  }
}
