use clap::Args;

use super::{Shared, print_json, say};
use crate::pipeline::linker;
use crate::pipeline::matcher::Matcher;
use crate::push::channels::Channels;
use crate::push::outbox::deliver_due;

#[derive(Args)]
#[command(after_help = "\
先把还没有匹配的新政策匹配完，并让到期的政策失效，再发送到期的通知。可以放进 cron；与 zhida serve 同时运行也不会重复发送。")]
pub struct Deliver {}

impl Deliver {
    pub async fn run(self, shared: &Shared) -> anyhow::Result<bool> {
        let state = shared.state().await?;
        // a term that ended today is told today
        linker::run(&state).await?;
        Matcher::new(state.search.analyzer()).run(&state).await?;
        let channels = Channels::from_config(&state.config)?;
        let report = deliver_due(&state, &channels, &super::serve::owner()).await?;
        if shared.json {
            print_json(&report)?;
        } else if state.config.mail.url.is_empty() {
            say!("邮件通道未配置（mail.url），通知都留着：设置后再运行，不会丢失");
        } else {
            say!("{report}");
        }
        Ok(report.is_well())
    }
}
