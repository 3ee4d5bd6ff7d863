internal import Configuration
internal import DaybreakCore

extension JobReader {
  /// Reads `summaries`.
  func summaries(_ keys: ConfigurationMapping) throws(ConfigurationError) -> SummarySettings {
    var settings = SummarySettings(provider: .extractive, clusterLimit: 20, model: nil)
    guard let summaries = try keys.mapping("summaries") else { return settings }
    settings.provider =
      try summaries.choice("provider", of: SummarySettings.Provider.self) ?? .extractive
    settings.clusterLimit = try summaries.integer("max_clusters", in: 0...1000) ?? 20
    let model = try modelSettings(summaries, provider: settings.provider)
    try summaries.finish()
    if settings.provider == .extractive, let node = summaries.node("model") {
      throw summaries.fault(
        node, "model", "is of no use with `provider: extractive`",
        remedy: "name a provider: ollama, vllm, openai or anthropic")
    }
    settings.model = settings.provider == .extractive ? nil : model
    return settings
  }

  private func modelSettings(
    _ keys: ConfigurationMapping, provider: SummarySettings.Provider
  ) throws(ConfigurationError) -> ModelSettings {
    let isModel = provider != .extractive
    let settings = ModelSettings(
      name: isModel ? try keys.requiredString("model") : try keys.string("model") ?? "",
      url: try address(keys), keyVariable: try keys.string("key_env"),
      keyFile: try keys.string("key_file"), authorityFile: try keys.string("ca_file"),
      proxy: try proxy(keys), timeoutSeconds: try keys.seconds("timeout") ?? 120,
      promptTokens: try keys.integer("prompt_tokens", in: 500...200_000) ?? 3000,
      answerTokens: try keys.integer("answer_tokens", in: 100...32_000) ?? 800,
      promptFile: try keys.string("prompt_file"),
      concurrency: try keys.integer("concurrency", in: 1...16) ?? 1,
      tokenLimit: try keys.integer("max_tokens", in: 0...1_000_000_000) ?? 200_000,
      costLimit: try keys.number("max_cost", upTo: 100_000),
      secondLimit: try keys.seconds("max_time") ?? 1800,
      inputPrice: try keys.number("input_price", upTo: 10_000),
      outputPrice: try keys.number("output_price", upTo: 10_000))
    if isModel { try check(settings, keys, provider) }
    return settings
  }

  /// Refuses settings that do not go together.
  private func check(
    _ settings: ModelSettings, _ keys: ConfigurationMapping, _ provider: SummarySettings.Provider
  ) throws(ConfigurationError) {
    func refused(_ problem: String, _ remedy: String) -> ConfigurationError {
      ConfigurationError(file: file, position: keys.position, problem: problem, remedy: remedy)
    }
    if settings.keyVariable != nil, settings.keyFile != nil {
      throw refused(
        "`summaries` names both `key_env` and `key_file`", "keep the one that holds the key")
    }
    let needsKey = provider == .anthropic || provider == .openai && settings.url == nil
    if needsKey, settings.keyVariable == nil, settings.keyFile == nil {
      throw refused(
        "`summaries` names no key for \(provider.rawValue)",
        "name the variable (`key_env`) or the file of mode 0600 (`key_file`) that holds it")
    }
    if (settings.inputPrice == nil) != (settings.outputPrice == nil) {
      throw refused(
        "`summaries` has only one of `input_price` and `output_price`",
        "give both, in US dollars a million tokens")
    }
    if settings.costLimit != nil, settings.inputPrice == nil {
      throw refused(
        "`summaries.max_cost` needs `input_price` and `output_price`",
        "give both, in US dollars a million tokens")
    }
  }

  private func address(_ keys: ConfigurationMapping) throws(ConfigurationError) -> String? {
    guard let url = try keys.string("url"), let node = keys.node("url") else { return nil }
    guard url.hasPrefix("http://") || url.hasPrefix("https://"), !url.contains("@") else {
      throw keys.fault(
        node, "url", "must be an http or https URL without a user",
        remedy: "keys are named by `key_env` or `key_file`")
    }
    return url
  }

  private func proxy(_ keys: ConfigurationMapping) throws(ConfigurationError) -> ModelSettings.Proxy
  {
    guard let text = try keys.string("proxy"), let node = keys.node("proxy") else { return .none }
    switch text {
    case "none": return .none
    case "environment": return .environment
    case let url where url.contains("://"): return .url(url)
    default:
      throw keys.fault(node, "proxy", "must be none, environment or a URL, found `\(text)`")
    }
  }

  /// Reads `redaction`.
  func redaction(_ keys: ConfigurationMapping) throws(ConfigurationError) -> RedactionOptions {
    var options = RedactionOptions()
    guard let redaction = try keys.mapping("redaction") else { return options }
    options.hidesAddresses = try redaction.boolean("keep_addresses") == false
    options.nationalNumbers = Set(
      try redaction.choices("national_ids", of: NationalNumber.self) ?? [])
    if let patterns = try redaction.mapping("patterns") {
      for name in patterns.presentKeys {
        let text = try patterns.requiredString(name)
        guard let pattern = RedactionPattern(name: name, text: text) else {
          throw ConfigurationError(
            file: file, position: patterns.node(name)?.position,
            problem: "`\(patterns.qualified(name))` cannot be used as a pattern",
            remedy: "a name of a-z and dashes; a pattern that begins with a letter or digit: # is "
              + "a digit, @ a letter, * letters and digits, as in `CUST-####*`")
        }
        options.customPatterns.append(pattern)
      }
    }
    try redaction.finish()
    return options
  }
}
