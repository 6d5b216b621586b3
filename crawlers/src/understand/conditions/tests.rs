//! Texts of 示例 notices and what an applicant must be by them. Each expectation reads `field op value`.

use super::*;

const CASES: &[(&str, &[&str])] = &[
    // years since registration
    (
        "一、申报条件\n（一）在本市注册登记、具有独立法人资格，注册满一年；",
        &["region in 321100", "registered_years gte 1", "other has"],
    ),
    ("申报单位应成立满3年。", &["registered_years gte 3"]),
    ("申报企业须正常经营三年以上。", &["registered_years gte 3"]),
    ("申报条件：\n1.注册成立12个月以上；", &["registered_years gte 1"]),
    ("申报条件：\n1.注册成立时间不少于18个月；", &["registered_years gte 1.5"]),
    ("申报主体应当在申报截止日前注册成立一年（含）以上。", &["registered_years gte 1"]),
    ("申报企业应注册成立三百六十五天以上。", &["registered_years gte 1"]),
    ("申报企业须成立２年以上。", &["registered_years gte 2"]),
    ("申报企业注册成立应满1个完整会计年度。", &["registered_years gte 1"]),
    ("申报企业应为成立时间不超过5年的企业。", &["registered_years lte 5"]),
    ("支持对象：成立3年以内的初创企业。", &["registered_years lte 3"]),
    ("申报条件：\n1.成立1—5年；", &["registered_years gte 1", "registered_years lte 5"]),
    ("申报条件\n1.实际运营两周年以上。", &["registered_years gte 2"]),
    ("申报企业注册时间应在一年以上。", &["registered_years gte 1"]),
    // revenue
    ("申报条件：\n1.上年度营业收入2000万元以上；", &["revenue gte 2000"]),
    ("申报企业上一年度主营业务收入应不低于1亿元。", &["revenue gte 10000"]),
    ("申报企业上年度销售收入须达到５００万元。", &["revenue gte 500"]),
    ("申报企业年营业收入应超过3,000万元。", &["revenue gte 3000"]),
    ("申报企业上年营业收入应≥1.5亿元。", &["revenue gte 15000"]),
    ("申报单位年营业额须不超过二千万元。", &["revenue lte 2000"]),
    ("申报企业上年度营收应在4亿元以下。", &["revenue lte 40000"]),
    ("申报条件：\n（1）上年度营业收入在2000万元（含）以上、4亿元以下；", &["revenue gte 2000", "revenue lte 40000"]),
    ("申报条件：\n（1）上年度营业收入2000万元至4亿元；", &["revenue gte 2000", "revenue lte 40000"]),
    ("申报条件：\n（1）近两年主营业务收入均达到人民币800万元以上；", &["revenue gte 800"]),
    (
        "对年主营业务收入首次突破1亿元、5亿元、10亿元的工业企业，分别给予20万元、50万元、100万元奖励。",
        &["revenue gte 10000"],
    ),
    ("对年销售额500万元以上的商贸企业，给予最高30万元补助。", &["revenue gte 500"]),
    ("申报企业上年度营业收入应当不低于50000000元。", &["revenue gte 5000"]),
    ("申报条件：\n1.上年度营业收入、资产总额分别不低于3000万元、5000万元；", &["revenue gte 3000", "assets gte 5000"]),
    // staff
    ("申报条件：\n1.从业人员不少于10人；", &["staff gte 10"]),
    ("申报企业职工总数应在20人以上。", &["staff gte 20"]),
    ("申报企业员工应不少于三十名。", &["staff gte 30"]),
    ("申报条件\n1.缴纳社会保险的职工人数达到50人（含）以上；", &["staff gte 50"]),
    ("申报条件：\n1.从业人员300人以下；", &["staff lte 300"]),
    ("申报单位应有专职研发人员15人以上。", &["other gte"]),
    ("对参保职工30人（含）以下的企业，给予社保补贴。", &["staff lte 30"]),
    ("申报条件：\n1.从业人员20人至300人；", &["staff gte 20", "staff lte 300"]),
    // assets
    ("申报条件：\n1.资产总额不低于1000万元；", &["assets gte 1000"]),
    ("申报企业总资产应达到2亿元以上。", &["assets gte 20000"]),
    ("申报企业净资产须不少于500万元。", &["other gte"]),
    ("申报企业资产总额应不超过5000万元、从业人数不超过300人。", &["assets lte 5000", "staff lte 300"]),
    // share of research
    ("申报条件：\n1.上年度研发费用占营业收入比例不低于3%；", &["rd_ratio gte 3"]),
    ("申报企业近两年研发投入占销售收入的比重应达到５％以上。", &["rd_ratio gte 5"]),
    ("申报企业研究开发费用总额占同期销售收入总额的比例应不低于百分之四。", &["rd_ratio gte 4"]),
    ("申报单位研发经费占比须在2.5%以上。", &["rd_ratio gte 2.5"]),
    ("申报企业研发强度应不低于6%。", &["rd_ratio gte 6"]),
    (
        "申报条件：\n1.上年度营业收入5000万元以上，研发费用占比不低于3%，从业人员50人以上。",
        &["revenue gte 5000", "rd_ratio gte 3", "staff gte 50"],
    ),
    (
        "申报条件：\n1.近三年研究开发费用总额占销售收入总额的比例符合下列要求：\n（1）销售收入小于5000万元的企业，比例不低于5%；",
        &["rd_ratio gte 5"],
    ),
    // refusals turn a bound round
    (
        "有下列情形之一的企业不得申报：\n1.注册不满一年的；\n2.上年度营业收入低于1000万元的；",
        &["registered_years gte 1", "revenue gte 1000"],
    ),
    // who may not apply
    ("申报企业不得为上市公司。", &["qualification not 上市企业"]),
    ("申报条件：\n1.申报企业不得是上市公司；", &["qualification not 上市企业"]),
    ("高新技术企业不得重复申报。", &[]),
    ("示例奖励不支持规模以上企业。", &["qualification not 规上企业"]),
    ("申报条件：\n1.在本市注册的企业，大型企业除外；", &["region in 321100", "size not large"]),
    ("不支持大型企业申报。", &["size not large"]),
    ("注册地不在镇江市的企业不得申报。", &["region in 321100"]),
    ("未在镇江市注册的企业不得申报。", &["region in 321100"]),
    ("有下列情形之一的不得申报：\n（一）注册地不在本市的；", &["region in 321100"]),
    ("注册地在镇江市的企业不得重复申报。", &[]),
    ("小微企业不得重复申报。", &[]),
    ("不支持已获补助的规模以上企业。", &[]),
    ("支持对象：在本市注册的企业，不含房地产企业。", &["region in 321100", "industry not K70|E47"]),
    // either of two bounds
    ("申报企业应从业人员1000人以下或者营业收入40000万元以下。", &["other has"]),
    ("申报条件：\n1.从业人员300人以下或营业收入2000万元以下；", &["other has"]),
    ("申报条件：\n1.从业人员300人以下或资产总额5000万元以下，研发费用占比不低于3%；", &["other has", "rd_ratio gte 3"]),
    ("从业人员低于10人或营业收入低于500万元的企业不得申报。", &["staff gte 10", "revenue gte 500"]),
    ("申报条件：\n1.从业人员300人以下，且营业收入2000万元以下；", &["staff lte 300", "revenue lte 2000"]),
    // places
    ("申报企业应在镇江市行政区域内注册。", &["region in 321100"]),
    ("支持对象：在我市依法登记注册的企业。", &["region in 321100"]),
    ("申报条件：\n1.注册地在丹阳市；", &["region in 321181"]),
    ("申报条件：\n1.工商注册地、税务征管关系均在本市；", &["region in 321100"]),
    ("申报单位须在江苏省内注册。", &["region in 320000"]),
    ("申报条件：\n1.本市行政区域内依法设立的企业；", &["region in 321100"]),
    // sizes
    ("支持对象：受影响的中小微企业。", &["size in medium|small|micro"]),
    ("申报主体应为小微企业。", &["size in small|micro"]),
    ("申报主体应为科技型中小企业。", &["qualification in 科技型中小企业"]),
    ("申报主体应为大型企业。", &["size in large"]),
    // qualifications
    ("申报条件：\n1.申报单位须为高新技术企业；", &["qualification in 高新技术企业"]),
    ("申报条件：\n1.获得省级专精特新中小企业认定；", &["qualification in 专精特新中小企业"]),
    ("申报条件：\n1.应为国家高新技术企业或科技型中小企业；", &["qualification in 高新技术企业|科技型中小企业"]),
    // standing and the rest
    ("申报条件：\n1.未列入失信被执行人名单；", &["credit not"]),
    ("申报条件：\n1.近三年无重大安全、环保事故；", &["other not"]),
    ("申报条件：\n1.信用良好；", &[]),
    (
        "有下列情形之一的，不予支持：\n1.近两年有偷税漏税行为的；\n2.发生重大安全生产事故的；",
        &["credit not", "other not"],
    ),
    ("申报条件：\n1.拥有Ⅰ类知识产权1项以上；", &["other gte"]),
    ("申报条件：\n1.具有健全的财务管理制度；", &["other has"]),
    ("对纳入重点保障企业名单的企业，给予贴息。", &["other has"]),
    (
        "第四条 申报企业应当同时符合下列条件：\n（一）在本市注册成立满两年，具有独立法人资格；\n（二）上年度主营业务收入不低于2000万元且研发投入占主营业务收入的比例不低于3%；\n（三）职工总数不少于20人，其中研发人员占比不低于10%；\n（四）资产总额4000万元以上；\n（五）未被列入经营异常名录。\n第五条 申报材料包括：营业收入证明。\n第六条 对认定的企业给予50万元奖励。",
        &[
            "region in 321100",
            "registered_years gte 2",
            "other has",
            "revenue gte 2000",
            "rd_ratio gte 3",
            "staff gte 20",
            "other gte",
            "assets gte 4000",
            "credit not",
        ],
    ),
    (
        "支持对象：在本市注册、经营满6个月的住宿企业。\n支持标准：营业额500万元以上的，给予5万元补助。",
        &["region in 321100", "registered_years gte 0.5", "industry in H61", "revenue gte 500"],
    ),
    ("对新招用高校毕业生10人以上的企业，给予补贴。", &["other gte"]),
    ("对固定资产投资2000万元以上的项目，给予补助。", &["other gte"]),
    ("对营业收入增长10%以上的企业，给予奖励。", &["other gte"]),
    // lists under other headings, behind titles, in tables
    (
        "指标名称\t基本要求\t备注\n成立年限\t≥3年\t截至申报日\n上年度营业收入\t≥5亿元\t示例",
        &["registered_years gte 3", "revenue gte 50000"],
    ),
    (
        "可以申请入住的企业（单位）：\n（一）员工人数在20人以上；\n（二）一年内无欠税记录。",
        &["staff gte 20", "credit not"],
    ),
    ("四、不能申报的情形。\n（一）注册不满一年的；", &["registered_years gte 1"]),
    (
        "申报条件：\n1.成立时间在8年以内（示例行业可放宽至10年）；",
        &["registered_years lte 8", "registered_years lte 10"],
    ),
    ("申报条件：\n1.研发经费支出不低于年收入总额的3%；", &["rd_ratio gte 3"]),
    ("申报条件：\n1.资产总额不少于一亿五千万元；", &["assets gte 15000"]),
    ("申报条件：\n1.正常营业十二个月以上；", &["registered_years gte 1"]),
    ("申报条件：\n1.主营业务收入超过8000万元人民币；", &["revenue gte 8000"]),
    ("对年度营收首次跨过五千万元台阶的企业，奖励20万元。", &["revenue gte 5000"]),
    // what is no condition of an applicant
    ("受表扬企业中，年营业收入超过50亿元的3家。", &[]),
    ("申报企业营业收入500万元及以上的为中型企业。", &[]),
    ("申报条件：\n1.其中脱贫人员不少于5人；", &["other gte"]),
    ("申报企业每家受让专利不超过5件。", &[]),
    ("到2027年，全市规模以上工业企业营业收入达到5000亿元，研发投入占比达到4%。", &[]),
    ("2025年，全市企业实现营业收入300亿元，从业人员2万人。", &[]),
    ("对企业给予最高50万元奖励。", &[]),
    ("申报企业可获得不超过500万元的贷款。", &[]),
    ("单户贷款额度不超过1000万元，期限3年以内。", &[]),
    ("评审专家不少于5人，具有高级职称。", &[]),
    ("申请人年龄不超过35周岁。", &[]),
    ("违反规定的，处5000元以上2万元以下罚款。", &[]),
    ("按研发费用的10%给予补助。", &[]),
    ("申报企业应承诺注册地10年内不迁离。", &[]),
    ("各地推荐企业数量应不超过10家。", &["other lte"]),
    ("公示时间为5个工作日以上。", &[]),
    ("补贴期限不超过3年。", &[]),
    ("设立注册资本不低于1亿元的基金。", &[]),
    // what is left out is no demand to be it
    ("申报条件：\n1.申报单位应为依法参保的企业（劳务派遣企业除外）；", &["industry not L7263", "other has"]),
    (
        "支持对象：在本市注册的工业企业，不含房地产企业。",
        &["region in 321100", "industry in B|C|D", "industry not K70|E47"],
    ),
    ("申报主体应为除餐饮企业以外的服务机构。", &["industry not H62"]),
    ("申报主体应为本市企业，不包括大型企业。", &[]),
    ("申报条件：\n1.员工总数（不含劳务派遣）不少于30人；", &["staff gte 30"]),
    ("对除住宿企业外的示例企业，给予10万元补助。", &["industry not H61"]),
    (
        "申报条件：\n1.除应为高新技术企业外，还应成立满三年；",
        &["registered_years gte 3", "qualification in 高新技术企业"],
    ),
    // wishes and preferences
    ("优先支持受影响较大的中小企业，给予贴息。", &[]),
    ("加大对小微企业的支持力度，给予贷款贴息。", &[]),
    ("鼓励示例园区帮助小微企业享受优惠。", &[]),
    ("对暂时困难的小微企业，在申请贷款时给予优先支持。", &[]),
    ("引导本市科技企业孵化器提升能力，支持其享受政策。", &[]),
    // definitions, names, others
    ("本办法所称示例场所，是指由政府投资兴办的众创空间、科技企业孵化器等场所。", &[]),
    ("对新认定的中小企业“隐形冠军”企业，给予30万元奖励。", &[]),
    ("对小型微型企业创业创新示范基地，给予20万元补助。", &[]),
    ("对每有一家在孵企业被认定为高新技术企业的，奖励示例平台5万元。", &[]),
    ("对示例担保机构开展的小微企业业务，给予风险补偿。", &[]),
    ("对在示例基地连续就业满1年的青年，给予1万元补贴。", &[]),
    ("对正常运行一年以上的示例工作站，给予启动资助。", &[]),
    // tiers and old thresholds
    ("招用3人以下的按每人2000元给予补贴；招用4人以上的每增加1人给予3000元补贴。", &[]),
    ("对服务企业达到一定规模的机构给予补助；100人以上的，补助4万元。", &[]),
    ("对由上年度营业收入低于30万元的企业，调整为上年度营业收入低于100万元的企业，给予补贴。", &["revenue lte 100"]),
    ("将裁员率标准由不高于上年度失业率，放宽到不高于全国控制目标，给予返还。", &[]),
    (
        "裁员率标准放宽至示例目标，对参保职工30人（含）以下的企业，裁员率放宽至不超过职工总数20%，给予返还。",
        &["staff lte 30", "other lte"],
    ),
    ("我们的措施强调了对小微企业的扶持，给予补助。", &[]),
    ("对进入示例名单的企业，确保贷款利率低于2%。", &["other has"]),
    ("对截至4月底职工人数增长20%以内的企业，给予30%的补贴；对截至4月底职工人数增长20%以上的企业，给予50%的补贴。", &[]),
    ("特别是加大对员工人数在30人以下的企业的扶持，给予贴息。", &[]),
    ("对还款困难的上市公司，鼓励示例机构给予展期。", &[]),
    // dates, spans of what is given
    ("发文日期：2020-02-10 名称：示例企业应知。", &[]),
    ("对承租国有企业经营性房产的企业，可以减半征收1-3个月房租。", &[]),
    // duties and what the authority does
    ("缴费单位应当按时足额缴纳社会保险费。", &[]),
    ("对难以足额缴纳社会保险费的企业，可申请缓缴。", &[]),
    ("协助纳入示例保障企业名单的企业申请贴息。", &[]),
    ("对能够配合检查的企业，不将其列入经营异常名录。", &[]),
    ("申报条件：\n1.对示例机构，实行激励机制；\n2.获得示例认定的，每项一次性奖励3万元；", &[]),
    ("对列入省市示例物资生产名单企业的贷款，给予贴息。", &["other has"]),
    ("对示例企业名单内的服务业市场主体，给予贴息。", &["other has"]),
    // where one works, whom one keeps, what one is
    ("申报单位应为在本市从事经营活动的企业。", &["region in 321100"]),
    ("凡在丹阳市开展生产经营活动的企业，可申请补助。", &["region in 321181"]),
    ("用人单位招用本市登记失业人员，给予补贴。", &[]),
    ("对不裁员或少裁员的参保企业，返还失业保险费。", &["other has"]),
    ("申报单位应当具有法人资格。", &["other has"]),
    ("申报条件：\n1.纳税信用等级为B级及以上；", &["credit has"]),
    ("对申请时未被列入经营异常名录的示例企业，给予补贴。", &["credit not"]),
    ("对纳入示例保障名单、获得专项贷款的企业，给予贴息。", &["other has"]),
    (
        "对通过省级专精特新中小企业或国家高新技术企业认定的示例企业，给予奖励。",
        &["qualification in 专精特新中小企业|高新技术企业"],
    ),
];

fn show(condition: &Condition) -> String {
    use zhida_schemas::policy::ConditionField::{Credit, Other};
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let field = word(serde_json::to_value(condition.field).unwrap());
    let op = word(serde_json::to_value(condition.op).unwrap());
    let value = match &condition.value {
        _ if matches!(condition.field, Credit | Other) => return format!("{field} {op}"),
        serde_json::Value::String(word) => word.clone(),
        serde_json::Value::Array(list) => list.iter().filter_map(|v| v.as_str()).collect::<Vec<_>>().join("|"),
        value => value.to_string(),
    };
    format!("{field} {op} {value}")
}

fn read(body: &str) -> Vec<String> {
    let policy = Policy {
        title: "关于示例的通知".to_owned(),
        body_text: body.to_owned(),
        region_code: Some("321100".to_owned()),
        ..Policy::default()
    };
    let found = of(&policy);
    for condition in &found {
        assert!(body.contains(&condition.evidence) && !condition.evidence.is_empty(), "{condition:?}");
    }
    found.iter().map(show).collect()
}

#[test]
fn conditions_of_texts() {
    let wrong: Vec<String> = CASES
        .iter()
        .filter_map(|(body, expected)| {
            let found = read(body);
            (found != *expected).then(|| format!("{body}\n  expected {expected:?}\n  found    {found:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
    assert!(CASES.iter().map(|(_, expected)| expected.len()).sum::<usize>() >= 80);
}

#[test]
fn titles_address_sizes_and_branches() {
    for (title, expected) in [
        ("关于支持中小微企业稳定发展的若干措施", &["size in medium|small|micro"][..]),
        ("关于开展示例市大中小企业融通的通知", &[]),
        ("示例市科技型中小企业培育办法", &[]),
        ("关于支持养老机构发展的通知", &["industry in Q85"]),
        ("关于公布示例市人工智能企业名单的通知", &[]),
        ("示例市工业和信息化局关于示例的通知", &[]),
        ("关于支持人工智能产业发展的若干措施", &["industry in I65|C3964|C391"]),
        ("关于开展人工智能应用场景揭榜工作的通知", &[]),
        ("关于促进示例市房地产市场平稳发展的通知", &[]),
        ("关于支持房地产企业纾困的通知", &["industry in K70|E47"]),
    ] {
        let policy = Policy { title: title.to_owned(), ..Policy::default() };
        assert_eq!(of(&policy).iter().map(show).collect::<Vec<_>>(), expected, "{title}");
    }
}

/// A demand without a field is short, and tells what is asked without what is given for it.
#[test]
fn demands_in_words_are_short() {
    for (body, expected) in [
        ("对固定资产投资2000万元以上的项目给予补助50万元。", "固定资产投资2000万元以上"),
        ("对不裁员或少裁员的参保企业，返还失业保险费。", "不裁员或少裁员"),
        ("申报单位应当具有独立法人资格，能够承担责任。", "独立法人资格"),
    ] {
        let policy = Policy { body_text: body.to_owned(), for_enterprises: Some(true), ..Policy::default() };
        let found = of(&policy);
        assert_eq!(found.iter().map(|one| one.value.as_str().unwrap_or_default()).collect::<Vec<_>>(), [expected]);
    }
    let long = format!("申报条件：\n1.具有{}的示例制度，{}；", "健全而完备".repeat(5), "并且行之有效".repeat(12));
    let found = of(&Policy { body_text: long, ..Policy::default() });
    assert!(found.iter().all(|one| one.value.as_str().is_some_and(|value| value.chars().count() <= 50)), "{found:?}");
    assert_eq!(found.len(), 1);
}

/// News have topics, not addressees.
#[test]
fn news_address_no_branch() {
    let policy = |title: &str| Policy { title: title.to_owned(), kind: Some("新闻".to_owned()), ..Policy::default() };
    assert!(of(&policy("示例市餐饮企业陆续开门")).is_empty());
    assert_eq!(of(&policy("示例市出台政策支持餐饮企业")).iter().map(show).collect::<Vec<_>>(), ["industry in H62"]);
}

#[test]
fn hostile_texts_take_little_time() {
    for pattern in [
        "申报条件：\n",
        "（一）（一）",
        "营业收入不低于",
        "2000万元以上、",
        "一二三四五",
        "本市本市本市",
        "申报企业应",
        "1.2.3.",
        "研发费用占比3%，",
        "对企业给予的，",
        "有下列情形之一的不得申报：",
        "（含）（含）至",
    ] {
        let start = std::time::Instant::now();
        let body_text = pattern.repeat(4 * 1024 * 1024 / pattern.len());
        of(&Policy { title: pattern.repeat(100), body_text, ..Policy::default() });
        assert!(start.elapsed().as_secs() < 60, "{pattern}: {:?}", start.elapsed());
    }
}

proptest::proptest! {
    #[test]
    fn evidence_is_a_piece_of_the_text(
        title in "[支持中小微企业餐饮的通知]{0,16}|\\PC{0,20}",
        body in "[申报条件企业应当在本市注册满一年营业收入不低于20００.万亿元以上下内、，。；：\n（一）(1)%占比研发费用的给予]{0,120}|\\PC{0,80}",
    ) {
        let policy = Policy { title, body_text: body, region_code: Some("321100".to_owned()), ..Policy::default() };
        for condition in of(&policy) {
            let said = policy.title.contains(&condition.evidence) || policy.body_text.contains(&condition.evidence);
            proptest::prop_assert!(said && !condition.evidence.is_empty(), "{condition:?}");
        }
    }
}
