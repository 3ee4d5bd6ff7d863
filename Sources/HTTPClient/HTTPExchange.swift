internal import CCurl
internal import DaybreakCore

/// What one transfer has received so far; the callbacks of libcurl fill it.
final class HTTPExchange {
  /// Why a callback stopped the transfer.
  enum Stop { case cancelled, bodyTooLarge, headersTooLarge, bySink }

  let bodyLimit: Int
  let headerLimit: Int
  let isCancelled: CancellationCheck
  /// Takes the content of a 2xx response; false stops.
  let sink: ((UnsafeRawBufferPointer) -> Bool)?

  private(set) var status = 0
  private(set) var headers: [HTTPHeader] = []
  private(set) var body: [UInt8] = []
  /// Bytes of content given to the sink.
  private(set) var streamedBytes = 0
  private(set) var stop: Stop?
  private var headerBytes = 0

  init(
    bodyLimit: Int, headerLimit: Int, isCancelled: @escaping CancellationCheck,
    sink: ((UnsafeRawBufferPointer) -> Bool)?
  ) {
    self.bodyLimit = bodyLimit
    self.headerLimit = headerLimit
    self.isCancelled = isCancelled
    self.sink = sink
  }

  /// Takes one header line; interim (1xx) responses count towards the limit and are then forgotten.
  func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
    headerBytes += line.count
    guard headerBytes <= headerLimit else { return halt(.headersTooLarge) }
    let text = String(decoding: line, as: UTF8.self).trimmingLineEnd
    if text.hasPrefix("HTTP/") {
      let parts = text.split(separator: " ", maxSplits: 2)
      status = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
      headers = []
    } else if let colon = text.firstIndex(of: ":") {
      let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      headers.append(HTTPHeader(String(text[..<colon]), String(value)))
    }
    return true
  }

  /// Takes a piece of content.
  func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard !isCancelled() else { return halt(.cancelled) }
    guard streamedBytes + body.count + bytes.count <= bodyLimit else { return halt(.bodyTooLarge) }
    guard let sink, (200..<300).contains(status) else {
      body.append(contentsOf: bytes)
      return true
    }
    streamedBytes += bytes.count
    return sink(bytes) || halt(.bySink)
  }

  /// Notes why the transfer ends.
  func halt(_ reason: Stop) -> Bool {
    if stop == nil { stop = reason }
    return false
  }

  /// Points a handle at the callbacks below; the exchange must outlive the transfer.
  func attach(to handle: CurlHandle) {
    let context = UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
    handle.set(CURLOPT_WRITEFUNCTION, receiveBody)
    handle.set(CURLOPT_WRITEDATA, pointer: context)
    handle.set(CURLOPT_HEADERFUNCTION, receiveHeader)
    handle.set(CURLOPT_HEADERDATA, pointer: context)
    handle.set(CURLOPT_XFERINFODATA, pointer: context)
    handle.setProgress(checkProgress)
  }
}

extension String {
  /// Without CR and LF at its end (one grapheme to Swift, hence by bytes).
  fileprivate var trimmingLineEnd: String {
    var bytes = utf8[...]
    while let last = bytes.last, last == 0x0D || last == 0x0A || last == 0x20 || last == 0x09 {
      bytes.removeLast()
    }
    return String(Substring(bytes))
  }
}

private func exchange(_ context: UnsafeMutableRawPointer?) -> HTTPExchange? {
  context.map { Unmanaged<HTTPExchange>.fromOpaque($0).takeUnretainedValue() }
}

/// libcurl's write callback; fewer bytes than given stop the transfer.
private func receiveBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
  // libcurl takes a return of 0 for an empty piece as agreement.
  return exchange(context)?.takeBody(piece) == true ? piece.count : -1
}

/// libcurl's header callback, once a line.
private func receiveHeader(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
  return exchange(context)?.takeHeader(line) == true ? line.count : -1
}

/// libcurl's progress callback, at least once a second; anything but 0 stops the transfer.
private func checkProgress(
  _ context: UnsafeMutableRawPointer?, _: curl_off_t, _: curl_off_t, _: curl_off_t, _: curl_off_t
) -> Int32 {
  guard let exchange = exchange(context), exchange.isCancelled() else { return 0 }
  return exchange.halt(.cancelled) ? 0 : 1
}
