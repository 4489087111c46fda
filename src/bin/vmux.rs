//! vmux
fn main() {}
