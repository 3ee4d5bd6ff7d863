package import DaybreakCore
import Postgres

// Queries of daybreak.service_minutes.
extension TenantSession {
  /// Events by minute and level of one window, dense, sorted by service.
  ///
  /// A service without an event in the window has no entry; whether the window was covered at all is
  /// in the ledger (`coveredNights`).
  package func serviceMinutes(in window: TimeWindow) throws -> [ServiceMinutes] {
    let rows = try connection.query(
      named: "minutes of a night",
      """
      SELECT namespace, service,
        array_agg(((date_part('epoch', minute) - date_part('epoch', $1::timestamptz)) / 60)::bigint)
          AS minutes,
        array_agg(unknown_count) AS unknown, array_agg(trace_count) AS trace,
        array_agg(debug_count) AS debug, array_agg(info_count) AS info,
        array_agg(warn_count) AS warn, array_agg(error_count) AS error,
        array_agg(critical_count) AS critical, array_agg(fatal_count) AS fatal
      FROM daybreak.service_minutes WHERE minute >= $1 AND minute < $2
      GROUP BY namespace, service
      """,
      [.timestamp(window.start), .timestamp(window.end)])
    return try rows.map { row in
      var minutes = ServiceMinutes(identity: try serviceIdentity(row), window: window)
      let indices = try row.int64Array("minutes")
      for level in Level.allCases {
        let counts = try row.int64Array(level.name.lowercased())
        for (index, count) in zip(indices, counts) { minutes.minutes[Int(index)][level] = count }
      }
      return minutes
    }.sorted { $0.identity < $1.identity }
  }

  /// Counts by minute of the covered nights before a night, for baselines.
  ///
  /// The server packs the rows of each service and day into arrays, so that a month of minutes is
  /// some thousand rows here and not millions.
  ///
  /// - Parameters:
  ///   - moment: the start of the night to judge; nights that end later do not count.
  ///   - firstNight: the oldest night to return.
  /// - Returns: one entry a service that logged in any of the nights, sorted by service; each has an
  ///   entry for every covered night, zeros included.
  /// - Throws: `PostgresError`, `StorageError`.
  package func serviceHistory(
    before moment: Timestamp, from firstNight: CivilDate
  ) throws -> [ServiceHistory] {
    let nights = try coveredNights(before: moment, from: firstNight)
    guard let first = nights.first, let end = nights.map(\.window.end).max() else { return [] }
    let rows = try connection.query(
      named: "minutes of past nights",
      """
      SELECT namespace, service, array_agg(minute) AS minutes, array_agg(errors) AS errors,
        array_agg(total) AS totals
      FROM (
        SELECT namespace, service, (date_part('epoch', minute) / 60)::integer AS minute,
          (error_count + critical_count + fatal_count)::bigint AS errors,
          (unknown_count + trace_count + debug_count + info_count + warn_count + error_count
            + critical_count + fatal_count)::bigint AS total
        FROM daybreak.service_minutes WHERE minute >= $1 AND minute < $2
      ) AS counts
      GROUP BY namespace, service, minute / 1440
      """,
      [.timestamp(first.window.start), .timestamp(end)])
    var histories: [ServiceIdentity: [NightCounts]] = [:]
    let silence = nights.map { night in
      var counts = NightCounts.silent(date: night.night, window: night.window)
      counts.missing = night.missingMinutes
      return counts
    }
    for row in rows {
      let identity = try serviceIdentity(row)
      try add(row, to: &histories[identity, default: silence])
    }
    return histories.keys.sorted().map {
      ServiceHistory(identity: $0, nights: histories[$0] ?? [])
    }
  }

  /// Writes one packed day into the nights that it belongs to; `nights` is sorted by window.
  private func add(_ row: Row, to nights: inout [NightCounts]) throws {
    let minutes = try row.int64Array("minutes")
    let errors = try row.int64Array("errors")
    let totals = try row.int64Array("totals")
    guard let least = minutes.min(), let most = minutes.max() else { return }
    for night in nights.indices {
      let start = floorDivide(nights[night].window.start.seconds, 60)
      let count = Int64(nights[night].minuteTotals.count)
      guard most >= start, least < start + count else { continue }
      for (index, minute) in minutes.enumerated() where minute >= start && minute < start + count {
        nights[night].minuteErrors[Int(minute - start)] = UInt32(clamping: errors[index])
        nights[night].minuteTotals[Int(minute - start)] = UInt32(clamping: totals[index])
      }
    }
  }

  /// Replaces the minutes that the tenant has inside a window.
  func replaceServiceMinutes(_ services: [ServiceMinutes], window: TimeWindow) throws {
    // Cheap where `Store.prepare(for:)` has made the partitions already.
    _ = try connection.query(
      named: "make partitions for a night", "SELECT daybreak.prepare_service_minutes($1, $2)",
      [.timestamp(window.start), .timestamp(window.end)])
    try connection.execute(
      named: "replace the minutes of a night",
      "DELETE FROM daybreak.service_minutes WHERE minute >= $1 AND minute < $2",
      [.timestamp(window.start), .timestamp(window.end)])
    // A copy: the lazy closures outlive this call as far as the compiler knows, the session does not.
    let tenantID = tenantID
    let rows = services.lazy.flatMap { service in
      let namespace = Value.text(storedName(service.identity.namespace))
      let name = Value.text(storedName(service.identity.service))
      return service.minutes.enumerated().lazy.filter { $0.element.total > 0 }
        .map { minute, counts in
          let start = window.start.advanced(bySeconds: Int64(minute) * 60)
          return [tenantID, namespace, name, .timestamp(start)]
            + counts.values.map { Value.int64($0) }
        }
    }
    try insert(
      rows,
      into: "service_minutes",
      columns: [
        "tenant_id", "namespace", "service", "minute",
      ] + Level.allCases.map { "\($0.name.lowercased())_count" })
  }
}
