//! Each row was checked against Python 3.11's `re.match`, but for those of the limits, which are ours.

use super::Pattern;

/// `None`: the pattern is refused.
fn check(pattern: &str, text: &str, expected: Option<bool>) {
    let actual = Pattern::compile(pattern).map(|pattern| pattern.is_match(text));
    assert_eq!(actual, expected, "{pattern:?} on {text:?}");
}

#[test]
fn matches_start_at_the_start_and_end_anywhere() {
    check("b+", "abb", Some(false));
    check("a", "abb", Some(true));
    check("^a", "abb", Some(true));
    check("a|b", "cb", Some(false));
    check("", "x", Some(true));
}

#[test]
fn a_dollar_allows_one_final_new_line() {
    check("a$", "a\n", Some(true));
    check("a$", "a\n\n", Some(false));
    check("a$|b", "a\n", Some(true));
    check("(a$)", "a\n", Some(true));
    check(r"(a$)\n", "a\n", Some(true));
    check(r"a\Z", "a\n", Some(false));
    check(r"a\Z", "a", Some(true));
    check("(?m)a$", "a\nb", Some(true));
    check("(?m:a$)\nb", "a\nb", Some(true));
    check("$*", "", None);
}

#[test]
fn look_around_and_references_work() {
    check("(?=.*[0-9])(?=.*[a-z]).+", "a1", Some(true));
    check("(?!beta)", "beta-1", Some(false));
    check("a(?<=a)b", "ab", Some(true));
    check("a(?<!a)b", "ab", Some(false));
    check("(?<=a+)b", "ab", None);
    check("a(?<=a|bc)b", "ab", None);
    check(r"a(?<=(a)\1)", "aa", None);
    check(r"(a)(?<=\1)", "aa", Some(true));
    check(r"(.)\1", "aa", Some(true));
    check(r"(.)\1", "ab", Some(false));
    check("(?P<c>.)(?P=c)", "aa", Some(true));
    check("(?P<c>.)(?P=c)1", "aa1", Some(true));
    check(r"(a)?\1b", "b", Some(false));
    check(r"(?i)(a)\1", "aA", Some(true));
    check("(<)?a(?(1)>|$)", "<a>", Some(true));
    check("(<)?a(?(1)>|$)", "<a", Some(false));
    check("(?P<o><)?a(?(o)>|$)", "a", Some(true));
    check("(?:(?=a))*b", "b", Some(true));
    check("(?=a)*b", "b", Some(true));
}

#[test]
fn repeats_are_read_as_the_reference_reads_them() {
    check("a{,2}b", "aab", Some(true));
    check("a{,2}b", "aaab", Some(false));
    check("a{x", "a{x", Some(true));
    check("a{}", "a{}", Some(true));
    check("a{1,x}", "a{1,x}", Some(true));
    check("{", "{", Some(true));
    check("a{2,1}", "aa", None);
    check("a**", "a", None);
    check("a{2}{3}", "a", None);
    check("*a", "a", None);
    check("a++a", "aaa", Some(false));
    check("a{1,2}+a", "aa", Some(false));
    check("(?>a+)a", "aaa", Some(false));
    check("a+?b", "aab", Some(true));
}

#[test]
fn classes_hold_what_stands_in_them() {
    check("[[]a", "[a", Some(true));
    check("[]]a", "]a", Some(true));
    check("[a&&b]", "&", Some(true));
    check("[a-]", "-", Some(true));
    check("[+--]", ",", Some(true));
    check("[^a]", "\n", Some(true));
    check("[~~]", "~", Some(true));
    check(r"[\w.-]+@", "a-b.c@", Some(true));
    check(r"[\W]", "é", Some(false));
    check(r"[\b]", "\x08", Some(true));
    check("[z-a]", "a", None);
    check(r"[a-\d]", "a", None);
    check("[a", "a", None);
}

#[test]
fn shorthands_are_unicode_unless_told() {
    check(r"\d", "٣", Some(true));
    check(r"(?a)\d", "٣", Some(false));
    check(r"\w", "é", Some(true));
    check(r"\w", "²", Some(true));
    check(r"\w", "\u{301}", Some(false));
    check(r"(?a)\w", "é", Some(false));
    check(r"(?a:\w)é", "aé", Some(true));
    check(r"\s", "\x1c", Some(true));
    check(r"a\b", "a b", Some(true));
    check(r"(?a)a\B", "ab", Some(true));
    check(".", "\n", Some(false));
    check("(?s).", "\n", Some(true));
}

#[test]
fn flags_reach_as_far_as_they_say() {
    check("(?i)AB", "ab", Some(true));
    check("(?i:A)b", "ab", Some(true));
    check("(?i:A)b", "aB", Some(false));
    check("(?i)a(?-i:B)", "ab", Some(false));
    check("a(?i)b", "ab", None);
    check("(?x) a b # c", "ab", Some(true));
    check("(?x)a\\ b", "a b", Some(true));
    check("(?i)a|B", "b", Some(true));
    check("(?L)a", "a", None);
    check("(?i-i:a)", "a", None);
    check("(?z)a", "a", None);
    check("(?)a", "a", None);
    check("(?-:a)", "a", None);
}

#[test]
fn escapes_are_those_of_the_reference() {
    check(r"\x41\u0042\U00000043\103\0", "ABCC\0", Some(true));
    check(r"\<a\/", "<a/", Some(true));
    check(r"\é", "é", Some(true));
    check(r"\q", "q", None);
    check(r"\p{L}", "p", None);
    check(r"\K", "", None);
    check(r"\1", "a", None);
    check(r"(a\1)", "a", None);
    check(r"(?P=x)", "a", None);
    check(r"\", "a", None);
    check("(?<n>a)", "a", None);
    check("(?P<1>a)", "a", None);
    check("(?P<n>a)(?P<n>b)", "ab", None);
    check("(a", "a", None);
    check("a)", "a", None);
    check("(?#comment)a", "a", Some(true));
}

#[test]
fn a_blown_limit_is_false() {
    let text = "a".repeat(60);
    check(r"(?:(a+)+\1?)+(?!a)x", &text, Some(false));
    check(&format!("{}a{}", "(".repeat(200), ")".repeat(200)), "a", None);
    check(&"(?:a|bc)".repeat(3_000), &text, None);
}

#[test]
fn without_references_time_is_linear() {
    let text = "a".repeat(2_000);
    check("(?:a+)+x", &text, Some(false));
    check(r"(?:\w*\w*)*x", &text, Some(false));
    check(".*.*.*.*=.*", &text, Some(false));
    check(".+.+?.{3,}a$", &text, Some(true));
    check("(?:a|a)*$", &text, Some(true));
    check("(?:a|b|ab)*(?:c|$)", &"ab".repeat(1_000), Some(true));
    check(r"(?!.*secret)(?:[^@]+)+@.*\.com$", &text, Some(false));
    check(r"(?:(?:\w+\.)*\w+)*$", &text, Some(true));
}

#[test]
fn repeats_that_would_take_too_much_memory_are_counted() {
    check("((a{1000}){1000}){1000}", "a", Some(false));
    check(r"\w{1,255}@$", &format!("{}@", "é".repeat(200)), Some(true));
    check(r"\w{1,255}@$", &"é".repeat(200), Some(false));
    check(
        r"(\w{100,255}?)@\1$",
        &format!("{0}@{0}", "é".repeat(150)),
        Some(true),
    );
    check(r"\w{2,200}+\w", &"é".repeat(200), Some(false));
}
