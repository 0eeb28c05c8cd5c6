//! The one way out: effects become outbox rows, and the sender carries them out within the limits.
mod effects;
pub(in crate::telegram) mod methods;
pub mod outbox;
pub mod text;

pub use effects::{Effect, SendLane};
pub use methods::{Budget, Class, Method};
pub use outbox::{OutboxId, Send};
/// s
pub struct Sender;
/// s
#[derive(Clone,Default)]
pub struct SenderSettings;
/// s
pub struct StatusHandle;
/// s
pub struct St;
impl St { /// s
pub fn healthy(&self)->bool{true} /// s
pub fn summary(&self)->String{String::new()} }
impl StatusHandle { /// s
pub fn snapshot(&self)->St{St} }
impl Sender { /// s
pub fn new(_:crate::store::Store,_:super::api::Api,_:crate::base::clock::SharedClock,_:std::sync::Arc<dyn crate::base::random::Random>,_:SenderSettings)->Self{Self} /// s
pub fn status_handle(&self)->StatusHandle{StatusHandle} /// s
pub async fn run(self,_:tokio::sync::watch::Receiver<bool>){} }
