//! Documents as a careful person reads them: title and text in, offices, region, number, dates and kind out. All texts
//! are 示例, written for this table; what a text does not say is expected to stay unknown.

use zhida_crawlers::understand;
use zhida_schemas::policy::{Level, Policy};

/// A document and what is to be read in it. Dates as `YYYY-MM-DD`; empty means unknown.
struct Case {
    title: &'static str,
    body: &'static str,
    published: &'static str,
    issuers: &'static [&'static str],
    region: &'static str,
    level: Option<Level>,
    number: &'static str,
    written: &'static str,
    effective: &'static str,
    kind: &'static str,
}

const NONE: Case = Case {
    title: "",
    body: "",
    published: "",
    issuers: &[],
    region: "",
    level: None,
    number: "",
    written: "",
    effective: "",
    kind: "",
};

const CASES: &[Case] = &[
    // offices of provinces, cities, counties, zones
    Case {
        title: "关于组织申报2026年度示例技术改造项目的通知",
        body: "浙经信投资〔2026〕15号\n各市、县（市、区）经信局：\n根据《示例办法》（浙政办发〔2025〕3号），现组织申报。\n浙江省经济和信息化厅\n2026年2月6日",
        issuers: &["浙江省经济和信息化厅"],
        region: "330000",
        level: Some(Level::Province),
        number: "浙经信投资〔2026〕15号",
        written: "2026-02-06",
        kind: "通知",
        ..NONE
    },
    Case {
        title: "扬州市人民政府办公室关于印发扬州市示例产业行动方案的通知",
        body: "扬府办发﹝2025﹞8号\n各县（市、区）人民政府，市各委办局：\n《扬州市示例产业行动方案》已经市政府常务会议审议通过，现印发给你们，请认真组织实施。\n扬州市人民政府办公室\n二〇二五年三月十二日\n（此件公开发布）\n扬州市示例产业行动方案\n一、总体要求\n本方案自印发之日起施行。",
        issuers: &["扬州市人民政府办公室"],
        region: "321000",
        level: Some(Level::City),
        number: "扬府办发〔2025〕8号",
        written: "2025-03-12",
        effective: "2025-03-12",
        kind: "通知",
        ..NONE
    },
    Case {
        title: "昆山市财政局 昆山市科学技术局关于下达2025年示例专项资金的通知",
        body: "各区镇财政和资产管理局：\n现下达资金，请专款专用。\n昆山市财政局 昆山市科学技术局\n2025年6月30日",
        issuers: &["昆山市财政局", "昆山市科学技术局"],
        region: "320583",
        level: Some(Level::County),
        written: "2025-06-30",
        kind: "通知",
        ..NONE
    },
    Case {
        title: "苏州工业园区管理委员会关于促进示例产业发展的若干意见",
        body: "各街道、各部门：\n为促进示例产业发展，提出如下意见。\n本意见自2025年1月1日起施行，有效期3年。\n苏州工业园区管理委员会\n2024年12月18日",
        issuers: &["苏州工业园区管理委员会"],
        region: "320500",
        level: Some(Level::Zone),
        written: "2024-12-18",
        effective: "2025-01-01",
        kind: "意见",
        ..NONE
    },
    Case {
        title: "关于开展2025年示例认定工作的通知",
        body: "各有关单位：\n请组织开展示例认定工作。\n附件：1.申报书\n2.汇总表\n合肥市工业和信息化局　　合肥市财政局\n2025年4月9日\n附件1\n示例申报书\n申报单位（盖章）：\n年 月 日",
        issuers: &["合肥市工业和信息化局", "合肥市财政局"],
        region: "340100",
        level: Some(Level::City),
        written: "2025-04-09",
        kind: "通知",
        ..NONE
    },
    // joint issue, vertical bodies
    Case {
        title: "财政部 税务总局关于示例税收政策的公告",
        body: "财政部 税务总局公告2025年第9号\n为支持发展，现公告如下：\n一、对示例企业减按15%征收。\n二、本公告自2025年1月1日起执行。\n特此公告。\n财政部 税务总局\n2025年3月3日",
        issuers: &["财政部", "国家税务总局"],
        region: "100000",
        level: Some(Level::National),
        number: "财政部 税务总局公告2025年第9号",
        written: "2025-03-03",
        effective: "2025-01-01",
        kind: "公告",
        ..NONE
    },
    Case {
        title: "国家税务总局湖北省税务局关于示例事项的公告",
        body: "国家税务总局湖北省税务局公告2024年第3号\n现将有关事项公告如下：\n本公告自发布之日起施行。\n国家税务总局湖北省税务局\n2024年8月1日",
        published: "2024-08-05",
        issuers: &["国家税务总局湖北省税务局"],
        region: "420000",
        level: Some(Level::Province),
        number: "国家税务总局湖北省税务局公告2024年第3号",
        written: "2024-08-01",
        effective: "2024-08-05",
        kind: "公告",
    },
    Case {
        title: "工业和信息化部办公厅 财政部办公厅关于开展示例试点工作的通知",
        body: "工信厅联企业〔2025〕22号\n各省、自治区、直辖市工业和信息化主管部门、财政厅（局）：\n现就有关事项通知如下。\n工业和信息化部办公厅\n财政部办公厅\n2025年5月20日",
        issuers: &["工业和信息化部办公厅", "财政部办公厅"],
        region: "100000",
        level: Some(Level::National),
        number: "工信厅联企业〔2025〕22号",
        written: "2025-05-20",
        kind: "通知",
        ..NONE
    },
    Case {
        title: "国务院办公厅关于示例工作的指导意见",
        body: "各省、自治区、直辖市人民政府，国务院各部委、各直属机构：\n经国务院同意，现提出以下意见。\n国务院办公厅\n2023年9月8日\n（本文有删减）",
        issuers: &["国务院办公厅"],
        region: "100000",
        level: Some(Level::National),
        written: "2023-09-08",
        kind: "意见",
        ..NONE
    },
    Case {
        title: "中国人民银行福建省分行等三部门关于做好示例金融服务的通知",
        body: "各银行：\n现通知如下。\n中国人民银行福建省分行\n国家金融监督管理总局福建监管局\n福建省商务厅\n2025年7月1日",
        issuers: &["中国人民银行福建省分行", "国家金融监督管理总局福建监管局", "福建省商务厅"],
        region: "350000",
        level: Some(Level::Province),
        written: "2025-07-01",
        kind: "通知",
        ..NONE
    },
    // parties, courts, legislature, associations
    Case {
        title: "中共泰州市委 泰州市人民政府关于推进示例工作的意见",
        body: "为贯彻落实上级决策部署，现提出如下意见。\n中共泰州市委\n泰州市人民政府\n2024年2月18日",
        issuers: &["中共泰州市委", "泰州市人民政府"],
        region: "321200",
        level: Some(Level::City),
        written: "2024-02-18",
        kind: "意见",
        ..NONE
    },
    Case {
        title: "中共洛阳市委组织部关于做好示例人才选拔工作的通知",
        body: "各县区委组织部：\n现将有关事项通知如下。\n中共洛阳市委组织部\n2025年10月11日",
        issuers: &["中共洛阳市委组织部"],
        region: "410300",
        level: Some(Level::City),
        written: "2025-10-11",
        kind: "通知",
        ..NONE
    },
    Case {
        title: "最高人民法院关于审理示例纠纷案件适用法律若干问题的规定",
        body: "法释〔2024〕6号\n（2024年3月25日最高人民法院审判委员会第1900次会议通过，自2024年5月1日起施行）\n为正确审理示例纠纷案件，制定本规定。",
        issuers: &["最高人民法院"],
        region: "100000",
        level: Some(Level::National),
        number: "法释〔2024〕6号",
        effective: "2024-05-01",
        kind: "规定",
        ..NONE
    },
    Case {
        title: "山东省高级人民法院关于服务保障示例发展的意见",
        body: "鲁高法〔2025〕4号\n全省各级人民法院：\n现提出以下意见。\n山东省高级人民法院\n2025年1月15日",
        issuers: &["山东省高级人民法院"],
        region: "370000",
        level: Some(Level::Province),
        number: "鲁高法〔2025〕4号",
        written: "2025-01-15",
        kind: "意见",
        ..NONE
    },
    Case {
        title: "湖南省人民代表大会常务委员会关于修改《湖南省示例条例》的决定",
        body: "（2024年5月30日湖南省第十四届人民代表大会常务委员会第十次会议通过）\n湖南省第十四届人民代表大会常务委员会第十次会议决定对《湖南省示例条例》作如下修改：\n本决定自2024年7月1日起施行。",
        issuers: &["湖南省人民代表大会常务委员会"],
        region: "430000",
        level: Some(Level::Province),
        effective: "2024-07-01",
        kind: "决定",
        ..NONE
    },
    Case {
        title: "中国示例行业协会关于举办培训班的通知",
        body: "各会员单位：\n现定于近期举办培训班。\n中国示例行业协会\n2025年8月8日",
        issuers: &["中国示例行业协会"],
        region: "100000",
        level: Some(Level::National),
        written: "2025-08-08",
        kind: "通知",
        ..NONE
    },
    Case {
        title: "厦门市示例产业协会关于征集会员单位的通知",
        body: "各有关单位：\n现公开征集会员。\n厦门市示例产业协会\n2025年9月1日",
        issuers: &["厦门市示例产业协会"],
        region: "350200",
        level: Some(Level::City),
        written: "2025-09-01",
        kind: "通知",
        ..NONE
    },
    // no office is named
    Case {
        title: "示例产业扶持政策汇编",
        body: "一、资金支持\n对企业给予支持。\n二、人才支持\n对人才给予支持。",
        ..NONE
    },
    Case {
        title: "关于示例工作的通知",
        body: "各有关单位：\n根据工信部、财政部有关要求，请于2025年3月1日前报送材料。\n联系人：某人",
        kind: "通知",
        ..NONE
    },
    Case {
        title: "示例补贴怎么领",
        body: "近日，南京市人社局工作人员介绍，苏州、无锡等地也出台了类似政策。2024年5月1日起可以办理。",
        // a report is of the place that it begins with
        region: "320100",
        level: Some(Level::City),
        kind: "新闻",
        ..NONE
    },
    // only the office's own bare name, and the place elsewhere
    Case {
        title: "宁波市人民政府关于加快示例发展的实施意见",
        body: "甬政发〔2024〕30号\n各区（县、市）人民政府，市直各单位：\n现提出如下实施意见。\n本意见自2024年8月15日起施行。\n宁波市人民政府\n2024年7月15日",
        issuers: &["宁波市人民政府"],
        region: "330200",
        level: Some(Level::City),
        number: "甬政发〔2024〕30号",
        written: "2024-07-15",
        effective: "2024-08-15",
        kind: "意见",
        ..NONE
    },
    Case {
        title: "关于印发示例管理办法的通知",
        body: "渝财金〔2025〕18号\n各区县（自治县）财政局：\n现将办法印发给你们，请遵照执行。",
        issuers: &["重庆市财政局"],
        region: "500000",
        level: Some(Level::Province),
        number: "渝财金〔2025〕18号",
        kind: "通知",
        ..NONE
    },
    Case {
        title: "关于印发示例实施细则的通知",
        body: "文号：沪人社规〔2025〕7号\n各区人力资源社会保障局：\n现将细则印发给你们。本细则自2025年6月1日起施行，有效期至2030年5月31日。",
        issuers: &["上海市人力资源和社会保障局"],
        region: "310000",
        level: Some(Level::Province),
        number: "沪人社规〔2025〕7号",
        effective: "2025-06-01",
        kind: "通知",
        ..NONE
    },
    Case {
        title: "市工信局关于组织开展示例培育工作的通知",
        body: "各县（市、区）工信局：\n为做好我市示例培育工作，现通知如下。在绍兴市注册的企业可以申报，申报材料报送绍兴市示例路1号。\n2025年11月3日",
        issuers: &["绍兴市工业和信息化局"],
        region: "330600",
        level: Some(Level::City),
        written: "2025-11-03",
        kind: "通知",
        ..NONE
    },
    Case {
        title: "【温州市龙湾区】示例区科技局关于发布示例项目的公告",
        body: "有关单位：\n现发布示例项目。\n温州市龙湾区科学技术局\n2025年2月2日",
        issuers: &["温州市龙湾区科学技术局"],
        region: "330303",
        level: Some(Level::County),
        written: "2025-02-02",
        kind: "公告",
        ..NONE
    },
    Case {
        title: "芜湖市支持示例产业发展若干政策",
        body: "为支持我市示例产业发展，制定本政策。\n一、支持企业在芜湖市设立研发机构。\n二、本政策由芜湖市发展和改革委员会负责解释。\n三、本政策自2025年1月1日起实施，有效期三年。",
        region: "340200",
        level: Some(Level::City),
        effective: "2025-01-01",
        kind: "措施",
        ..NONE
    },
    Case {
        title: "宜兴市关于加快示例经济发展的若干意见（试行）",
        body: "为加快发展，结合我市实际，提出以下意见。\n中共宜兴市委\n宜兴市人民政府\n2024年11月11日",
        issuers: &["中共宜兴市委", "宜兴市人民政府"],
        region: "320282",
        level: Some(Level::County),
        written: "2024-11-11",
        kind: "意见",
        ..NONE
    },
    // orders, laws, regulations
    Case {
        title: "四川省示例管理办法",
        body: "四川省人民政府令第350号\n《四川省示例管理办法》已经省人民政府常务会议审议通过，现予公布，自2024年3月1日起施行。\n省长：某某\n2024年1月10日\n四川省示例管理办法\n第一条 为了规范管理，制定本办法。\n第三十条 本办法自2024年3月1日起施行。",
        issuers: &["四川省人民政府"],
        region: "510000",
        level: Some(Level::Province),
        number: "四川省人民政府令第350号",
        written: "2024-01-10",
        effective: "2024-03-01",
        kind: "办法",
        ..NONE
    },
    Case {
        title: "贵阳市示例促进条例",
        body: "（2023年10月27日贵阳市第十五届人民代表大会常务委员会第二十次会议通过　2023年12月1日贵州省第十四届人民代表大会常务委员会第六次会议批准）\n第一条 为了促进发展，制定本条例。\n第四十条 本条例自2024年2月1日起施行。",
        issuers: &["贵阳市人民代表大会常务委员会"],
        region: "520100",
        level: Some(Level::City),
        effective: "2024-02-01",
        kind: "条例",
        ..NONE
    },
    Case {
        title: "中华人民共和国示例促进法",
        body: "（2022年12月30日第十三届全国人民代表大会常务委员会第三十八次会议通过）\n第一条 为了促进发展，制定本法。\n第五十条 本法自2023年3月1日起施行。",
        issuers: &["全国人民代表大会常务委员会"],
        region: "100000",
        level: Some(Level::National),
        effective: "2023-03-01",
        kind: "法律",
        ..NONE
    },
    // drafts, answers, lists
    Case {
        title: "陕西省示例管理办法（征求意见稿）",
        body: "第一条 为加强管理，制定本办法。\n第二十条 本办法自2025年1月1日起施行。",
        region: "610000",
        level: Some(Level::Province),
        kind: "征求意见稿",
        ..NONE
    },
    Case {
        title: "关于公布2025年度示例企业名单的通知",
        body: "鄂经信中小函〔2025〕41号\n各市、州、直管市、神农架林区经信局：\n经评审，现将名单予以公布。\n湖北省经济和信息化厅\n2025年9月28日\n附件\n名单\n序号\t企业\t所在地\n1\t示例公司\t武汉市\n2\t示例公司\t宜昌市",
        issuers: &["湖北省经济和信息化厅"],
        region: "420000",
        level: Some(Level::Province),
        number: "鄂经信中小函〔2025〕41号",
        written: "2025-09-28",
        kind: "通知",
        ..NONE
    },
    Case {
        title: "关于省政协第0123号提案答复的函",
        body: "某某委员：\n您提出的提案收悉。现答复如下。\n感谢您的关心。\n甘肃省科学技术厅\n2024年6月21日\n联系单位：甘肃省科学技术厅\n抄送：甘肃省政协提案委员会，甘肃省人民政府办公厅",
        issuers: &["甘肃省科学技术厅"],
        region: "620000",
        level: Some(Level::Province),
        written: "2024-06-21",
        kind: "函",
        ..NONE
    },
    // labels in the text, dates in other forms, copies to others
    Case {
        title: "关于调整示例标准的通知",
        body: "发布机构：南宁市人力资源和社会保障局\n成文日期：2024-10-15\n发文字号：南人社规〔2024〕5号\n发布日期：2024-10-20\n各有关单位：\n经研究，决定调整示例标准，自2024年11月1日起执行。",
        issuers: &["南宁市人力资源和社会保障局"],
        region: "450100",
        level: Some(Level::City),
        number: "南人社规〔2024〕5号",
        written: "2024-10-15",
        effective: "2024-11-01",
        kind: "通知",
        ..NONE
    },
    Case {
        title: "关于印发《大理州示例资金管理办法》的通知",
        body: "各县市人民政府：\n现印发给你们。\n大理白族自治州人民政府办公室\n2022年5月6日\n（联系电话：0872-0000000）\n抄送：州委各部门，州人大常委会办公室。\n大理白族自治州人民政府办公室　　2022年5月7日印发",
        issuers: &["大理白族自治州人民政府办公室"],
        region: "532900",
        level: Some(Level::City),
        written: "2022-05-06",
        kind: "通知",
        ..NONE
    },
    Case {
        title: "辽宁省发展和改革委员会关于示例价格的批复",
        body: "示例公司：\n你公司《关于示例的请示》收悉。经研究，批复如下。此复。\n二○一九年三月四日",
        issuers: &["辽宁省发展和改革委员会"],
        region: "210000",
        level: Some(Level::Province),
        written: "2019-03-04",
        kind: "批复",
        ..NONE
    },
    Case {
        title: "转发财政部关于示例工作的通知",
        body: "各州、市财政局：\n现将《财政部关于示例工作的通知》（财建〔2024〕10号）转发给你们，请遵照执行。\n云南省财政厅\n2024年4月26日",
        issuers: &["云南省财政厅"],
        region: "530000",
        level: Some(Level::Province),
        written: "2024-04-26",
        kind: "通知",
        ..NONE
    },
    Case {
        title: "关于印发示例指引的通知",
        body: "深工信规〔2025〕2号\n各有关单位：\n现印发给你们，自发布之日起施行。\n深圳市工业和信息化局\n2025年3月19日",
        published: "2025-03-21",
        issuers: &["深圳市工业和信息化局"],
        region: "440300",
        level: Some(Level::City),
        number: "深工信规〔2025〕2号",
        written: "2025-03-19",
        effective: "2025-03-21",
        kind: "通知",
    },
    Case {
        title: "示例市场主体培育方案",
        body: "各镇（街道）：\n请按照方案抓好落实。\n长兴县人民政府办公室关于印发长兴县示例方案的通知\n各乡镇人民政府：\n2025年1月2日",
        issuers: &["长兴县人民政府办公室"],
        region: "330522",
        level: Some(Level::County),
        written: "2025-01-02",
        kind: "方案",
        ..NONE
    },
];

#[test]
fn documents_are_read_as_a_careful_person_reads_them() {
    let mut wrong = Vec::new();
    for case in CASES {
        let mut policy = Policy {
            title: case.title.to_owned(),
            body_text: case.body.to_owned(),
            published_on: case.published.parse().ok(),
            ..Policy::default()
        };
        understand(&mut policy, None);
        let date = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
        let number = policy.doc_number.as_deref().map(zhida_schemas::doc_number::key).unwrap_or_default();
        let number_wanted =
            if case.number.is_empty() { String::new() } else { zhida_schemas::doc_number::key(case.number) };
        for (field, wanted, read) in [
            ("issuers", case.issuers.join("、"), policy.issuers.join("、")),
            ("region", case.region.to_owned(), policy.region_code.clone().unwrap_or_default()),
            ("level", format!("{:?}", case.level), format!("{:?}", policy.level)),
            ("doc_number", number_wanted, number),
            ("written_on", case.written.to_owned(), date(policy.written_on)),
            ("effective_on", case.effective.to_owned(), date(policy.effective_on)),
            ("kind", case.kind.to_owned(), policy.kind.clone().unwrap_or_default()),
        ] {
            if wanted != read {
                wrong.push(format!("{}: {field} is {read:?}, wanted {wanted:?}", case.title));
            }
        }
        for (field, words) in &policy.evidence {
            if !case.title.contains(words) && !case.body.contains(words) {
                wrong.push(format!("{}: the evidence of {field} is not in the text: {words:?}", case.title));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}
