import Foundation
import TestSupport
import Testing

@testable import Postgres

@Suite struct InspectionTests {
  @Test(arguments: [
    ("comment = 'x'\ndefault_version = '0.8.0'\nrelocatable = true\n", "0.8.0"),
    ("default_version='1.6'", "1.6"), ("# default_version = '2'\n", ""), ("", ""),
  ])
  func `reads an extension's default version`(text: String, version: String) {
    #expect(defaultVersion(inControlFile: text) == version)
  }

  @Test func `says of an absent directory that there is nothing`() {
    let state = EmbeddedPostgres.inspect(directory: "/tmp/daybreak-absent-\(UUID())")
    #expect(state.majorVersion == nil)
    #expect(state.processID == nil)
    #expect(state.byteCount == 0)
  }

  @Test(.enabled(if: TestDatabase.isAvailable))
  func `sees a running server without touching it`() throws {
    let server = try TestDatabase.server.get()
    let state = EmbeddedPostgres.inspect(directory: server.directory)
    #expect(state.majorVersion == server.binaries.major)
    #expect(state.processID != nil)
    #expect(state.byteCount > 10 << 20)
    #expect(state.foreignOwner == nil)
  }
}
