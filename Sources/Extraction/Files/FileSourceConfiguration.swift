/// How the bytes of a file are to be read.
package enum FileFormat: String, Sendable, Hashable, CaseIterable {
  /// Found from the start of each file.
  case automatic = "auto"
  /// logcli's `-o jsonl`: one `{"labels","line","timestamp"}` a line.
  case logcliJSONLines = "jsonl"
  /// logcli's `-o raw`: lines without time or labels.
  case logcliRaw = "raw"
  /// logcli's `-o default`: time, `{labels}`, line.
  case logcliDefault = "default"
  /// The body of Loki's `query_range` with streams.
  case queryRange = "query_range"
  /// Text with whatever header each line has.
  case plain
}

/// What a `loki_export` or `files` source of a job says.
package struct FileSourceConfiguration: Sendable, Hashable {
  /// The source's name in the job, as `loki_export: exports/*.jsonl`.
  package var name: String
  /// Files, folders (read recursively, hidden files left out), patterns (`*`, `?`, `[a-z]`, `**`), or
  /// `-` for standard input.
  package var patterns: [String]
  /// The folder that relative patterns start from; the working directory when nil.
  package var baseDirectory: String?
  /// How to read the files.
  package var format = FileFormat.automatic
  /// Which labels mean what.
  package var labelRules = LabelRules.standard
  /// The service of lines that name none.
  package var defaultService = ""
  /// The namespace of lines that name none.
  package var defaultNamespace = ""
  /// Labels that every entry has unless it names them itself: logcli removes labels common to a page
  /// unless told `--include-common-labels`.
  package var commonLabels: [String: String] = [:]
  /// Longer lines are quarantined; longer stack traces are split.
  package var maximumLineBytes = 1 << 20
  /// The zone of header times that name none: an IANA name.
  package var zoneName = "UTC"
  /// Whether a header in front of a message is read and taken off.
  package var readsHeaders = true
  /// Whether events of other moments than the window's are handed on with their time, not only counted:
  /// a fold counts those as events without a time.
  package var keepsOutsideWindow = false
  /// Whether an entry of Loki that was read before, here or in another file, counts once only.
  package var skipsDuplicates = true
  /// Whether SHA-256 of each file is made for the record; without it, one plain file can be read by
  /// several threads (see `FileSource.read(window:into:progress:)` for several sinks).
  package var makesDigests = true
  /// Whether pipes may be named as well as files; one that nobody writes to is waited for.
  package var readsPipes = false
  /// The column of CSV files (RFC 4180, with a header row) whose fields are the messages, one event a
  /// record, whatever `format` says; nil for files that are no tables.
  package var contentColumn: String?

  /// Makes a configuration with the defaults.
  package init(name: String, patterns: [String]) {
    self.name = name
    self.patterns = patterns
  }
}
