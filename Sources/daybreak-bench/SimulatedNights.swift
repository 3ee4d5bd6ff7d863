import Baselines
import Clustering
import DaybreakCore
import DemoShop
import Summaries

/// Two weeks of an ordinary shop as a store would know them, and the night that follows.
struct SimulatedShop {
  private let calendar: NightCalendar
  private let tenant: TenantName
  private let tonight: DemoNight
  private let lines: [DemoNight.Line]
  private let history: [ServiceHistory]
  private let known: [KnownTemplate]
  private let covered: [CivilDate]

  init(seed: UInt64) throws {
    guard let calendar = NightCalendar(zoneName: "Europe/Berlin"),
      let last = CivilDate("2026-03-12"), let tenant = TenantName(SimulatedIncident.tenant)
    else { throw UsageError(reason: "this machine has no time zones") }
    self.calendar = calendar
    self.tenant = tenant
    let nights = (0...14).map { back in
      DemoNight(
        last.advanced(byDays: back - 14), calendar: calendar, seed: seed, hasIncident: false)
    }
    tonight = nights[14]
    lines = tonight.lines(ofTenant: tenant.description)
    covered = nights.dropLast().map(\.date)
    var counts: [ServiceIdentity: [NightCounts]] = [:]
    for night in nights.dropLast() {
      for service in night.minutes(ofTenant: tenant.description) {
        counts[service.identity, default: []].append(
          NightCounts(date: night.date, window: night.window, minutes: service.minutes))
      }
    }
    history = counts.map { ServiceHistory(identity: $0.key, nights: $0.value) }
    // All nights of the shop have the same templates; one stands for the others.
    let eve = refine(
      Self.fold(nights[13].lines(ofTenant: tenant.description), nights[13].window))
    let dates = covered
    known = eve.map { cluster in
      KnownTemplate(
        identity: cluster.identity, fingerprint: cluster.fingerprint, template: cluster.template,
        firstSeen: nights[0].window.start,
        nights: dates.map { KnownTemplate.Night(date: $0, count: cluster.count) })
    }
  }

  var window: TimeWindow { tonight.window }

  /// The night with an incident in it, through every stage from the fold on.
  func night(with incident: SimulatedIncident) -> NightContext {
    let result = Self.fold(lines + incident.lines, tonight.window)
    let assessment = assessNight(
      result.serviceMinutes(), history: history, window: tonight.window, calendar: calendar,
      tenant: tenant)
    let clusters = match(refine(result), history: known).map(context)
    return NightContext(
      tenant: tenant, window: tonight.window, calendar: calendar,
      incidents: assessment.incidents,
      clusters: clusters.filter { $0.isNews || $0.observation.level >= .warn })
  }

  private func context(_ cluster: MatchedCluster) -> ClusterContext {
    let observation = cluster.observation
    let state = lifecycle(of: cluster, on: tonight.date, coveredNights: covered)
    let nights = Dictionary(
      cluster.continues.flatMap(\.nights).map { ($0.date, $0.count) }, uniquingKeysWith: +)
    let history = ClusterHistory(counts: covered.map { (date: $0, count: nights[$0] ?? 0) })
    let hours = tonight.window.hourCount
    let usual = [Double](repeating: history.medianCount / Double(hours), count: hours)
    return ClusterContext(
      observation: observation, lifecycle: state, history: history,
      onset: onset(
        of: observation, lifecycle: state, medianHourly: usual, window: tonight.window))
  }

  private static func fold(_ lines: [DemoNight.Line], _ window: TimeWindow) -> FoldResult {
    let fold = Fold(window: window)
    let services = ServiceTable()
    var bytes: [UInt8] = []
    var records: [LineRecord] = []
    for line in lines {
      let offset = bytes.count
      bytes += line.text.utf8
      records.append(
        LineRecord(
          offset: Int32(offset), length: Int32(bytes.count - offset),
          timestamp: line.timestamp.nanoseconds, service: services.index(of: line.service),
          lineCount: 1, level: line.level.rawValue))
    }
    // Readers promise bytes behind the last message.
    bytes += [UInt8](repeating: 0, count: 64)
    bytes.withUnsafeBytes { buffer in
      records.withUnsafeBufferPointer { records in
        fold.consume(LineBatch(bytes: buffer, records: records), services: services)
      }
    }
    return fold.result()
  }
}
