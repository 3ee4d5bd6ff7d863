import DaybreakCore

/// `displayText` under a name that reads well inside markup.
func displayed(_ text: String) -> String { displayText(text) }
