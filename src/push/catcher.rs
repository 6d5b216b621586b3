//! A small SMTP server that keeps what it is given: the demo's and the tests' inbox.
//!
//! It speaks enough of RFC 5321 for any client, is strict where a strict receiver is (line lengths, CRLF before the
//! final dot), and can be told to fail in the ways in which real receivers fail.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::sync::Semaphore;
use tokio::task::{AbortHandle, JoinSet};

/// Octets of one mail.
const MAX_SIZE: usize = 10 * 1024 * 1024;
/// Octets of one line with its CRLF (RFC 5321, 4.5.3.1.6); a command may be as long.
const MAX_LINE: usize = 1000;
/// Recipients of one mail (RFC 5321, 4.5.3.1.8).
const MAX_RECIPIENTS: usize = 100;
/// Connections at a time; further ones wait to be accepted.
const MAX_CONNECTIONS: usize = 64;
/// Commands of one connection that may be refused before it is closed.
const MAX_REFUSALS: usize = 50;
/// Mails kept; the oldest go first.
const MAX_KEPT: usize = 20_000;
/// A client that is silent for longer is left.
const SILENCE: Duration = Duration::from_secs(60);

/// One mail as it came.
#[derive(Debug, Clone)]
pub struct CaughtMail {
    /// MAIL FROM.
    pub from: String,
    /// RCPT TO.
    pub to: Vec<String>,
    /// The message, header and body.
    pub data: Vec<u8>,
    /// Epoch milliseconds.
    pub received_at: i64,
}

/// The mails so far, the oldest first. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Caught {
    mails: Arc<Mutex<VecDeque<CaughtMail>>>,
}

impl Caught {
    /// All mails so far.
    pub fn mails(&self) -> Vec<CaughtMail> {
        locked(&self.mails).iter().cloned().collect()
    }

    /// How many mails there are.
    pub fn len(&self) -> usize {
        locked(&self.mails).len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn keep(&self, mail: CaughtMail) {
        let mut mails = locked(&self.mails);
        if mails.len() >= MAX_KEPT {
            mails.pop_front();
        }
        mails.push_back(mail);
    }
}

/// How the catcher fails; nothing of it by default. A count of `u32::MAX` means always.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Said in place of the greeting, then the connection is closed: `421 4.3.2 closing`.
    pub greeting: Option<String>,
    /// The answer to AUTH; with one, AUTH is offered.
    pub login: Option<String>,
    /// The answer to MAIL.
    pub sender: Option<String>,
    /// Answers to RCPT: address (`*` for any), reply, how many times.
    pub recipients: Vec<(String, String, u32)>,
    /// The answer to the final dot, how many times; the mail is not kept.
    pub content: Option<(String, u32)>,
    /// How many mails are kept without an answer: the connection is closed after the final dot.
    pub dropped: u32,
    /// How long the answer to the final dot takes.
    pub delay: Duration,
}

/// The running server: drop it and it is gone, with every open connection.
#[derive(Debug)]
pub struct Catcher {
    address: SocketAddr,
    caught: Caught,
    faults: Arc<Mutex<Faults>>,
    task: AbortHandle,
}

impl Catcher {
    /// Starts to listen.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(address: impl ToSocketAddrs) -> io::Result<Self> {
        Self::start_with(address, Caught::default()).await
    }

    /// Starts to listen, and adds to the mails of an earlier catcher.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start_with(address: impl ToSocketAddrs, caught: Caught) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let faults = Arc::new(Mutex::new(Faults::default()));
        let task = tokio::spawn(accept(listener, caught.clone(), Arc::clone(&faults))).abort_handle();
        Ok(Self { address, caught, faults, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it caught.
    pub fn caught(&self) -> Caught {
        self.caught.clone()
    }

    /// Changes how it fails.
    pub fn fail(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut locked(&self.faults));
    }
}

impl Drop for Catcher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes one from a count.
fn take(count: &mut u32) -> bool {
    let left = *count > 0;
    if left && *count != u32::MAX {
        *count -= 1;
    }
    left
}

async fn accept(listener: TcpListener, caught: Caught, faults: Arc<Mutex<Faults>>) {
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    // Aborted with this task.
    let mut connections = JoinSet::new();
    loop {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let session = Session::new(stream, caught.clone(), Arc::clone(&faults));
                connections.spawn(async move {
                    if let Err(error) = session.run().await {
                        tracing::debug!(%error, "a mail client left the catcher");
                    }
                    drop(slot);
                });
            }
            // Out of file handles, or a client that was gone again.
            Err(error) => {
                tracing::warn!(%error, "the mail catcher could not accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

/// How a line came in.
enum Line {
    /// It ended in LF and is in the buffer, ending included.
    Whole,
    /// It was longer than allowed and was passed over up to its LF.
    TooLong,
    /// The client closed the connection.
    Closed,
}

/// One connection.
struct Session {
    stream: BufReader<TcpStream>,
    caught: Caught,
    faults: Arc<Mutex<Faults>>,
    line: Vec<u8>,
    greeted: bool,
    from: Option<String>,
    to: Vec<String>,
    refusals: usize,
}

impl Session {
    fn new(stream: TcpStream, caught: Caught, faults: Arc<Mutex<Faults>>) -> Self {
        Self {
            stream: BufReader::new(stream),
            caught,
            faults,
            line: Vec::new(),
            greeted: false,
            from: None,
            to: Vec::new(),
            refusals: 0,
        }
    }

    async fn run(mut self) -> io::Result<()> {
        let refusal = locked(&self.faults).greeting.clone();
        if let Some(reply) = refusal {
            return self.turn_away(&reply).await;
        }
        self.say("220 zhida mail catcher ESMTP").await?;
        while self.refusals <= MAX_REFUSALS {
            match self.read_line().await? {
                Line::Closed => return Ok(()),
                Line::TooLong => self.say("500 5.5.2 line too long").await?,
                Line::Whole => {
                    if !self.command().await? {
                        return Ok(());
                    }
                }
            }
        }
        self.turn_away("421 4.7.0 too many refused commands").await
    }

    /// Says a last word and closes. What the client has sent already is read first: closing over unread input resets the
    /// connection, and the last word would be lost.
    async fn turn_away(&mut self, reply: &str) -> io::Result<()> {
        self.say(reply).await?;
        self.stream.get_mut().shutdown().await?;
        let mut sink = tokio::io::sink();
        let _ = tokio::time::timeout(Duration::from_secs(1), tokio::io::copy_buf(&mut self.stream, &mut sink)).await;
        Ok(())
    }

    /// Acts on the command in the buffer; false when the connection is to be closed.
    async fn command(&mut self) -> io::Result<bool> {
        let line = String::from_utf8_lossy(&self.line).trim_end().to_owned();
        let (verb, argument) = line.split_once(' ').unwrap_or((&line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" if argument.trim().is_empty() => self.say("501 5.5.4 a name is needed").await?,
            "EHLO" => {
                self.reset(true);
                let login = if locked(&self.faults).login.is_some() { "250-AUTH PLAIN LOGIN\r\n" } else { "" };
                let features = format!(
                    "250-zhida mail catcher\r\n{login}250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE {MAX_SIZE}"
                );
                self.say(&features).await?;
            }
            "HELO" => {
                self.reset(true);
                self.say("250 zhida mail catcher").await?;
            }
            "AUTH" => {
                let reply = locked(&self.faults).login.clone();
                self.say(reply.as_deref().unwrap_or("502 5.5.1 not offered")).await?;
            }
            "MAIL" => self.mail(argument).await?,
            "RCPT" => self.recipient(argument).await?,
            "DATA" if self.to.is_empty() => self.say("503 5.5.1 name sender and recipient first").await?,
            "DATA" => return self.data().await,
            "RSET" => {
                self.reset(self.greeted);
                self.say("250 2.0.0 ok").await?;
            }
            "NOOP" => self.say("250 2.0.0 ok").await?,
            "VRFY" => self.say("252 2.1.5 send it and see").await?,
            "HELP" => self.say("214 2.0.0 RFC 5321").await?,
            "QUIT" => {
                self.say("221 2.0.0 bye").await?;
                return Ok(false);
            }
            _ => self.say("500 5.5.2 not known").await?,
        }
        Ok(true)
    }

    async fn mail(&mut self, argument: &str) -> io::Result<()> {
        if !self.greeted {
            return self.say("503 5.5.1 say EHLO first").await;
        }
        if self.from.is_some() {
            return self.say("503 5.5.1 one sender only").await;
        }
        let Some((from, parameters)) = path(argument, "FROM:") else {
            return self.say("501 5.5.4 MAIL FROM:<address>").await;
        };
        let size =
            parameters.split_whitespace().find_map(|p| p.to_ascii_uppercase().strip_prefix("SIZE=").map(str::to_owned));
        if size.and_then(|size| size.parse::<usize>().ok()).is_some_and(|size| size > MAX_SIZE) {
            return self.say("552 5.3.4 too large").await;
        }
        let refusal = locked(&self.faults).sender.clone();
        if let Some(reply) = refusal {
            return self.say(&reply).await;
        }
        self.from = Some(from.to_owned());
        self.say("250 2.1.0 ok").await
    }

    async fn recipient(&mut self, argument: &str) -> io::Result<()> {
        if self.from.is_none() {
            return self.say("503 5.5.1 name the sender first").await;
        }
        if self.to.len() >= MAX_RECIPIENTS {
            return self.say("452 4.5.3 too many recipients").await;
        }
        let to = match path(argument, "TO:") {
            Some((to, _)) if !to.is_empty() => to.to_owned(),
            _ => return self.say("501 5.1.3 RCPT TO:<address>").await,
        };
        let refusal = locked(&self.faults)
            .recipients
            .iter_mut()
            .filter(|(address, ..)| address == "*" || address.eq_ignore_ascii_case(&to))
            .find_map(|(_, reply, times)| take(times).then(|| reply.clone()));
        if let Some(reply) = refusal {
            return self.say(&reply).await;
        }
        self.to.push(to);
        self.say("250 2.1.5 ok").await
    }

    async fn data(&mut self) -> io::Result<bool> {
        self.say("354 end with a line that is a dot").await?;
        let mut data = Vec::new();
        let mut refusal = None;
        // Only a dot between two CRLF ends the mail (no smuggling by a bare LF), and only after a CRLF is a dot stuffed.
        let mut after_crlf = true;
        loop {
            match self.read_line().await? {
                Line::Closed => return Ok(false),
                Line::TooLong => {
                    refusal = Some("500 5.5.2 line too long");
                    after_crlf = true;
                }
                Line::Whole if after_crlf && self.line == b".\r\n" => break,
                Line::Whole => {
                    let line = if after_crlf { self.line.strip_prefix(b".").unwrap_or(&self.line) } else { &self.line };
                    after_crlf = self.line.ends_with(b"\r\n");
                    if data.len() + line.len() > MAX_SIZE {
                        refusal = Some("552 5.3.4 too large");
                    } else {
                        data.extend_from_slice(line);
                    }
                }
            }
        }
        let from = self.from.take().unwrap_or_default();
        let to = std::mem::take(&mut self.to);
        if let Some(reply) = refusal {
            self.say(reply).await?;
            return Ok(true);
        }
        let (refusal, dropped, delay) = {
            let mut faults = locked(&self.faults);
            let refusal = faults.content.as_mut().and_then(|(reply, times)| take(times).then(|| reply.clone()));
            let dropped = refusal.is_none() && take(&mut faults.dropped);
            (refusal, dropped, faults.delay)
        };
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        if let Some(reply) = refusal {
            self.say(&reply).await?;
            return Ok(true);
        }
        self.caught.keep(CaughtMail { from, to, data, received_at: chrono::Utc::now().timestamp_millis() });
        if dropped {
            return Ok(false);
        }
        self.say("250 2.0.0 kept").await?;
        Ok(true)
    }

    fn reset(&mut self, greeted: bool) {
        self.greeted = greeted;
        self.from = None;
        self.to.clear();
    }

    async fn say(&mut self, reply: &str) -> io::Result<()> {
        if reply.starts_with(['4', '5']) {
            self.refusals += 1;
        }
        let reply = format!("{reply}\r\n");
        within_silence(self.stream.get_mut().write_all(reply.as_bytes())).await
    }

    /// Reads up to the next LF into the buffer, and no more than a line may hold.
    async fn read_line(&mut self) -> io::Result<Line> {
        self.line.clear();
        let mut too_long = false;
        loop {
            let part = within_silence(self.stream.fill_buf()).await?;
            if part.is_empty() {
                return Ok(Line::Closed);
            }
            let end = part.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
            let length = end.unwrap_or(part.len());
            too_long |= self.line.len() + length > MAX_LINE;
            if !too_long {
                self.line.extend(part.iter().take(length));
            }
            self.stream.consume(length);
            if end.is_some() {
                return Ok(if too_long { Line::TooLong } else { Line::Whole });
            }
        }
    }
}

async fn within_silence<T>(io: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(SILENCE, io).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// `FROM:<address> parameters` → address and parameters.
fn path<'a>(argument: &'a str, keyword: &str) -> Option<(&'a str, &'a str)> {
    let (start, rest) = argument.split_at_checked(keyword.len())?;
    if !start.eq_ignore_ascii_case(keyword) {
        return None;
    }
    rest.trim_start().strip_prefix('<')?.split_once('>')
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    /// Sends everything, closes its side, and gives back all that the server said.
    async fn talk(catcher: &Catcher, sent: &[u8]) -> String {
        let mut stream = TcpStream::connect(catcher.address()).await.unwrap();
        stream.write_all(sent).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut said = String::new();
        // A server that closes with input unread resets the connection; what it said before counts.
        let _ = stream.read_to_string(&mut said).await;
        said
    }

    fn codes(said: &str) -> Vec<&str> {
        said.lines().filter(|line| line.as_bytes().get(3) == Some(&b' ')).map(|line| &line[..3]).collect()
    }

    const HEAD: &str = "EHLO test\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n";

    #[tokio::test]
    async fn commands_are_answered_in_their_order() {
        let catcher = Catcher::start("127.0.0.1:0").await.unwrap();
        let cases: &[(&str, &[&str])] = &[
            ("", &["220"]),
            ("EHLO x\r\nQUIT\r\n", &["220", "250", "221"]),
            ("HELO x\r\nNOOP\r\nVRFY x\r\nRSET\r\n", &["220", "250", "250", "252", "250"]),
            ("EHLO\r\nMAIL FROM:<a@b>\r\n", &["220", "501", "503"]),
            ("ehlo x\r\nmail from:<a@b>\r\nMAIL FROM:<a@b>\r\n", &["220", "250", "250", "503"]),
            ("EHLO x\r\nRCPT TO:<a@b>\r\nDATA\r\n", &["220", "250", "503", "503"]),
            ("EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<>\r\nRCPT TO:a@b\r\n", &["220", "250", "250", "501", "501"]),
            ("EHLO x\r\nMAIL FROM:<a@b> SIZE=99999999\r\nMAIL FROM:<a@b> size=9\r\n", &["220", "250", "552", "250"]),
            ("BDAT 3\r\nAUTH PLAIN x\r\n", &["220", "500", "502"]),
            ("MAIL F\u{e9}\r\n", &["220", "503"]),
        ];
        for (sent, expected) in cases {
            assert_eq!(codes(&talk(&catcher, sent.as_bytes()).await), *expected, "{sent:?}");
        }
        let long = format!("NOOP {}\r\nNOOP\r\n", "x".repeat(5000));
        assert_eq!(codes(&talk(&catcher, long.as_bytes()).await), ["220", "500", "250"]);
        let endless = "X\r\n".repeat(200);
        assert!(codes(&talk(&catcher, endless.as_bytes()).await).contains(&"421"));
        assert!(catcher.caught().is_empty());
    }

    #[tokio::test]
    async fn a_mail_is_kept_as_it_came() {
        let catcher = Catcher::start("127.0.0.1:0").await.unwrap();
        let cases: &[(&str, &str)] = &[
            ("Subject: a\r\n\r\nb\r\n", "Subject: a\r\n\r\nb\r\n"),
            ("..\r\n..x\r\n.y\r\n", ".\r\n.x\r\ny\r\n"),
            ("a\n.\r\nb\n.\nc\r\n", "a\n.\r\nb\n.\nc\r\n"),
            ("", ""),
        ];
        for (sent, kept) in cases {
            let said = talk(&catcher, format!("{HEAD}{sent}.\r\nQUIT\r\n").as_bytes()).await;
            assert_eq!(codes(&said), ["220", "250", "250", "250", "354", "250", "221"], "{sent:?}");
            let mail = catcher.caught().mails().pop().unwrap();
            assert_eq!(String::from_utf8_lossy(&mail.data), *kept);
            assert_eq!((mail.from.as_str(), mail.to), ("a@example.org", vec!["b@example.org".to_owned()]));
        }
        let before = catcher.caught().len();
        let cut = talk(&catcher, format!("{HEAD}half a mail\r\n").as_bytes()).await;
        assert_eq!(codes(&cut).last(), Some(&"354"));
        let long = talk(&catcher, format!("{HEAD}{}\r\n.\r\n", "x".repeat(999)).as_bytes()).await;
        assert_eq!(codes(&long).last(), Some(&"500"));
        let large = "x".repeat(900) + "\r\n";
        let large = talk(&catcher, format!("{HEAD}{}.\r\nNOOP\r\n", large.repeat(MAX_SIZE / 900 + 1)).as_bytes()).await;
        assert_eq!(codes(&large)[5..], ["552", "250"]);
        assert_eq!(catcher.caught().len(), before);
    }

    #[tokio::test]
    async fn it_fails_as_told() {
        let catcher = Catcher::start("127.0.0.1:0").await.unwrap();
        let whole = format!("{HEAD}x\r\n.\r\n");
        catcher.fail(|faults| faults.recipients = vec![("B@example.org".into(), "450 4.2.1 later".into(), 1)]);
        assert!(talk(&catcher, whole.as_bytes()).await.contains("450 4.2.1"));
        assert_eq!(codes(&talk(&catcher, whole.as_bytes()).await).last(), Some(&"250"));
        catcher.fail(|faults| faults.dropped = 1);
        assert_eq!(codes(&talk(&catcher, whole.as_bytes()).await).last(), Some(&"354"));
        assert_eq!(catcher.caught().len(), 2, "a mail without an answer is kept all the same");
        catcher.fail(|faults| faults.greeting = Some("421 4.3.2 closing".into()));
        assert_eq!(codes(&talk(&catcher, whole.as_bytes()).await), ["421"]);
        let address = catcher.address();
        drop(catcher);
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(TcpStream::connect(address).await.is_err(), "gone when dropped");
    }
}
