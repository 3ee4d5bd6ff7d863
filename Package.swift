// swift-tools-version: 6.2
// Daybreak: reads a night of logs so that people read one page in the morning.
import PackageDescription

/// One set of compiler settings for every Swift target.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
  // Debug builds, and with them all tests, check exclusive access as they run; the checks cost the hot
  // loops of a release six per cent.
  .unsafeFlags(
    [
      "-whole-module-optimization", "-cross-module-optimization", "-enforce-exclusivity=unchecked",
    ],
    .when(configuration: .release)),
]

/// A system library: a module map and a shim.header, nothing else.
func systemLibrary(_ name: String, _ pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// A Swift module of the product.
func module(_ name: String, _ dependencies: [Target.Dependency], plugins: [Target.PluginUsage] = [])
  -> Target
{
  .target(name: name, dependencies: dependencies, swiftSettings: settings, plugins: plugins)
}

/// The tests of one module; `Fixtures/` is found by path (`TestSupport`), so it is no resource.
func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies + ["TestSupport"], exclude: exclude,
    swiftSettings: settings)
}

let package = Package(
  name: "daybreak",
  products: [.executable(name: "daybreak", targets: ["daybreak"])],
  targets: [
    // System libraries.
    systemLibrary("CPostgres", "libpq", apt: "libpq-dev"),
    systemLibrary("CMarkdown", "libcmark", apt: "libcmark-dev"),
    // No pkg-config for libcurl: Debian 13's file carries flags that SwiftPM refuses with a warning.
    .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    systemLibrary("CHTTPServer", "libmicrohttpd", apt: "libmicrohttpd-dev"),
    systemLibrary("CYAML", "yaml-0.1", apt: "libyaml-dev"),
    systemLibrary("CZlib", "zlib", apt: "zlib1g-dev"),
    systemLibrary("CZstd", "libzstd", apt: "libzstd-dev"),
    systemLibrary("CCrypto", "libcrypto", apt: "libssl-dev"),
    systemLibrary("CLibXML2", "libxml-2.0", apt: "libxml2-dev"),
    // No pkg-config for simdjson: its file carries a -D flag that SwiftPM refuses.
    .systemLibrary(name: "CSimdJSON", providers: [.apt(["libsimdjson-dev"])]),

    // The C library's own functions that Swift's module of it hides.
    .systemLibrary(name: "CSpawn"),

    // C and C++ of our own behind C headers.
    .target(
      name: "CScanJSON", dependencies: ["CSimdJSON"],
      linkerSettings: [.linkedLibrary("simdjson")]),
    .target(name: "CXML", dependencies: ["CLibXML2"]),
    .target(name: "CMustache"),
    // bcrypt, by libcrypt-dev.
    .target(name: "CCrypt", linkerSettings: [.linkedLibrary("crypt")]),
    .target(name: "CScanBytes"),
    // Optimised in debug builds too: tests would wait for minutes otherwise.
    .target(name: "CEncoder", cSettings: [.unsafeFlags(["-O3"])]),

    // Values every stage shares: no I/O.
    module("DaybreakCore", ["CCrypto"]),

    // Owners of what talks to the outside.
    module("Spawning", ["DaybreakCore", "CSpawn"]),
    module("Postgres", ["DaybreakCore", "Spawning", "CPostgres"]),
    module("HTTPClient", ["DaybreakCore", "CCurl"]),
    module("Configuration", ["DaybreakCore", "CYAML"]),
    module("Storage", ["DaybreakCore", "Postgres"], plugins: ["EmbedFiles"]),

    // The five systems that Daybreak makes and keeps.
    module(
      "Catalogs",
      ["DaybreakCore", "Configuration", "Postgres", "HTTPClient", "Spawning", "CCrypto", "CCrypt"],
      plugins: ["EmbedFiles"]),

    // The stages. None imports another.
    module(
      "Extraction",
      ["DaybreakCore", "Postgres", "CScanJSON", "CScanBytes", "CCrypto", "CZlib", "CZstd"]),
    module("Clustering", ["DaybreakCore", "CScanBytes"]),
    module("Baselines", ["DaybreakCore"]),
    module("Embedding", ["DaybreakCore", "HTTPClient", "CEncoder"]),
    module("Summaries", ["DaybreakCore", "HTTPClient"], plugins: ["EmbedFiles"]),
    module(
      "Rendering", ["DaybreakCore", "CMustache", "CMarkdown", "CXML"], plugins: ["EmbedFiles"]),
    module("Notifications", ["DaybreakCore", "HTTPClient"]),
    module("Serving", ["DaybreakCore", "CHTTPServer"]),

    // A look at log files without job or store.
    module("Inspection", ["DaybreakCore", "Extraction", "Clustering"]),

    // The one module that knows every stage, and the command line.
    module("DemoShop", ["DaybreakCore"]),
    module("SecretCorpus", ["DaybreakCore"]),
    module("LogCorpus", ["DaybreakCore"]),
    module(
      "Pipeline",
      [
        "DaybreakCore", "Configuration", "Postgres", "HTTPClient", "Storage", "Catalogs",
        "Extraction", "Clustering", "Baselines", "Embedding", "Summaries", "Rendering",
        "Notifications",
      ]),
    .executableTarget(
      name: "daybreak",
      dependencies: [
        "DaybreakCore", "Configuration", "Pipeline", "Postgres", "Catalogs", "Serving", "DemoShop",
        "Inspection", "Extraction", "Clustering", "Embedding", "Rendering", "Storage",
      ],
      swiftSettings: settings),

    // Timings; run by script/bench.
    .executableTarget(
      name: "daybreak-bench",
      dependencies: [
        "DaybreakCore", "Postgres", "HTTPClient", "Storage", "Extraction", "Clustering",
        "Baselines", "Embedding", "Summaries", "DemoShop", "SecretCorpus", "LogCorpus",
      ],
      swiftSettings: settings),

    // Build tool that puts migrations/ and templates/ into the binary.
    .plugin(name: "EmbedFiles", capability: .buildTool(), dependencies: ["embed-files"]),
    .executableTarget(name: "embed-files", swiftSettings: settings),

    // Tests: one target a module.
    .target(
      name: "TestSupport", dependencies: ["DaybreakCore", "Postgres", "Spawning"],
      path: "Tests/TestSupport",
      swiftSettings: settings),
    tests("DaybreakCore", ["DaybreakCore", "SecretCorpus"]),
    tests("Spawning", ["DaybreakCore", "Spawning"]),
    tests("Postgres", ["DaybreakCore", "Postgres", "Spawning"]),
    tests("HTTPClient", ["DaybreakCore", "HTTPClient", "Serving", "Spawning"]),
    tests(
      "Catalogs", ["DaybreakCore", "Postgres", "Catalogs", "Spawning", "CCrypt"],
      exclude: ["clickhouse", "pgtap"]),
    tests("Storage", ["DaybreakCore", "Postgres", "Spawning", "Storage"]),
    tests(
      "Extraction", ["DaybreakCore", "Postgres", "Extraction", "CScanBytes", "CZstd", "CZlib"]),
    tests("Clustering", ["DaybreakCore", "Clustering", "LogCorpus"]),
    tests("Baselines", ["DaybreakCore", "Baselines"]),
    tests("Embedding", ["DaybreakCore", "HTTPClient", "Embedding", "CEncoder"]),
    tests("Summaries", ["DaybreakCore", "HTTPClient", "Spawning", "Summaries"]),
    tests("Rendering", ["DaybreakCore", "Rendering", "CXML"]),
    tests("Notifications", ["DaybreakCore", "HTTPClient", "Notifications"]),
    tests("Serving", ["DaybreakCore", "HTTPClient", "Serving"]),
    tests("Inspection", ["DaybreakCore", "Extraction", "Clustering", "Inspection"]),
    tests("DemoShop", ["DaybreakCore", "DemoShop", "Extraction", "Clustering", "Baselines"]),
    tests("Pipeline", ["DaybreakCore", "Configuration", "Postgres", "Pipeline", "Rendering"]),
    tests(
      "EndToEnd",
      ["Catalogs", "DaybreakCore", "DemoShop", "Postgres", "Spawning", "Storage", "CXML"]),
  ],
  cxxLanguageStandard: .cxx17
)
