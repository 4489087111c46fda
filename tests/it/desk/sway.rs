//! sway without a screen, as another user: it refuses root.
