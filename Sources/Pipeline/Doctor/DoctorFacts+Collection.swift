import CYAML
package import DaybreakCore
import Extraction
package import Foundation
import HTTPClient
import Postgres
import Rendering
import Storage

extension LibraryVersion {
  /// Reads job files.
  package static var libyaml: LibraryVersion {
    LibraryVersion(
      name: "libyaml",
      version: yaml_get_version_string().map { String(cString: $0) } ?? "unknown")
  }
}

extension DoctorFacts {
  /// Looks at this machine; starts nothing and changes nothing.
  ///
  /// - Parameters:
  ///   - home: `DAYBREAK_HOME`, absolute.
  ///   - embeddedDirectory: where the embedded server lives, absolute.
  ///   - variables: the environment; `PATH` and `DAYBREAK_DATABASE_URL` are read.
  ///   - templateDirectory: the templates given in place of those built in; nil for none.
  ///   - modelDirectory: where the built-in encoder's model was found; nil where it was not.
  ///   - furtherLibraries: those that the program links besides the pipeline's own.
  /// - Returns: what a `Doctor` judges.
  package static func ofThisMachine(
    home: URL, embeddedDirectory: String, variables: [String: String],
    templateDirectory: String? = nil, modelDirectory: String?,
    furtherLibraries: [LibraryVersion] = []
  ) -> DoctorFacts {
    let searchPath = (variables["PATH"] ?? "").split(separator: ":").map(String.init)
    let servers = ServerBinaries.find(searchPath: searchPath).map { binaries in
      Server(
        directory: binaries.directory, major: binaries.major, version: binaries.version,
        extensions: binaries.availableExtensions())
    }
    let text = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? ""
    let address = variables["DAYBREAK_DATABASE_URL"] ?? ""
    return DoctorFacts(
      distribution: Distribution(osRelease: text), isRoot: geteuid() == 0, servers: servers,
      clientPrograms: ClientBinaries.find(searchPath: searchPath),
      database: address.isEmpty ? nil : database(at: address),
      embedded: EmbeddedPostgres.inspect(directory: embeddedDirectory),
      home: Home(lookingAt: home.path),
      libraries: [
        .libpq, .libcurl, .libxml2, .cmark, .libyaml, .simdjson, .zlib, .zstd, .libcrypto,
      ] + furtherLibraries,
      carriedParts: [templates(in: templateDirectory), migrations()],
      modelDirectory: modelDirectory,
      unknownTimeZones: unknownTimeZones())
  }

  private static func database(at address: String) -> Database {
    do {
      let target = try ConnectionTarget(address)
      let connection = try Connection(target)
      let rows = try connection.query(
        named: "list available extensions",
        "select name::text, coalesce(default_version, '') as version from pg_available_extensions")
      var extensions: [String: String] = [:]
      for row in rows { extensions[try row.string("name")] = try row.string("version") }
      return .reached(
        target: target.description, versionNumber: connection.serverVersion, extensions: extensions)
    } catch let error as any DiagnosedError {
      return .failed(summary: error.summary, remedy: error.remedy)
    } catch {
      return .failed(summary: "the database could not be asked: \(error)", remedy: nil)
    }
  }

  private static func templates(in directory: String?) -> CarriedPart {
    do {
      _ = try TemplateLibrary(directory: directory)
      return CarriedPart(
        name: "templates", found: directory.map { "built in, and \($0)" } ?? "built in",
        isSound: true)
    } catch {
      return CarriedPart(
        name: "templates", found: error.summary, isSound: false,
        remedy: error.remedy ?? "correct the template, or give no directory of templates")
    }
  }

  private static func migrations() -> CarriedPart {
    do {
      let count = try Store.migrator().migrations.count
      return CarriedPart(
        name: "migrations", found: "built in, \(count) versions", isSound: count > 0)
    } catch {
      return CarriedPart(
        name: "migrations", found: "they do not add up: \(error)", isSound: false,
        remedy: "build daybreak again from a clean checkout: script/demo --no-serve")
    }
  }

  /// Zones that people are likely to name; the minimal images of some systems lack all but UTC.
  private static func unknownTimeZones() -> [String] {
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Sydney"]
      .filter { TimeZone(identifier: $0) == nil }
  }
}

extension DoctorFacts.Distribution {
  /// Reads `ID` and `VERSION_ID`
  /// (https://www.freedesktop.org/software/systemd/man/os-release.html).
  package init(osRelease text: String) {
    var values: [Substring: String] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { continue }
      values[parts[0]] = parts[1].trimmingCharacters(in: CharacterSet(charactersIn: "\"'"))
    }
    self.init(id: values["ID"] ?? "unknown", version: values["VERSION_ID"] ?? "")
  }
}

extension DoctorFacts.Home {
  /// Looks at a directory, or at the nearest one above it that is there.
  init(lookingAt path: String) {
    var status = stat()
    let exists = stat(path, &status) == 0
    var nearest = path
    while stat(nearest, &status) != 0, nearest != "/", !nearest.isEmpty {
      nearest = URL(filePath: nearest).deletingLastPathComponent().path
    }
    var fileSystem = statvfs()
    let available =
      statvfs(nearest, &fileSystem) == 0
      ? Int(fileSystem.f_bavail) * Int(fileSystem.f_frsize) : 0
    self.init(
      path: path, exists: exists, isDirectory: status.st_mode & S_IFMT == S_IFDIR,
      isWritable: access(nearest, W_OK | X_OK) == 0,
      isOpenToOthers: exists && status.st_mode & 0o022 != 0, availableByteCount: available)
  }
}
