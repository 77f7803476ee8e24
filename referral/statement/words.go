package statement

import (
	"fmt"
	"strings"
	"time"

	"homestore/clienteling/shop"
)

// word is something that is printed in the reader's language.
type word string

// words are all that a statement says by itself. What is not here is printed as it is kept: a kind of a later version is seen,
// not lost.
var words = map[word]shop.Text{
	"title":    {shop.TraditionalChinese: "分潤對帳單", shop.English: "Commission statement"},
	"brand":    {shop.TraditionalChinese: "品牌", shop.English: "Brand"},
	"month":    {shop.TraditionalChinese: "月份", shop.English: "Month"},
	"to":       {shop.TraditionalChinese: "對象", shop.English: "Statement of"},
	"currency": {shop.TraditionalChinese: "幣別", shop.English: "Currency"},
	"zone":     {shop.TraditionalChinese: "時區", shop.English: "Time zone"},
	"closed":   {shop.TraditionalChinese: "結帳時間", shop.English: "Closed"},

	"opening":         {shop.TraditionalChinese: "期初", shop.English: "Opening"},
	"pending_opening": {shop.TraditionalChinese: "期初待確認（退貨期內）", shop.English: "Pending at the opening"},
	"payable_opening": {shop.TraditionalChinese: "期初結轉", shop.English: "Carried from before"},
	"movement":        {shop.TraditionalChinese: "本月異動", shop.English: "Movement of the month"},
	"closing":         {shop.TraditionalChinese: "期末", shop.English: "Closing"},
	"pending_closing": {shop.TraditionalChinese: "期末待確認（退貨期內）", shop.English: "Pending at the closing"},
	"stated":          {shop.TraditionalChinese: "本期應付", shop.English: "Stated, to be paid"},
	"carried":         {shop.TraditionalChinese: "結轉下期（僅抵減日後分潤）", shop.English: "Carried on (reduces later commission only)"},

	"terms":         {shop.TraditionalChinese: "適用條款", shop.English: "Terms"},
	"plans":         {shop.TraditionalChinese: "方案版本", shop.English: "Plan versions"},
	"hold":          {shop.TraditionalChinese: "確認", shop.English: "Becomes payable"},
	"hold_days":     {shop.TraditionalChinese: "收貨後滿 %d 天", shop.English: "%d days after the receipt"},
	"cut_off":       {shop.TraditionalChinese: "退貨追回期限", shop.English: "Returns take back"},
	"cut_off_days":  {shop.TraditionalChinese: "收貨後 %d 天內；之後退貨不再追回", shop.English: "until %d days after the receipt, nothing later"},
	"cut_off_never": {shop.TraditionalChinese: "無期限", shop.English: "without a limit in time"},
	"cap":           {shop.TraditionalChinese: "每人每月追回上限", shop.English: "Taken back at most"},
	"cap_amount":    {shop.TraditionalChinese: "%s；超過部分免除，不遞延", shop.English: "%s a month and person; what is above is forgiven, not deferred"},
	"cap_none":      {shop.TraditionalChinese: "無上限", shop.English: "no cap"},
	"forgiven":      {shop.TraditionalChinese: "本月因上限免除", shop.English: "Forgiven by the cap this month"},

	"seal":     {shop.TraditionalChinese: "帳冊封印", shop.English: "Seal of the book"},
	"hash":     {shop.TraditionalChinese: "雜湊值", shop.English: "Hash"},
	"seals":    {shop.TraditionalChinese: "封印筆數", shop.English: "Entries sealed"},
	"sealed":   {shop.TraditionalChinese: "封印時間", shop.English: "Sealed"},
	"unsealed": {shop.TraditionalChinese: "尚未封印", shop.English: "nothing is sealed yet"},
	"verify":   {shop.TraditionalChinese: "查驗方式", shop.English: "To verify"},
	"how": {
		shop.TraditionalChinese: "每筆分錄的雜湊值都包含前一筆。保存此雜湊值，即可證明之前的整本帳冊：homestore doctor 重算整串封印，並列出事後被更改、刪除或調換的分錄。",
		shop.English:            "Each entry's hash contains the one before. Keep this hash and the whole book before it is proven: homestore doctor computes the chain anew and names each entry that was changed, removed or swapped.",
	},

	"summary":      {shop.TraditionalChinese: "摘要", shop.English: "Summary"},
	"movements":    {shop.TraditionalChinese: "明細", shop.English: "Movements"},
	"conditions":   {shop.TraditionalChinese: "條款與封印", shop.English: "Terms and seal"},
	"item":         {shop.TraditionalChinese: "項目", shop.English: "Item"},
	"line":         {shop.TraditionalChinese: "明細", shop.English: "Line"},
	"happened":     {shop.TraditionalChinese: "發生時間", shop.English: "Happened"},
	"posted":       {shop.TraditionalChinese: "入帳時間", shop.English: "Posted"},
	"belongs":      {shop.TraditionalChinese: "歸屬月份", shop.English: "Belongs to"},
	"late":         {shop.TraditionalChinese: "屬 %s。", shop.English: "Belongs to %s. "},
	"kind":         {shop.TraditionalChinese: "類別", shop.English: "Kind"},
	"role":         {shop.TraditionalChinese: "角色", shop.English: "Role"},
	"order":        {shop.TraditionalChinese: "訂單", shop.English: "Order"},
	"order_id":     {shop.TraditionalChinese: "訂單識別碼", shop.English: "Order id"},
	"parcel":       {shop.TraditionalChinese: "包裹", shop.English: "Parcel"},
	"line_no":      {shop.TraditionalChinese: "品項", shop.English: "Order line"},
	"amount":       {shop.TraditionalChinese: "金額", shop.English: "Amount"},
	"state":        {shop.TraditionalChinese: "狀態", shop.English: "State"},
	"why":          {shop.TraditionalChinese: "說明", shop.English: "Why"},
	"trace":        {shop.TraditionalChinese: "計算依據", shop.English: "Explained at"},
	"sum":          {shop.TraditionalChinese: "異動合計", shop.English: "Sum of the movements"},
	"lines_of_day": {shop.TraditionalChinese: "當日 %s 筆合計", shop.English: "sum of %s lines of the day"},
	"summed": {
		shop.TraditionalChinese: "明細共 %s 筆，此處按日合計；逐筆明細及其計算依據見本對帳單的 CSV 與 XLSX 檔。",
		shop.English:            "These are sums by day. Each of the %s lines, with the address that explains it, stands in the CSV and XLSX form of this statement.",
	},
	"nothing": {shop.TraditionalChinese: "本月無異動。", shop.English: "Nothing moved in this month."},
	"page":    {shop.TraditionalChinese: "第 %d 頁，共 %d 頁", shop.English: "Page %d of %d"},

	"why:credit": {shop.TraditionalChinese: "方案第 %d 版：%s × %s", shop.English: "Plan version %d: %s of %s"},
	"why:fixed":  {shop.TraditionalChinese: "方案第 %d 版：每件包裹 %s", shop.English: "Plan version %d: %s a parcel"},
	"why:plan":   {shop.TraditionalChinese: "方案第 %d 版", shop.English: "Plan version %d"},

	"to:store":  {shop.TraditionalChinese: "門市", shop.English: "Store"},
	"to:online": {shop.TraditionalChinese: "電商團隊", shop.English: "Online team"},
	"to:staff":  {shop.TraditionalChinese: "人員", shop.English: "Person"},
	"to:pool":   {shop.TraditionalChinese: "分潤池", shop.English: "Pool"},

	"kind:credit":       {shop.TraditionalChinese: "分潤", shop.English: "Credit"},
	"kind:correction":   {shop.TraditionalChinese: "更正", shop.English: "Correction"},
	"kind:refund":       {shop.TraditionalChinese: "退貨追回", shop.English: "Taken back"},
	"kind:tier":         {shop.TraditionalChinese: "級距獎金", shop.English: "Tier"},
	"kind:target":       {shop.TraditionalChinese: "達標獎金", shop.English: "Target"},
	"kind:month_min":    {shop.TraditionalChinese: "月保底", shop.English: "Monthly minimum"},
	"kind:month_cap":    {shop.TraditionalChinese: "月上限", shop.English: "Monthly cap"},
	"kind:clawback_cap": {shop.TraditionalChinese: "追回上限免除", shop.English: "Forgiven by the cap"},
	"kind:pool":         {shop.TraditionalChinese: "分潤池分配", shop.English: "Pool divided"},
	"kind:adjust":       {shop.TraditionalChinese: "調整", shop.English: "Adjustment"},

	"state:pending": {shop.TraditionalChinese: "待確認", shop.English: "Pending"},
	"state:payable": {shop.TraditionalChinese: "可付", shop.English: "Payable"},
	"state:stated":  {shop.TraditionalChinese: "已列帳", shop.English: "Stated"},
	"state:paid":    {shop.TraditionalChinese: "已付", shop.English: "Paid"},
}

// say is a word in the statement's language.
func (s *Statement) say(w word) string {
	if text := words[w].In(s.Language); text != "" {
		return text
	}
	_, bare, _ := strings.Cut(string(w), ":")
	return bare
}

func (s *Statement) sayf(w word, args ...any) string { return fmt.Sprintf(s.say(w), args...) }

// count is a number of things, its thousands apart.
func (s *Statement) count(n int) string { return shop.Currency("").Figure(int64(n)) }

// named is a word of a group: a kind, a role, a state. Empty for none.
func (s *Statement) named(group, name string) string {
	if name == "" {
		return ""
	}
	return s.say(word(group + ":" + name))
}

func month(first time.Time) string {
	if first.IsZero() {
		return ""
	}
	return first.Format("2006-01")
}

const minutes = "2006-01-02 15:04"

func (s *Statement) moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(s.Zone).Format(minutes)
}

// party is whose statement it is.
func (s *Statement) party() string {
	return strings.Join([]string{s.named("to", s.To.kind()), s.To.Code, s.To.Name}, " ")
}
