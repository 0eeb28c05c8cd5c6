//! From the bytes of a list to ids: what is too large, or no list at all, is refused with a sentence. Pure.
use super::ids::Ids;

/// Telegram's ids of people have at most 52 significant bits (Bot API, User).
const MAX_USER: u64 = (1 << 52) - 1;
/// A line of an export is some tens of bytes; whatever has longer ones is something else.
const LINE: usize = 4_096;
/// Lines without an id that are tolerated: one in so many.
const TOLERATED: usize = 100;

/// What a list may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes as sent.
    pub bytes: usize,
    /// People on it.
    pub ids: usize,
    /// For the whole of a download, in milliseconds.
    pub time: u64,
}

impl Default for Limits {
    /// 32 MiB hold some three million ids in plain lines.
    fn default() -> Self {
        Self {
            bytes: 32 << 20,
            ids: 3_000_000,
            time: 120_000,
        }
    }
}

/// Why something is not taken for a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// More bytes than [`Limits::bytes`].
    #[error("it is larger than {} MiB, which no ban list needs", .0 >> 20)]
    Large(usize),
    /// More people than [`Limits::ids`].
    #[error("it holds more than {0} ids")]
    Many(usize),
    /// It begins like a page for people.
    #[error("it is a web page, not a list: open the address in a browser to see what it says")]
    Page,
    /// A line without end.
    #[error("it has lines longer than {LINE} bytes, so it is no list of ids")]
    Long,
    /// Too many lines say something else.
    #[error(
        "{without} of its {lines} lines begin with no Telegram user id, so it is something else"
    )]
    Letters {
        /// Lines without an id.
        without: usize,
        /// All lines that say something.
        lines: usize,
    },
    /// Nobody is on it.
    #[error("it holds no ids")]
    Empty,
}

/// Takes a list in as it comes, in pieces cut anywhere.
#[derive(Debug)]
pub struct Reader {
    limits: Limits,
    line: Vec<u8>,
    ids: Vec<u64>,
    lines: usize,
    without: usize,
    bytes: usize,
}

impl Reader {
    /// Nothing has come yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            line: Vec::new(),
            ids: Vec::new(),
            lines: 0,
            without: 0,
            bytes: 0,
        }
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// As soon as it is clear that this is no list; the rest need not be fetched then.
    pub fn feed(&mut self, piece: &[u8]) -> Result<(), Unfit> {
        self.bytes = self.bytes.saturating_add(piece.len());
        if self.bytes > self.limits.bytes {
            return Err(Unfit::Large(self.limits.bytes));
        }
        let mut parts = piece.split(|b| *b == b'\n');
        let first = parts.next().unwrap_or_default();
        self.keep(first)?;
        for part in parts {
            self.end_line()?;
            self.keep(part)?;
        }
        Ok(())
    }

    /// All has come.
    ///
    /// # Errors
    /// When it is no list, or an empty one.
    pub fn finish(mut self) -> Result<Ids, Unfit> {
        self.end_line()?;
        // The header of a table is one line.
        if self.without > 1 && self.without > self.lines / TOLERATED {
            return Err(Unfit::Letters {
                without: self.without,
                lines: self.lines,
            });
        }
        if self.ids.is_empty() {
            return Err(Unfit::Empty);
        }
        Ok(Ids::of(self.ids))
    }

    fn keep(&mut self, part: &[u8]) -> Result<(), Unfit> {
        if self.line.len() + part.len() > LINE {
            return Err(
                if self.lines == 0 && (is_page(&self.line) || is_page(part)) {
                    Unfit::Page
                } else {
                    Unfit::Long
                },
            );
        }
        self.line.extend_from_slice(part);
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), Unfit> {
        let line = std::mem::take(&mut self.line);
        let line = line
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(&line)
            .trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            return Ok(());
        }
        if self.lines == 0 && is_page(line) {
            return Err(Unfit::Page);
        }
        self.lines += 1;
        let Some(id) = first_column(line) else {
            self.without += 1;
            return Ok(());
        };
        if self.ids.len() >= self.limits.ids {
            return Err(Unfit::Many(self.limits.ids));
        }
        self.ids.push(id);
        Ok(())
    }
}

/// The whole of a list at once.
///
/// # Errors
/// When it is none.
pub fn read(bytes: &[u8], limits: Limits) -> Result<Ids, Unfit> {
    let mut reader = Reader::new(limits);
    reader.feed(bytes)?;
    reader.finish()
}

fn is_page(start: &[u8]) -> bool {
    start.trim_ascii_start().starts_with(b"<")
}

/// The id in the first column, with or without quotation marks.
fn first_column(line: &[u8]) -> Option<u64> {
    let column = line
        .split(|b| matches!(b, b',' | b';' | b'\t' | b' '))
        .next()?;
    let column = std::str::from_utf8(column).ok()?.trim_matches(['"', '\'']);
    let digits = (1..=16).contains(&column.len()) && column.bytes().all(|b| b.is_ascii_digit());
    let id = column.parse::<u64>().ok().filter(|_| digits)?;
    (1..=MAX_USER).contains(&id).then_some(id)
}
