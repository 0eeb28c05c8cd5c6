//! What is known of the ban lists, kept as one value; the ids themselves lie in files.
use super::book::Book;
use crate::store::{Connection, StoreError, Tx, meta};

/// Its name.
const KEY: &str = "ban_lists";

/// What is known; nothing, where it cannot be read: then everything is fetched anew.
pub fn book(conn: &Connection) -> Result<Book, StoreError> {
    let kept = meta::text(conn, KEY)?;
    Ok(kept
        .and_then(|kept| serde_json::from_str(&kept).ok())
        .unwrap_or_default())
}

/// Keeps it.
pub fn put_book(tx: &Tx<'_>, book: &Book) -> Result<(), StoreError> {
    meta::put_text(tx, KEY, &serde_json::to_string(book)?)
}
