//! Whoever reads what a verb prints may stop reading, as `head` does: the verb then ends without a word.

/// Ends the process, quietly and well, when its output is no longer read. Rust ignores SIGPIPE and makes
/// `println!` panic instead; restoring the signal would take unsafe code and would end `run` with the first
/// caller of its sockets that hangs up. So the panic is told by its words, which
/// `a_closed_pipe_ends_a_verb_quietly` holds on to.
pub(super) fn end_quietly() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let words = panic.payload_as_str().unwrap_or_default();
        if words.starts_with("failed printing to std") && words.contains("Broken pipe") {
            std::process::exit(0);
        }
        usual(panic);
    }));
}
