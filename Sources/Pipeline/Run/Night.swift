internal import DaybreakCore
internal import Foundation

/// One night of one tenant of a job: what a run is about.
struct Night {
  let job: Job
  let tenant: TenantName
  let date: CivilDate
  let window: TimeWindow

  init(job: Job, tenant: TenantName, date: CivilDate) {
    self.job = job
    self.tenant = tenant
    self.date = date
    window = job.calendar.window(of: date)
  }

  /// The last second of the night: what decides whether a mute holds for it.
  var lastSecond: Timestamp { window.end.advanced(bySeconds: -1) }

  /// The tenant's sources, in the job's order.
  var sources: [JobSource] { job.sources.filter { $0.tenant == tenant } }

  /// The folder for files between stages; made with mode 0700, gone when the run is finished.
  func workDirectory(below home: URL) -> URL {
    home.appending(path: "work/\(job.name)/\(tenant)/\(date)")
  }
}
