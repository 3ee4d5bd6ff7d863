internal import DaybreakCore

/// Why a run cannot do what it was asked.
enum RunError: DiagnosedError {
  /// `--only` names a stage whose predecessors are not finished.
  case earlierStagesMissing(stage: Stage, tenant: TenantName, date: CivilDate, job: String)
  /// The file between two stages is gone.
  case workFileMissing(path: String, job: String)
  /// A folder or file of ours cannot be written.
  case cannotWrite(path: String, reason: String)
  /// The mail server wants a user, and nothing says where the password is.
  case passwordMissing(user: String)

  var summary: String {
    switch self {
    case .earlierStagesMissing(let stage, let tenant, let date, _):
      "stage \(stage.rawValue) of \(tenant) \(date) needs the stages before it, which are not finished"
    case .workFileMissing(let path, _): "the fold of the night is not at \(path) any more"
    case .cannotWrite(let path, let reason): "cannot write \(path): \(reason)"
    case .passwordMissing(let user): "no password is named for the mail user \(user)"
    }
  }

  var remedy: String? {
    switch self {
    case .earlierStagesMissing(_, _, let date, let job): "daybreak run \(job) --date \(date)"
    case .workFileMissing(_, let job): "daybreak run \(job) --force reads the sources again"
    case .cannotWrite: "check the folder's owner, mode and free space"
    case .passwordMissing: "name `password_env` or `password_file` in notify.email"
    }
  }
}
