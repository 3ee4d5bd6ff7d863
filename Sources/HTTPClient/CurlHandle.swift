internal import CCurl
internal import DaybreakCore

/// The outcome of `curl_global_init`, which must run once before any handle is made.
private let globalInitialisation: CURLcode = dbk_curl_global_init()

/// The owner of one libcurl easy handle and its error buffer.
///
/// A class, because idle handles sit in an array. `@unchecked Sendable`: a handle is used by one thread
/// at a time; the `Mutex` of `HTTPClient` hands it from one to the next.
final class CurlHandle: @unchecked Sendable {
  private let raw: UnsafeMutableRawPointer
  private let errorText: UnsafeMutablePointer<CChar>
  /// The first option that was refused; `perform` reports it in place of running.
  private var setupFailure: CURLcode?

  /// Makes a handle; nil when libcurl cannot (no memory).
  init?() {
    guard globalInitialisation == CURLE_OK, let raw = curl_easy_init() else { return nil }
    self.raw = raw
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    setCommonOptions()
  }

  deinit {
    curl_easy_cleanup(raw)
    errorText.deallocate()
  }

  /// Forgets every option; live connections stay open for the next request.
  func reset() {
    curl_easy_reset(raw)
    setupFailure = nil
    setCommonOptions()
  }

  func set(_ option: CURLoption, _ value: Int) {
    note(dbk_curl_set_long(raw, option, value))
  }

  func set(_ option: CURLoption, _ value: Bool) { set(option, value ? 1 : 0) }

  /// Sets an option measured in milliseconds; at least one, since zero means "for ever" to libcurl.
  func set(_ option: CURLoption, milliseconds value: Duration) {
    set(option, max(1, Int(value / .milliseconds(1))))
  }

  func set(_ option: CURLoption, offset value: Int) {
    note(dbk_curl_set_offset(raw, option, value))
  }

  /// Sets a text option; libcurl copies it.
  func set(_ option: CURLoption, _ value: String) {
    note(value.withCString { dbk_curl_set_pointer(raw, option, $0) })
  }

  /// Sets a pointer that must stay valid until the transfer has ended.
  func set(_ option: CURLoption, pointer: UnsafeRawPointer?) {
    note(dbk_curl_set_pointer(raw, option, pointer))
  }

  func set(_ option: CURLoption, _ callback: @escaping dbk_curl_transfer) {
    note(dbk_curl_set_transfer(raw, option, callback))
  }

  func setProgress(_ callback: @escaping curl_xferinfo_callback) {
    note(dbk_curl_set_progress(raw, callback))
    set(CURLOPT_NOPROGRESS, false)
  }

  func setDebug(_ callback: @escaping curl_debug_callback) {
    note(dbk_curl_set_debug(raw, callback))
    set(CURLOPT_VERBOSE, true)
  }

  /// Lets a mail go to those recipients that the server takes.
  func allowRefusedRecipients() { note(dbk_curl_allow_refused_recipients(raw)) }

  /// Runs the transfer and blocks until it has ended.
  func perform() -> CURLcode {
    errorText[0] = 0
    if let setupFailure { return setupFailure }
    return curl_easy_perform(raw)
  }

  /// What libcurl says of a code, made fit for display.
  ///
  /// For a malformed URL only the general text: the detail may quote a part that holds a password.
  func reason(of code: CURLcode) -> String {
    let detail = String(cString: errorText)
    let isQuoting = code == CURLE_URL_MALFORMAT || detail.isEmpty
    let text = isQuoting ? String(cString: curl_easy_strerror(code)) : detail
    return displayText(Array(text.utf8), byteLimit: 200)
  }

  /// Reads a number about the last transfer; 0 when there is none.
  func info(_ info: CURLINFO) -> Int {
    var value = 0
    guard dbk_curl_get_long(raw, info, &value) == CURLE_OK else { return 0 }
    return value
  }

  /// Reads a text about the last transfer.
  func text(_ info: CURLINFO) -> String? {
    var value: UnsafeMutablePointer<CChar>?
    guard dbk_curl_get_string(raw, info, &value) == CURLE_OK, let value else { return nil }
    return String(cString: value)
  }

  /// What holds for every transfer: no signals (threads), TLS checked, at least version 1.2.
  private func setCommonOptions() {
    set(CURLOPT_ERRORBUFFER, pointer: errorText)
    set(CURLOPT_NOSIGNAL, true)
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
  }

  private func note(_ code: CURLcode) {
    if code != CURLE_OK, setupFailure == nil { setupFailure = code }
  }
}

/// The owner of a `curl_slist`: header lines or recipients.
struct CurlList: ~Copyable {
  private(set) var raw: UnsafeMutablePointer<curl_slist>?

  init() {}

  /// Copies a line to the end of the list.
  mutating func append(_ line: String) {
    guard let longer = curl_slist_append(raw, line) else { return }
    raw = longer
  }

  deinit { curl_slist_free_all(raw) }
}
