//! Data of buttons, signed: only what Beadle wrote, for this chat, comes back.
use crate::base::secretbox::{Keyring, Signer};

/// Longest data of a button, in bytes (Bot API, InlineKeyboardButton).
pub const BYTES: usize = 64;

/// Signs and opens data of buttons. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Seal(Signer);

impl Seal {
    /// Signs with the key for buttons.
    pub fn new(keys: &Keyring) -> Self {
        Self(keys.signer("callback"))
    }

    /// `name:payload` with a signature that holds in `chat` only: where the button stands, or whose private
    /// chat it is.
    pub fn data(&self, name: &str, payload: &str, chat: i64) -> String {
        let sealed = format!("{name}:{}", self.0.seal(&context(name, chat), payload));
        debug_assert!(sealed.len() <= BYTES, "{sealed}");
        sealed
    }

    /// The payload of what follows `name:` in the data of a pressed button; None when it was not written
    /// here, or for another chat.
    pub fn open<'a>(&self, name: &str, args: &'a str, chat: i64) -> Option<&'a str> {
        self.0.open(&context(name, chat), args)
    }

    /// What follows `?start=` in a link that brings `user` into the private chat: `name-payload-signature`.
    pub fn link(&self, name: &str, payload: &str, user: i64) -> String {
        format!(
            "{name}-{payload}-{}",
            self.0.sign(&context(name, user), payload)
        )
    }

    /// The payload of what follows `name-` in such a link.
    pub fn open_link<'a>(&self, name: &str, args: &'a str, user: i64) -> Option<&'a str> {
        let (payload, signature) = args.split_once('-')?;
        let good = self.0.verify(&context(name, user), payload, signature);
        good.then_some(payload)
    }
}

fn context(name: &str, chat: i64) -> Vec<u8> {
    let mut context = chat.to_be_bytes().to_vec();
    context.extend_from_slice(name.as_bytes());
    context
}
