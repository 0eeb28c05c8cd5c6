//! Any method over the library's transport: one payload type whose name is a constant parameter.
use std::pin::Pin;

use serde_json::Value;
use serde_json::value::RawValue;
use teloxide_core::requests::{JsonRequest, Payload, Request};
use teloxide_core::{Bot, RequestError};

use crate::telegram::sender::Method;
use crate::telegram::sender::methods::{Visit, name_at, with_const};

/// Parameters of the method at place `M` of the table, as JSON text.
#[derive(serde::Serialize)]
#[serde(transparent)]
struct Raw<const M: u8>(Box<RawValue>);

impl<const M: u8> Payload for Raw<M> {
    type Output = Value;
    const NAME: &'static str = name_at(M);
}

type Answering = Pin<Box<dyn Future<Output = Result<Value, RequestError>> + Send>>;

struct Call {
    bot: Bot,
    params: Box<RawValue>,
}

impl Visit for Call {
    type Out = Answering;

    fn visit<const M: u8>(self) -> Answering {
        Box::pin(JsonRequest::new(self.bot, Raw::<M>(self.params)).send())
    }
}

/// Calls `method` with `params`.
pub(super) fn call(bot: &Bot, method: Method, params: Box<RawValue>) -> Answering {
    with_const(
        method,
        Call {
            bot: bot.clone(),
            params,
        },
    )
}
