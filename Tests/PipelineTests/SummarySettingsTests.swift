import Configuration
import DaybreakCore
import Foundation
import Pipeline
import Testing

@Suite struct SummarySettingsTests {
  func read(_ text: String) throws(ConfigurationError) -> Job {
    try JobReader.read(
      Array((JobReaderTests.minimal + text).utf8), file: "job.yaml", variables: [:])
  }

  @Test func `uses no model unless one is named`() throws {
    #expect(try read("").summaries.model == nil)
    #expect(try read("summaries: { max_clusters: 3 }\n").summaries.clusterLimit == 3)
  }

  @Test func `reads a model, the way to it and its budget`() throws {
    let job = try read(
      """
      summaries:
        provider: openai
        url: https://models.acme.test/v1
        model: small-1
        key_file: /etc/daybreak/key
        ca_file: /etc/daybreak/ca.pem
        proxy: http://proxy:3128
        timeout: 30s
        prompt_tokens: 4000
        answer_tokens: 600
        concurrency: 4
        max_tokens: 60000
        max_time: 10m
        max_cost: 0.25
        input_price: 0.15
        output_price: 0.6

      """)
    let model = try #require(job.summaries.model)
    #expect(job.summaries.provider == .openai && model.name == "small-1")
    #expect(model.keyFile == "/etc/daybreak/key" && model.authorityFile == "/etc/daybreak/ca.pem")
    #expect(model.proxy == .url("http://proxy:3128") && model.timeoutSeconds == 30)
    #expect(model.promptTokens == 4000 && model.answerTokens == 600 && model.concurrency == 4)
    #expect(model.tokenLimit == 60_000 && model.secondLimit == 600 && model.costLimit == 0.25)
    #expect(model.inputPrice == 0.15 && model.outputPrice == 0.6)
  }

  @Test func `takes a local model with nothing but its name`() throws {
    let model = try read("summaries: { provider: ollama, model: 'qwen3:8b' }\n").summaries.model
    #expect(model?.url == nil && model?.proxy == ModelSettings.Proxy.none)
    #expect(model?.tokenLimit == 200_000 && model?.concurrency == 1)
  }

  @Test(arguments: [
    ("{ provider: olama }", "found `olama`", "did you mean `ollama`?"),
    ("{ provider: ollama }", "`summaries.model` is missing", ""),
    ("{ model: x }", "is of no use with `provider: extractive`", "name a provider"),
    ("{ provider: openai, model: x }", "names no key for openai", "key_env"),
    ("{ provider: anthropic, model: x }", "names no key for anthropic", "key_file"),
    ("{ provider: ollama, model: x, key_env: A, key_file: b }", "both `key_env` and", "keep"),
    ("{ provider: ollama, model: x, url: 'ftp://x' }", "must be an http or https URL", ""),
    ("{ provider: ollama, model: x, url: 'http://u:p@x' }", "without a user", "key_env"),
    ("{ provider: ollama, model: x, max_cost: 1 }", "needs `input_price`", ""),
    ("{ provider: ollama, model: x, input_price: 1 }", "only one of `input_price`", ""),
    ("{ provider: ollama, model: x, proxy: maybe }", "must be none, environment or a URL", ""),
    ("{ provider: ollama, model: x, max_cost: lots }", "must be a number from 0", ""),
    ("{ provider: ollama, model: x, max_token: 1 }", "unknown key", "did you mean `max_tokens`?"),
  ])
  func `says what is wrong with the settings of a model`(
    settings: String, problem: String, remedy: String
  ) throws {
    let error = try #require(throws: ConfigurationError.self) {
      try read("summaries: \(settings)\n")
    }
    #expect(error.description.contains(problem), "\(error)")
    #expect(remedy.isEmpty || error.description.contains(remedy), "\(error)")
  }

  @Test func `reads what else must be taken out of lines`() throws {
    let job = try read(
      """
      redaction:
        keep_addresses: false
        national_ids: [DE, US]
        patterns: { customer: "CUST-####", order: "ord_*" }

      """)
    #expect(job.redaction.hidesAddresses)
    #expect(job.redaction.nationalNumbers == [.germany, .unitedStates])
    #expect(job.redaction.customPatterns.map(\.name) == ["customer", "order"])
    #expect(try read("").redaction == RedactionOptions())
  }

  @Test(arguments: [
    ("{ national_ids: [XX] }", "must be one of AU, BR"),
    ("{ patterns: { x: '*' } }", "as a pattern"),
    ("{ patterns: { 'A B': 'x#' } }", "as a pattern"), ("{ patterns: [a] }", "must be a mapping"),
    ("{ keep_adresses: true }", "did you mean `keep_addresses`?"),
  ])
  func `says what is wrong with redaction`(settings: String, problem: String) throws {
    let error = try #require(throws: ConfigurationError.self) {
      try read("redaction: \(settings)\n")
    }
    #expect(error.description.contains(problem), "\(error)")
  }
}
