use zhida_crawlers::{PageContext, extract};
#[test]
fn debug() {
    let Ok(files) = std::env::var("DBG") else { return };
    for f in files.split(',') {
        let b = std::fs::read(format!("/work/shared/data/pages/{f}")).unwrap();
        let c = PageContext {
            url: "http://x.gov.cn/a.html",
            ignore_head: true,
            ignore_containers: std::env::var("NOC").is_ok(),
            ..Default::default()
        };
        match extract(&b, &c) {
            Ok(p) => println!(
                "==== {f}\n{} | {:?} | {:?} | {:?}\n{}\n-----\n{:?}",
                p.title,
                p.published_on,
                p.issuers,
                p.doc_number,
                p.body_text.chars().take(800).collect::<String>(),
                p.body_text.chars().rev().take(200).collect::<Vec<_>>().into_iter().rev().collect::<String>()
            ),
            Err(e) => println!("==== {f} {e}"),
        }
    }
}
