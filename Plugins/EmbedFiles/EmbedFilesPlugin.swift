import Foundation
import PackagePlugin

/// Puts `migrations/` (for Storage) and `templates/` (for Rendering) into the binary.
@main
struct EmbedFilesPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let folder = target.name == "Rendering" ? "templates" : "migrations"
    let root = context.package.directoryURL
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
    let base = root.appending(path: folder)
    let inputs = try FileManager.default.subpathsOfDirectory(atPath: base.path).sorted()
      .map { base.appending(path: $0) }
    return [
      .buildCommand(
        displayName: "Embedding \(folder)/ into \(target.name)",
        executable: try context.tool(named: "embed-files").url,
        arguments: [output.path, root.path, folder], inputFiles: inputs + [base],
        outputFiles: [output])
    ]
  }
}
