use std::time::Duration;

use anyhow::Context;
use clap::Args;
use tokio::sync::watch;

use super::{Shared, Usage, say};
use crate::pipeline::indexer::Indexer;
use crate::pipeline::linker;
use crate::pipeline::matcher::Matcher;
use crate::push::channels::Channels;
use crate::state::AppState;
use crate::{api, push, schedule, web};

/// How often readers look at the log.
const POLL: Duration = Duration::from_millis(500);

/// Jobs at once: a digest does not wait for a crawl, nor one site for another.
const JOBS_AT_ONCE: usize = 4;

/// How often counts of searches are written.
const COUNTED: Duration = Duration::from_secs(15);

/// How long requests and mails in flight may take after the signal to stop.
const GRACE: Duration = Duration::from_secs(10);

#[derive(Args)]
#[command(after_help = "\
例子：
  zhida serve
  zhida serve --listen 0.0.0.0:8080 --config /etc/zhida.toml
Ctrl-C 或 SIGTERM 会先做完手上的请求和邮件再退出。健康检查在 /healthz、/readyz，指标在 /metrics。")]
pub struct Serve {
    /// 监听地址；默认取配置 http.listen（127.0.0.1:8080）
    #[arg(long, value_name = "地址:端口")]
    listen: Option<String>,
}

impl Serve {
    pub async fn run(self, shared: &Shared) -> anyhow::Result<bool> {
        let mut config = shared.config()?;
        if let Some(listen) = self.listen {
            config.http.listen = listen;
        }
        if config.http.listen.parse::<std::net::SocketAddr>().is_err() {
            return Err(Usage(format!("监听地址 {:?} 应为 地址:端口，例如 0.0.0.0:8080", config.http.listen)).into());
        }
        let state = AppState::open(config, &shared.dir).await?;
        let listen = state.config.http.listen.clone();
        let listener = tokio::net::TcpListener::bind(&listen)
            .await
            .with_context(|| format!("无法监听 {listen}：可能已被占用，用 --listen 换一个端口"))?;
        say!("直达已启动：http://{}", listener.local_addr()?);
        run(state, listener).await?;
        Ok(true)
    }
}

/// Web, API, scheduler and workers, until a signal to stop.
///
/// # Errors
/// A schedule or a channel is misconfigured, or the listener failed.
pub async fn run(state: AppState, listener: tokio::net::TcpListener) -> anyhow::Result<()> {
    let jobs = schedule::jobs(&state).await?;
    let channels = Channels::from_config(&state.config)?;
    schedule::catch_up(&state, &jobs).await?;

    let (stop, stopping) = watch::channel(false);
    let owner = owner();
    let mut workers = tokio::task::JoinSet::new();
    workers.spawn(keep_indexed(state.clone(), stopping.clone()));
    workers.spawn(keep_linked(state.clone(), stopping.clone()));
    workers.spawn(keep_vocabularies(state.clone(), stopping.clone()));
    workers.spawn(keep_searches(state.clone(), stopping.clone()));
    workers.spawn(keep_matched(state.clone(), stopping.clone()));
    workers.spawn(push::outbox::run(state.clone(), channels, owner.clone(), stopping.clone()));
    for worker in 0..JOBS_AT_ONCE {
        workers.spawn(schedule::work(state.clone(), format!("{owner}-{worker}"), stopping.clone()));
    }
    let (clock_state, clock_stopping) = (state.clone(), stopping.clone());
    workers.spawn(async move {
        if let Err(error) = schedule::tick(clock_state, clock_stopping).await {
            tracing::error!(%error, "the clock stopped");
        }
    });

    let app = web::router(state.clone()).merge(api::router(state));
    let mut graceful = stopping.clone();
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        let _ = graceful.wait_for(|stop| *stop).await;
    });
    let server = tokio::spawn(server.into_future());
    // none of the workers ends by itself: without one of them the service only looks alive
    let well = tokio::select! {
        () = signal() => true,
        ended = workers.join_next() => {
            tracing::error!(?ended, "a worker ended; the process stops, to be started again");
            false
        }
    };
    tracing::info!("stopping");
    let _ = stop.send(true);
    let finish = async {
        let _ = server.await;
        while workers.join_next().await.is_some() {}
    };
    if tokio::time::timeout(GRACE, finish).await.is_err() {
        // leases end by themselves, and what was not done is done by the next start
        tracing::warn!("work in flight was broken off");
    }
    anyhow::ensure!(well, "后台任务意外结束，服务已停止：请查看上面的日志后重新启动");
    Ok(())
}

/// Who leases: one name for each process.
pub fn owner() -> String {
    format!("{}-{:08x}", std::process::id(), rand::random::<u32>())
}

async fn signal() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        },
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}

/// Keeps the index equal to SQL. While another process holds the writer (a rebuild, an import), its commits are made
/// visible here, and the writer is asked for again.
pub async fn keep_indexed(state: AppState, mut stopping: watch::Receiver<bool>) {
    let mut indexer: Option<Indexer> = None;
    loop {
        let index = state.search.index();
        if !indexer.as_ref().is_some_and(|indexer| indexer.writes(&index)) {
            indexer = None;
            match Indexer::open(index.clone()) {
                Ok(opened) => indexer = Some(opened),
                Err(zhida_index::IndexError::Busy(_)) => {}
                Err(error) => tracing::error!(%error, "index cannot be written"),
            }
        }
        let done = match &mut indexer {
            Some(indexer) => indexer.run(&state.store, |_| {}).await.map(|_| ()),
            None => index.reload().map_err(Into::into),
        };
        if let Err(error) = done {
            tracing::error!(%error, "indexing failed");
            // a writer that failed may be broken: take a new one
            indexer = None;
        }
        if wait(&mut stopping).await {
            return;
        }
    }
}

/// Puts an index of the vocabularies as they are now in the place of the one in use, whenever they change.
pub async fn keep_vocabularies(state: AppState, mut stopping: watch::Receiver<bool>) {
    // what an earlier version or an earlier change left behind
    if let Err(error) = state.search.remove_others() {
        tracing::warn!(%error, "indexes that are no longer used stay");
    }
    let mut said = None;
    loop {
        match state.search.renew(&state.store, |_| {}).await {
            Ok(_) => said = None,
            // a broken file is not told every half second
            Err(error) => {
                let text = format!("{error:#}");
                if said.as_ref() != Some(&text) {
                    tracing::error!(error = text, "the vocabularies are not taken over");
                }
                said = Some(text);
            }
        }
        if wait(&mut stopping).await {
            return;
        }
    }
}

/// Writes what is searched for, also at the end.
pub async fn keep_searches(state: AppState, mut stopping: watch::Receiver<bool>) {
    loop {
        let stop = tokio::select! {
            () = tokio::time::sleep(COUNTED) => false,
            _ = stopping.wait_for(|stop| *stop) => true,
        };
        if let Err(error) = state.searches.write(&state).await {
            tracing::warn!(%error, "searches not counted");
        }
        if stop {
            return;
        }
    }
}

/// Keeps what documents do to each other at the head of the log, and lets the days pass.
pub async fn keep_linked(state: AppState, mut stopping: watch::Receiver<bool>) {
    loop {
        match linker::run(&state).await {
            Ok(report) if report.added + report.removed + report.changed + report.turned > 0 => tracing::info!(
                added = report.added,
                removed = report.removed,
                changed = report.changed,
                turned = report.turned,
                "linked"
            ),
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "linking failed"),
        }
        if wait(&mut stopping).await {
            return;
        }
    }
}

/// Keeps matches at the head of the log.
pub async fn keep_matched(state: AppState, mut stopping: watch::Receiver<bool>) {
    let mut matcher = Matcher::new(state.search.analyzer());
    loop {
        match matcher.run(&state).await {
            Ok(report) if report.read > 0 => tracing::info!(
                read = report.read,
                matches = report.matches,
                deliveries = report.deliveries,
                too_old = report.too_old,
                undated = report.undated,
                "matched"
            ),
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "matching failed"),
        }
        if wait(&mut stopping).await {
            return;
        }
    }
}

/// Waits for the next look at the log; true when it is time to stop.
async fn wait(stopping: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        () = tokio::time::sleep(POLL) => false,
        _ = stopping.wait_for(|stop| *stop) => true,
    }
}
