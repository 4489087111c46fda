//! vmuxd
fn main() {}
