//! One table of the file. Each key is read once, by its type; keys that were not read are unknown.

use super::fault::{Fault, Warning};
use crate::session::sanitize::clean;
use std::cell::RefCell;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The faults and warnings so far, and the text that they are about.
#[derive(Debug)]
pub struct Findings<'t> {
    text: &'t str,
    faults: RefCell<Vec<Fault>>,
    warnings: RefCell<Vec<Warning>>,
}

impl<'t> Findings<'t> {
    /// No findings about `text` yet.
    pub fn of(text: &'t str) -> Findings<'t> {
        Findings { text, faults: RefCell::default(), warnings: RefCell::default() }
    }

    /// Adds a fault of the value at `at`, a range of bytes.
    pub fn fault(&self, at: Range<usize>, key: &str, problem: impl Into<String>) {
        let (line, problem) = (self.line(at.start), problem.into());
        self.faults.borrow_mut().push(Fault { line, key: key.to_owned(), problem });
    }

    /// Adds a warning of the key or value at `at`, a range of bytes.
    pub fn warn(&self, at: Range<usize>, key: &str, problem: impl Into<String>) {
        let (line, problem) = (self.line(at.start), problem.into());
        self.warnings.borrow_mut().push(Warning { line, key: key.to_owned(), problem });
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().get(..offset).unwrap_or(self.text.as_bytes());
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    /// The faults and the warnings, each by line.
    pub fn into_parts(self) -> (Vec<Fault>, Vec<Warning>) {
        let (mut faults, mut warnings) = (self.faults.into_inner(), self.warnings.into_inner());
        faults.sort_by_key(|it| it.line);
        warnings.sort_by_key(|it| it.line);
        (faults, warnings)
    }
}

/// A table, and which of its keys were read.
pub struct Section<'a> {
    table: Option<&'a DeTable<'a>>,
    span: Range<usize>,
    path: String,
    known: RefCell<Vec<&'static str>>,
    /// Its values may be secrets: no fault quotes them.
    is_private: bool,
    findings: &'a Findings<'a>,
}

impl<'a> Section<'a> {
    /// The table of the whole file.
    pub fn root(table: &'a Spanned<DeTable<'a>>, findings: &'a Findings<'a>) -> Section<'a> {
        Section::new(Some(table.get_ref()), table.span(), String::new(), findings)
    }

    fn new(
        table: Option<&'a DeTable<'a>>,
        span: Range<usize>,
        path: String,
        findings: &'a Findings<'a>,
    ) -> Section<'a> {
        Section { table, span, path, known: RefCell::default(), is_private: false, findings }
    }

    /// The same, but no fault quotes its values, which go into the log and into `problems`: a secret
    /// may be among them, at its own key or, by mistake, at another.
    pub fn private(mut self) -> Section<'a> {
        self.is_private = true;
        self
    }

    /// Whether it is in the file.
    pub fn exists(&self) -> bool {
        self.table.is_some()
    }

    /// Whether `key` is in it.
    pub fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key))
    }

    /// The value of `key` as `read` returns it. If that is `None`, a fault says what is `allowed`.
    pub fn get<T>(
        &self,
        key: &'static str,
        allowed: &str,
        read: impl Fn(&DeValue) -> Option<T>,
    ) -> Option<T> {
        let value = self.take(key)?;
        let meaning = read(value.get_ref());
        if meaning.is_none() {
            let problem = match self.is_private {
                true => format!("must be {allowed}"),
                false => format!("must be {allowed}, not {}", describe(value.get_ref())),
            };
            self.findings.fault(value.span(), &self.name(key), problem);
        }
        meaning
    }

    /// The table `key`. An absent one has no keys.
    pub fn section(&self, key: &'static str) -> Section<'a> {
        let value = self.take(key);
        let (table, span) = match value.map(|value| (value.get_ref(), value.span())) {
            None => (None, self.span.clone()),
            Some((DeValue::Table(table), span)) => (Some(table), span),
            Some((other, span)) => {
                let problem = format!("must be a table, [{key}], not {}", kind(other));
                self.findings.fault(span.clone(), &self.name(key), problem);
                (None, span)
            }
        };
        Section::new(table, span, self.name(key), self.findings)
    }

    /// All its tables, by key. A value that is none is a fault.
    pub fn tables(&self) -> Vec<(String, Section<'a>)> {
        let mut tables = Vec::new();
        for (key, value) in self.table.into_iter().flatten() {
            let name = self.name(key.get_ref());
            match value.get_ref() {
                DeValue::Table(table) => {
                    let section = Section::new(Some(table), value.span(), name, self.findings);
                    tables.push((key.get_ref().to_string(), section));
                }
                other => {
                    let problem = format!("must be a table, [{name}], not {}", kind(other));
                    self.findings.fault(value.span(), &name, problem);
                }
            }
        }
        tables
    }

    /// The array of tables `key`.
    pub fn sections(&self, key: &'static str) -> Vec<Section<'a>> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let name = self.name(key);
        let items = value.get_ref().as_array().map(|array| &**array);
        let tables = items.and_then(|items| {
            let table = |item: &'a Spanned<DeValue<'a>>| item.get_ref().as_table();
            items.iter().map(|item| Some((table(item)?, item.span()))).collect::<Option<Vec<_>>>()
        });
        let Some(tables) = tables else {
            let problem = format!("must be tables, [[{name}]]");
            self.findings.fault(value.span(), &name, problem);
            return Vec::new();
        };
        let named = |(index, (table, span))| {
            Section::new(Some(table), span, format!("{name}[{}]", index + 1), self.findings)
        };
        tables.into_iter().enumerate().map(named).collect()
    }

    /// Adds a fault of `key`, or of the section if it has no such key.
    pub fn fault(&self, key: &str, problem: impl Into<String>) {
        self.findings.fault(self.span_of(key), &self.name(key), problem);
    }

    /// Adds a warning of `key`, or of the section if it has no such key.
    pub fn warn(&self, key: &str, problem: impl Into<String>) {
        self.findings.warn(self.span_of(key), &self.name(key), problem);
    }

    /// Ends reading: adds a warning for each key that was not read.
    pub fn finish(self) {
        let Some(table) = self.table else { return };
        let known = self.known.borrow();
        for key in table.keys().filter(|key| !known.contains(&&**key.get_ref())) {
            let problem = format!("unknown key, ignored; here may be {}", known.join(", "));
            self.findings.warn(key.span(), &self.name(key.get_ref()), problem);
        }
    }

    fn take(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.known.borrow_mut().push(key);
        self.table?.get(key)
    }

    fn span_of(&self, key: &str) -> Range<usize> {
        let value = self.table.and_then(|table| table.get(key));
        value.map_or_else(|| self.span.clone(), Spanned::span)
    }

    fn name(&self, key: &str) -> String {
        match (self.path.as_str(), key) {
            ("", _) => key.to_owned(),
            (path, "") => path.to_owned(),
            (path, _) => format!("{path}.{key}"),
        }
    }
}

/// The value in a few words, quoted.
fn describe(value: &DeValue) -> String {
    match value {
        DeValue::String(text) => format!("\"{}\"", clean(text, 40)),
        DeValue::Integer(number) => clean(&number.to_string(), 40),
        DeValue::Float(number) => clean(number.as_str(), 40),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Array(items) => {
            let items: Vec<String> = items.iter().map(|it| describe(it.get_ref())).collect();
            clean(&format!("[{}]", items.join(", ")), 80)
        }
        other => kind(other).to_owned(),
    }
}

/// The kind of a value.
fn kind(value: &DeValue) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
