//! `zhida`: see [`zhida::cli`].

fn main() -> std::process::ExitCode {
    zhida::cli::main()
}
