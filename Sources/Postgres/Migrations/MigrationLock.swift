import Foundation

extension Migrator {
  /// Runs `body` while nobody else migrates this schema.
  func locked<Result>(
    on connection: Connection, _ body: () throws(PostgresError) -> Result
  ) throws(PostgresError) -> Result {
    let database = try connection.query(
      named: "name of the database", "select current_database()::text as name"
    ).only().string("name")
    let key = Migrator.lockKey(database: database, schema: schema)
    try takeLock(key, on: connection)
    defer {
      // Where this fails the connection is gone, and the lock with it.
      _ = try? connection.query(
        named: "unlock", "select pg_advisory_unlock($1)", [.int64(key)])
    }
    return try body()
  }

  private func takeLock(_ key: Int64, on connection: Connection) throws(PostgresError) {
    let deadline = ContinuousClock.now + lockTimeout
    while true {
      let isTaken = try connection.query(
        named: "lock migrations", "select pg_try_advisory_lock($1) as taken", [.int64(key)]
      ).only().bool("taken")
      if isTaken { return }
      guard .now < deadline else { break }
      usleep(100_000)
    }
    // The halves of a key are shown as two 32-bit numbers.
    let holder = try connection.query(
      named: "who migrates",
      """
      select a.pid::bigint as pid, a.application_name as name
      from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.granted and l.objsubid = 1
        and l.classid::bigint = $1 and l.objid::bigint = $2
      """, [.int64(key >> 32), .int64(key & 0xFFFF_FFFF)]
    ).first
    var who = "another session"
    if let holder {
      who = "process \(try holder.int64("pid")) (\(try holder.optionalString("name") ?? ""))"
    }
    throw .migration(
      reason: "\(catalog) is being migrated by \(who); waited \(lockTimeout)", location: nil,
      remedy: "wait until it has ended, or end it: select pg_terminate_backend(…)")
  }

  /// The advisory lock that golang-migrate takes for the same schema.
  ///
  /// Source: golang-migrate v4, `database/util.go`, `GenerateAdvisoryLockId`: CRC-32 of schema, table
  /// and database joined by NUL, times a salt, in 32 bits.
  static func lockKey(database: String, schema: String) -> Int64 {
    let text = [schema, "schema_migrations", database].joined(separator: "\0")
    return Int64(crc32(Array(text.utf8)) &* 1_486_364_155)
  }

  /// CRC-32 of IEEE 802.3, reflected, as zlib and Go's `crc32.ChecksumIEEE` compute it.
  static func crc32(_ bytes: [UInt8]) -> UInt32 {
    var remainder = UInt32.max
    for byte in bytes {
      remainder ^= UInt32(byte)
      for _ in 0..<8 {
        remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1
      }
    }
    return ~remainder
  }
}
