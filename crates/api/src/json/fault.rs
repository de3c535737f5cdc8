//! Where and why a text is not JSON, in the words of the contract's server. Used only after the parser refused it.

/// A complaint and the character it is about, counted from 0.
type Fault = (&'static str, usize);

/// The complaint with its place: `Expecting value: line 1 column 2 (char 1)`.
pub(super) fn describe(text: &str) -> String {
    if text.starts_with('\u{feff}') {
        return placed(text, ("Unexpected UTF-8 BOM (decode using utf-8-sig)", 0));
    }
    for word in ["NaN", "Infinity", "-Infinity"] {
        if text.trim_start().starts_with(word) {
            return format!("Out of range float values are not JSON compliant: '{word}'");
        }
    }
    let mut scan = Scan {
        text: text.chars().collect(),
        at: 0,
    };
    match scan.document() {
        Err(fault) => placed(text, fault),
        // Well-formed, but a number too large or half a surrogate pair: no value of ours holds it.
        Ok(()) => "Out of range values are not JSON compliant".to_owned(),
    }
}

fn placed(text: &str, (message, at): Fault) -> String {
    let before = || text.chars().take(at);
    let line = before().filter(|character| *character == '\n').count() + 1;
    let column = before()
        .collect::<Vec<_>>()
        .iter()
        .rev()
        .take_while(|character| **character != '\n')
        .count()
        + 1;
    format!("{message}: line {line} column {column} (char {at})")
}

struct Scan {
    text: Vec<char>,
    at: usize,
}

impl Scan {
    fn document(&mut self) -> Result<(), Fault> {
        self.blanks();
        self.value()?;
        self.blanks();
        if self.at < self.text.len() {
            Err(("Extra data", self.at))
        } else {
            Ok(())
        }
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    /// Nesting is bounded: the depth was checked before.
    fn value(&mut self) -> Result<(), Fault> {
        let start = self.at;
        match self.peek() {
            Some('"') => self.string(),
            Some('{') => self.object(),
            Some('[') => self.list(),
            Some('-' | '0'..='9') => self.number(),
            _ => {
                for word in ["true", "false", "null"] {
                    if word
                        .chars()
                        .eq(self.text[start..].iter().copied().take(word.len()))
                    {
                        self.at += word.len();
                        return Ok(());
                    }
                }
                Err(("Expecting value", start))
            }
        }
    }

    fn object(&mut self) -> Result<(), Fault> {
        const NAME: &str = "Expecting property name enclosed in double quotes";
        self.at += 1;
        self.blanks();
        if self.take('}') {
            return Ok(());
        }
        loop {
            if self.peek() != Some('"') {
                return Err((NAME, self.at));
            }
            self.string()?;
            self.blanks();
            if !self.take(':') {
                return Err(("Expecting ':' delimiter", self.at));
            }
            self.blanks();
            self.value()?;
            self.blanks();
            if self.take('}') {
                return Ok(());
            }
            if !self.take(',') {
                return Err(("Expecting ',' delimiter", self.at));
            }
            self.blanks();
        }
    }

    fn list(&mut self) -> Result<(), Fault> {
        self.at += 1;
        self.blanks();
        if self.take(']') {
            return Ok(());
        }
        loop {
            self.value()?;
            self.blanks();
            if self.take(']') {
                return Ok(());
            }
            if !self.take(',') {
                return Err(("Expecting ',' delimiter", self.at));
            }
            self.blanks();
        }
    }

    fn string(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(("Unterminated string starting at", start)),
                Some('"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some('\\') => self.escape(start)?,
                Some(character) if u32::from(character) < 0x20 => {
                    return Err(("Invalid control character at", self.at));
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self, start: usize) -> Result<(), Fault> {
        match self.text.get(self.at + 1) {
            None => Err(("Unterminated string starting at", start)),
            Some('u') => {
                let digits = self.text.iter().skip(self.at + 2).take(4);
                if digits.filter(|digit| digit.is_ascii_hexdigit()).count() < 4 {
                    return Err(("Invalid \\uXXXX escape", self.at + 1));
                }
                self.at += 6;
                Ok(())
            }
            Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') => {
                self.at += 2;
                Ok(())
            }
            Some(_) => Err(("Invalid \\escape", self.at)),
        }
    }

    /// Reads as much of a number as is one; what follows is for the caller to complain about.
    fn number(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.take('-');
        if !self.take('0') && self.digits() == 0 {
            return Err(("Expecting value", start));
        }
        let whole = self.at;
        if self.take('.') && self.digits() == 0 {
            self.at = whole;
        }
        let mantissa = self.at;
        if self.take('e') || self.take('E') {
            let _ = self.take('+') || self.take('-');
            if self.digits() == 0 {
                self.at = mantissa;
            }
        }
        Ok(())
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|digit| digit.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }
}

#[cfg(test)]
mod tests {
    use super::describe;

    /// The texts and complaints of CPython 3.11's `json` module.
    #[test]
    fn complaints_are_worded_as_in_the_contract() {
        let cases = [
            (
                "{",
                "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
            ),
            (
                "{a:1}",
                "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
            ),
            (
                "{\"a\":1,}",
                "Expecting property name enclosed in double quotes: line 1 column 8 (char 7)",
            ),
            (
                "{\"a\":1,  ",
                "Expecting property name enclosed in double quotes: line 1 column 10 (char 9)",
            ),
            ("[", "Expecting value: line 1 column 2 (char 1)"),
            ("nul", "Expecting value: line 1 column 1 (char 0)"),
            ("\n\n  x", "Expecting value: line 3 column 3 (char 4)"),
            ("[1,\n]", "Expecting value: line 2 column 1 (char 4)"),
            ("{\"a\":-}", "Expecting value: line 1 column 6 (char 5)"),
            ("{\"é\": é}", "Expecting value: line 1 column 7 (char 6)"),
            ("{\"a\"}", "Expecting ':' delimiter: line 1 column 5 (char 4)"),
            (
                "{\"a\":1,\n\"b\" 2}",
                "Expecting ':' delimiter: line 2 column 5 (char 12)",
            ),
            ("[1 2]", "Expecting ',' delimiter: line 1 column 4 (char 3)"),
            ("{\"a\":1", "Expecting ',' delimiter: line 1 column 7 (char 6)"),
            (
                "\"abc",
                "Unterminated string starting at: line 1 column 1 (char 0)",
            ),
            (
                "\"\\",
                "Unterminated string starting at: line 1 column 1 (char 0)",
            ),
            (
                "\"a\u{1}b\"",
                "Invalid control character at: line 1 column 3 (char 2)",
            ),
            ("\"\\x\"", "Invalid \\escape: line 1 column 2 (char 1)"),
            ("\"\\u12\"", "Invalid \\uXXXX escape: line 1 column 3 (char 2)"),
            ("\"\\u", "Invalid \\uXXXX escape: line 1 column 3 (char 2)"),
            ("1 2", "Extra data: line 1 column 3 (char 2)"),
            ("01", "Extra data: line 1 column 2 (char 1)"),
            ("1.", "Extra data: line 1 column 2 (char 1)"),
            ("1e5x", "Extra data: line 1 column 4 (char 3)"),
            ("NaN", "Out of range float values are not JSON compliant: 'NaN'"),
            (
                "\u{feff}{}",
                "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)",
            ),
        ];
        for (text, complaint) in cases {
            assert_eq!(describe(text), complaint, "{text:?}");
        }
    }

    #[test]
    fn what_no_value_can_hold_is_refused_too() {
        for text in ["\"\\ud800\"", "1e999"] {
            assert!(serde_json::from_str::<serde_json::Value>(text).is_err(), "{text}");
            assert_eq!(
                describe(text),
                "Out of range values are not JSON compliant",
                "{text}"
            );
        }
    }
}
