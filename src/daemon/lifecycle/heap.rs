//! The heap of vmuxd, where the C library is glibc.

/// One heap for all threads instead of one for each, which would all keep what they once needed
/// (mallopt(3)). The threads work by turns, so none waits for another. To be called before there are
/// any.
#[cfg(target_env = "gnu")]
#[expect(unsafe_code)]
pub fn share_one_heap() {
    // SAFETY: it changes a number of the allocator, and no thread allocates meanwhile.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
}

/// Gives what is free back to the kernel, whole pages between things in use as well (malloc_trim(3)).
#[cfg(target_env = "gnu")]
#[expect(unsafe_code)]
pub fn give_back() {
    // SAFETY: it takes the allocator's lock, and touches nothing that is in use.
    unsafe { libc::malloc_trim(0) };
}

/// Other C libraries have no such setting.
#[cfg(not(target_env = "gnu"))]
pub fn share_one_heap() {}

/// Other C libraries do so by themselves.
#[cfg(not(target_env = "gnu"))]
pub fn give_back() {}
