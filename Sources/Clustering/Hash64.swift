/// Hashes bytes to 64 bits with a fixed seed: the same in every process and on every machine.
///
/// The multiply-and-fold step and the constants are those of wyhash (Wang Yi, public domain); it is
/// no defence against crafted collisions, so tables compare bytes on a hit.
///
/// - Parameters:
///   - bytes: start of the bytes; need not be aligned.
///   - count: how many.
///   - seed: tells families of hashes apart.
/// - Returns: the hash.
@inline(__always)
func hash64(_ bytes: UnsafeRawPointer, count: Int, seed: UInt64) -> UInt64 {
  var state = seed ^ 0xa076_1d64_78bd_642f
  var offset = 0
  while offset &+ 16 <= count {
    let first = load64(bytes + offset)
    let second = load64(bytes + offset + 8)
    state = fold128(first ^ 0xe703_7ed1_a0b4_28db, second ^ state)
    offset &+= 16
  }
  var first: UInt64 = 0
  var second: UInt64 = 0
  let rest = count &- offset
  if rest >= 8 {
    // Two loads that overlap read 8 to 15 bytes without a loop.
    first = load64(bytes + offset)
    second = load64(bytes + count - 8)
  } else if rest >= 4 {
    first = UInt64(load32(bytes + offset))
    second = UInt64(load32(bytes + count - 4))
  } else if rest > 0 {
    let base = bytes + offset
    first = UInt64(base.load(as: UInt8.self)) << 16
    first |= UInt64((base + rest >> 1).load(as: UInt8.self)) << 8
    first |= UInt64((base + rest - 1).load(as: UInt8.self))
  }
  state = fold128(first ^ 0x8ebc_6af0_9c88_c6e3, second ^ state)
  return fold128(
    state ^ 0x5899_65cc_7537_4cc3, UInt64(truncatingIfNeeded: count) ^ 0xe703_7ed1_a0b4_28db)
}

/// Multiplies to 128 bits and folds the halves together.
@inline(__always)
private func fold128(_ left: UInt64, _ right: UInt64) -> UInt64 {
  let product = left.multipliedFullWidth(by: right)
  return product.high ^ product.low
}

/// Reads eight bytes as little-endian.
@inline(__always)
private func load64(_ bytes: UnsafeRawPointer) -> UInt64 {
  UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
}

/// Reads four bytes as little-endian.
@inline(__always)
private func load32(_ bytes: UnsafeRawPointer) -> UInt32 {
  UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
}
