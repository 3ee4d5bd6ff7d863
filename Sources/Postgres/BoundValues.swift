import CPostgres

/// The values of one statement in the form that `PQexecParams` takes.
struct BoundValues {
  private var bytes: [UInt8] = []
  private var types: [Oid] = []
  /// Where each value starts in `bytes`; nil for NULL.
  private var offsets: [Int?] = []
  private var lengths: [Int32] = []

  /// Encodes the values.
  ///
  /// - Throws: `PostgresError.unsendable` for a value that PostgreSQL cannot hold.
  init(_ values: [Value], statement: String) throws(PostgresError) {
    for (index, value) in values.enumerated() {
      if let reason = value.refusal {
        throw .unsendable(statement: statement, parameter: "$\(index + 1)", reason: reason)
      }
      types.append(value.type.rawValue)
      let start = bytes.count
      let isNull = value == .null
      if !isNull, !BinaryFormat.append(value, as: value.type, to: &bytes) {
        throw .unsendable(
          statement: statement, parameter: "$\(index + 1)", reason: "no binary form")
      }
      offsets.append(isNull ? nil : start)
      lengths.append(Int32(bytes.count - start))
    }
    // An empty value still needs an address: a null pointer would mean NULL.
    bytes.append(0)
  }

  /// Lends the four arrays of `PQexecParams`; they are valid during `body` only.
  func withPointers<Result>(
    _ body: (
      UnsafePointer<Oid>?, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?,
      UnsafePointer<Int32>?
    ) -> Result
  ) -> Result {
    bytes.withUnsafeBytes { block in
      let base = block.baseAddress?.assumingMemoryBound(to: CChar.self)
      let pointers = offsets.map { offset in offset.flatMap { start in base.map { $0 + start } } }
      let formats = [Int32](repeating: 1, count: lengths.count)
      return types.withUnsafeBufferPointer { types in
        pointers.withUnsafeBufferPointer { pointers in
          lengths.withUnsafeBufferPointer { lengths in
            formats.withUnsafeBufferPointer { formats in
              body(
                types.baseAddress, pointers.baseAddress, lengths.baseAddress, formats.baseAddress)
            }
          }
        }
      }
    }
  }
}
