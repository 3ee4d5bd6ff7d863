package import DaybreakCore
package import Foundation

/// What makes a run itself: one job of one tenant over one window.
package struct RunKey: Hashable, Sendable {
  package var tenant: TenantName
  /// The job's name.
  package var job: String
  package var window: TimeWindow
  /// The calendar day of the window's start in the job's time zone.
  package var night: CivilDate
  /// The IANA name of that zone.
  package var timeZone: String

  package init(
    tenant: TenantName, job: String, window: TimeWindow, night: CivilDate, timeZone: String
  ) {
    self.tenant = tenant
    self.job = job
    self.window = window
    self.night = night
    self.timeZone = timeZone
  }

  /// The run's row id: the same for the same tenant, job and window.
  package var id: UUID {
    naturalID("run", tenant.description, job, window.start.rfc3339, window.end.rfc3339)
  }
}

/// How far a run is.
package enum RunStatus: String, Sendable, Codable, CaseIterable {
  /// It runs, or the process that ran it died.
  case running
  case finished
  /// Finished with a report that says what is missing.
  case partial
  case failed
  /// Stopped by a person; it can be resumed.
  case interrupted

  /// Whether there is nothing left to do.
  package var isFinal: Bool { self == .finished || self == .partial }
}

/// One run as the ledger has it.
package struct Run: Hashable, Sendable {
  package var key: RunKey
  /// SHA-256 of the settings that decide the result.
  package var configurationDigest: String
  package var status: RunStatus
  /// Whether the night's counts are in the store.
  package var hasObservations: Bool
  /// Minutes (indices) of the window that no source gave.
  package var missingMinutes: [Range<Int>]
  package var startedAt: Timestamp
  package var finishedAt: Timestamp?
  package var failure: String?

  package var id: UUID { key.id }
}

/// How far a stage is.
package enum StageStatus: String, Sendable, Codable, CaseIterable {
  case running, finished, failed
}

/// One stage of a run as the ledger has it.
package struct StageRun: Hashable, Sendable {
  package var stage: String
  package var status: StageStatus
  package var startedAt: Timestamp
  package var finishedAt: Timestamp?
  /// A JSON object of what the stage has to tell.
  package var detail: String
  package var failure: String?
}

/// What `beginRun` found.
package struct RunState: Hashable, Sendable {
  /// How the run begins.
  package enum Outcome: Hashable, Sendable {
    /// The ledger did not know it.
    case started
    /// A former process did not finish it: go on after its last finished stage.
    case resumed
    /// It is finished: nothing was changed.
    case alreadyFinished
    /// Its settings changed, or it was forced: every stage runs again.
    case restarted
  }

  package var run: Run
  /// The stages that the ledger knows, in the order in which they started.
  package var stages: [StageRun]
  package var outcome: Outcome

  /// The names of the stages that are finished.
  package var finishedStages: Set<String> {
    Set(stages.filter { $0.status == .finished }.map(\.stage))
  }

  /// The detail of a finished stage, as JSON; nil when it is not finished.
  package func detail(of stage: String) -> String? {
    stages.first { $0.stage == stage && $0.status == .finished }?.detail
  }
}

/// A night whose counts are in the store.
package struct CoveredNight: Hashable, Sendable {
  package var night: CivilDate
  package var window: TimeWindow
  /// Minutes (indices) of the window that no source gave.
  package var missingMinutes: [Range<Int>]
  /// Whether every source was read to its end.
  package var isComplete: Bool
}
