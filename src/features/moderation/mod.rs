//! stub
use std::sync::Arc;
use crate::community::Community;use crate::pipeline::Stage;use crate::pipeline::stages::ChatCommand;use crate::store::Store;use crate::telegram::rights::Rights;
/// s
pub fn register(_: &Store,_: &Community,_: &Rights,_: &mut Vec<Arc<dyn Stage>>,_: &mut Vec<Arc<dyn ChatCommand>>){}
/// s
pub mod train { /// s
pub fn run(_:&std::path::Path,_:&std::path::Path)->anyhow::Result<String>{anyhow::bail!("x")} }
