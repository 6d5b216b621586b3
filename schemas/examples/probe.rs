use std::io::BufRead;
fn main() {
    let mode = std::env::args().nth(1).unwrap();
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        match mode.as_str() {
            "find" => {
                for (r, n) in zhida_schemas::doc_number::find_all(&line) {
                    println!("{}\t{}", n.key(), &line[r]);
                }
            }
            "issuer" => println!(
                "{line}\t{:?}",
                zhida_schemas::issuer::split(&line, std::env::args().nth(2).as_deref())
                    .iter()
                    .map(|i| format!(
                        "{}|{}|{:?}|{}",
                        i.name,
                        i.region_code.as_deref().unwrap_or("-"),
                        i.level,
                        i.zone.as_deref().unwrap_or("-")
                    ))
                    .collect::<Vec<_>>()
            ),
            _ => {}
        }
    }
}
