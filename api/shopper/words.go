package shopper

import "homestore/clienteling/shop"

// words are what our pages say by themselves, in one language.
type words struct {
	ToSite, Buy, Others, Welcome     string
	Gift, GiftHow, Join, JoinHow     string
	OpenApp, AppStore, PlayStore     string
	Copy, AtTill, TillHow, TillTitle string
	OtherLanguage                    string
	InOther                          shop.Language
}

var said = map[shop.Language]words{
	shop.TraditionalChinese: {
		ToSite: "前往網站", Buy: "到官網選購", Others: "其他款式", Welcome: "歡迎光臨",
		Gift: "加入會員禮", GiftHow: "加入會員並驗證手機號碼後，就在您的 App 裡。", Join: "加入會員", JoinHow: "在品牌 App 登入、在官網下單，或在櫃檯出示條碼，都可以成為會員。",
		OpenApp: "在 App 中開啟", AppStore: "App Store", PlayStore: "Google Play",
		Copy: "安裝 App 後，第一次開啟時貼上這個網址", AtTill: "在櫃檯結帳？出示這個條碼", TillHow: "請店員掃描。不需要安裝 App，也不需要 Cookie。", TillTitle: "給收銀機掃描的條碼",
		OtherLanguage: "English", InOther: shop.English,
	},
	shop.English: {
		ToSite: "To the site", Buy: "Buy in the web shop", Others: "Also available as", Welcome: "Welcome",
		Gift: "For new members", GiftHow: "Join with a verified phone number, and find it in the app.", Join: "Become a member", JoinHow: "Sign in to the brand's app, order in the web shop, or show the code at the till.",
		OpenApp: "Open in the app", AppStore: "App Store", PlayStore: "Google Play",
		Copy: "Once the app is installed, paste this address when you first open it", AtTill: "Paying at the till? Show this code", TillHow: "Let the staff scan it. It needs neither app nor cookie.", TillTitle: "Code for the till",
		OtherLanguage: "中文", InOther: shop.TraditionalChinese,
	},
}
