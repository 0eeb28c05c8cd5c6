//! Files: where to download them, profile pictures.
use serde_json::{Value, json};

use super::send::media_json;
use crate::telegram::simulator::errors::{ApiError, Outcome};
use crate::telegram::simulator::params::Params;
use crate::telegram::simulator::world::World;

/// Bots download files of up to 20 MB.
const LARGEST_DOWNLOAD: i64 = 20 * 1024 * 1024;

pub(super) fn get(w: &mut World, p: &Params) -> Outcome {
    let id = p.text("file_id").unwrap_or_default();
    let file = w
        .files
        .get(id)
        .ok_or_else(|| ApiError::bad("wrong file_id or the file is temporarily unavailable"))?;
    if file.size > LARGEST_DOWNLOAD {
        return Err(ApiError::bad("file is too big"));
    }
    Ok(json!({
        "file_id": id,
        "file_unique_id": file.unique,
        "file_size": file.size,
        "file_path": file.path,
    }))
}

pub(super) fn photos(w: &mut World, p: &Params) -> Outcome {
    let user = w.person(p).map_err(|_| ApiError::bad("user not found"))?;
    let ids = w
        .users
        .get(&user)
        .map(|u| u.photos.clone())
        .unwrap_or_default();
    let photos: Vec<Value> = ids.iter().map(|id| media_json(w, "photo", id)).collect();
    Ok(json!({"total_count": photos.len(), "photos": photos}))
}
