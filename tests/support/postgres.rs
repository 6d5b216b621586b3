//! A throw-away PostgreSQL for tests.
//!
//! `ZHIDA_TEST_POSTGRES_URL` names a server to use. Without it a cluster of its own is started for the test process, in
//! a folder of its own, reachable through a socket in that folder only, and is stopped and removed when the process
//! ends, however it ends. PostgreSQL refuses to run as root: it is then run as `nobody`.

use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A server on which tests make databases.
pub struct Server {
    /// Address of the server with `{}` in place of the name of the database.
    url: String,
    /// The shell that stops the cluster when its standard input is closed, which the end of this process does.
    _watcher: Option<Child>,
}

/// The server of this test process; `None` when there is no PostgreSQL on the machine. What is missing is printed, and
/// fails the test when `ZHIDA_TEST_ALL` is set.
pub fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(|| match find() {
        Ok(server) => Some(server),
        Err(reason) => {
            assert!(std::env::var_os("ZHIDA_TEST_ALL").is_none(), "PostgreSQL is needed: {reason}");
            println!("left out: PostgreSQL not found ({reason})");
            None
        }
    });
    server.as_ref()
}

impl Server {
    /// Makes an empty database and returns its address.
    pub async fn database(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("zhida_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        use sqlx::Connection;
        let mut connection = sqlx::PgConnection::connect(&self.url.replace("{}", "postgres")).await.unwrap();
        for statement in [format!("drop database if exists {name}"), format!("create database {name}")] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
        self.url.replace("{}", &name)
    }
}

fn find() -> Result<Server, String> {
    if let Ok(url) = std::env::var("ZHIDA_TEST_POSTGRES_URL") {
        let mut url = url::Url::parse(&url).map_err(|error| format!("ZHIDA_TEST_POSTGRES_URL: {error}"))?;
        url.set_path("/{}");
        return Ok(Server { url: url.as_str().replace("%7B%7D", "{}"), _watcher: None });
    }
    let bin = programs().ok_or("no initdb in PATH or /usr/lib/postgresql")?;
    start(&bin)
}

/// The folder that holds `initdb` and `postgres`.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path().join("bin"))
        .collect();
    debian.sort();
    folders.extend(debian.into_iter().rev());
    folders.into_iter().find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

fn start(bin: &Path) -> Result<Server, String> {
    // Not under target: the unprivileged user must reach it, and a socket's path is at most 107 bytes long.
    let folder = tempfile::Builder::new().prefix("zhida-pg-").tempdir().map_err(|e| e.to_string())?.keep();
    let as_user: Vec<String> = if rustix::process::geteuid().is_root() {
        let (uid, gid) = nobody()?;
        std::os::unix::fs::chown(&folder, Some(uid), Some(gid)).map_err(|e| e.to_string())?;
        ["setpriv".into(), format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".into()].into()
    } else {
        vec!["env".to_owned()]
    };
    // The shell waits for the end of its input, which is the end of this process, and then stops the server. It leaves
    // a process group of its own, so that Ctrl-C does not stop the server before the tests.
    let script = r#"
        dir=$1; bin=$2; shift 2
        trap '' INT TERM HUP
        cd "$dir" || exit 1
        "$@" "$bin/initdb" -D "$dir/data" -U zhida -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 </dev/null \
            || { echo failed; cat "$dir/log" >&2; rm -rf "$dir"; exit 1; }
        "$@" "$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off -c max_connections=200 \
            >>"$dir/log" 2>&1 </dev/null &
        server=$!
        tries=0
        until [ -S "$dir/.s.PGSQL.5432" ]; do
            tries=$((tries + 1))
            if [ $tries -gt 300 ] || ! kill -0 $server 2>/dev/null; then
                echo failed; cat "$dir/log" >&2; kill -QUIT $server 2>/dev/null; rm -rf "$dir"; exit 1
            fi
            sleep 0.1
        done
        echo ready
        cat >/dev/null
        kill -QUIT $server
        wait $server
        rm -rf "$dir"
    "#;
    let mut watcher = Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(&folder)
        .arg(bin)
        .args(&as_user)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("sh: {error}"))?;
    let mut line = String::new();
    let stdout = watcher.stdout.take().ok_or("no output")?;
    std::io::BufReader::new(stdout).read_line(&mut line).map_err(|error| error.to_string())?;
    if line.trim() != "ready" {
        return Err(format!("the server in {} did not start", folder.display()));
    }
    let host = folder.display().to_string().replace('/', "%2F");
    let url = format!("postgres://zhida@{host}/{{}}");
    let server = Server { url, _watcher: Some(watcher) };
    // The socket is there a moment before the server answers.
    for _ in 0..100 {
        let address = server.url.replace("{}", "postgres");
        let answers = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                use sqlx::Connection;
                sqlx::PgConnection::connect(&address).await.is_ok()
            })
        });
        if answers.join().unwrap_or(false) {
            return Ok(server);
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    Err(format!("the server in {} does not answer", folder.display()))
}

/// User and group of `nobody`.
fn nobody() -> Result<(u32, u32), String> {
    let users = std::fs::read_to_string("/etc/passwd").map_err(|error| format!("/etc/passwd: {error}"))?;
    let line = users.lines().find(|line| line.starts_with("nobody:")).ok_or("no user nobody")?;
    let mut fields = line.split(':').skip(2);
    let uid = fields.next().and_then(|field| field.parse().ok()).ok_or("no uid of nobody")?;
    let gid = fields.next().and_then(|field| field.parse().ok()).ok_or("no gid of nobody")?;
    Ok((uid, gid))
}
