//! Bodies sent by HTML forms.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use multer::Multipart;

use super::File;

/// Names and texts of `application/x-www-form-urlencoded`.
pub(super) fn urlencoded(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes).into_owned().collect()
}

/// Names, texts and files of `multipart/form-data`. Texts that are not UTF-8 get `U+FFFD` in place of what is not.
///
/// # Errors
/// What is wrong with it.
pub(super) async fn multipart(
    content_type: &str,
    bytes: Bytes,
) -> Result<(Vec<(String, String)>, Vec<File>), String> {
    let complain = |error: multer::Error| format!("Multipart form parse error - {error}");
    let boundary = multer::parse_boundary(content_type).map_err(complain)?;
    let mut form = Multipart::new(stream::iter([Ok::<_, Infallible>(bytes)]), boundary);
    let (mut pairs, mut files) = (Vec::new(), Vec::new());
    while let Some(part) = form.next_field().await.map_err(complain)? {
        let Some(name) = part.name().map(str::to_owned) else {
            continue;
        };
        let is_file = part.file_name().is_some();
        let content = part.bytes().await.map_err(complain)?;
        if is_file {
            files.push(File { field: name, content });
        } else {
            pairs.push((name, String::from_utf8_lossy(&content).into_owned()));
        }
    }
    Ok((pairs, files))
}
