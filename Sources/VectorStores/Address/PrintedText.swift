/// Text from outside made safe to print in a message.
package enum PrintedText {
    /// The text with control and direction characters escaped, cut to a number of characters.
    package static func escaped(_ text: String, limit: Int = 200) -> String {
        var result = ""
        for (position, character) in text.enumerated() {
            if position == limit { return result + "…" }
            for scalar in character.unicodeScalars {
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
                    result += "\\u{\(String(scalar.value, radix: 16))}"
                default: result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }
}
