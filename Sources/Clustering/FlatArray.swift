/// A growing array without bounds checks, reference counts or copies, for the fold's tables.
///
/// Elements are plain bits; an index must lie below `count`, which only debug builds check.
struct FlatArray<Element: BitwiseCopyable>: ~Copyable {
  private(set) var base: UnsafeMutablePointer<Element>
  private(set) var count = 0
  private var capacity: Int

  /// Makes an empty array with room for `capacity` elements.
  init(capacity: Int = 16) {
    self.capacity = max(capacity, 1)
    base = FlatArray.allocate(self.capacity)
  }

  /// Makes an array of equal elements.
  init(repeating element: Element, count: Int) {
    self.init(capacity: count)
    base.initialize(repeating: element, count: count)
    self.count = count
  }

  deinit { base.deallocate() }

  subscript(index: Int) -> Element {
    @inline(__always) unsafeAddress {
      assert(index >= 0 && index < count)
      return UnsafePointer(base + index)
    }
    @inline(__always) unsafeMutableAddress {
      assert(index >= 0 && index < count)
      return base + index
    }
  }

  /// Appends one element and returns its index.
  @discardableResult
  mutating func append(_ element: Element) -> Int {
    reserve(count + 1)
    (base + count).initialize(to: element)
    count += 1
    return count - 1
  }

  /// Appends bytes or other elements from memory and returns the index of the first.
  mutating func append(from source: UnsafePointer<Element>, count added: Int) -> Int {
    reserve(count + added)
    (base + count).initialize(from: source, count: added)
    count += added
    return count - added
  }

  /// Forgets every element and keeps the memory.
  mutating func removeAll() { count = 0 }

  /// Memory that starts at a cache line, so that an element of 64 bytes lies in one.
  private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<Element> {
    UnsafeMutableRawPointer.allocate(
      byteCount: capacity * MemoryLayout<Element>.stride, alignment: 64
    ).bindMemory(to: Element.self, capacity: capacity)
  }

  private mutating func reserve(_ needed: Int) {
    guard needed > capacity else { return }
    let grown = max(needed, capacity * 2)
    let moved = FlatArray.allocate(grown)
    moved.moveInitialize(from: base, count: count)
    base.deallocate()
    base = moved
    capacity = grown
  }
}
