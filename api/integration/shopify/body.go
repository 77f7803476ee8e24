package shopify

import "time"

// The parts of Shopify's bodies that are read. Everything else stays in the inbox, byte for byte.

type orderBody struct {
	ID               text              `json:"id"`
	CreatedAt        *time.Time        `json:"created_at"`
	ProcessedAt      *time.Time        `json:"processed_at"`
	UpdatedAt        *time.Time        `json:"updated_at"`
	CancelledAt      *time.Time        `json:"cancelled_at"`
	Test             bool              `json:"test"`
	FinancialStatus  string            `json:"financial_status"`
	SourceName       string            `json:"source_name"`
	LocationID       text              `json:"location_id"`
	Currency         string            `json:"currency"`
	TaxesIncluded    bool              `json:"taxes_included"`
	TotalDiscounts   text              `json:"total_discounts"`
	TotalTipReceived text              `json:"total_tip_received"`
	LandingSite      string            `json:"landing_site"`
	DiscountCodes    []discountCode    `json:"discount_codes"`
	NoteAttributes   []attribute       `json:"note_attributes"`
	Customer         *customerBody     `json:"customer"`
	LineItems        []lineBody        `json:"line_items"`
	ShippingLines    []shippingBody    `json:"shipping_lines"`
	Fulfillments     []fulfillmentBody `json:"fulfillments"`
	Refunds          []refundBody      `json:"refunds"`
}

type discountCode struct {
	Code string `json:"code"`
}

type attribute struct {
	Name  string `json:"name"`
	Value text   `json:"value"`
}

type customerBody struct {
	ID            text   `json:"id"`
	Email         string `json:"email"`
	VerifiedEmail bool   `json:"verified_email"`
	Phone         string `json:"phone"`
}

type lineBody struct {
	ID            text         `json:"id"`
	SKU           string       `json:"sku"`
	Title         string       `json:"title"`
	Name          string       `json:"name"`
	Quantity      int64        `json:"quantity"`
	Price         text         `json:"price"`
	TotalDiscount text         `json:"total_discount"`
	Allocations   []allocation `json:"discount_allocations"`
	GiftCard      bool         `json:"gift_card"`
	Tip           *struct{}    `json:"tip"` // on the line that a tip is sold as
}

type allocation struct {
	Amount text `json:"amount"`
}

type shippingBody struct {
	ID              text         `json:"id"`
	Title           string       `json:"title"`
	Price           text         `json:"price"`
	DiscountedPrice text         `json:"discounted_price"`
	Allocations     []allocation `json:"discount_allocations"`
	IsRemoved       bool         `json:"is_removed"`
}

type refundBody struct {
	ID          text             `json:"id"`
	OrderID     text             `json:"order_id"`
	CreatedAt   *time.Time       `json:"created_at"`
	ProcessedAt *time.Time       `json:"processed_at"`
	Lines       []refundLineBody `json:"refund_line_items"`
	Shipping    []struct {
		ShippingLine struct {
			ID text `json:"id"`
		} `json:"shipping_line"`
		Subtotal moneySet `json:"subtotal_amount_set"`
	} `json:"refund_shipping_lines"`
	Adjustments []struct {
		Kind      string   `json:"kind"`
		Amount    text     `json:"amount"`
		AmountSet moneySet `json:"amount_set"`
	} `json:"order_adjustments"`
	Transactions []struct {
		Kind     string `json:"kind"`
		Status   string `json:"status"`
		Amount   text   `json:"amount"`
		Currency string `json:"currency"`
	} `json:"transactions"`
}

type refundLineBody struct {
	LineItemID  text     `json:"line_item_id"`
	Quantity    int64    `json:"quantity"`
	Subtotal    text     `json:"subtotal"`
	SubtotalSet moneySet `json:"subtotal_set"`
}

// moneySet is an amount as the shop books it, in its own currency, which is the order's; what the customer paid in is not read.
type moneySet struct {
	ShopMoney struct {
		Amount   text   `json:"amount"`
		Currency string `json:"currency_code"`
	} `json:"shop_money"`
}

type fulfillmentBody struct {
	ID             text       `json:"id"`
	OrderID        text       `json:"order_id"`
	Status         string     `json:"status"`
	ShipmentStatus string     `json:"shipment_status"`
	CreatedAt      *time.Time `json:"created_at"`
	UpdatedAt      *time.Time `json:"updated_at"`
	LocationID     text       `json:"location_id"`
	LineItems      []struct {
		ID text `json:"id"`
	} `json:"line_items"`
}

// first is the first instant that is given.
func first(at ...*time.Time) time.Time {
	for _, a := range at {
		if a != nil && !a.IsZero() {
			return a.UTC()
		}
	}
	return time.Time{}
}
