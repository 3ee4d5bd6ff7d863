import Foundation
import PackagePlugin

/// Puts files into the binary: Daybreak's own migrations (for Storage), those of the catalogs with what
/// belongs to them (for Catalogs), `templates/` (for Rendering) and `templates/prompts/` (for Summaries).
@main
struct EmbedFilesPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let root = context.package.directoryURL
    let folders = try folders(of: target.name, below: root)
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
    let inputs = try folders.flatMap { folder in
      let base = root.appending(path: folder)
      return try FileManager.default.subpathsOfDirectory(atPath: base.path).sorted()
        .map { base.appending(path: $0) } + [base]
    }
    return [
      .buildCommand(
        displayName: "Embedding \(folders.joined(separator: ", ")) into \(target.name)",
        executable: try context.tool(named: "embed-files").url,
        arguments: [output.path, root.path] + folders, inputFiles: inputs,
        outputFiles: [output])
    ]
  }

  /// What a module carries, relative to the package.
  private func folders(of target: String, below root: URL) throws -> [String] {
    switch target {
    case "Rendering": return ["templates"]
    case "Summaries": return ["templates/prompts"]
    case "Storage": return ["migrations/daybreak"]
    default:
      let all = try FileManager.default.contentsOfDirectory(
        atPath: root.appending(path: "migrations").path)
      return ["catalogs"]
        + all.filter { !$0.hasPrefix(".") }.sorted().map { "migrations/\($0)" }
    }
  }
}
