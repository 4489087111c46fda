//! Completion of a command line: what may stand at the cursor. Pure: the words typed so far and the
//! sessions come in, candidates go out. `dist/completions` has what the shells make of it.
//!
//! | file | job |
//! |---|---|
//! | [`slot`] | where the cursor is: a command, an option, a value of what kind |
//! | [`candidates`] | what may stand there |
//! | [`bash`] | words and quoting of bash, which leaves both to the program |

pub mod bash;
pub mod candidates;
pub mod slot;

/// Something that may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The whole word, not quoted.
    pub text: String,
    /// What it is, in a few words; may be empty.
    pub help: String,
}

/// What may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// One of these words, in this order. They are not narrowed to what was typed.
    Words(Vec<Candidate>),
    /// A file.
    Files,
    /// A directory.
    Directories,
    /// A program.
    Commands,
}

impl Answer {
    /// The first line that a shell is told: what kind of answer this is.
    pub fn kind(&self) -> &'static str {
        match self {
            Answer::Words(_) => "words",
            Answer::Files => "files",
            Answer::Directories => "directories",
            Answer::Commands => "commands",
        }
    }
}

impl Candidate {
    /// A word without an explanation.
    pub fn word(text: impl Into<String>) -> Candidate {
        Candidate { text: text.into(), help: String::new() }
    }
}
