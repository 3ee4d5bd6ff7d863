/// What a migration would run.
package struct MigrationPlan: Hashable, Sendable {
  package enum Direction: Hashable, Sendable { case up, down }

  /// One file to run.
  package struct Step: Hashable, Sendable {
    package let version: Int64
    package let title: String
    package let file: MigrationFile
    /// The up file's checksum.
    package let checksum: String
    /// The version that the schema is at after this step.
    package let versionAfter: Int64
  }

  package let direction: Direction
  package let steps: [Step]
  /// What is run for each step: the files within their transactions, as SQL to read.
  package let sql: String
}

extension Migrator {
  /// Works out the steps from where a schema stands.
  func plan(from status: MigrationStatus, to target: Int64?) throws(PostgresError) -> MigrationPlan
  {
    try status.requireAgreement(catalog: catalog)
    let end = target ?? migrations.last?.version ?? 0
    guard end == 0 || migrations.contains(where: { $0.version == end }) else {
      throw .migration(
        reason: "\(catalog) has no version \(end)", location: nil,
        remedy: "versions go up to \(migrations.last?.version ?? 0)")
    }
    let direction: MigrationPlan.Direction = end < status.currentVersion ? .down : .up
    var steps: [MigrationPlan.Step] = []
    if direction == .up {
      for migration in migrations
      where migration.version > status.currentVersion && migration.version <= end {
        steps.append(step(migration, file: migration.up, versionAfter: migration.version))
      }
    } else {
      let applied = migrations.filter { $0.version <= status.currentVersion }
      for (index, migration) in applied.enumerated().reversed() where migration.version > end {
        guard let down = migration.down else {
          throw .migration(
            reason: "\(migration.up.path) has no down file: it cannot be taken back", location: nil,
            remedy: "restore a backup, or write the down file")
        }
        let before = index > 0 ? applied[index - 1].version : 0
        steps.append(step(migration, file: down, versionAfter: before))
      }
    }
    return MigrationPlan(
      direction: direction, steps: steps, sql: steps.isEmpty ? "" : sql(steps, direction))
  }

  private func step(
    _ migration: Migration, file: MigrationFile, versionAfter: Int64
  ) -> MigrationPlan.Step {
    MigrationPlan.Step(
      version: migration.version, title: migration.title, file: file, checksum: migration.checksum,
      versionAfter: versionAfter)
  }

  private func sql(_ steps: [MigrationPlan.Step], _ direction: MigrationPlan.Direction) -> String {
    var text = tablesSQL + "\n"
    for step in steps {
      text += "\n-- \(step.file.path)\nbegin;\n\(searchPathSQL);\n\(step.file.text)"
      if !step.file.text.hasSuffix("\n") { text += "\n" }
      // The last statement of a file needs no semicolon there, but needs one here.
      if !(step.file.text.last { !$0.isWhitespace } == ";") { text += ";\n" }
      text += "truncate \(versionTable);\n"
      if step.versionAfter > 0 {
        text +=
          "insert into \(versionTable) (version, dirty) values (\(step.versionAfter), false);\n"
      }
      text += "delete from \(historyTable) where version = \(step.version);\n"
      if direction == .up {
        let title = step.title.split(separator: "'", omittingEmptySubsequences: false)
          .joined(separator: "''")
        text += "insert into \(historyTable) (version, title, checksum)\n"
        text += "  values (\(step.version), '\(title)', '\(step.checksum)');\n"
      }
      text += "commit;\n"
    }
    return text
  }
}
