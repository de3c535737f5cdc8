//! The figures of `docs/limits.md` are those of the program.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};

/// A row of a table: what is limited, to which figure, and where that is set.
struct Row {
    limit: String,
    figure: String,
    setting: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rows() -> Vec<Row> {
    let page = fs::read_to_string(root().join("docs/limits.md")).unwrap();
    page.lines()
        .filter(|line| line.starts_with("| ") && line.contains('`'))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [limit, figure, setting] = cells[..] else {
                panic!("not three cells: {line}")
            };
            Row {
                limit: limit.to_owned(),
                figure: figure.to_owned(),
                setting: setting.to_owned(),
            }
        })
        .collect()
}

/// The value of a product such as `8 * 1024` or `10_000`.
fn value(expression: &str) -> u64 {
    let factor = |text: &str| -> u64 {
        let digits = text.trim().replace('_', "");
        digits
            .parse()
            .unwrap_or_else(|_| panic!("not a product of numbers: {expression}"))
    };
    expression.split('*').map(factor).product()
}

/// What follows a text in a file, up to a delimiter.
fn after(source: &str, start: &str, end: char) -> Option<String> {
    let (_, rest) = source.split_once(start)?;
    Some(rest.split_once(end)?.0.to_owned())
}

/// The expression of the constant or of the default of the option that a row names.
fn expression(setting: &str) -> Option<String> {
    let names: Vec<&str> = setting.split('`').skip(1).step_by(2).collect();
    match names[..] {
        [option] => {
            let field = option.strip_prefix("--")?.replace('-', "_");
            let config = fs::read_to_string(root().join("crates/server/src/config.rs")).unwrap();
            let (before, _) = config.split_once(&format!("pub {field}:"))?;
            let (_, attribute) = before.rsplit_once("#[arg(")?;
            after(attribute, "default_value_t = ", ')')
        }
        [file, constant] => {
            let source = fs::read_to_string(root().join(file)).ok()?;
            let (_, declared) = source.split_once(&format!("const {constant}: "))?;
            after(declared, "= ", ';')
        }
        _ => None,
    }
}

#[test]
fn every_figure_is_the_one_in_the_program() {
    let rows = rows();
    assert!(rows.len() > 20, "{} rows", rows.len());
    for Row {
        limit,
        figure,
        setting,
    } in rows
    {
        let found = expression(&setting).unwrap_or_else(|| panic!("{limit}: there is no {setting}"));
        assert_eq!(value(&figure), value(&found), "{limit}: {setting} is {found}");
    }
}
