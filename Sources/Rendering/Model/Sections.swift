package import DaybreakCore

/// One service on one night.
package struct ServiceEntry: Hashable, Sendable {
  package var identity: ServiceIdentity
  /// Events tonight.
  package var lines: Int64
  /// Of `lines`, those at ERROR or above.
  package var errors: Int64
  /// Events, and errors, the night before; nil when that night has no finished run.
  package var previousLines: Int64?
  package var previousErrors: Int64?
  /// Whether its baseline is ready.
  package var learning: LearningState
  /// Events by hour of the window, and those at ERROR or above.
  package var hourly: [Int64]
  package var hourlyErrors: [Int64]

  package init(
    identity: ServiceIdentity, lines: Int64, errors: Int64, previousLines: Int64? = nil,
    previousErrors: Int64? = nil, learning: LearningState, hourly: [Int64] = [],
    hourlyErrors: [Int64] = []
  ) {
    self.identity = identity
    self.lines = lines
    self.errors = errors
    self.previousLines = previousLines
    self.previousErrors = previousErrors
    self.learning = learning
    self.hourly = hourly
    self.hourlyErrors = hourlyErrors
  }
}

/// Events at ERROR or above by hour of the day and day of the week, over 28 days.
package struct HeatMap: Hashable, Sendable {
  /// Mean events an hour: seven rows from Monday, 24 columns from midnight; nil where no night was
  /// read.
  package var cells: [[Double?]]

  package init(cells: [[Double?]]) { self.cells = cells }
}

/// The section of one database system, in a form that every system fits.
package struct CatalogSection: Hashable, Sendable, Codable {
  package var title: String
  /// Single figures with their names.
  package var figures: [Figure]
  package var tables: [Table]

  package struct Figure: Hashable, Sendable, Codable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  package struct Table: Hashable, Sendable, Codable {
    package var caption: String
    package var columns: [String]
    /// Each row has as many cells as there are columns.
    package var rows: [[String]]

    package init(caption: String, columns: [String], rows: [[String]]) {
      self.caption = caption
      self.columns = columns
      self.rows = rows
    }
  }

  package init(title: String, figures: [Figure] = [], tables: [Table] = []) {
    self.title = title
    self.figures = figures
    self.tables = tables
  }
}

/// A cluster that somebody asked not to be told about.
package struct MutedEntry: Hashable, Sendable {
  package var fingerprint: Fingerprint
  package var template: String
  /// Events tonight.
  package var count: Int64
  package var reason: String
  package var author: String
  /// The day it was muted.
  package var since: CivilDate
  /// The last day it stays muted; nil for ever, which the page warns of after seven days.
  package var expiry: CivilDate?

  package init(
    fingerprint: Fingerprint, template: String, count: Int64, reason: String, author: String,
    since: CivilDate, expiry: CivilDate? = nil
  ) {
    self.fingerprint = fingerprint
    self.template = template
    self.count = count
    self.reason = reason
    self.author = author
    self.since = since
    self.expiry = expiry
  }
}

/// What made the page: everything here is the same when the run is repeated.
package struct RunFacts: Hashable, Sendable {
  /// The job's name.
  package var job: String
  /// Daybreak's version.
  package var version: String
  /// Versions of what took part, by name: `PostgreSQL`, `engine`.
  package var components: [String: String]
  package var model: ModelUse?

  package init(
    job: String, version: String, components: [String: String] = [:], model: ModelUse? = nil
  ) {
    self.job = job
    self.version = version
    self.components = components
    self.model = model
  }
}

/// What a model said tonight, and what it cost.
package struct ModelUse: Hashable, Sendable {
  /// Something of which the model did not speak, and code did in its place.
  package struct Silence: Hashable, Sendable {
    /// A word for programs: `unreachable`.
    package var reason: String
    /// In words that follow "it did not speak:".
    package var words: String
    package var count: Int

    package init(reason: String, words: String, count: Int) {
      self.reason = reason
      self.words = words
      self.count = count
    }
  }

  package var provider: String
  package var model: String
  /// Answers on the pages.
  ///
  /// Those from earlier runs count too, and so does what they took: a night done
  /// again from answers at hand has the same page.
  package var answers: Int
  package var inputTokens: Int64
  package var outputTokens: Int64
  /// US dollars; nil where the job names no prices.
  package var cost: Double?
  /// Why it did not speak, and how often; empty where it always did.
  package var silences: [Silence]

  package init(
    provider: String, model: String, answers: Int, inputTokens: Int64, outputTokens: Int64,
    cost: Double? = nil, silences: [Silence] = []
  ) {
    self.provider = provider
    self.model = model
    self.answers = answers
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.cost = cost
    self.silences = silences
  }
}

/// What differs between two runs of the same night: written to `run.json` and nowhere else.
package struct RunTimings: Hashable, Sendable {
  package struct Stage: Hashable, Sendable {
    package var name: String
    package var duration: Duration

    package init(name: String, duration: Duration) {
      self.name = name
      self.duration = duration
    }
  }

  package var runID: String
  package var started: Timestamp
  package var finished: Timestamp
  /// In the order in which they ran.
  package var stages: [Stage]
  /// What this run spent on a model; nil where the job names none.
  package var spending: Spending?

  /// Requests that one run sent to a model, and what they took.
  package struct Spending: Hashable, Sendable {
    package var requests: Int
    /// Answers of earlier runs that were used again.
    package var answersAtHand: Int
    package var inputTokens: Int64
    package var outputTokens: Int64
    /// US dollars; nil where the job names no prices.
    package var cost: Double?

    package init(
      requests: Int, answersAtHand: Int, inputTokens: Int64, outputTokens: Int64, cost: Double?
    ) {
      self.requests = requests
      self.answersAtHand = answersAtHand
      self.inputTokens = inputTokens
      self.outputTokens = outputTokens
      self.cost = cost
    }
  }

  package init(
    runID: String, started: Timestamp, finished: Timestamp, stages: [Stage],
    spending: Spending? = nil
  ) {
    self.spending = spending
    self.runID = runID
    self.started = started
    self.finished = finished
    self.stages = stages
  }
}
