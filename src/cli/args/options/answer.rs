//! The options of `vmux pending`, `answer`, `allow`, `deny` and `send`.

use clap::Args;
use std::time::Duration;

/// What the help of `vmux answer` says below its options.
pub const ANSWER: &str = "\
Examples:
  vmux pending                        what is asked, whole, with the id of each prompt
  vmux answer api allow               the only prompt of the session that is meant by \"api\"
  vmux answer khw4z2m always          the prompt with this id, and what `pending` says from then on
  vmux answer api deny --message 'use rg'
  vmux answer api 2                   the second option of its question
  vmux answer api 1 'as small as possible'    two questions
  vmux allow api --accept-edits       its plan; edits need no permission then

A prompt can be answered if Claude Code asks vmux: `vmux hooks install --answer`.

Exit codes:
  0  Claude Code was told
  1  no session matches, or several do, or it has several prompts
  2  the command line makes no sense
  3  vmuxd cannot be reached
  4  vmuxd refused, or something that was needed failed
  7  the prompt is over, or another has taken its place; nothing was answered
  8  the session has no prompt that can be answered from here
  9  the answer does not fit the prompt; nothing was answered";

/// What the help of `vmux pending` says below its options.
pub const PENDING: &str = "\
Examples:
  vmux pending                        every prompt that is open, with its id
  vmux pending api                    only those of the session that is meant by \"api\"
  vmux pending --follow               each prompt when it opens and when it is over
  vmux pending --json | jq '.[0]'     the first one, with its whole input

A prompt can be answered from here if Claude Code asks vmux: `vmux hooks install --answer`;
docs/answering.md has more. Of others it says why not. If no session asks, a terminal is told
so, and a pipe gets nothing.

Exit codes:
  0  done, also if there is none
  1  no session matches, or several do
  2  the command line makes no sense
  3  vmuxd cannot be reached
  4  vmuxd refused, or something that was needed failed
  7  the prompt with this id is over
  8  the session asks nothing";

/// What the help of `vmux send` says below its options.
pub const SEND: &str = "\
Examples:
  vmux send api run the tests again
  vmux send api - <review.txt         the text from standard input
  vmux send api --queue 'and then the docs'
  vmux send api --print 'what is left?' --timeout 10m

The screen is read before and after: the text is typed only into a prompt box that is free and empty,
in a pane of tmux. With --wait it waits until the session has done what it was told, or asks something.

Exit codes:
  0   the text was submitted, and with --wait the session is idle
  1   no session matches, several do, it ended, or time is up
  2   the command line makes no sense
  3   vmuxd cannot be reached
  4   vmuxd refused the text, such as an empty one, or something that was needed failed
  6   with --wait: it asks something, or its turn ended at a usage limit or in an API error
  10  the configuration does not allow it; nothing was typed
  11  it cannot be sent now, or not to this terminal; nothing was typed
  12  the text was typed, and the screen does not show that it was submitted";

/// Options of `vmux send`.
#[derive(Debug, Clone, Default, Args)]
pub struct SendArgs {
    /// The session
    pub query: String,
    /// What to send; - for standard input
    #[arg(required = true, value_name = "TEXT")]
    pub text: Vec<String>,
    /// Send it to a session that works, too: it takes the text up when it has time
    #[arg(long, short)]
    pub queue: bool,
    /// Wait until the session is idle again, or asks something
    #[arg(long, short)]
    pub wait: bool,
    /// Wait, and print what Claude said last
    #[arg(long, short)]
    pub print: bool,
    /// Wait no longer than this: 90s, 10m
    #[arg(long, value_name = "TIME", value_parser = super::duration)]
    pub timeout: Option<Duration>,
    /// Print the session as JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `vmux pending`.
#[derive(Debug, Clone, Default, Args)]
pub struct PendingArgs {
    /// Only the prompts of this session, or the one with this id
    #[arg(conflicts_with = "follow")]
    pub query: Vec<String>,
    /// Go on, and print each prompt when it opens and when it is over
    #[arg(long, short)]
    pub follow: bool,
    /// Print JSON; with --follow a line for each change
    #[arg(long)]
    pub json: bool,
}

/// What `answer`, `allow` and `deny` have in common.
#[derive(Debug, Clone, Default, Args)]
pub struct AnsweredPrompt {
    /// The prompt that you saw; without it, the session must have exactly one
    #[arg(long, value_name = "ID")]
    pub prompt: Option<String>,
    /// Print JSON: the id of the prompt, and the session
    #[arg(long)]
    pub json: bool,
}

/// Options of `vmux answer`.
#[derive(Debug, Clone, Default, Args)]
pub struct AnswerArgs {
    /// The session, or the id of the prompt
    pub query: String,
    /// allow, deny or always; to a question the number of an option, or words
    #[arg(required = true, value_name = "ANSWER")]
    pub words: Vec<String>,
    /// With deny: what to tell Claude, which then goes on
    #[arg(long, short, value_name = "TEXT")]
    pub message: Option<String>,
    /// Which prompt, and how the outcome is told
    #[command(flatten)]
    pub common: AnsweredPrompt,
}

/// Options of `vmux allow`.
#[derive(Debug, Clone, Default, Args)]
pub struct AllowArgs {
    /// The session, or the id of the prompt
    #[arg(required = true)]
    pub query: Vec<String>,
    /// A plan: edits need no permission from then on
    #[arg(long)]
    pub accept_edits: bool,
    /// Which prompt, and how the outcome is told
    #[command(flatten)]
    pub common: AnsweredPrompt,
}

/// Options of `vmux deny`.
#[derive(Debug, Clone, Default, Args)]
pub struct DenyArgs {
    /// The session, or the id of the prompt
    #[arg(required = true)]
    pub query: Vec<String>,
    /// What to tell Claude, which then goes on; without it the turn ends
    #[arg(long, short, value_name = "TEXT")]
    pub message: Option<String>,
    /// Which prompt, and how the outcome is told
    #[command(flatten)]
    pub common: AnsweredPrompt,
}
