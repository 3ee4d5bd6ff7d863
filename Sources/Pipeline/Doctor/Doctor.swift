import DaybreakCore
import Postgres

/// Judges a machine: what Daybreak needs and finds, and the command that mends what is amiss.
package struct Doctor: Sendable {
  private let facts: DoctorFacts

  /// The oldest PostgreSQL that the store's schema works on.
  private static let oldestMajor = 15
  /// A store of a year's nights fits; below, PostgreSQL may run out in the middle of one.
  private static let comfortableByteCount = 5 << 30
  /// Below, initdb and the write-ahead log alone may not fit.
  private static let necessaryByteCount = 1 << 30

  /// The extensions that the store uses, and what it does without each.
  private static let extensions: [(name: String, without: String)] = [
    ("timescaledb", "counts go to daily partitions in place of a hypertable"),
    ("vector", "vectors are searched one by one in place of by an index"),
    ("pg_trgm", "text is searched without an index"),
    ("btree_gin", "text is searched without a combined index"),
    ("uuid-ossp", "identifiers are made by PostgreSQL's own function"),
    ("pg_stat_statements", "slow statements are not recorded"),
  ]

  /// A doctor for a machine of which these things hold.
  package init(_ facts: DoctorFacts) { self.facts = facts }

  /// Every check, in the order of what depends on what; the same facts give the same checks.
  package func checks() -> [DoctorCheck] {
    [homeCheck, diskCheck, serverCheck] + extensionChecks
      + [embeddedCheck, backupCheck].compactMap { $0 }
      + facts.libraries.map(libraryCheck) + facts.carriedParts.map(carriedPartCheck)
      + [modelCheck, timeZoneCheck]
  }

  // MARK: Home

  private var homeCheck: DoctorCheck {
    let home = facts.home
    let name = "home directory"
    let elsewhere = "or set DAYBREAK_HOME to a directory of your own"
    let path = shellQuoted(home.path)
    guard home.isDirectory else {
      return DoctorCheck(
        name: name, state: .missing, found: "\(home.path) is not a directory",
        remedy: "mv \(path) \(shellQuoted(home.path + ".old")), \(elsewhere)")
    }
    guard home.isWritable else {
      let command =
        home.exists
        ? "chown -R \"$(id -un)\" \(path)"
        : "mkdir -p \(path) && chown \"$(id -un)\" \(path)"
      return DoctorCheck(
        name: name, state: .missing, found: "\(home.path) is not writable",
        remedy: "\(asRoot("sh -c \(shellQuoted(command))", whenRoot: command)), \(elsewhere)")
    }
    if home.isOpenToOthers {
      return DoctorCheck(
        name: name, state: .warning, found: "\(home.path) can be changed by other accounts",
        remedy: "chmod go-w \(path)")
    }
    return DoctorCheck(
      name: name, state: .ok, found: home.exists ? home.path : "\(home.path), made on first use")
  }

  private var diskCheck: DoctorCheck {
    let available = facts.home.availableByteCount
    let state: DoctorCheck.State =
      available < Doctor.necessaryByteCount
      ? .missing : available < Doctor.comfortableByteCount ? .warning : .ok
    return DoctorCheck(
      name: "disk space", state: state,
      found: "\(byteCountText(available)) free for \(facts.home.path)",
      remedy: state == .ok
        ? nil : "free disk space, or set DAYBREAK_HOME to a directory on a larger file system")
  }

  // MARK: PostgreSQL

  private var serverCheck: DoctorCheck {
    let name = "PostgreSQL server"
    switch facts.database {
    case .reached(let target, let number, _):
      let version = "PostgreSQL \(number / 10_000).\(number % 10_000) at \(target)"
      guard number / 10_000 >= Doctor.oldestMajor else {
        return DoctorCheck(
          name: name, state: .missing, found: version,
          remedy: "upgrade that server to \(Doctor.oldestMajor) or newer, "
            + "or unset DAYBREAK_DATABASE_URL to use the embedded one")
      }
      return DoctorCheck(name: name, state: .ok, found: version)
    case .failed(let summary, let remedy):
      return DoctorCheck(
        name: name, state: .missing, found: summary,
        remedy: remedy ?? "correct DAYBREAK_DATABASE_URL, or unset it to use the embedded server")
    case nil: return installedServerCheck(name)
    }
  }

  private func installedServerCheck(_ name: String) -> DoctorCheck {
    let remedy = aptInstall("postgresql-\(packagedMajor)")
    guard let server = facts.servers.first else {
      return DoctorCheck(
        name: name, state: .missing,
        found: "none in PATH or in /usr/lib/postgresql/*/bin", remedy: remedy)
    }
    let version = "PostgreSQL \(server.version) in \(server.directory)"
    guard server.major >= Doctor.oldestMajor else {
      return DoctorCheck(name: name, state: .missing, found: version, remedy: remedy)
    }
    return DoctorCheck(name: name, state: .ok, found: version)
  }

  private var extensionChecks: [DoctorCheck] {
    let available: [String: String]
    switch facts.database {
    case .reached(_, _, let extensions): available = extensions
    case .failed: return []
    case nil:
      guard let server = serverInUse else { return [] }
      available = server.extensions
    }
    return Doctor.extensions.map { wanted in
      let name = "extension \(wanted.name)"
      if let version = available[wanted.name] {
        return DoctorCheck(name: name, state: .ok, found: version.isEmpty ? "there" : version)
      }
      return DoctorCheck(
        name: name, state: .warning, found: "absent: \(wanted.without)",
        remedy: facts.database == nil
          ? extensionRemedy(wanted.name) : "install \(wanted.name) on that server's machine")
    }
  }

  /// The server that the embedded directory's data need, or else the newest.
  private var serverInUse: DoctorFacts.Server? {
    facts.servers.first { $0.major == facts.embedded.majorVersion } ?? facts.servers.first
  }

  private func extensionRemedy(_ name: String) -> String {
    let major = serverInUse?.major ?? packagedMajor
    let suffix = ["vector": "pgvector", "timescaledb": "timescaledb"][name]
    guard let suffix else { return aptInstall("postgresql-\(major)") }
    // Debian 12 has no packages of these two; the checkout's script builds them.
    return facts.distribution == DoctorFacts.Distribution(id: "debian", version: "12")
      ? asRoot("script/bootstrap --retry") : aptInstall("postgresql-\(major)-\(suffix)")
  }

  /// Whether `daybreak db backup` and `restore` have the programs that fit the server.
  private var backupCheck: DoctorCheck? {
    let name = "pg_dump, pg_restore"
    let wanted: Int
    switch facts.database {
    case .reached(_, let number, _): wanted = number / 10_000
    case .failed: return nil
    case nil:
      guard let server = serverInUse else { return nil }
      wanted = server.major
    }
    let remedy = aptInstall("postgresql-client-\(wanted)")
    guard let found = ClientBinaries.fitting(wanted, of: facts.clientPrograms) else {
      let newest = facts.clientPrograms.last.map { "\($0.version), older than the server" }
      return DoctorCheck(
        name: name, state: .warning,
        found: "\(newest ?? "absent"): the server of PostgreSQL \(wanted) cannot be backed up",
        remedy: remedy)
    }
    let place = "\(found.version) in \(found.directory)"
    guard found.major == wanted else {
      return DoctorCheck(
        name: name, state: .warning,
        found: "\(place): what it dumps may not go back into PostgreSQL \(wanted)", remedy: remedy)
    }
    return DoctorCheck(name: name, state: .ok, found: place)
  }

  private var embeddedCheck: DoctorCheck? {
    guard facts.database == nil else { return nil }
    let state = facts.embedded
    func check(_ state: DoctorCheck.State, _ found: String, _ remedy: String? = nil) -> DoctorCheck
    {
      DoctorCheck(name: "embedded server", state: state, found: found, remedy: remedy)
    }
    let directory = shellQuoted(state.directory)
    guard let user = state.serverUser else {
      return check(
        .missing, "root may not run PostgreSQL, and there is no user postgres",
        "useradd --system postgres")
    }
    if let owner = state.foreignOwner {
      return check(
        .missing, "\(state.directory) belongs to \(owner)",
        "run as \(owner), or set DAYBREAK_HOME to a directory of your own")
    }
    if let blocked = state.blockedParent {
      return check(
        .missing, "it runs as \(user), who may not pass through \(blocked)",
        "chmod o+x \(shellQuoted(blocked)), or set DAYBREAK_HOME=/var/lib/daybreak")
    }
    guard let major = state.majorVersion else {
      return check(.ok, "none yet in \(state.directory), made on first use")
    }
    guard facts.servers.contains(where: { $0.major == major }) else {
      return check(
        .missing, "its data in \(state.directory) need PostgreSQL \(major), which is not installed",
        "\(aptInstall("postgresql-\(major)")), or begin anew: "
          + "mv \(directory) \(shellQuoted("\(state.directory)-\(major)"))")
    }
    let process = state.processID.map { "running as process \($0)" } ?? "not running"
    return check(
      .ok, "PostgreSQL \(major) data, \(byteCountText(state.byteCount)), \(process)")
  }

  // MARK: The rest

  private func libraryCheck(_ library: LibraryVersion) -> DoctorCheck {
    guard library.missingFeatures.isEmpty else {
      return DoctorCheck(
        name: library.name, state: .warning,
        found: "\(library.version), without \(library.missingFeatures.joined(separator: ", "))",
        remedy: "install the distribution's own build of \(library.name)")
    }
    return DoctorCheck(name: library.name, state: .ok, found: library.version)
  }

  private func carriedPartCheck(_ part: DoctorFacts.CarriedPart) -> DoctorCheck {
    DoctorCheck(
      name: part.name, state: part.isSound ? .ok : .missing, found: part.found, remedy: part.remedy)
  }

  private var modelCheck: DoctorCheck {
    let name = "encoder model"
    guard let directory = facts.modelDirectory else {
      return DoctorCheck(
        name: name, state: .warning, found: "absent: search compares text, not meaning",
        remedy: "script/bootstrap --retry")
    }
    return DoctorCheck(name: name, state: .ok, found: directory)
  }

  private var timeZoneCheck: DoctorCheck {
    guard facts.unknownTimeZones.isEmpty else {
      return DoctorCheck(
        name: "time zones", state: .missing,
        found: "not known: \(facts.unknownTimeZones.joined(separator: ", "))",
        remedy: aptInstall("tzdata"))
    }
    return DoctorCheck(name: "time zones", state: .ok, found: "known")
  }

  // MARK: Remedies

  /// The server that this release of Debian packages; the one of Debian 13 where it is not known.
  private var packagedMajor: Int {
    facts.distribution == DoctorFacts.Distribution(id: "debian", version: "12") ? 15 : 17
  }

  private func aptInstall(_ package: String) -> String {
    asRoot("apt-get install --no-install-recommends \(package)")
  }

  /// A command with what an ordinary user puts before it.
  private func asRoot(_ command: String, whenRoot rootCommand: String? = nil) -> String {
    facts.isRoot ? rootCommand ?? command : "sudo \(command)"
  }
}
