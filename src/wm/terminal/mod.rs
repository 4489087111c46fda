//! Terminals that can be asked where they show a process, and told to bring it into view.

use super::locate::snapshot::{Tab, TabFact};
use crate::proc::files::Reader;

pub mod kitty;
pub mod konsole;

/// Asks the terminal `owner` where it shows its child. None when it cannot say.
pub async fn ask(reader: &Reader, owner: u32, child: u32) -> Option<TabFact> {
    match (reader.process)(owner)?.comm.as_str() {
        "kitty" => kitty::ask(reader, child).await,
        "konsole" => konsole::ask(reader, child).await,
        _ => None,
    }
}

/// Brings a tab into view.
pub async fn show(tab: &Tab) -> Result<(), String> {
    match tab {
        Tab::Kitty { address, id } => kitty::show(address, *id).await,
        Tab::Konsole { bus, service, window, session } => {
            konsole::show(bus, service, window, *session).await
        }
    }
}
