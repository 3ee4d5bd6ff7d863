package import DaybreakCore
package import Postgres

/// All that the doctor's judgement rests on, so that it can be tested without such a machine.
package struct DoctorFacts: Sendable {
  /// A PostgreSQL installation of this machine.
  package struct Server: Hashable, Sendable {
    /// Where its programs are.
    package var directory: String
    package var major: Int
    /// As the program prints it, as `15.20`.
    package var version: String
    /// Default versions of the installed extensions by name.
    package var extensions: [String: String]

    package init(directory: String, major: Int, version: String, extensions: [String: String]) {
      self.directory = directory
      self.major = major
      self.version = version
      self.extensions = extensions
    }
  }

  /// A database that the environment names in place of the embedded server.
  package enum Database: Hashable, Sendable {
    /// It answered; `target` shows no password, `versionNumber` is as 150020.
    case reached(target: String, versionNumber: Int, extensions: [String: String])
    case failed(summary: String, remedy: String?)
  }

  /// The operating system, from `/etc/os-release`.
  package struct Distribution: Hashable, Sendable {
    /// As `debian`.
    package var id: String
    /// As `12`.
    package var version: String

    package init(id: String, version: String) {
      self.id = id
      self.version = version
    }
  }

  /// The directory that `DAYBREAK_HOME` names.
  package struct Home: Hashable, Sendable {
    package var path: String
    /// Whether it is there; the rest is said of the nearest directory above where it is not.
    package var exists: Bool
    package var isDirectory: Bool
    package var isWritable: Bool
    /// Whether accounts other than the owner and root may change files in it.
    package var isOpenToOthers: Bool
    /// How many bytes an ordinary user can still write on its file system.
    package var availableByteCount: Int

    package init(
      path: String, exists: Bool, isDirectory: Bool, isWritable: Bool, isOpenToOthers: Bool,
      availableByteCount: Int
    ) {
      self.path = path
      self.exists = exists
      self.isDirectory = isDirectory
      self.isWritable = isWritable
      self.isOpenToOthers = isOpenToOthers
      self.availableByteCount = availableByteCount
    }
  }

  /// One of the parts that the binary carries: its templates, its migrations.
  package struct CarriedPart: Hashable, Sendable {
    package var name: String
    /// What is there, or what is wrong.
    package var found: String
    /// Nil when the part is sound.
    package var remedy: String?
    package var isSound: Bool

    package init(name: String, found: String, isSound: Bool, remedy: String? = nil) {
      self.name = name
      self.found = found
      self.isSound = isSound
      self.remedy = remedy
    }
  }

  package var distribution: Distribution
  /// Whether we run as root.
  package var isRoot: Bool
  /// The newest first.
  package var servers: [Server]
  /// `pg_dump` and `pg_restore`, which back catalogs up; the oldest first.
  package var clientPrograms: [ClientBinaries]
  /// Nil when the environment names none.
  package var database: Database?
  package var embedded: EmbeddedServerState
  package var home: Home
  package var libraries: [LibraryVersion]
  package var carriedParts: [CarriedPart]
  /// Where the built-in encoder's model is; nil where it is not installed.
  package var modelDirectory: String?
  /// Time zones that could not be loaded.
  package var unknownTimeZones: [String]

  package init(
    distribution: Distribution, isRoot: Bool, servers: [Server],
    clientPrograms: [ClientBinaries], database: Database?,
    embedded: EmbeddedServerState, home: Home, libraries: [LibraryVersion],
    carriedParts: [CarriedPart], modelDirectory: String?, unknownTimeZones: [String]
  ) {
    self.distribution = distribution
    self.isRoot = isRoot
    self.servers = servers
    self.clientPrograms = clientPrograms
    self.database = database
    self.embedded = embedded
    self.home = home
    self.libraries = libraries
    self.carriedParts = carriedParts
    self.modelDirectory = modelDirectory
    self.unknownTimeZones = unknownTimeZones
  }
}
