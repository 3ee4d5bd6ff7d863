extension ValueMaker {
  /// How the values of each kind that is no pool are made.
  static let makers: [String: @Sendable (inout ValueMaker) -> String] =
    numbers.merging(times) { first, _ in first }.merging(identifiers) { first, _ in first }
    .merging(places) { first, _ in first }.merging(infrastructure) { first, _ in first }

  private static let numbers: [String: @Sendable (inout ValueMaker) -> String] = [
    "n": { "\($0.number())" },
    "small": { "\($0.random.below(9))" },
    "neg": { $0.random.below(2) == 0 ? "-\($0.number() + 1)" : "\($0.number())" },
    "signed": { ($0.random.below(2) == 0 ? "-" : "+") + $0.decimal(9, 6) },
    "float": { $0.decimal(300, $0.random.within(1...3)) },
    "pct": { $0.decimal(100, 1) },
    "coord": { ($0.random.below(2) == 0 ? "-" : "") + $0.decimal(900, 2) },
    "port": { "\($0.random.below(4) == 0 ? 8080 : $0.random.within(1025...65535))" },
    "pid": { "\($0.random.within(2...40_000))" },
    "status": { "\([200, 404, 500, 301, 403, 503][$0.random.below(6)])" },
    "size": { $0.size() },
    "sizeB": { "\($0.decimal(900, 1)) \($0.skewed(["KB", "MB", "B", "GB"]))" },
    "money": { "\($0.decimal(200, 2)) \($0.skewed(["EUR", "USD"]))" },
    "version": { maker in
      maker.skewed(["", "v"]) + "\(maker.random.below(12)).\(maker.random.below(30))"
        + maker.skewed([".0", ".14", "-rc1", ".3~deb12"])
    },
    "dsn": { "\($0.skewed(["2", "4", "5"])).\($0.random.below(8)).\($0.random.below(9))" },
    "bool": { $0.random.below(2) == 0 ? "true" : "false" },
    "hexshort": { "0x\($0.hex($0.random.within(1...4)))" },
    "hexx": { "0x\($0.hex($0.random.within(1...8)))" },
    "hex": { "0x\($0.hex(12))" },
  ]

  private static let times: [String: @Sendable (inout ValueMaker) -> String] = [
    "dur": { $0.duration() },
    "durms": { maker in
      maker.random.below(2) == 0
        ? "\(maker.random.below(900))ms"
        : "\(maker.random.within(1...3))s\(maker.random.below(900))ms"
    },
    "clock": { $0.clock() },
    "clockmilli": { "\($0.clock()).\($0.characters("0123456789", 3))" },
    "clockmicro": { "\($0.clock()).\($0.characters("0123456789", 6))" },
    "date": { $0.date() },
    "datetime": { "\($0.date()) \($0.clock())" },
    "iso": { "\($0.date())T\($0.clock())Z" },
    "isospace": { "\($0.date()) \($0.clock())" },
    "isomilli": { "\($0.date()) \($0.clock()).\($0.characters("0123456789", 3))" },
    "isocomma": { "\($0.date()) \($0.clock()),\($0.characters("0123456789", 3))" },
    "syslog": { "Mar \($0.two(10...28)) \($0.clock())" },
    "mmmdd": { "Mar \($0.two(10...28))" },
    "mmdd": { "03\($0.two(10...28))" },
    "mmdddash": { "03-\($0.two(10...28))" },
    "daytime": { "\($0.two(10...28)) Mar 2026 \($0.clock()).\($0.characters("0123456789", 3))" },
    "bindtime": { "\($0.two(10...28))-Mar-2026 \($0.clock()).\($0.characters("0123456789", 3))" },
    "clfslash": { "2026/03/\($0.two(10...28)) \($0.clock())" },
    "clftime": { "\($0.two(10...28))/Mar/2026:\($0.clock()).\($0.characters("0123456789", 3))" },
    "ctime": { "Thu Mar \($0.two(10...28)) \($0.clock()) 2026" },
    "epoch": { "17734\($0.characters("0123456789", 5)).\($0.characters("0123456789", 4))" },
    "epochsec": { "17734\($0.characters("0123456789", 5))" },
    "uptime": { "\($0.random.below(90_000)).\($0.characters("0123456789", 6))" },
    "winstamp": { maker in
      "2026/3/\(maker.random.within(1...28)):\(maker.clock()).\(maker.characters("0123456789", 3))"
    },
  ]

  private static let identifiers: [String: @Sendable (inout ValueMaker) -> String] = [
    "text": { $0.text() },
    "ident": { $0.camel(false) },
    "uuid": { $0.uuid() },
    "hexid": { $0.hex(16) },
    "hexid32": { $0.hex(32) },
    "sha": { $0.hex(40) },
    "hexnum": { $0.hex($0.random.within(6...8)) },
    "hexpad": { $0.hex(8) },
    "hexpad8": { $0.hex(8).uppercased() },
    "hexpad16": { "0x\($0.hex(16))" },
    "hexshort2": { $0.hex(2).uppercased() },
    "queueid": { $0.hex(10).uppercased() },
    "session": { $0.characters("ABCDEFabcdefGHIjklmn0123456789+/", 16) },
    "b64id": { $0.characters("ABCDEFGHabcdefgh0123456789_-", 22) },
    "lsn": { "\($0.random.below(9))/\($0.hex(8).uppercased())" },
    "jobid": { "\($0.random.within(1000...99_999))" },
    "orderid": { "\($0.skewed(["ORD-", "A"]))\($0.random.within(1000...99_999))" },
    "sku": { "\($0.characters("ABCDEFG", 3))-\($0.random.below(9999))-\($0.characters("XYZ", 1))" },
    "couponcode": { $0.characters("ABCDEFGHJKLM23456789", 8) },
    "tracking": { "\($0.characters("JDZ", 2))\($0.characters("0123456789", 12))" },
    "pgid": { "\($0.random.below(20)).\($0.hex(2))" },
    "key": { "\($0.make("part")):\($0.random.below(9999)):\($0.make("part"))" },
    "containerid": { "cnt_17734\($0.random.below(999))_\($0.padded($0.random.below(99), 4))_01" },
    "guidbrace": { "{\($0.uuid())}" },
    "ActivityRecord": { maker in
      "ScreenRecord{\(maker.hex(7)) o0 \(maker.make("pkg"))/.\(maker.make("class")) t\(maker.random.below(99))}"
    },
    "json": { maker in
      "{\"\(maker.make("part"))\":{\"value\":\"\(maker.make("part"))\",\"boost\":\(maker.decimal(3, 1))}}"
    },
    "msgid": { "\($0.hex(12)).\($0.random.below(9999))@\($0.domain())" },
  ]

  private static let places: [String: @Sendable (inout ValueMaker) -> String] = [
    "ip": { $0.address() },
    "ip6": { "2001:db8:\($0.hex(4))::\($0.random.within(1...99))" },
    "mac": { maker in (0..<6).map { _ in maker.hex(2) }.joined(separator: ":") },
    "longmac": { maker in (0..<14).map { _ in maker.hex(2) }.joined(separator: ":") },
    "fqdn": { $0.domain() },
    "email": { "\($0.make("user"))@\($0.domain())" },
    "path": { $0.path() },
    "req": { $0.request() },
    "target": { "\($0.request()) HTTP/\($0.skewed(["1.1", "2.0", "1.0"]))" },
    "url": { "https://\($0.domain())\($0.request())" },
    "hdfs": { "hdfs://\($0.make("host")):9000\($0.path())" },
    "winpath": { "C:\\Work\\\($0.camel(true))\\\($0.make("part")).dat" },
    "winpkg": {
      "Package_for_KB\($0.random.within(100_000...999_999))~31bf3856~amd64~~6.1.\($0.random.below(9)).\($0.random.below(20))"
    },
    "image": { "registry.example.org/\($0.make("part")):\($0.make("version"))" },
    "pod": { "\($0.make("part"))-\($0.hex(9))-\($0.characters("bcdfghjkl", 5))" },
    "index": { "\($0.make("part"))-2026.03.\($0.two(10...28))" },
    "nodename": { "\($0.skewed(["rack", "node", "sw"]))-\($0.random.below(60))" },
    "nodelist": { maker in
      maker.random.below(2) == 0
        ? "cn\(maker.random.below(400))"
        : "cn[\(maker.random.below(90))-\(maker.random.within(90...200))]"
    },
    "noderange": { "node-[\($0.random.below(30))-\($0.random.within(31...60)) 64]" },
    "pcibus": { "0000:\($0.hex(2)):\($0.hex(2)).\($0.random.below(8))" },
    "addr": { "0x7f\($0.hex(10))" },
  ]
}
