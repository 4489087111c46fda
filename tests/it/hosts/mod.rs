//! Sessions on other hosts: `vmux relay`, and the links of vmuxd over an ssh that is a script.

mod relay;
