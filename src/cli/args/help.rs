//! What the help of each command says below its options.

/// The exit codes of a command that asks vmuxd, as text to be composed; `$one` is what 1 means.
macro_rules! exit_codes {
    ($one:literal) => {
        concat!(
            "Exit codes:\n  0  done\n  1  ",
            $one,
            "\n  2  the command line makes no sense\n  3  vmuxd cannot be reached",
            "\n  4  vmuxd refused, or something that was needed failed"
        )
    };
}

/// The exit codes of a command that does something with one session.
pub const SESSION: &str = exit_codes!("no session matches, or several do");

pub const EVENTS: &str = "\
Exit codes:
  0  the reader has gone
  2  the command line makes no sense
  3  vmuxd cannot be reached, or has ended";

pub const HOOKS: &str = "\
Exit codes:
  0  done
  1  status: there are no hooks of vmux
  2  the command line makes no sense
  4  the settings cannot be read or written, or hold something unexpected and are left alone";

pub const CONFIG: &str = "\
Exit codes:
  0  done; check: it is right, or there is none
  1  check: it has errors
  2  the command line makes no sense
  4  it cannot be read";

pub const VERSION: &str = "\
Exit codes:
  0  done, also if vmuxd does not run
  2  the command line makes no sense";

pub const STOP: &str = "\
Exit codes:
  0  it has ended
  2  the command line makes no sense
  3  it does not run, or cannot be reached";

pub const WRITTEN: &str = "\
Exit codes:
  0  done
  2  the command line makes no sense
  4  it cannot be written";

pub const EXTRAS: &str = "\
Exit codes:
  0  done; status: all is there, and of this version
  1  files that are not vmux's were left alone; status: something is missing, old or changed
  2  the command line makes no sense
  4  the directories cannot be read or written";

pub const EXAMPLES: &str = "\
Examples:
  vmux                          every session, those that wait on top
  vmux switch api               to the session that is meant by \"api\"
  vmux switch --next            to the one that has waited longest, again to the next one
  vmux label 4711 release       call the session of process 4711 \"release\"
  vmux list --json | jq '.[0]'  the most urgent session

Exit codes of most commands; `vmux COMMAND --help` has those of one:
  0  done
  1  nothing matches, several do, or the answer is no
  2  the command line makes no sense
  3  vmuxd cannot be reached
  4  vmuxd refused, or something that was needed failed

Environment:
  VMUX_NO_START  if set, vmuxd is never started
  VMUX_SOCKET    the socket of vmuxd
  VMUX_HOME      where labels and configuration are kept, instead of ~/.vmux
  VMUX_LAUNCHER  what offers the list for `vmux switch --pick`
  NO_COLOR, CLICOLOR, CLICOLOR_FORCE, COLUMNS  are honoured";

pub const LIST: &str = concat!(
    "\
Keys of --sort:
  urgency              those that wait first, as `switch --next` goes (the default)
  for                  the longest in its state first
  started              the newest first
  session, directory   by name
  workspace            by number, then by name
  context              the fullest first
  pid                  the smallest first

Names in braces: the columns, and title state reason detail doing clock since cwd key transcript;
state and context are as in JSON; {{ and }} are braces

Examples:
  vmux list api
  vmux list . --columns +pid,model
  vmux list --state idle,finished --sort for --group repo
  vmux list --waiting --format '{clock} {title}: {detail}'

docs/list.md has the columns, and list.columns of the configuration.

",
    exit_codes!("no session matches the query, or there is no such host")
);

pub const STATUS: &str = "\
Formats:
  i3bar        one block; with --follow a whole status_command, with clicks
  i3blocks     for 1.4 and 1.5, with format=json
  polybar      a custom/script module
  waybar       a custom module with return-type json
  i3status-rs  a custom block with json = true
  tmux         in status-right
  json, plain  for scripts
  TEMPLATE     any text with names in braces: waiting failed unseen working idle snoozed unknown total
               hosts.down hosts.down.names servers text short counts state longest.title longest.reason
               longest.detail longest.doing longest.clock longest.pid; {{ and }} are braces

Examples:
  status_command vmux status --format i3bar --wrap i3status
  vmux status --format '{waiting} {longest.title} {longest.clock}' --escape pango

docs/bars.md has a recipe for each bar.";

pub const SWITCH: &str = "\
Examples:
  vmux switch api            to the session that is meant by \"api\"; of several the one that waits longest
  vmux switch .              to the session of this directory; else below it, else above
  vmux switch 3              to the third that waits (or has finished); to a session called 3, if
                             there is one
  vmux switch --next         to the one that has waited longest, again to the next one
  vmux switch --back         to where you were before
  vmux switch --pick         choose with rofi, fuzzel, wofi, tofi, bemenu, dmenu or fzf
  vmux switch --menu         the same; then go there, or allow or deny what it asks
  bindsym $mod+n exec --no-startup-id vmux switch --next       for i3 and sway

Exit codes:
  0  you are there
  1  no session matches, nobody waits, or nothing was chosen
  2  the command line makes no sense
  3  vmuxd cannot be reached
  4  it has no window, or the window manager did not do it
  5  the session is shown where you are now, but it is not in view, or may not be";

pub const WAIT: &str = "\
Examples:
  vmux wait api && notify-send 'api is done, or asks'
  vmux wait api --until gone --timeout 1h
  vmux wait                                until any session waits for you, or has finished its turn
  vmux wait --all api 'my label' --until idle
  vmux wait --any ~/src/web docs --json

Several words are one query; with --any and --all, each argument is one, and may mean several
sessions. A session that has been in the state counts, even if it goes on. Without a query, one
that needs input counts at once; one that is idle or working must become so.

Exit codes:
  0  it is in that state
  1  no session matches, several do, it ended, or time is up
  2  the command line makes no sense
  3  vmuxd cannot be reached
  4  vmuxd failed
  6  it is idle, but its turn ended at a usage limit or in an API error: nothing is finished";

pub const SNOOZE: &str = concat!(
    "\
Examples:
  vmux snooze api              for 10 minutes (notify.snooze in the configuration)
  vmux snooze api 1h           for an hour, whatever it does
  vmux snooze api --until-change
  vmux snooze api --end

",
    exit_codes!("no session matches, or several do")
);

pub const ROFI: &str = "\
Example:
  rofi -show vmux -modi 'vmux:vmux rofi' -show-icons

Alt+1 on a row shows what the session asks, and offers to allow or deny it.";
