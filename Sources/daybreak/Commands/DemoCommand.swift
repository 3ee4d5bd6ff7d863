import DaybreakCore
import DemoShop
import Foundation
import Pipeline

/// `daybreak demo`.
enum DemoCommand: Command {
  static let syntax = CommandSyntax(
    name: "demo",
    summary: "Make 15 nights of a small shop's logs, report on each, and show the last.",
    operands: "", operandCount: 0...0,
    options: [
      .init("directory", "DIR", "Where logs, job file and reports go; by default .daybreak/demo."),
      .init("no-serve", nil, "Stop after the run."),
      .init("port", "PORT", "The port to serve on; by default 8765."),
      .init("seed", "NUMBER", "Another shop; by default 1."),
      .init("last-night", "DATE", "The night of the incident; by default the last full one."),
      .init("nights", "NUMBER", "How many nights; by default 15."),
    ],
    examples: [
      ("daybreak demo", "make, run, and serve on http://127.0.0.1:8765/"),
      ("daybreak demo --no-serve", "make and run, then print where the report is"),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let surroundings = Surroundings.ofThisProcess()
    let directory = arguments.value("directory") ?? surroundings.home.appending(path: "demo").path
    let seed = UInt64(try arguments.integer("seed", in: 0...Int(Int32.max)) ?? 1)
    let nights = try arguments.integer("nights", in: 1...60) ?? 15
    let zone = "Europe/Berlin"
    let calendar = NightCalendar(zoneName: zone)
    let lastFull = calendar?.date(of: surroundings.now()).advanced(byDays: -1)
    guard let lastNight = try arguments.date("last-night") ?? lastFull else {
      throw UsageError(
        summary: "this machine has no time zone data", remedy: "apt-get install tzdata")
    }
    let logs = URL(filePath: directory).appending(path: "logs")
    surroundings.log.note("making logs", ["nights": String(nights), "in": "\(directory)/logs"])
    let manifest = try DemoShop.write(
      to: logs, lastNight: lastNight, zone: zone, nights: nights, seed: seed)
    let jobText = DemoJob(manifest: manifest, directory: directory).text
    let jobFile = "\(directory)/demo.yaml"
    try Data(jobText.utf8).write(to: URL(filePath: jobFile), options: .atomic)
    let job = try JobReader.read(
      Array(jobText.utf8), file: jobFile, variables: surroundings.variables)
    let first = lastNight.advanced(byDays: 1 - nights)
    let results = try await NightlyRun(job: job, surroundings: surroundings).run(
      RunRequest(nights: first...lastNight))
    print(RunSummary.text(results), terminator: "")
    print("\nThe report: \(directory)/reports/index.html")
    if results.contains(where: { $0.status == .failed }) { return .failed }
    guard !arguments.has("no-serve") else { return .done }
    try await ReportService.serve(
      directory: URL(filePath: "\(directory)/reports"),
      port: try arguments.integer("port", in: 0...65_535) ?? 8765,
      log: surroundings.log)
    return .done
  }
}

/// The job file of the demo: what somebody would write for these logs.
struct DemoJob {
  let manifest: DemoManifest
  /// The demo's folder as it was named: the job's paths start with it.
  let directory: String

  /// YAML with one source a tenant and kind of file, the night's date as `{date}`.
  var text: String {
    var lines = [
      "# The job of the demo; change it and run it again:",
      "#   daybreak run \(directory)/demo.yaml --force",
      "name: demo", "timezone: \(manifest.zone)", "nights:",
      "  from: \(manifest.nights.first ?? "")", "  to: \(manifest.nights.last ?? "")", "sources:",
    ]
    for source in sources {
      let path = "\(directory)/logs/\(source.pattern)"
      lines += [
        "  - \(source.kind):", "      tenant: \(source.tenant)", "      path: \(quoted(path))",
      ]
      if let service = source.service {
        lines += ["      service: \(quoted(service))", "      namespace: shop"]
      }
    }
    lines += ["render:", "  output: \(quoted("\(directory)/reports"))", ""]
    return lines.joined(separator: "\n")
  }

  private struct Source: Hashable {
    let tenant: String
    let kind: String
    let pattern: String
    let service: String?
  }

  /// Files that differ in their date alone are one source.
  private var sources: [Source] {
    var seen: Set<Source> = []
    return manifest.files.map { file in
      Source(
        tenant: file.tenant, kind: file.format == "text" ? "log_files" : "loki_export",
        pattern: file.path.replacing(file.night, with: "{date}"), service: file.service)
    }.filter { seen.insert($0).inserted }
  }

  /// A YAML string in single quotes.
  private func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: "''").replacing("$", with: "$$") + "'"
  }
}
