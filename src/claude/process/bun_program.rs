//! Whether an executable is a script that Bun made a program of. Pure.
//!
//! Source: elf(5); the section is that of `StandaloneModuleGraph` of Bun, which 2.1.119 to 2.1.332 have,
//! and the words at the end are where older Bun versions put the script.

/// Largest number of sections that are looked at; Claude Code has 40.
const MAX_SECTIONS: u16 = 512;
/// Bytes of names of sections that are read.
const MAX_NAMES: u64 = 64 * 1024;
/// Bytes of the header of a file, and of a section.
const HEADER: usize = 64;
const SECTION_NAME: &[u8] = b".bun";
const TRAILER: &[u8] = b"\n---- Bun! ----\n";

/// Reads so many bytes of a program from an offset on; none if they cannot be read.
pub type ReadAt<'a> = &'a dyn Fn(u64, usize) -> Option<Vec<u8>>;

/// Whether an executable of `length` bytes is a script that Bun has made a program of, as native builds
/// of Claude Code are, whatever its file is called. At most 64 KiB are read at once. False where it cannot
/// be read, and for 32 bits.
pub fn is_bun_program(length: u64, read: ReadAt<'_>) -> bool {
    has_section(read).unwrap_or(false) || ends_with_trailer(length, read).unwrap_or(false)
}

fn has_section(read: ReadAt<'_>) -> Option<bool> {
    let header = read(0, HEADER)?;
    // 64 bits, the lowest byte first.
    if !header.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let table = u64::from_le_bytes(header.get(40..48)?.try_into().ok()?);
    let half = |at: usize| Some(u16::from_le_bytes(header.get(at..at + 2)?.try_into().ok()?));
    let (size, number, names) = (half(58)?, half(60)?, half(62)?);
    if usize::from(size) != HEADER || number > MAX_SECTIONS {
        return None;
    }
    let sections = read(table, usize::from(number) * HEADER)?;
    let mut sections = sections.chunks_exact(HEADER);
    let of_names = sections.clone().nth(usize::from(names))?;
    let long = |section: &[u8], at: usize| {
        Some(u64::from_le_bytes(section.get(at..at + 8)?.try_into().ok()?))
    };
    let size = usize::try_from(long(of_names, 32)?.min(MAX_NAMES)).ok()?;
    let names = read(long(of_names, 24)?, size)?;
    let name = |section: &[u8]| {
        let at = u32::from_le_bytes(section.get(..4)?.try_into().ok()?);
        names.get(usize::try_from(at).ok()?..)?.split(|byte| *byte == 0).next()
    };
    Some(sections.any(|section| name(section) == Some(SECTION_NAME)))
}

/// The words are followed by the length of the file.
fn ends_with_trailer(length: u64, read: ReadAt<'_>) -> Option<bool> {
    let size = TRAILER.len() + 8;
    let start = length.checked_sub(u64::try_from(size).ok()?)?;
    Some(read(start, size)?.starts_with(TRAILER))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(bytes: &[u8]) -> bool {
        let read = |at: u64, length: usize| {
            let at = usize::try_from(at).ok()?;
            Some(bytes.get(at..at.checked_add(length)?)?.to_vec())
        };
        is_bun_program(bytes.len().try_into().unwrap(), &read)
    }

    /// An ELF file with sections of these names.
    fn elf(names: &[&str]) -> Vec<u8> {
        let mut table = vec![0_u8];
        let mut sections = Vec::new();
        for name in names {
            let mut section = [0_u8; HEADER];
            section[..4].copy_from_slice(&u32::try_from(table.len()).unwrap().to_le_bytes());
            table.extend([name.as_bytes(), &[0]].concat());
            sections.push(section);
        }
        let mut last = [0_u8; HEADER];
        last[24..32].copy_from_slice(&64_u64.to_le_bytes());
        last[32..40].copy_from_slice(&u64::try_from(table.len()).unwrap().to_le_bytes());
        sections.push(last);
        let mut file = vec![0_u8; HEADER];
        file[..6].copy_from_slice(b"\x7fELF\x02\x01");
        file[40..48].copy_from_slice(&u64::try_from(HEADER + table.len()).unwrap().to_le_bytes());
        file[58..60].copy_from_slice(&64_u16.to_le_bytes());
        let number = u16::try_from(sections.len()).unwrap();
        file[60..62].copy_from_slice(&number.to_le_bytes());
        file[62..64].copy_from_slice(&(number - 1).to_le_bytes());
        [file, table, sections.concat()].concat()
    }

    #[test]
    fn a_program_of_bun_is_known_by_its_section_or_its_end() {
        assert!(is(&elf(&[".text", ".bun", ".data"])));
        assert!(!is(&elf(&[".text", ".bun_trim", ".bundle"])) && !is(&elf(&[])));
        let end = |bytes: &[u8]| [b"\x7fELF\x02\x01".as_slice(), TRAILER, bytes].concat();
        assert!(is(&end(&[7; 8])) && !is(&end(&[7; 9])));
    }

    #[test]
    fn a_damaged_program_is_survived() {
        let whole = elf(&[".bun"]);
        for length in 0..whole.len() {
            assert!(!is(&whole[..length]), "{length}");
        }
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 0xff;
            is(&changed);
        }
        assert!(!is(b"#!/bin/sh\n"));
    }
}
