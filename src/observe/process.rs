//! What this process takes of the machine, read from /proc; nothing where there is none.

/// What the process takes now.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Process {
    /// Bytes in memory.
    pub resident: Option<u64>,
    /// Bytes of addresses.
    pub virtual_bytes: Option<u64>,
    /// Seconds of CPU since the start, all threads.
    pub cpu_seconds: f64,
    /// Open files and connections.
    pub open_fds: Option<u64>,
    /// Threads.
    pub threads: Option<u64>,
}

/// Measures this process.
pub fn measure() -> Process {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| -> Option<u64> {
        let rest = status.lines().find_map(|l| l.strip_prefix(name))?;
        rest.split_whitespace().next()?.parse().ok()
    };
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Process {
        resident: field("VmRSS:").map(|kb| kb << 10),
        virtual_bytes: field("VmSize:").map(|kb| kb << 10),
        cpu_seconds: time.tv_sec as f64 + time.tv_nsec as f64 / 1e9,
        open_fds: std::fs::read_dir("/proc/self/fd")
            .ok()
            .map(|entries| entries.count() as u64),
        threads: field("Threads:"),
    }
}
