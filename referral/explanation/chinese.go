package explanation

import (
	"homestore/clienteling/order"
	"homestore/clienteling/shop"
	"homestore/referral/attribution"
	"homestore/referral/binding"
	"homestore/referral/plan"
)

var chinese = words{
	language: shop.TraditionalChinese,

	end: "。", share: "%[2]s（%[1]s）：%[3]s", space: "", and: "、", day: "2006 年 1 月 2 日", month: "2006 年 1 月", percent: "%s%%", pool: "%s團獎",

	line: "第 %d 項", lineSKU: "第 %d 項（%s）", all: "全部", half: "一半", fraction: "%[2]s退回%[1]s",

	claims: map[plan.Role]string{
		plan.HomeStore:    "這位顧客自 %[2]s起歸屬%[1]s（%[3]s）。",
		plan.HomeStaff:    "這位顧客自 %[2]s起是%[1]s的顧客（%[3]s）。",
		plan.DisplayStore: "顧客於 %[2]s掃了%[1]s的 QR 碼 %[3]s。",
		plan.DisplayStaff: "顧客於 %[2]s掃了%[1]s的 QR 碼 %[3]s。",
		plan.AssistStaff:  "%[1]s協助了這筆訂單。",
		plan.SellingStore: "這筆訂單在%[1]s成交。",
		plan.SellingStaff: "這筆訂單由%[1]s成交。",
		plan.OnlineTeam:   "這筆是%[1]s的網路訂單。",
		plan.PickupStore:  "顧客在%[1]s取貨（包裹 %[4]s）。",
		plan.PackingStore: "%[1]s包裝出貨（包裹 %[4]s）。",
	},
	homePool: "這位顧客自 %[2]s起歸屬%[1]s，店員的一份列入%[1]s團獎（%[3]s）。",
	sources: map[string]string{
		string(binding.FromScan): "掃 QR 碼加入", string(binding.FromStaffCode): "掃店員的 QR 碼", string(binding.FromTill): "收銀台登錄員工編號",
		string(binding.FromInvoice): "登錄電子發票", string(binding.FromImport): "品牌匯入名單", string(binding.ByTransfer): "主管移轉",
		string(binding.ByCustomer): "顧客自選",
	},
	succeeded: "，其後因人員或門市異動接手",
	left:      "%[1]s離職時這筆尚不可結算，依方案轉入%[2]s。",
	decided:   "經爭議裁定，由%[1]s改歸%[2]s。",

	rule:       "依分潤方案第 %[2]d 版第 %[1]d 條，分潤率 %[3]s。",
	weighted:   "依分潤方案第 %[2]d 版第 %[1]d 條，分潤率 %[3]s，與他人分攤，占 %[4]s。",
	fee:        "依分潤方案第 %[2]d 版第 %[1]d 條，每次固定 %[3]s，退貨也不收回。",
	passed:     "不適用：%s。",
	passedRule: "第 %d 條（%s）",
	conditions: map[string]string{
		"store_kind": "門市型態不符", "channel": "通路不符", "category": "分類不符", "sku": "商品不符", "tag": "QR 碼不符", "campaign": "活動不符",
		"customer": "新舊客不符", "bond_min_days": "歸屬天數未滿", "bond_max_days": "歸屬天數已過",
	},

	product: "%s：%s × %s ＝ %s。", together: "共 %d 項：%s × %s ＝ %s。",
	capped: "%[2]s合計 %[3]s，超過上限 %[4]s，等比例減為 %[1]s。", ofOrder: "整筆訂單",
	exactly:   "分潤 %s。",
	roundUp:   "捨去小數得 %[1]s；整筆訂單還餘 %[2]s，小數最大的各得 %[3]s，這一筆得到其一，分潤 %[4]s。",
	roundDown: "捨去小數，分潤 %[1]s；整筆訂單還餘的 %[2]s 歸小數較大者。",
	cut:       "捨去小數，分潤 %s。",
	lineRound: "取整數，使各項加總相符：分潤 %s。",
	halfUp:    "四捨五入，分潤 %s。",

	returned: "%s：%s。", taken: "%[1]s：%[2]s，收回 %[3]s（原 %[4]s）。", rest: "現為 %s。",
	tooOld: "%s在收貨 %d 天之後，不收回分潤。", neutral: "%s：依方案不影響分潤。",
	events: map[order.RefundKind]string{
		order.RefundPaid: "%[2]s退貨 %[1]s", order.Allowance: "%[2]s折讓 %[1]s", order.Void: "%[2]s發票作廢 %[1]s",
		order.PriceAdjusted: "%[2]s價格調整 %[1]s", order.Exchanged: "%[2]s換貨 %[1]s", order.Cancellation: "%[2]s訂單取消",
	},

	notReceived: "尚不可結算：顧客收貨後滿 %d 天（鑑賞期）才可結算。",
	held:        "尚不可結算：這筆訂單有疑點，待主管審核。",
	payableFrom: "自 %[1]s起可結算：%[2]s收貨，其後滿 %[3]d 天鑑賞期。",
	payableNow:  "自 %[1]s起已可結算：%[2]s收貨，其後滿 %[3]d 天鑑賞期。",
	nobody: map[attribution.Reason]string{
		attribution.SelfPurchase: "購買人下單時是本品牌的在職人員，自購不計分潤。",
		attribution.HoldRefused:  "這筆訂單有疑點而暫停結算，經主管審核不予計分潤。",
		attribution.NoPlan:       "下單當日沒有生效的分潤方案，不計分潤。",
		attribution.TestOrder:    "這是平台的測試訂單，不計分潤。",

		attribution.EmployeeDiscount: "這筆訂單用了員工折扣，方案不計分潤。",
		attribution.BelowMinimum:     "這筆訂單未達方案的最低金額，銷售不計分潤；出貨與取貨照計。",
	},
	leastSale: "方案的最低金額是 %s。",
	nothing:   "沒有人符合分潤方案的任何一條，不計分潤。",

	lost: "%[1]s（%[2]s）沒有分潤：%[3]s。",
	lostTo: map[attribution.LostTo]string{
		attribution.HomeWins:    "歸屬與展示並存時，方案以歸屬為準（home_display），由%s分潤",
		attribution.DisplayWins: "歸屬與展示並存時，方案以展示為準（home_display），由%s分潤",
		attribution.AssistWins:  "歸屬店員與協助店員並存時，方案以協助為準（assist_home），由%s分潤",
		attribution.SellingWins: "歸屬店員與成交店員並存時，方案以成交為準（selling_home），由%s分潤",
		attribution.SameStore:   "展示門市就是歸屬門市，方案只以歸屬分潤一次（same_store），由%s分潤",
		attribution.NotLast:     "掃過多家門市時，方案只計最後一家（display.choice），由%s分潤",
		attribution.NotFirst:    "掃過多家門市時，方案只計第一家（display.choice），由%s分潤",
	},
	homeOverOne: map[plan.Role]string{
		plan.AssistStaff:  "歸屬店員與協助店員並存時，方案以歸屬為準（assist_home），由%s分潤",
		plan.SellingStaff: "歸屬店員與成交店員並存時，方案以歸屬為準（selling_home），由%s分潤",
	},
	scanned: "其 QR 碼 %s 於 %s被掃。",
	noRule:  "%[1]s（%[2]s）：方案第 %[3]d 版沒有一條適用。",
	aside:   "%[1]s的 QR 碼 %[3]s 於 %[2]s被掃，不在下單前 %[4]d 天之內，不計。",

	pieces: "%s：%d × %s", lessOwn: "，折扣 %s", lessPart: "，分攤整單折扣 %s", paid: "，實付 %s", paidNet: "，實付 %s，未稅 %s",
	house: "；館方抽成 %s，計算基礎 %s", excluded: "；方案排除，不計分潤",
	unpaid: map[order.LineKind]string{order.Shipping: "；運費不計分潤", order.GiftCard: "；禮券不計分潤", order.Tip: "；小費不計分潤"},
	tax:    "發票含稅 %[1]s（稅率 %[2]s），未稅 %[3]s，一次四捨五入後以最大餘數法分到各項。",

	months: monthWords{
		posted: "分潤 %s。", corrected: "訂單重新計算，更正 %s。", anew: "訂單重新計算，收回 %s。", takenBack: "%[2]s，收回 %[1]s。", vested: "鑑賞期已過，%s 轉為可結算。",
		tier: "%[1]s業績 %[2]s，級距獎金：%[3]s。", step: "%s × %s ＝ %s", before: "先前已計 %s，這次差額 %s。",
		target: "%[1]s業績 %[2]s，目標 %[3]s，達成率 %[4]s。", targetStep: "達成 %[1]s 以上：%[2]s。", bonus: "獎金 %s", extra: "加給 %s",
		nothingDue:  "%[1]s重新計算後已無應計，沖回先前的 %[2]s。",
		monthMin:    "%[1]s分潤 %[2]s，低於每月保底 %[3]s，補 %[4]s。",
		monthCap:    "%[1]s分潤 %[2]s，超過每月上限 %[3]s，扣 %[4]s。",
		clawbackCap: "%[1]s因退貨收回 %[2]s，超過每月上限 %[3]s，多收的 %[4]s 免收。",
		pool:        "%[1]s團獎 %[2]s，工時 %[3]s／%[4]s 小時，分得 %[5]s。",
		dispute:     "依爭議裁定，轉入 %s。", leaver: "離職人員尚不可結算的 %s 轉入團獎。",
	},
}
