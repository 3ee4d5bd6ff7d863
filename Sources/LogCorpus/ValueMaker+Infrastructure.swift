/// Values of clusters, clouds, network devices and application frameworks.
extension ValueMaker {
  static let infrastructure: [String: @Sendable (inout ValueMaker) -> String] =
    tokens.merging(amounts) { first, _ in first }.merging(moments) { first, _ in first }
    .merging(equipment) { first, _ in first }.merging(software) { first, _ in first }

  private static let tokens: [String: @Sendable (inout ValueMaker) -> String] = [
    "reqid": { "req-\($0.uuid())" },
    "traceid": { "\($0.hex(16)),\($0.hex(16))" },
    "guidupper": { $0.uuid().uppercased() },
    "b64": { $0.base64($0.random.within(5...22)) },
    "jwt": {
      "eyJ\($0.characters(Self.base64Digits, 17)).eyJ\($0.characters(Self.base64Digits, 40))"
    },
    "fingerprint": { "SHA256:\($0.characters(Self.base64Digits + "+/", 43))" },
    "hexdump": { maker in
      (0..<maker.random.within(4...16)).map { _ in maker.hex(2) }.joined(separator: " ")
    },
    "kernaddr": { "ffff\($0.hex(12))" },
    "zxid": { "0x\($0.random.within(1...40))0000\($0.hex(4))" },
    "sessionhex": { "0x\($0.random.within(1...9))0\($0.hex(13))" },
    "objref": { "\($0.javaClass())@\($0.hex(8))" },
    "batchjob": { maker in
      "\(maker.random.within(410_000...489_999))"
        + maker.skewed(["", "", "[\(maker.random.below(64))]"]) + "." + maker.make("server")
    },
    "kbid": { "KB50\($0.characters("0123456789", 5))" },
    "serial": {
      "\($0.characters("FJSC", 1))DO\($0.characters("0123456789", 4))\($0.characters("ABCX0129", 4))"
    },
  ]

  private static let amounts: [String: @Sendable (inout ValueMaker) -> String] = [
    "sizeMiB": { "\($0.decimal(900, 1)) \($0.skewed(["MiB", "KiB", "GiB", "B"]))" },
    "grouped": { maker in
      "\(maker.random.within(1...999))"
        + (0..<maker.random.below(3)).map { _ in "," + maker.characters("0123456789", 3) }.joined()
    },
    "quantity": { "\($0.random.within(1...900))\($0.skewed(["m", "Mi", "Gi", ""]))" },
    "percent": { "\($0.random.below(101))%" },
    "seconds": { "\($0.random.below(40)).\($0.characters("0123456789", 6))" },
    "celsius": { "\($0.random.within(28...104)).\($0.random.below(10))C" },
    "dbm": { "-\($0.random.within(31...94))" },
    "hz": { "\($0.skewed(["2412", "2437", "5180", "5500", "5955"])) MHz" },
    "cpulist": { maker in
      maker.skewed(["0-15", "0-7,32-39", "16-31", "\(maker.random.below(64))", "1,3,5,7"])
    },
    "isoduration": { "PT\($0.random.below(59))M\($0.decimal(59, 3))S" },
  ]

  private static let moments: [String: @Sendable (inout ValueMaker) -> String] = [
    "zoned": { "\($0.date()) \($0.clock()).\($0.characters("0123456789", 3)) UTC" },
    "isooffset": {
      "\($0.date())T\($0.clock()).\($0.characters("0123456789", 3))\($0.skewed(["Z", "+01:00"]))"
    },
    "isomicro": { "\($0.date())T\($0.clock()).\($0.characters("0123456789", 6))Z" },
    "clfoffset": { "\($0.two(10...28))/Mar/2026:\($0.clock()) +0000" },
    "devicetime": { "Mar \($0.two(10...28)) 2026 \($0.clock())" },
    "railstime": { "\($0.date()) \($0.clock()) +0100" },
  ]

  private static let equipment: [String: @Sendable (inout ValueMaker) -> String] = [
    "cidr": { "\($0.address())/\($0.skewed(["24", "32", "16", "29"]))" },
    "endpoint": { "\($0.address()):\($0.make("port"))" },
    "macdots": { "\($0.hex(4)).\($0.hex(4)).\($0.hex(4))" },
    "switchport": { maker in
      let member = "\(maker.random.within(1...4))/0/\(maker.random.within(1...48))"
      return maker.skewed([
        "GigabitEthernet\(member)", "Ethernet1/\(maker.random.within(1...54))",
        "TenGigabitEthernet\(member)", "Vlan\(maker.random.within(2...900))",
        "Port-channel\(maker.random.within(1...20))",
      ])
    },
    "bladeloc": { maker in
      "c\(maker.random.below(8))-\(maker.random.below(4))c\(maker.random.below(3))"
        + "s\(maker.random.below(16))n\(maker.random.below(4))"
    },
    "computenode": { "nid\($0.padded($0.random.below(6000), 5))" },
    "devnode": { "\($0.skewed(["/dev/", "/dev/", "/dev/mapper/"]))\($0.make("blockdev"))" },
  ]

  private static let software: [String: @Sendable (inout ValueMaker) -> String] = [
    "jclassname": { $0.javaClass() },
    "jshort": { maker in
      "o.e.\(maker.random.below(2) == 0 ? "shop" : "core").\(maker.make("part")).\(maker.make("component"))"
    },
    "railsaction": {
      "\($0.make("model"))sController#\($0.skewed(["show", "index", "update", "create"]))"
    },
    "railsparams": { maker in
      "{\"\(maker.make("part"))_id\"=>\"\(maker.number())\", \"locale\"=>\"\(maker.make("locale"))\"}"
    },
    "template": { "\($0.make("part"))s/\($0.skewed(["", "_"]))\($0.make("part")).html.erb" },
    "sql": { $0.query() },
    "goerr": { $0.goError() },
    "selector": { "app=\($0.make("name")),tier=\($0.skewed(["web", "backend", "batch"]))" },
    "apipath": { $0.interfacePath() },
    "apitarget": { "\($0.interfacePath()) HTTP/1.1" },
    "assembly": { maker in
      "\(maker.skewed(["amd64", "x86", "msil"]))_\(maker.make("part"))-\(maker.make("part"))_"
        + "\(maker.hex(16))_10.0.\(maker.random.within(19_041...26_100)).\(maker.random.below(5000))"
        + "_\(maker.skewed(["none", "en-us", "de-de"]))_\(maker.hex(16))"
    },
    "regpath": { maker in
      "\\Registry\\Machine\\\(maker.skewed(["Software", "System", "Components"]))\\"
        + "\(maker.camel(true))\\\(maker.hex(8))"
    },
    "winfile": { maker in
      "C:\\\(maker.skewed(["Windows\\System32", "ProgramData\\Vendor", "Windows\\Staging"]))\\"
        + "\(maker.camel(false)).\(maker.skewed(["dll", "sys", "manifest", "cat"]))"
    },
  ]

  private static let base64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

  /// So many groups of four digits, the last one filled up sometimes.
  private mutating func base64(_ groups: Int) -> String {
    let text = characters(Self.base64Digits + "+/", groups * 4)
    let filling = skewed(["", "=", "=="])
    return text.dropLast(filling.count) + filling
  }

  private mutating func javaClass() -> String {
    "\(skewed(["org.example.shop", "com.acme.core", "io.sample.net"])).\(make("part")).\(make("component"))"
  }

  private mutating func interfacePath() -> String {
    let things = skewed(["machines", "volumes", "ports", "images"])
    let end = skewed(["/\(uuid())", "", "?limit=\(number())", "/\(uuid())/action"])
    return "/v3/\(hex(32))/\(things)\(end)"
  }

  private mutating func query() -> String {
    let table = make("table")
    switch random.below(5) {
    case 0: return "UPDATE \(table) SET \(make("part")) = '\(make("part"))' WHERE id = \(number())"
    case 1: return "INSERT INTO \(table) (id, \(make("part"))) VALUES (\(number()), $1)"
    case 2: return "DELETE FROM \(table) WHERE created_at < '\(date())'"
    default:
      return "SELECT \(skewed(["*", "id", "count(*)"])) FROM \(table) WHERE \(make("part"))_id = $1"
        + skewed([" LIMIT \(random.within(1...500))", "", " ORDER BY id DESC"])
    }
  }

  private mutating func goError() -> String {
    switch random.below(6) {
    case 0:
      "dial tcp \(make("endpoint")): connect: \(skewed(["connection refused", "no route to host"]))"
    case 1: "context deadline exceeded"
    case 2: "read tcp \(make("endpoint"))->\(make("endpoint")): i/o timeout"
    case 3: "Get \"\(make("url"))\": EOF"
    case 4: "open \(path()): \(skewed(["no such file or directory", "permission denied"]))"
    default: "unexpected status \(make("status")) from \(domain())"
    }
  }
}
