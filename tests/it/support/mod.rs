//! What tests stand on: worlds with a vmuxd or with real windows, a vmuxd of recorded answers, a
//! message bus.

pub mod claude_world;
pub mod desk;
pub mod dunst;
pub mod fake;
pub mod program;
pub mod ssh;
pub mod world;
