//! A writer for logs that lets no secret through, whatever a line is made of.
use std::io::Write;

use tracing_subscriber::fmt::MakeWriter;

use crate::base::redact::{Look, redact};

/// Wraps what lines are written to. Each write is one whole line, as the formatter gives it.
#[derive(Debug, Clone, Copy)]
pub struct Redacted<M>(pub M);

/// One line on its way.
#[derive(Debug)]
pub struct Line<W>(W);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Redacted<M> {
    type Writer = Line<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Line(self.0.make_writer())
    }

    fn make_writer_for(&'a self, meta: &tracing::Metadata<'_>) -> Self::Writer {
        Line(self.0.make_writer_for(meta))
    }
}

impl<W: Write> Write for Line<W> {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        self.0.write_all(redact(&text, Look::Logs).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}
