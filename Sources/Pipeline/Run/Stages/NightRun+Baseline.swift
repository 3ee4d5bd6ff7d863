internal import Baselines
internal import DaybreakCore
internal import Storage

extension NightRun {
  /// Holds the night against its history and writes what is improbable.
  func baseline() throws {
    try store.withTenant(night.tenant) { session in
      let tonight = try session.serviceMinutes(in: night.window)
      let history = try session.serviceHistory(
        before: night.window.start,
        from: night.date.advanced(byDays: -night.job.baselines.historyDays))
      let assessment = assessNight(
        tonight, history: history, window: night.window, calendar: night.job.calendar,
        tenant: night.tenant,
        options: BaselineOptions(minimumHistory: night.job.baselines.minimumHistoryDays))
      try session.writeAnomalies(
        baselines: assessment.services.compactMap(\.baseline), events: assessment.events,
        of: key)
      let detail = AssessmentDetail(
        services: assessment.services.map {
          .init(namespace: $0.identity.namespace, service: $0.identity.service, state: $0.state)
        },
        volumeBand: assessment.total(of: \.volumeBand))
      try finishStage(.baseline, in: session, detail: detail)
    }
  }
}
