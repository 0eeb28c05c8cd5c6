//! One call from its parameters to its outcome: table, world, log.
use super::errors::{ApiError, Outcome};
use super::methods;
use super::params::{self, Params};
use super::record::{Call, Place};
use super::spec::SPEC;
use super::validate::Breach;
use super::world::World;

/// Brings parameters to their types and holds them against the table. What is missing or mistyped
/// refuses the call; what is unknown is noted and let through, as Telegram does.
pub(crate) fn check(world: &mut World, method: &str, params: &mut Params) -> Result<(), ApiError> {
    let Some(known) = SPEC.method(method) else {
        world.unknown_method(Place::Call, method);
        return Err(ApiError::new(404, "Not Found: method not found"));
    };
    params.coerce(&known.fields);
    let mut refusal = None;
    for finding in params.findings(&known.fields) {
        if finding.fault != Breach::Unknown && refusal.is_none() {
            refusal = Some(params::refusal(&known.name, &finding));
        }
        world.violate(Place::Call, &known.name, finding);
    }
    refusal.map_or(Ok(()), Err)
}

/// As the documentation spells it.
pub(crate) fn proper_name(method: &str) -> String {
    SPEC.method(method)
        .map_or_else(|| method.to_owned(), |known| known.name.clone())
}

/// Carries out a checked call and holds the answer against the table.
pub(crate) fn run(world: &mut World, method: &str, params: &Params) -> Outcome {
    let name = proper_name(method);
    let Some(outcome) = methods::run(world, &name, params) else {
        world.unknown_method(Place::NotCarriedOut, &name);
        return Err(ApiError::bad(format!(
            "the simulator does not carry out {name}"
        )));
    };
    if world.options.check_answers
        && let Ok(result) = &outcome
        && let Some(known) = SPEC.method(&name)
    {
        world.check_answer(known, result);
    }
    outcome
}

/// Checks, carries out and logs.
pub(crate) fn call(world: &mut World, method: &str, mut params: Params) -> Outcome {
    let at = world.now();
    let outcome = check(world, method, &mut params).and_then(|()| run(world, method, &params));
    note(world, method, params, at, &outcome);
    outcome
}

/// Writes the call into the log.
pub(crate) fn note(world: &mut World, method: &str, params: Params, at: i64, outcome: &Outcome) {
    if world.options.keep_calls == 0 && world.options.heard.is_none() {
        return;
    }
    let outcome = match outcome {
        Ok(value) => Ok(value.clone()),
        Err(error) => Err((error.code, error.text.clone())),
    };
    let method = proper_name(method);
    world.log(Call {
        method,
        params: serde_json::Value::Object(params.map),
        at,
        outcome,
    });
}
