internal import DaybreakCore

/// Makes the values that stand in log lines, nasty ones among them.
struct ValueMaker: Sendable {
  var random: SeededRandom
  /// The names of this system's machines, users and so on: some of each pool.
  private var pools: [String: [String]] = [:]

  init(seed: UInt64) {
    random = SeededRandom(seed: seed)
    pools = Self.some(of: ValuePools.words, &random)
    // A source of its own, so that the lines of systems without these pools stay as they were.
    var second = SeededRandom(seed: seed ^ 0x9e37_79b9_7f4a_7c15)
    pools.merge(Self.some(of: ValuePools.infrastructure, &second)) { first, _ in first }
  }

  /// The names that a system uses of each pool.
  private static func some(
    of words: [String: [String]], _ random: inout SeededRandom
  ) -> [String: [String]] {
    var pools: [String: [String]] = [:]
    for name in words.keys.sorted() {
      var pool = words[name] ?? []
      for index in pool.indices.dropFirst() { pool.swapAt(index, random.below(index + 1)) }
      pools[name] = Array(pool.prefix(max(4, random.within(4...18))))
    }
    return pools
  }

  /// The names of all kinds.
  static let kinds: Set<String> = Set(makers.keys).union(ValuePools.words.keys)
    .union(ValuePools.infrastructure.keys)

  mutating func value(_ kind: ValueKind) -> String {
    switch kind {
    case .named(let name):
      if let pool = pools[name] { return skewed(pool) }
      return Self.makers[name]?(&self) ?? ""
    case .choice(let words): return skewed(words)
    case .optional(let kind): return random.below(3) == 0 ? "" : value(kind)
    case .list(let kind):
      return (0..<random.within(1...5)).map { _ in value(kind) }.joined(separator: ", ")
    }
  }

  /// A value of a named kind.
  mutating func make(_ name: String) -> String { value(.named(name)) }

  /// One of some words, the first ones more often.
  mutating func skewed(_ words: [String]) -> String {
    let place = random.unit()
    return words[Int(place * place * Double(words.count))]
  }

  mutating func characters(_ alphabet: String, _ count: Int) -> String {
    let alphabet = Array(alphabet)
    return String((0..<count).map { _ in alphabet[random.below(alphabet.count)] })
  }

  mutating func hex(_ count: Int) -> String { characters("0123456789abcdef", count) }

  mutating func two(_ range: ClosedRange<Int>) -> String { padded(random.within(range), 2) }

  func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// A number of any length, small ones more often.
  mutating func number() -> Int {
    switch random.below(10) {
    case 0: 0
    case 1...3: random.below(10)
    case 4...6: random.below(200)
    case 7, 8: random.below(10_000)
    default: random.below(50_000_000)
    }
  }

  mutating func decimal(_ limit: Int, _ places: Int) -> String {
    "\(random.below(limit)).\(characters("0123456789", places))"
  }

  mutating func clock() -> String { "\(two(0...23)):\(two(0...59)):\(two(0...59))" }

  mutating func date() -> String { "2026-\(two(1...12))-\(two(1...28))" }

  mutating func size() -> String {
    let unit = skewed(["MB", "KB", "GB", "kb", "MiB", "KiB", "B", "gb", "b", "mb"])
    return (random.below(3) == 0 ? decimal(900, 1) : "\(random.below(1024))") + unit
  }

  mutating func duration() -> String {
    switch random.below(7) {
    case 0, 1: "\(random.below(1000))ms"
    case 2: "\(decimal(60, 3))s"
    case 3: "\(random.within(1...59))m\(random.below(60))s"
    case 4: "\(decimal(900, 2))µs"
    case 5: "\(random.within(1...23))h\(random.below(60))m\(random.below(60))s"
    default: "\(decimal(900, 1))ms"
    }
  }

  /// One to six words, sometimes with a number.
  mutating func text() -> String {
    var words = (0..<random.within(1...6)).map { _ in make("plainword") }
    if random.below(4) == 0 { words.append("\(number())") }
    return words.joined(separator: " ")
  }

  mutating func camel(_ isCapital: Bool) -> String {
    let words = (0..<random.within(2...3)).map { _ in make("part") }
    return words.enumerated().map { index, word in
      index == 0 && !isCapital ? word : word.prefix(1).uppercased() + word.dropFirst()
    }.joined()
  }

  mutating func path() -> String {
    let root = skewed(["/var/lib", "/srv/data", "/etc", "/home/mira", "/usr/share", "/mnt/pool1"])
    let folders = (0..<random.below(3)).map { _ in "/" + make("part") }.joined()
    let end = skewed(["", "-\(random.below(99))", ".conf", ".log.\(random.below(9))", "_v2.tmp"])
    return root + folders + "/" + make("part") + end
  }

  mutating func request() -> String {
    let path = "/" + (0..<random.within(0...3)).map { _ in make("part") }.joined(separator: "/")
    return random.below(3) == 0 ? path + "?\(make("part"))=\(number())&q=\(make("part"))" : path
  }

  mutating func address() -> String {
    let first = random.below(3) == 0 ? "10.0" : "\(random.within(11...220)).\(random.below(256))"
    return "\(first).\(random.below(256)).\(random.within(1...254))"
  }

  mutating func uuid() -> String { "\(hex(8))-\(hex(4))-4\(hex(3))-a\(hex(3))-\(hex(12))" }

  mutating func domain() -> String {
    let label = random.below(3) == 0 ? "\(make("part"))\(random.below(40))." : ""
    return label + make("part") + "."
      + skewed(["example.org", "corp.example.net", "mail.example.de", "cdn.example.co.uk"])
  }
}
