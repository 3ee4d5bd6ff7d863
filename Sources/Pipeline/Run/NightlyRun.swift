internal import DaybreakCore
internal import Foundation
internal import Storage

/// Runs the nights of a job, each tenant on its own.
package struct NightlyRun {
  private let job: Job
  private let surroundings: Surroundings

  package init(job: Job, surroundings: Surroundings) {
    self.job = job
    self.surroundings = surroundings
  }

  /// Runs every night of a request, earliest first, and every tenant of a night.
  ///
  /// A night that fails does not keep the others from their report.
  ///
  /// - Parameter request: which nights, and how.
  /// - Returns: how each ended, in that order.
  /// - Throws: `RunCancelled`, or what keeps every night from running, such as a store out of reach.
  package func run(_ request: RunRequest) async throws -> [NightResult] {
    let access = try StoreAccess(job.store, surroundings: surroundings)
    defer { access.close() }
    var results: [NightResult] = []
    for date in request.dates {
      for tenant in job.tenants {
        try Cancellation.check()
        let night = Night(job: job, tenant: tenant, date: date)
        results.append(try await result(of: night, request, access.store))
        surroundings.log.clearProgress()
      }
    }
    return results
  }

  private func result(
    of night: Night, _ request: RunRequest, _ store: Store
  ) async throws -> NightResult {
    do {
      return try await NightRun(night: night, store: store, surroundings: surroundings)
        .run(request)
    } catch let error as RunCancelled {
      throw error
    } catch {
      let problem = String(describing: error)
      surroundings.log.note(
        "night failed",
        ["tenant": "\(night.tenant)", "date": "\(night.date)", "problem": problem])
      return NightResult(
        tenant: night.tenant, date: night.date, status: .failed, verdict: nil, incidentCount: 0,
        newErrorCount: 0, reportPath: nil, problem: problem)
    }
  }
}
