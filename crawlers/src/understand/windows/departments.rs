//! Whom a day binds: the applicant, or a department that forwards.

use std::sync::LazyLock;

use regex::Regex;

use super::super::regex;
use super::layout::bounded;

/// A department as the one who acts.
pub(super) static DEPARTMENT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"主管部门|(?:经信|工信|科技|商务|财政|发改|人社|住建|农业农村|市场监管|文旅|推荐|审核|初审|有关|相关|管理|区级|县级|市级|省级|属地|受理|各|等|所在地?|财政|建设|交通运输|民政|教育|卫生健康)部门|(?:各|所在|辖|县|市|区|本|州|盟|旗|省)[^，。；：\n]{0,14}(?:局|委|厅|办|中心|街道|乡镇|镇街|镇政府|管委会|政府)|各(?:镇|街道|乡|园区|地(?:区)?|区|县|市|州|盟|省|设区市|功能区|开发区|高新区)|区县|县区|区（县）|县（市|县\(市|市（州|推荐单位|归口(?:管理)?(?:单位|部门)|委办局|我(?:局|委|厅|办|中心|市|省|区)|办公室|管委会|乡镇|镇街|街道|村委会|社区|分局|[区市县]局|组织单位|初审单位|行业协会|商会",
    )
});

/// An applicant as the one who acts.
pub(super) static APPLICANT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"企业|公司|申报(?:单位|主体|人|者|机构)|申请(?:单位|人|者|主体|机构)|各(?:有关|相关)?单位|(?:有关|相关|项目|承担|用人|参评|参赛|报名|意向|符合条件的?|开发|运营|建设|责任)单位|个人|商户|个体|农户|合作社|经营主体|市场主体|高校|院所|团队|纳税人|缴费人|业主|用户|创业者|毕业生|人才|经营者|购房[人者]|法人|会员|服务商|揭榜方|供应商|投标人|平台运营|医疗机构|养老机构|家庭|本人|农民|家长|父母|监护人|主体|符合条件者|申办",
    )
});

/// A label whose day is that of applicants, whoever is spoken of before.
pub(super) static OF_APPLICANTS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:补[贴助]|奖励|奖补|资金|申请)\p{Han}{0,6}(?:申报|申请|申领|受理)(?:的)?(?:截止)?(?:时间|期限|日期)\p{Han}{0,4}\s?$|(?:申请|受理|申领)\p{Han}{0,2}截止(?:时间|期限|日期)\p{Han}{0,4}\s?$",
    )
});

/// Applicants as the subject behind a day.
pub(super) static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^[，,\s]*[^，,。；对由组督指审]{0,24}(?:企业|申请人|申报人|申领人|个人|单位|家长|父母|监护人|购房[人者]|家庭|业主|职工|学生)\p{Han}{0,2}(?:可|须|应|需|必须)",
    )
});

/// What only a department hands in.
pub(super) static FORWARDED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"汇总后|审核汇总|汇总上报|统一(?:汇总|报送|上报)|汇总表|推荐函|推荐汇总|推荐名单|推荐文件|推荐意见|推荐报告|审核意见|审核报告|初审意见|正式行文|联合行文|行文(?:上报|报送|推荐)|正式文件|红头文件|审核后(?:报|上报|统一)|初审后|复核后",
    )
});

/// What a department does with applications of others.
pub(super) static ACCEPTS: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^[^，,。]{0,8}(?:受理|接受|接收)[^，,。]{0,10}(?:申请|申报|报名|材料)"));

/// Before the one who acts: 年底前由区科技局兑付.
pub(super) static BY: LazyLock<Regex> = LazyLock::new(|| regex(r"^\s*(?:，|,)?由([^，,。]{2,20})"));

/// A sentence that commits a department to have others apply.
pub(super) static ORGANISES: LazyLock<Regex> =
    LazyLock::new(|| regex("组织|指导|督促|动员|发动|对接|通知|引导|做好|准备|梳理|摸排|统计|收集|核实|整理|对"));

/// Whether who acts before a day, or what is handed in behind it, is a department's.
pub(super) fn binds_department(before: &str, right: &str) -> bool {
    let handed = bounded(right);
    let handed = handed.split(['。', '；']).next().unwrap_or_default();
    // 区商务局每年3月受理申请: it takes what others hand in
    if ACCEPTS.is_match(handed) {
        return false;
    }
    let mut clauses = before.rsplit(['，', ',', '。', '；', '：', '\n']);
    let own = clauses.next().unwrap_or_default();
    // 补贴申报截止时间为…, 受理截止期限为…; 7月16日前家长可到区局提出申请: those who apply
    if OF_APPLICANTS.is_match(own) && !DEPARTMENT.is_match(own) || SUBJECT.is_match(handed) {
        return false;
    }
    // 9月底前，市局汇总…: who acts stands behind
    let acting = handed.trim_start_matches(['，', ',', ' ', '由']);
    let acts = DEPARTMENT.find(acting).is_some_and(|found| found.start() == 0 && !APPLICANT.is_match(found.as_str()));
    if acts && own.trim().chars().count() <= 2 {
        return true;
    }
    let last = |pattern: &Regex, text: &str| pattern.find_iter(text).last().map(|found| found.start());
    let first = |pattern: &Regex, text: &str| pattern.find(text).map(|found| found.start());
    // 经所在区县审核后于…, 由各区…于…
    match (last(&DEPARTMENT, own), last(&APPLICANT, own)) {
        (None, None) => {}
        (department, applicant) => {
            let recipient = own.contains("向") || own.contains("报") && own.contains("报送");
            return department > applicant && !recipient || FORWARDED.is_match(own) && applicant.is_none();
        }
    }
    if FORWARDED.is_match(own) {
        return true;
    }
    // 经所在区签署意见后: who does so is not bound
    let passive = |clause: &&str| clause.trim_start().starts_with('经') && !clause.contains("汇总");
    for clause in clauses.filter(|clause| !passive(clause)).take(6) {
        let (department, applicant) = (first(&DEPARTMENT, clause), first(&APPLICANT, clause));
        match (department, applicant) {
            (None, None) => {}
            (Some(_), None) => {
                let addressed = clause.contains("向")
                    || clause.contains("报送")
                    || clause.contains("提交")
                    || clause.contains("至")
                    || clause.contains("到");
                if !addressed {
                    return true;
                }
            }
            // 组织企业申报，对申报单位的材料进行审核，…: who does so stands before
            (None, Some(applicant)) if ORGANISES.is_match(&clause[..applicant]) => {}
            (None, Some(_)) => return false,
            (Some(department), Some(applicant)) => return department < applicant,
        }
    }
    // 于…前将推荐函、汇总表报送我局
    let own = handed.split(['，', ',']).next().unwrap_or_default();
    FORWARDED.is_match(own) || handed.contains("推荐函") || handed.contains("推荐汇总表")
}
