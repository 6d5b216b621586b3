//! Mail over SMTP.
//!
//! The dialogue is driven step by step on lettre's connection rather than through its transport: the same reply means
//! different things to the connection, the sender, the recipient and the content, and the transport's error does not
//! tell which of them it was for.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use lettre::message::header::{self, ContentTransferEncoding, ContentType, Date, HeaderName, HeaderValue, MessageId};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::{Address, Message};
use tokio::time::{Instant as Moment, timeout_at};
use url::Url;

use super::{Channel, ChannelError, Outcome, Sending};
use crate::config;
use crate::push::render::{Rendered, one_line};

/// Name of the channel.
pub const NAME: &str = "mail";

/// For one mail from connecting to the last reply.
const TIME_LIMIT: Duration = Duration::from_secs(40);
/// Of that for connecting, TLS and login.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);
/// Connections kept open between two mails.
const MAX_IDLE: usize = 8;
/// Servers close idle connections; one that stood for longer is not used again.
const IDLE_LIMIT: Duration = Duration::from_secs(20);

/// Mail over one SMTP server.
pub struct MailChannel {
    server: Server,
    from: Mailbox,
    time_limit: Duration,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

struct Server {
    host: String,
    port: u16,
    security: Security,
    login: Option<Credentials>,
    /// What we call ourselves.
    name: ClientId,
}

enum Security {
    None,
    StartTls(TlsParameters),
    Tls(TlsParameters),
}

/// Where in the dialogue a reply came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// TCP, TLS, greeting, EHLO, AUTH.
    Connect,
    /// MAIL FROM.
    Sender,
    /// RCPT TO.
    Recipient,
    /// DATA and what follows.
    Content,
}

/// What went wrong in a stage.
#[derive(Debug)]
enum Failure {
    /// The server said no: code and text.
    Reply(u16, String),
    /// This side cannot go on: a feature is missing, a certificate is wrong.
    Setting(String),
    /// The connection broke, or the server took too long.
    Broken(String),
}

impl MailChannel {
    /// A channel to the server that `mail.url` names: `smtp://host:port`, `smtps://user:password@host:port` (TLS from
    /// the start) or `smtp+starttls://user:password@host:port`.
    ///
    /// # Errors
    /// `mail.url` or `mail.from` cannot be used.
    pub fn new(settings: &config::Mail) -> Result<Self, ChannelError> {
        let from = sender(&settings.from).ok_or_else(|| ChannelError {
            setting: "mail.from",
            value: settings.from.clone(),
            reason: "应为邮箱地址，或“名称 <邮箱地址>”".to_owned(),
        })?;
        Ok(Self { server: server(&settings.url, &from)?, from, time_limit: TIME_LIMIT, idle: Mutex::default() })
    }

    /// With another limit for one mail.
    #[must_use]
    pub fn with_time_limit(self, time_limit: Duration) -> Self {
        Self { time_limit, ..self }
    }

    async fn deliver(&self, message: &Rendered) -> Outcome {
        let Ok(to) = message.to.parse::<Address>() else {
            return Outcome::Refused("不是有效的邮箱地址".to_owned());
        };
        let mail = match compose(message, &self.from, to.clone()) {
            Ok(mail) => mail.formatted(),
            Err(error) => return Outcome::Refused(format!("邮件无法生成：{error}")),
        };
        let deadline = Moment::now() + self.time_limit;
        match self.transmit(&to, &mail, deadline).await {
            Ok(()) => Outcome::Delivered,
            Err((stage, failure)) => classify(stage, failure),
        }
    }

    async fn transmit(&self, to: &Address, mail: &[u8], deadline: Moment) -> Result<(), (Stage, Failure)> {
        let mut connection = self.connection(deadline).await.map_err(|failure| (Stage::Connect, failure))?;

        let from = &self.from.email;
        let mut parameters = Vec::new();
        if !AsRef::<str>::as_ref(from).is_ascii() || !AsRef::<str>::as_ref(to).is_ascii() {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                self.park(connection);
                let text = "5.6.7 邮件服务器不支持非 ASCII 邮箱地址（SMTPUTF8）".to_owned();
                return Err((Stage::Recipient, Failure::Reply(553, text)));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let command = Mail::new(Some(from.clone()), parameters);
        within(deadline, connection.command(command)).await.map_err(|failure| (Stage::Sender, failure))?;

        if let Err(failure) = within(deadline, connection.command(Rcpt::new(to.clone(), Vec::new()))).await {
            // One unknown recipient is no reason to connect again for the next.
            if matches!(failure, Failure::Reply(code, _) if code != 421)
                && within(deadline, connection.command(Rset)).await.is_ok()
            {
                self.park(connection);
            }
            return Err((Stage::Recipient, failure));
        }
        within(deadline, connection.command(Data)).await.map_err(|failure| (Stage::Content, failure))?;
        within(deadline, connection.message(mail)).await.map_err(|failure| (Stage::Content, failure))?;
        self.park(connection);
        Ok(())
    }

    /// An open connection that answers, else a new one.
    async fn connection(&self, deadline: Moment) -> Result<AsyncSmtpConnection, Failure> {
        let deadline = deadline.min(Moment::now() + CONNECT_LIMIT);
        while let Some((mut connection, since)) = self.unpark() {
            let soon = deadline.min(Moment::now() + Duration::from_secs(3));
            if since.elapsed() < IDLE_LIMIT && timeout_at(soon, connection.test_connected()).await.unwrap_or(false) {
                return Ok(connection);
            }
        }
        within(deadline, self.server.connect()).await
    }

    fn unpark(&self) -> Option<(AsyncSmtpConnection, Instant)> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn park(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if !connection.has_broken() && idle.len() < MAX_IDLE {
            idle.push((connection, Instant::now()));
        }
    }
}

impl Channel for MailChannel {
    fn send<'a>(&'a self, message: &'a Rendered) -> Sending<'a> {
        Box::pin(self.deliver(message))
    }
}

impl Server {
    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let address = (self.host.as_str(), self.port);
        let tls = match &self.security {
            Security::Tls(parameters) => Some(parameters.clone()),
            Security::None | Security::StartTls(_) => None,
        };
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT_LIMIT), &self.name, tls, None).await?;
        if let Security::StartTls(parameters) = &self.security {
            connection.starttls(parameters.clone(), &self.name).await?;
        }
        if let Some(login) = &self.login {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], login).await?;
        }
        Ok(connection)
    }
}

/// Waits for one step of the dialogue.
async fn within<T>(deadline: Moment, step: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
    let error = match timeout_at(deadline, step).await {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => error,
        Err(_) => return Err(Failure::Broken("邮件服务器没有按时答复".to_owned())),
    };
    let text = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    if let Some(code) = error.status() {
        Err(Failure::Reply(u16::from(code), text))
    } else if error.is_tls() {
        Err(Failure::Setting(format!("无法建立加密连接：{text}")))
    } else if error.is_client() {
        Err(Failure::Setting(format!("邮件服务器缺少所需的功能：{text}")))
    } else {
        Err(Failure::Broken(format!(
            "与邮件服务器的连接失败：{}",
            if text.is_empty() { error.to_string() } else { text }
        )))
    }
}

/// What a failure means to the message.
fn classify(stage: Stage, failure: Failure) -> Outcome {
    let (code, text) = match failure {
        Failure::Setting(reason) => return Outcome::Misconfigured(without_addresses(&reason)),
        // Before the recipient is named, it cannot be this message's doing.
        Failure::Broken(reason) => {
            return match stage {
                Stage::Connect | Stage::Sender => Outcome::Unavailable(without_addresses(&reason)),
                Stage::Recipient | Stage::Content => Outcome::RetryAfter(without_addresses(&reason)),
            };
        }
        Failure::Reply(code, text) => (code, text),
    };
    let at = match stage {
        Stage::Connect => "连接或登录时",
        Stage::Sender => "收到发件人时",
        Stage::Recipient => "收到收件人时",
        Stage::Content => "收到正文时",
    };
    let reason = format!("邮件服务器在{at}答复 {code} {}", without_addresses(&text)).trim_end().to_owned();
    let enhanced = enhanced_code(&text);
    match (stage, code, enhanced) {
        (Stage::Connect | Stage::Sender, 500.., _) => Outcome::Misconfigured(reason),
        (Stage::Connect | Stage::Sender, ..) => Outcome::Unavailable(reason),
        (_, ..500, _) => Outcome::RetryAfter(reason),
        // A full mailbox is emptied some day (RFC 5321, 4.2.3: 552 without a code means the same).
        (_, _, Some((2, 2))) | (Stage::Recipient, 552, None) => Outcome::RetryAfter(reason),
        (_, _, Some((7, _))) => Outcome::Blocked(reason),
        (Stage::Content, ..) => Outcome::Refused(reason),
        // RFC 3463, 3.2: no such mailbox, no such host, moved without an address; RFC 7505: takes no mail at all.
        (Stage::Recipient, _, Some((1, 1 | 2 | 6 | 10))) => Outcome::RecipientGone(reason),
        (Stage::Recipient, 554, _) => Outcome::Blocked(reason),
        (Stage::Recipient, 550, None) => Outcome::RecipientDoubtful(reason),
        (Stage::Recipient, ..) => Outcome::Refused(reason),
    }
}

/// Subject and detail of the enhanced code (RFC 3463) that a permanent reply's text starts with.
fn enhanced_code(text: &str) -> Option<(u16, u16)> {
    let mut parts = text.split_whitespace().next()?.split('.');
    let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
    if class != "5" || parts.next().is_some() {
        return None;
    }
    Some((subject.parse().ok()?, detail.parse().ok()?))
}

/// Servers repeat the address in their replies; it does not belong into a log.
fn without_addresses(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().map(|word| if word.contains('@') { "<…>" } else { word }).collect();
    words.join(" ").chars().filter(|c| !c.is_control()).take(300).collect()
}

/// `名称 <address>` or an address.
fn sender(text: &str) -> Option<Mailbox> {
    let (name, address) = match text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) => (one_line(name.trim().trim_matches('"')), address),
        None => (String::new(), text),
    };
    let address: Address = address.trim().parse().ok()?;
    Some(Mailbox::new((!name.is_empty()).then_some(name), address))
}

fn server(text: &str, from: &Mailbox) -> Result<Server, ChannelError> {
    let refuse = |value: &str, reason: &str| ChannelError {
        setting: "mail.url",
        value: value.to_owned(),
        reason: format!(
            "{reason}；应为 smtp://主机:端口、smtps://用户:密码@主机:端口 或 smtp+starttls://用户:密码@主机:端口"
        ),
    };
    let mut url = Url::parse(text.trim()).map_err(|error| refuse("（不显示）", &format!("不是地址（{error}）")))?;
    let password = url.password().map(decoded);
    let user = decoded(url.username());
    // From here on it may be shown.
    if password.is_some() {
        let _ = url.set_password(Some("***"));
    }
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
    if host.is_empty() {
        return Err(refuse(url.as_str(), "没有主机名"));
    }
    let tls =
        || TlsParameters::new(host.clone()).map_err(|error| refuse(url.as_str(), &format!("无法准备加密（{error}）")));
    let (security, port) = match url.scheme() {
        "smtp" => (Security::None, 25),
        "smtps" => (Security::Tls(tls()?), 465),
        "smtp+starttls" => (Security::StartTls(tls()?), 587),
        scheme => return Err(refuse(url.as_str(), &format!("不支持 {scheme}://"))),
    };
    let login = match password {
        Some(password) if !user.is_empty() => Some(Credentials::new(user, password)),
        None if user.is_empty() => None,
        _ => return Err(refuse(url.as_str(), "用户和密码要一起写")),
    };
    let name = ClientId::Domain(from.email.domain().to_owned());
    Ok(Server { port: url.port().unwrap_or(port), host, security, login, name })
}

fn decoded(part: &str) -> String {
    // `+` stands for itself in this part of an address; only the percent escapes are wanted.
    let part = part.replace('+', "%2B");
    url::form_urlencoded::parse(part.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}

/// The mail itself (RFC 5322, 2369, 2919, 3834, 8058). The same message always gives the same octets.
fn compose(message: &Rendered, from: &Mailbox, to: Address) -> Result<Message, lettre::error::Error> {
    let host = from.email.domain();
    let id: String = message.id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    let sent = u64::try_from(message.created_at).unwrap_or_default();
    let part = |content_type, text: &str| {
        // Base64 keeps every line short, whatever is in the text.
        SinglePart::builder().header(content_type).header(ContentTransferEncoding::Base64).body(text.to_owned())
    };
    let alternatives = MultiPart::builder()
        .kind(lettre::message::MultiPartKind::Alternative)
        .boundary(format!("zhida-{id}"))
        .singlepart(part(ContentType::TEXT_PLAIN, &message.text))
        .singlepart(part(ContentType::TEXT_HTML, &message.html));
    let mut mail = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(one_line(&message.subject))
        .header(MessageId::from(format!("<{id}@{host}>")))
        .header(Date::new(SystemTime::UNIX_EPOCH + Duration::from_millis(sent)))
        .raw_header(raw("Auto-Submitted", "auto-generated".to_owned()))
        .header(header::MIME_VERSION_1_0);
    if let Some(unsubscribe) = &message.unsubscribe_url {
        mail = mail
            .raw_header(raw("List-Unsubscribe", format!("<{unsubscribe}>")))
            .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()))
            .raw_header(raw("List-Id", format!("<policies.{host}>")));
    }
    if message.digest {
        mail = mail.raw_header(raw("Precedence", "bulk".to_owned()));
    }
    mail.multipart(alternatives)
}

fn raw(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), one_line(&value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_means_what_its_stage_makes_of_it() {
        use Stage::{Connect, Content, Recipient, Sender};
        type Case = (Stage, u16, &'static str, fn(String) -> Outcome);
        let cases: &[Case] = &[
            (Connect, 421, "4.3.2 closing", Outcome::Unavailable),
            (Connect, 454, "4.7.0 login for now impossible", Outcome::Unavailable),
            (Connect, 554, "no service for you", Outcome::Misconfigured),
            (Connect, 535, "5.7.8 wrong password", Outcome::Misconfigured),
            (Sender, 451, "4.7.1 too many", Outcome::Unavailable),
            (Sender, 550, "5.7.1 sender not allowed", Outcome::Misconfigured),
            (Recipient, 450, "4.2.1 greylisted", Outcome::RetryAfter),
            (Recipient, 421, "closing", Outcome::RetryAfter),
            (Recipient, 452, "4.2.2 full", Outcome::RetryAfter),
            (Recipient, 552, "5.2.2 full", Outcome::RetryAfter),
            (Recipient, 552, "full", Outcome::RetryAfter),
            (Recipient, 550, "5.1.1 no such user", Outcome::RecipientGone),
            (Recipient, 550, "5.1.2 no such host", Outcome::RecipientGone),
            (Recipient, 551, "5.1.6 moved", Outcome::RecipientGone),
            (Recipient, 556, "5.1.10 null MX", Outcome::RecipientGone),
            (Recipient, 550, "5.7.1 spam", Outcome::Blocked),
            (Recipient, 550, "5.7.25 no reverse name", Outcome::Blocked),
            (Recipient, 554, "rejected", Outcome::Blocked),
            (Recipient, 554, "5.1.1 no such user", Outcome::RecipientGone),
            (Recipient, 550, "no such user", Outcome::RecipientDoubtful),
            (Recipient, 550, "", Outcome::RecipientDoubtful),
            (Recipient, 550, "5.1.1.1 odd", Outcome::RecipientDoubtful),
            (Recipient, 550, "4.1.1 the classes disagree", Outcome::RecipientDoubtful),
            (Recipient, 550, "5.2.1 disabled", Outcome::Refused),
            (Recipient, 501, "5.1.3 bad address", Outcome::Refused),
            (Content, 451, "4.3.0 later", Outcome::RetryAfter),
            (Content, 554, "5.6.0 content", Outcome::Refused),
            (Content, 554, "transaction failed", Outcome::Refused),
            (Content, 550, "5.1.1 no such user", Outcome::Refused),
            (Content, 554, "5.7.1 spam", Outcome::Blocked),
            (Content, 552, "5.2.2 full", Outcome::RetryAfter),
            (Content, 552, "5.3.4 too large", Outcome::Refused),
        ];
        for (stage, code, text, expected) in cases {
            let outcome = classify(*stage, Failure::Reply(*code, (*text).to_owned()));
            let reason = match &outcome {
                Outcome::Delivered => String::new(),
                Outcome::RetryAfter(r)
                | Outcome::RecipientDoubtful(r)
                | Outcome::RecipientGone(r)
                | Outcome::Refused(r)
                | Outcome::Blocked(r)
                | Outcome::Unavailable(r)
                | Outcome::Misconfigured(r) => r.clone(),
            };
            assert_eq!(outcome, expected(reason.clone()), "{stage:?} {code} {text}");
            assert!(reason.contains(&code.to_string()) && reason.contains(text), "{reason}");
        }
    }

    #[test]
    fn a_broken_connection_counts_only_once_the_recipient_was_named() {
        let broken = || Failure::Broken("断开".to_owned());
        assert_eq!(classify(Stage::Connect, broken()), Outcome::Unavailable("断开".to_owned()));
        assert_eq!(classify(Stage::Sender, broken()), Outcome::Unavailable("断开".to_owned()));
        assert_eq!(classify(Stage::Recipient, broken()), Outcome::RetryAfter("断开".to_owned()));
        assert_eq!(classify(Stage::Content, broken()), Outcome::RetryAfter("断开".to_owned()));
    }

    #[test]
    fn reasons_carry_no_address() {
        let text = "5.1.1 <someone@example.org>: Recipient\r\naddress someone@example.org rejected";
        let Outcome::RecipientGone(reason) = classify(Stage::Recipient, Failure::Reply(550, text.to_owned())) else {
            panic!()
        };
        assert_eq!(reason, "邮件服务器在收到收件人时答复 550 5.1.1 <…> Recipient address <…> rejected");
    }

    #[test]
    fn settings_are_read_or_refused_with_a_reason() {
        let channel = |url: &str, from: &str| MailChannel::new(&config::Mail { url: url.into(), from: from.into() });
        let good = [
            ("smtp://127.0.0.1:2525", "127.0.0.1", 2525),
            ("smtp://mail.example.org", "mail.example.org", 25),
            ("smtps://u%40x:p%3Aw+d@mail.example.org", "mail.example.org", 465),
            ("smtp+starttls://u:p@mail.example.org/", "mail.example.org", 587),
            ("smtp://[::1]:25", "::1", 25),
        ];
        for (url, host, port) in good {
            let server = channel(url, "直达（演示） <noreply@zhida.example>").map(|c| c.server).unwrap();
            assert_eq!((server.host.as_str(), server.port), (host, port));
        }
        let login = channel(good[2].0, "a@b.example").map(|c| c.server.login).unwrap().unwrap();
        assert_eq!(login, Credentials::new("u@x".into(), "p:w+d".into()));
        for url in ["mail.example.org", "http://x", "smtp://", "smtp://user@host", "smtps://:secret@host"] {
            let error = channel(url, "a@b.example").map(|_| ()).unwrap_err().to_string();
            assert!(
                error.contains("mail.url") && error.contains("smtps://用户") && !error.contains("secret"),
                "{error}"
            );
        }
        for from in ["", "nobody", "x <y>", "<a@b.example> x"] {
            let error = channel("smtp://h", from).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains("mail.from"), "{error}");
        }
        let from = sender("\"直达\r\nBcc: x\" <a@b.example>").unwrap();
        assert_eq!(from.name.as_deref(), Some("直达 Bcc: x"));
    }
}
