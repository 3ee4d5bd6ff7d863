import Glibc

@testable import Clustering

/// What libFuzzer calls with each input, built by `script/fuzz` and no part of the package: masks the
/// bytes both ways and stops where they differ.
///
/// Memory behind the input is not readable but for the slack that the fast way may read, which
/// AddressSanitizer watches.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzScanner(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let line = UnsafeMutablePointer<UInt8>.allocate(capacity: count + 80)
  defer { line.deallocate() }
  line.initialize(from: data, count: count)
  // Letters behind the line would join its last word if anything looked at them.
  (line + count).initialize(repeating: UInt8(ascii: "a"), count: 80)
  var plain = Masker()
  plain.mask(line, count: count)
  var fast = Masker()
  fast.mask(line, count: count, readable: count + 80)
  guard plain.count == fast.count, memcmp(plain.output, fast.output, plain.count) == 0 else {
    abort()
  }
  return 0
}
