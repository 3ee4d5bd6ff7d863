package import DaybreakCore

/// Turns what a model said into what is shown: what the lines back stays, the rest is dropped or marked.
package struct AnswerCheck {
  let prompt: SummaryPrompt
  /// What code says of the same: its facts and figures stand beside the model's words.
  let extractive: Analysis
  /// How many events the summary speaks of, and nights of history.
  let eventCount: Int64
  let nightsCovered: Int

  /// A quote that says less than this says nothing; a sample that is shorter may be quoted whole.
  private static let shortestQuote = 8
  private static let quoteLimit = 5

  /// Makes the check of one subject's answer.
  package init(_ subject: SummarySubject, in night: NightContext, prompt: SummaryPrompt) {
    self.prompt = prompt
    extractive = ExtractiveProvider().analysis(of: subject, in: night)
    switch subject {
    case .cluster(let cluster):
      eventCount = cluster.observation.count
      nightsCovered = cluster.history.nightsCovered
    case .incident(let incident):
      let ranked = rankedClusters(for: incident, in: night)
      eventCount = ranked.reduce(0) { $0 + $1.observation.count }
      nightsCovered = ranked.first?.history.nightsCovered ?? 0
    }
  }

  /// Checks an answer.
  ///
  /// Facts, what is unknown and further steps are code's; the model's part is the summary, the hypothesis
  /// and the first steps. Without one quote that holds nothing of it is shown. Figures that the model was
  /// not given are named, and halve the confidence.
  ///
  /// - Parameters:
  ///   - answer: what the model said.
  ///   - configuration: who it is.
  ///   - call: what it took.
  /// - Returns: what is shown.
  /// - Throws: `SummaryError.unsupported`.
  package func analysis(
    _ answer: ModelAnswer, by configuration: ModelConfiguration, call: ModelCall
  ) throws(SummaryError) -> Analysis {
    let evidence = evidence(answer)
    guard !evidence.isEmpty else { throw .unsupported(provider: configuration.label) }
    let strayFigures = figuresNotGiven(in: [answer.summary, answer.rootCause ?? ""])
    var unknown = extractive.unknown
    let dropped = answer.evidence.count - evidence.count
    if dropped > 0 {
      unknown.append(
        "What \(dropped) of the model's \(answer.evidence.count) quotes refer to: no sample holds "
          + "them, or they say too little; they were dropped.")
    }
    if !strayFigures.isEmpty {
      unknown.append(
        "Where the model has these figures from: \(Wording.list(strayFigures)). Daybreak did not give "
          + "them to it.")
    }
    let trust = confidence(
      evidence: evidence, samples: prompt.samples, eventCount: eventCount,
      nightsCovered: nightsCovered)
    return Analysis(
      provider: configuration.interface.rawValue, model: configuration.model,
      summary: answer.summary, facts: extractive.facts, hypothesis: answer.rootCause,
      unknown: unknown,
      nextSteps: answer.suggestedActions.map { "The model suggests: \($0)" } + extractive.nextSteps,
      confidence: strayFigures.isEmpty ? trust : trust / 2, evidence: evidence,
      modelConfidence: answer.confidence, call: call)
  }

  /// The quotes that occur in the samples that they name.
  package func evidence(_ answer: ModelAnswer) -> [Evidence] {
    let claimed = answer.evidence.compactMap { citation -> Evidence? in
      guard let index = sampleIndex(citation.sampleID) else { return nil }
      let isWhole = prompt.samples[index].text == citation.quote
      guard citation.quote.utf8.count >= Self.shortestQuote || isWhole else { return nil }
      return Evidence(sampleIndex: index, quote: citation.quote)
    }
    return Array(checkedEvidence(claimed, samples: prompt.samples).prefix(Self.quoteLimit))
  }

  /// The sample that an id names: `s1`, as in the prompt.
  private func sampleIndex(_ id: String) -> Int? {
    guard id.first == "s" || id.first == "S", let number = Int(id.dropFirst()) else { return nil }
    return prompt.samples.indices.contains(number - 1) ? number - 1 : nil
  }

  /// Figures in a model's words that stand nowhere in its prompt; whole numbers up to ten are words.
  package func figuresNotGiven(in texts: [String]) -> [String] {
    let given = Set(figures(prompt.user))
    var seen: Set<String> = []
    return texts.flatMap(figures).filter { figure in
      if let small = Int(figure), small <= 10 { return false }
      return !given.contains(figure) && seen.insert(figure).inserted
    }.prefix(5).map { $0 }
  }

  /// Runs of digits with what stands between them in numbers and times, thousands' commas left out.
  private func figures(_ text: String) -> [String] {
    text.split { !($0.isASCII && $0.isNumber) && !".,:".contains($0) }.map { run in
      var run = run.filter { $0 != "," }[...]
      while let last = run.last, ".:".contains(last) { run.removeLast() }
      while let first = run.first, ".:".contains(first) { run.removeFirst() }
      return String(run)
    }.filter { !$0.isEmpty }
  }
}
