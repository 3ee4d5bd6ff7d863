import DaybreakCore
import Foundation
import Inspection
import Pipeline

/// `daybreak search TEXT`.
enum SearchCommand: Command {
  static let syntax = CommandSyntax(
    name: "search",
    summary: "Find patterns of all nights by what they mean and the words they have.",
    operands: "TEXT", operandCount: 1...1,
    options: [
      .init("tenant", "NAME", "Whose patterns; needed where the store has several tenants."),
      .init("service", "NAMES", "Only these services; several with commas."),
      .init("level", "LEVEL", "Only patterns that reached this level: warn, error, …"),
      .init("since", "DATE", "Only patterns that came on that day or later."),
      .init("limit", "N", "How many results (10, at most 1000).", letter: "n"),
      .init("vector-weight", "NUMBER", "What the meaning counts for (0.7); 0 for words alone."),
      .init("text-weight", "NUMBER", "What the words count for (0.3)."),
      .init("job", "JOB", "Take store, tenant, time zone and encoder from a job file."),
      .init("provider", "NAME", "Who encodes: builtin (the default), ollama, openai, none."),
      .init("url", "URL", "Where ollama or openai is; the key is in DAYBREAK_ENCODER_KEY."),
      .init("model", "NAME", "The model's name there."),
      .init("catalog", "NAME", "Search passages of loglytics or anzx instead of patterns."),
      .init("database", "URL", "The catalog's database."),
      .init("user", "ID", "Of loglytics: the user whose projects are searched."),
      .init("organization", "ID", "Of anzx: the organization whose documents are searched."),
      .init("json", nil, "Print one JSON object: model, problem, results with all scores."),
    ],
    notes: [
      """
      A score is 0.7 of the meaning (cosine of the vectors, 0 to 1) and 0.3 of the words (how many of
      TEXT occur, misspelt ones included); results below 0.2 are left out. Without the encoder's model,
      or where its server does not answer, words alone are compared: a message says so, and the exit
      code is 3. Texts go to a server redacted.
      """
    ],
    examples: [
      ("daybreak search 'database connections exhausted'", "patterns that mean that"),
      (
        "daybreak search --tenant acme --service payments --level error --since 2026-03-01 timeout",
        "of one service since a day"
      ),
      ("daybreak search --vector-weight 0 'HikariPool'", "by words alone"),
      (
        "daybreak search --catalog loglytics --database postgresql://logs --user 1f0e… 'disk full'",
        "passages of uploaded logs, under that user's rights"
      ),
    ])

  static func run(_ arguments: ParsedArguments) async throws -> ExitStatus {
    let surroundings = Surroundings.ofThisProcess()
    let job = try arguments.value("job").map {
      try JobReader.read(
        try JobFile.bytes(of: $0), file: $0, variables: surroundings.variables)
    }
    let embedding = try embedding(arguments, job, surroundings)
    let request = try request(arguments, job)
    if let catalog = try catalog(arguments) {
      let search = CatalogSearch(
        catalog, url: try database(arguments), asker: try asker(catalog, arguments),
        embedding: embedding, surroundings: surroundings)
      let found = try search.run(request)
      try write(arguments.has("json") ? try found.json() : found.text())
      return ending(problem: found.problem, remedy: found.remedy)
    }
    guard let calendar = job?.calendar ?? NightCalendar(zoneName: "UTC") else { return .failed }
    let search = ClusterSearch(
      store: job?.store, embedding: embedding, calendar: calendar,
      surroundings: surroundings)
    let found = try search.run(request)
    try write(arguments.has("json") ? try found.json() : found.text(calendar: calendar))
    return ending(problem: found.problem, remedy: found.remedy)
  }

  /// Says on standard error why words alone were compared.
  private static func ending(problem: String?, remedy: String?) -> ExitStatus {
    guard let problem else { return .done }
    var text = "words alone were compared: \(displayText(problem))\n"
    if let remedy { text += "  remedy: \(displayText(remedy))\n" }
    FileHandle.standardError.write(Data("daybreak: \(text)".utf8))
    return .partial
  }

  private static func write(_ text: String) throws {
    let output = try OutputFile(path: "-")
    try output.write(text)
    try output.close()
  }

  private static func request(
    _ arguments: ParsedArguments, _ job: Job?
  ) throws -> SearchRequest {
    let vectorWeight = try weight("vector-weight", arguments) ?? 0.7
    let textWeight = try weight("text-weight", arguments) ?? 0.3
    guard vectorWeight + textWeight > 0 else {
      throw UsageError(summary: "one of the weights must be above 0", remedy: nil)
    }
    return SearchRequest(
      text: arguments.operands[0], tenant: try tenant(arguments, job),
      services: arguments.values("service").flatMap { $0.split(separator: ",").map(String.init) },
      level: try level(arguments), since: try arguments.date("since"),
      limit: try arguments.integer("limit", in: 1...1000) ?? 10, vectorWeight: vectorWeight,
      textWeight: textWeight)
  }

  private static func weight(
    _ name: String, _ arguments: ParsedArguments
  ) throws(UsageError) -> Double? {
    guard let text = arguments.value(name) else { return nil }
    guard let number = Double(text), (0...1000).contains(number) else {
      throw UsageError(
        summary: "--\(name) must be a number from 0, found `\(displayText(text))`", remedy: nil)
    }
    return number
  }

  private static func tenant(
    _ arguments: ParsedArguments, _ job: Job?
  ) throws(UsageError) -> TenantName? {
    guard let text = arguments.value("tenant") else {
      return job.flatMap { $0.tenants.count == 1 ? $0.tenants.first : nil }
    }
    guard let tenant = TenantName(text) else {
      throw UsageError(summary: "`\(displayText(text))` is no name of a tenant", remedy: nil)
    }
    return tenant
  }

  private static func level(_ arguments: ParsedArguments) throws(UsageError) -> Level? {
    guard let text = arguments.value("level") else { return nil }
    let word = text.hasSuffix("+") ? String(text.dropLast()) : text
    let level = Level.allCases.first { $0.name.lowercased() == word.lowercased() }
    if let level { return level }
    let names = Level.allCases.map { $0.name.lowercased() }
    throw UsageError(
      summary: "there is no level `\(displayText(text))`",
      remedy: nearestSpelling(of: word.lowercased(), among: names).map { "did you mean \($0)?" }
        ?? "levels: \(names.joined(separator: ", "))")
  }
}

// Encoder and catalog.
extension SearchCommand {
  /// The encoder of the command line, else the job's, else the built-in one.
  private static func embedding(
    _ arguments: ParsedArguments, _ job: Job?, _ surroundings: Surroundings
  ) throws(UsageError) -> EmbeddingSettings {
    let names = EmbeddingSettings.Provider.allCases.map(\.rawValue)
    guard let name = try arguments.choice("provider", of: names),
      let provider = EmbeddingSettings.Provider(rawValue: name)
    else {
      if arguments.value("url") != nil || arguments.value("model") != nil {
        throw UsageError(
          summary: "--url and --model go with --provider ollama or openai", remedy: nil)
      }
      return job?.embedding ?? EmbeddingSettings()
    }
    var settings = EmbeddingSettings(provider: provider)
    guard provider == .ollama || provider == .openai else { return settings }
    settings.url = arguments.value("url")
    settings.model = arguments.value("model")
    guard settings.url != nil, settings.model != nil else {
      throw UsageError(
        summary: "--provider \(name) needs --url and --model",
        remedy: "see `daybreak search --help`")
    }
    let key = "DAYBREAK_ENCODER_KEY"
    if !(surroundings.variables[key] ?? "").isEmpty { settings.keyVariable = key }
    return settings
  }

  private static func catalog(
    _ arguments: ParsedArguments
  ) throws(UsageError) -> SearchableCatalog? {
    let names = SearchableCatalog.allCases.map(\.rawValue)
    guard let name = try arguments.choice("catalog", of: names) else {
      if arguments.value("database") != nil {
        throw UsageError(summary: "--database goes with --catalog", remedy: nil)
      }
      return nil
    }
    let filters = ["tenant", "service", "level", "since"].filter { arguments.value($0) != nil }
    if let filter = filters.first {
      throw UsageError(summary: "--\(filter) does not go with --catalog", remedy: nil)
    }
    return SearchableCatalog(rawValue: name)
  }

  private static func database(_ arguments: ParsedArguments) throws(UsageError) -> String {
    if let url = arguments.value("database") { return url }
    throw UsageError(
      summary: "--catalog needs --database URL", remedy: "see `daybreak search --help`")
  }

  /// The user or organization under whose rights the catalog is read.
  private static func asker(
    _ catalog: SearchableCatalog, _ arguments: ParsedArguments
  ) throws(UsageError) -> UUID {
    let name = catalog == .loglytics ? "user" : "organization"
    guard let text = arguments.value(name), let id = UUID(uuidString: text) else {
      throw UsageError(
        summary: "--catalog \(catalog.rawValue) needs --\(name) with an id such as "
          + "10000000-0000-4000-8000-000000000001", remedy: "see `daybreak search --help`")
    }
    return id
  }
}
